"""The duty that notices what people should be told of: faults and their ends, what did not sound, restarts.

It writes only when something has changed, and sends nothing itself.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from audio.player_words import Word
from broadcaster.playout import disk, key_notices, notify, notify_call, signs, troubles, zones
from broadcaster.playout.air import Air
from broadcaster.playout.boot import SHORT_STOP
from broadcaster.playout.clock_watch import is_doubted
from broadcaster.playout.faults import LASTS_S
from broadcaster.playout.troubles import Trouble
from broadcaster.store import Store, facts
from broadcaster.store.models import Boot, Command, History, Sending
from schedules.clock import LOCAL, Clock

LOOK_S = 2.0
DISK_S = 30.0
SETTLED_S = 20.0
"""So long after its start the station knows which of the faults of its last life are still there."""
PREFIX = "now "
"""Of the keys of what is noticed here; those that other rooms tell are theirs to end."""
MOST_SHOWN = 3
"""More airings than these that went wrong together are one line in the bar."""
PEOPLES_CAUSES = frozenset(
    {
        "hold",
        "stop_all",
        "person",
        "emergency",
        "removed",
        "moved",
        "withdrawn",
        "clock",
        "dead_air",
        "restored",
    }
)
"""Ends that a person ordered, or that have a notice of their own."""


class Noticing:
    """Compares what is wrong now with what has been told."""

    kinds: frozenset[str] = frozenset()

    def __init__(self, store: Store, clock: Clock, air: Air, boot_id: str) -> None:
        self._store = store
        self._clock = clock
        self._air = air
        self._boot_id = boot_id
        self._changes = store.changes()
        self._began = self._look_at = self._disk_at = clock.monotonic()
        self._disk = ""
        self._zones: dict[int, list[str]] = {}
        self._clock_doubt = False
        self._told: set[str] | None = None
        self._called_at: datetime | None = None

    def obey(self, session: Session, command: Command, now: datetime) -> str:
        raise AssertionError("no order is about this duty")

    def hear(self, output_id: int, word: Word) -> None:
        pass

    def close(self) -> None:
        self._changes.close()

    def turn(self, now: datetime) -> None:
        monotonic = self._clock.monotonic()
        if monotonic < self._look_at:
            return
        self._look_at = monotonic + LOOK_S
        has_changed = self._changes.has_changed()
        if self._told is None:
            self._begin(now)
        if has_changed:
            self._read(now)
        if monotonic >= self._disk_at:
            self._disk_at, self._disk = monotonic + DISK_S, disk.trouble(self._store.folder)
        self._compare(now, monotonic)

    def _begin(self, now: datetime) -> None:
        """Tell of the restart; take over what the last life had told."""
        with self._store.write() as session:
            notify.over(session, notify.STATION_LOST, now)
            if words := _restart(session, self._boot_id):
                notify.tell(session, "restart", words, now)
                self._air.faults.note("restart", words, now, LASTS_S)
            standing = {notice.key for notice in notify.standing(session)}
            key_notices.begin(session)
            if facts.get(session, facts.NOTICED) is None:
                facts.put(session, facts.NOTICED, session.scalar(select(func.max(History.id))) or 0)
        self._told = {key for key in standing if key.startswith(PREFIX)}

    def _read(self, now: datetime) -> None:
        with self._store.read() as session:
            self._zones = {o.id: [zone.name for zone in zones.zones_of(o)] for o in zones.outputs(session)}
            self._clock_doubt = is_doubted(session)
            seen = facts.get(session, facts.NOTICED, 0)
            ended = select(History).where(History.id > seen, History.corrects_id.is_(None))
            fresh = list(session.scalars(ended.order_by(History.id)))
            keys = key_notices.fresh(session)
            waits_for = session.scalar(select(func.min(Sending.try_at)).where(Sending.state == "waiting"))
        if fresh:
            self._tell_unheard(fresh, now)
        if keys:
            self._tell_of_keys(keys, now)
        self._have_it_sent(waits_for, now)

    def _tell_unheard(self, fresh: list[History], now: datetime) -> None:
        told = [words for row in fresh if (words := _unheard(row))]
        with self._store.write() as session:
            facts.put(session, facts.NOTICED, fresh[-1].id)
            for words in told:
                notify.tell(session, "airing", words, now)
        if len(told) > MOST_SHOWN:
            told = [f"{len(told)} lượt phát không trọn vẹn; hãy xem trang Thông báo"]
        for number, words in enumerate(told):
            self._air.faults.note(f"airing {fresh[-1].id}.{number}", words, now, LASTS_S)

    def _tell_of_keys(self, told: list[tuple[int, str]], now: datetime) -> None:
        with self._store.write() as session:
            key_notices.tell(session, told, now)

    def _have_it_sent(self, waits_for: datetime | None, now: datetime) -> None:
        if waits_for is not None and waits_for != self._called_at:
            notify_call.call(self._store.folder, time.time() + max(0.0, (waits_for - now).total_seconds()))
        self._called_at = waits_for

    def _compare(self, now: datetime, monotonic: float) -> None:
        told = self._told or set()
        current = {PREFIX + trouble.key: trouble for trouble in self._troubles()}
        over = told - current.keys() if monotonic - self._began > SETTLED_S else set()
        fresh = current.keys() - told
        if not fresh and not over:
            self._told = told
            return
        with self._store.write() as session:
            for key in fresh:
                notify.tell(session, current[key].kind, f"{current[key].sentence()}.", now, key=key)
            for key in over:
                notify.over(session, key, now)
        self._told = (told | fresh) - over

    def _troubles(self) -> Iterator[Trouble]:
        shown = signs.of(self._air, self._boot_id, self._clock.now())
        yield from (
            each for each in troubles.of_signs(shown, self._zones) if each.kind not in troubles.EVENTS
        )
        if self._disk:
            yield Trouble("disk full" if disk.is_full(self._disk) else "disk low", "disk", self._disk)
        if self._clock_doubt:
            yield Trouble(
                "clock", "clock", "Đồng hồ của máy có thể sai: trạm chờ người xác nhận rồi mới phát"
            )


def _restart(session: Session, boot_id: str) -> str:
    """Return what to tell of an end that nobody ordered; empty after an orderly one."""
    mine = session.get_one(Boot, boot_id)
    query = select(Boot).where(Boot.id != boot_id).order_by(Boot.started_at.desc()).limit(1)
    last = session.scalar(query)
    if last is None or last.ended_at is not None:
        return ""
    if mine.started_at - last.alive_at <= SHORT_STOP:
        return f"Bộ phát dừng đột ngột và đã tự chạy lại lúc {_words(mine.started_at)}."
    return f"Máy không hoạt động từ {_words(last.alive_at)}, đã chạy lại lúc {_words(mine.started_at)}."


def _unheard(row: History) -> str:
    """Return what to tell of an airing's end; empty when it was heard, or a person wanted it so."""
    if row.cause in PEOPLES_CAUSES:
        return ""
    title, reason = f"“{row.title}”", f"{row.reason.rstrip('.')}." if row.reason else ""
    match row.result:
        case "missed":
            return f"Lỡ {title} lúc {_words(row.planned_at)}: {reason}"
        case "failed":
            return f"Không phát được {title}: {reason}"
        case "cut":
            return f"{title} bị cắt: {reason}"
        case "played" if row.cause:
            return f"{title} không trọn vẹn: {reason}"
        case _:
            return ""


def _words(moment: datetime) -> str:
    return f"{moment.astimezone(LOCAL):%H:%M %d/%m}"
