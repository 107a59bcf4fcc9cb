"""Where is it kept? Tables, transactions and migrations; no rules, no Flask."""

from sqlalchemy.orm import Session

from broadcaster.store.db import Store

__all__ = ["Session", "Store"]
