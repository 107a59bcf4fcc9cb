"""Who has a bulletin open for editing, so that two people on one bulletin are told of each other.

Kept in memory only: a restart of the page forgets it, and saving is guarded by version numbers anyway.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from broadcaster.accounts.permissions import Actor

OPEN_FOR = timedelta(minutes=20)
_lock = threading.Lock()
_open: dict[int, dict[int, tuple[str, datetime]]] = {}


def enter(bulletin_id: int, actor: Actor, now: datetime) -> list[tuple[str, datetime]]:
    """Note that `actor` has the form open, and return the others with the moment they opened it."""
    with _lock:
        people = _open.setdefault(bulletin_id, {})
        for person_id in [each for each, (_, since) in people.items() if now - since > OPEN_FOR]:
            del people[person_id]
        others = [told for person_id, told in people.items() if person_id != actor.id]
        people[actor.id] = (actor.name, now)
        return others


def leave(bulletin_id: int, person_id: int) -> None:
    with _lock:
        _open.get(bulletin_id, {}).pop(person_id, None)
