"""The package's own tables, read from the .tsv files beside this module."""

from __future__ import annotations

TABLES_VERSION = "2026-11"
