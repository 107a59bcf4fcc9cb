"""Orders of people to the running station: each is a row, taken once and answered."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.playout import airings, slots
from broadcaster.playout.air import Air
from broadcaster.playout.duty import Duty
from broadcaster.store import Store
from broadcaster.store.models import Airing, AiringState, Command, Person
from schedules.clock import Clock

logger = logging.getLogger(__name__)

STALE_S = 60.0
"""An order that waited longer than this (the station was off) is not obeyed any more."""


class Orders:
    """Obeys the commands that wait in the store."""

    def __init__(self, store: Store, clock: Clock, air: Air, duties: Sequence[Duty] = ()) -> None:
        self._store = store
        self._clock = clock
        self._air = air
        self._duties = {kind: duty for duty in duties for kind in duty.kinds}

    def obey(self, now: datetime) -> None:
        with self._store.read() as session:
            waiting = session.scalar(select(Command.id).where(Command.taken_at.is_(None)).limit(1))
        if waiting is None:
            return
        with self._store.write() as session:
            query = select(Command).where(Command.taken_at.is_(None)).order_by(Command.id)
            for command in session.scalars(query).all():
                command.taken_at = now
                command.outcome = self._obey(session, command, now)

    def _obey(self, session: Session, command: Command, now: datetime) -> str:
        if (now - command.given_at).total_seconds() > STALE_S:
            return "Lệnh đã quá cũ nên không thực hiện."
        duty = self._duties.get(command.kind)
        if duty is not None:
            return duty.obey(session, command, now)
        if command.airing_id is None:
            return "Lệnh không nêu lượt phát."
        words = _words(session, command)
        if command.kind == "stop_programme":
            self._drop_rest(session, airings.get(session, command.airing_id), words, now)
        return self._cut(session, command.airing_id, words, now)

    def _cut(self, session: Session, airing_id: str, words: str, now: datetime) -> str:
        sounding = self._air.get(airing_id)
        if sounding is not None:
            self._air.cut(sounding, "person", words)
            return "Đã dừng."
        airing = airings.get(session, airing_id)
        if airings.cancel(session, airing, "removed", words, now):
            return "Đã bỏ trước khi phát."
        return "Lượt phát này đã kết thúc."

    def _drop_rest(self, session: Session, airing: Airing, words: str, now: datetime) -> None:
        query = select(Airing).where(
            Airing.programme_id == airing.programme_id,
            Airing.planned_at == airing.planned_at,
            Airing.state == AiringState.PLANNED,
            Airing.id != airing.id,
        )
        if airing.programme_id is not None:
            for part in session.scalars(query).all():
                airings.cancel(session, part, "person", words, now)
        for sounding in self._air:
            if sounding.group == slots.group_of(airing):
                self._air.cut(sounding, "person", words)


def _words(session: Session, command: Command) -> str:
    name = session.scalar(select(Person.name).where(Person.id == command.person_id)) or ""
    return f"{command.reason or 'Dừng theo lệnh'} ({name})"
