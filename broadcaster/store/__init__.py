"""Where is it kept? Tables, transactions and migrations; no rules, no Flask."""

from broadcaster.store.db import Store

__all__ = ["Store"]
