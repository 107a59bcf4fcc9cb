"""Where is it kept? Tables, transactions and migrations; no rules, no Flask.

What is offered here is loaded at its first use: the supervisor and the waiting renderer read signs of life
(`pulse`) from this package and must not carry SQLAlchemy's 30 MB for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from broadcaster.store.db import Store

__all__ = ["Session", "Store"]


def __getattr__(name: str) -> Any:
    if name == "Store":
        from broadcaster.store.db import Store  # noqa: PLC0415

        return Store
    if name == "Session":
        from sqlalchemy.orm import Session  # noqa: PLC0415

        return Session
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
