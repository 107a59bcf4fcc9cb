from __future__ import annotations

from tests.broadcaster.playout.conftest import desk, empty_store, room

__all__ = ["desk", "empty_store", "room"]
