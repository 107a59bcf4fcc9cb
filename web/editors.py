"""Who has a bulletin open for editing, so that two people on one bulletin are told of each other.

Kept in memory only: a restart of the page forgets it, and saving is guarded by version numbers anyway.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from flask import current_app

from broadcaster.accounts.permissions import Actor

OPEN_FOR = timedelta(minutes=20)


class Editors:
    """The open forms of one page server, by bulletin and person."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[int, dict[int, tuple[str, datetime]]] = {}

    def enter(self, bulletin_id: int, actor: Actor, now: datetime) -> list[tuple[str, datetime]]:
        """Note that `actor` has the form open, and return the others with the moment they opened it."""
        with self._lock:
            people = self._open.setdefault(bulletin_id, {})
            for person_id in [each for each, (_, since) in people.items() if now - since > OPEN_FOR]:
                del people[person_id]
            others = [told for person_id, told in people.items() if person_id != actor.id]
            people[actor.id] = (actor.name, now)
            return others

    def leave(self, bulletin_id: int, person_id: int) -> None:
        with self._lock:
            self._open.get(bulletin_id, {}).pop(person_id, None)


def here() -> Editors:
    """Return the open forms of the server that answers this request."""
    found: Editors = current_app.extensions.setdefault("editors", Editors())
    return found
