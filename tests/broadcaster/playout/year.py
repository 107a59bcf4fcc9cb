"""Months of a ward, or a year: the real engine, rows and rules, with a clock and players of a test."""

from __future__ import annotations

import contextlib
import random
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select

from broadcaster.errors import Refused
from broadcaster.playout import (
    boot,
    fitting,
    planning,
    programme_dates,
    programmes,
    requesting,
    station_days,
)
from broadcaster.playout.engine import LEAD_S
from broadcaster.playout.programmes import Frame, PartFrame, SeasonFrame
from broadcaster.store import facts
from broadcaster.store.models import Airing, Bulletin, LimitRule, Request
from schedules.clock import LOCAL
from schedules.holidays import OwnKind
from schedules.recurrence import Series
from tests.broadcaster.playout.room import Room

FIRST = date(2026, 12, 1)
TET = date(2027, 2, 6)
DAY = timedelta(days=1)
LEAD = timedelta(seconds=LEAD_S)
CHORES = timedelta(hours=12)
INSTANT = timedelta(seconds=0.05)
OUTLIVES = timedelta(minutes=15)
"""Past the latest deadline of everything that was planned for the last day."""
REASON = "Tìm trẻ lạc"


class Year:
    """`live` lets it all happen; what came of it stands in the store and in what the players heard."""

    def __init__(self, room: Room, days: int = 365, seed: int = 1) -> None:
        """A whole year has 2,000 wishes, 60 power cuts and 20 clock faults; fewer days have their share."""
        self.room = room
        self.last = FIRST + (days - 1) * DAY
        share = days / 365
        self._random = random.Random(seed)
        self._chores_at = room.clock.now()
        self._next_request = 0
        self.refused = 0
        happenings = (
            (2000, self._moment, self._ask),
            (30, self._moment, self._cut_the_power),
            (30, self._evening, self._cut_the_power),
            (16, self._moment, self._step_the_clock),
            (4, self._moment, self._lose_the_year),
        )
        self._events = [
            (moment(), happen) for count, moment, happen in happenings for _ in range(round(count * share))
        ]
        self._events.sort(key=lambda event: event[0])

    @property
    def end(self) -> datetime:
        return datetime.combine(self.last + DAY, time(0), LOCAL)

    def live(self) -> None:
        for at, happen in self._events:
            self._run_to(at)
            happen()
        self._run_to(self.end + OUTLIVES)

    # --- the station as it was set up ---

    def furnish(self) -> None:
        """Five programmes a day, bulletins of all kinds, days off, limits."""
        room = self.room
        with room.store.write() as session:
            facts.put(session, facts.ALLOWED_HOURS, ["05:00", "21:30"])
            now = room.clock.now()
            session.add(LimitRule(code="sessions", values={"most": 9}, created_at=now))
            session.add(
                LimitRule(
                    code="quiet_hours",
                    values={"from": "12:00", "to": "13:30"},
                    overridden_by="operator",
                    created_at=now,
                )
            )
        self.bulletins = [room.approved(f"Tin {n}", 8 + n % 5 * 9, self._kind(n)) for n in range(40)]
        self.music = room.approved("Dân ca", 33)
        self.draft = room.draft("Nháp", 12)
        with room.store.write() as session:
            session.get_one(Bulletin, self.music).is_music = True
        self.programmes = [self._add(*frame) for frame in self._frames()]
        self._declare_days()

    def _frames(self) -> list[tuple[str, time, list[PartFrame], int]]:
        words = [self.room.approved(title, 6) for title in ("Lời xướng", "Lời kết")]
        framed = [
            PartFrame("words", "Lời xướng", words[0]),
            PartFrame("queue", "Tin, bài"),
            PartFrame("words", "Lời kết", words[1]),
        ]
        return [
            ("Sáng", time(5, 30), [], 300),
            ("Trưa", time(11, 0), [], 120),
            ("Chiều", time(15, 0), [], 90),
            ("Chập tối", time(17, 0), framed, 240),
            ("Tối", time(19, 30), [], 150),
            ("Dân ca", time(16, 0), [PartFrame("fixed", "Dân ca", self.music)], 150),
        ]

    def _add(self, name: str, at: time, parts: list[PartFrame], longest_s: int) -> int:
        seasons = [SeasonFrame((4, 16), (10, 15), time(5, 0))] if name == "Sáng" else []
        days = [6] if name == "Dân ca" else range(7)
        frame = Frame(name, days, at, (), longest_s, 300, seasons=seasons, parts=parts)
        with self.room.store.write() as session:
            return programmes.add(session, self.room.operator, frame, self.room.clock.now()).id

    def _declare_days(self) -> None:
        room, mourning = self.room, date(2027, 7, 20)
        with room.store.write() as session:
            now = room.clock.now()
            station_days.add(
                session, room.operator, mourning, mourning + DAY, "Quốc tang", OwnKind.ONLY_NEWS, now
            )
            for programme in self.programmes[:2]:
                programme_dates.pause(session, room.operator, programme, TET, TET + 3 * DAY, "Nghỉ Tết", now)

    # --- what happens ---

    def _ask(self) -> None:
        room, self._next_request = self.room, self._next_request + 1
        ways = (self._in_programme, self._in_queue, self._at, self._next, self._daily, self._storm)
        (way,) = self._random.choices(ways, weights=(50, 15, 22, 8, 3, 1))
        number = self._random.choice([*self.bulletins, self.draft])
        with contextlib.ExitStack() as stack:
            stack.enter_context(contextlib.suppress(Refused))
            self.refused += 1
            way(number)
            self.refused -= 1
        room.turn()

    def _in_programme(self, number: int) -> None:
        first = self._today() + self._random.randrange(3) * DAY
        last = first + self._random.choice([0] * 9 + [2]) * DAY
        with self.room.store.write() as session:
            programme = self._random.choice(self.programmes)
            requesting.request_in_programme(
                session, self.room.officer, number, programme, first, last, self._now()
            )

    def _in_queue(self, number: int) -> None:
        with self.room.store.write() as session:
            requesting.request_in_queue(session, self.room.officer, number, self._now())

    def _at(self, number: int) -> None:
        at = self._now() + timedelta(minutes=self._random.randrange(1, 2 * 24 * 60))
        with self.room.store.write() as session:
            requesting.request_at(session, self.room.operator, number, at, [], self._now(), REASON)

    def _next(self, number: int) -> None:
        with self.room.store.write() as session:
            requesting.request_next(session, self.room.operator, number, [], self._now(), 10, REASON)

    def _daily(self, number: int) -> None:
        first = self._today() + DAY
        with self.room.store.write() as session:
            requesting.request_daily(
                session, self.room.officer, number, (first, first + 2 * DAY), [time(8, 15), time(16, 20)],
                [], self._now(),
            )  # fmt: skip

    def _storm(self, number: int) -> None:
        first = self._now() + timedelta(minutes=2)
        series = Series(first, timedelta(minutes=30), first + timedelta(hours=5), 12)
        with self.room.store.write() as session:
            requesting.request_series(session, self.room.operator, number, series, [], self._now(), REASON)

    def _cut_the_power(self) -> None:
        off_s = self._random.choice([60, 120, 600, 3600, 6 * 3600, 86_400, 3 * 86_400])
        room = self.room
        with room.store.write() as session:
            boot.still_alive(session, room.boot_id, self._now())
        room.pull_the_plug()
        room.clock.advance(off_s)
        room.boot()
        self._do_chores()

    def _step_the_clock(self) -> None:
        """Somebody sets the clock an hour wrong, and right again within ten minutes."""
        step_s = self._random.choice([3600.0, -3600.0])
        for by_s in (step_s, -step_s):
            self.room.clock.step(by_s)
            self.room.turn()
            self._run_for(600)

    def _lose_the_year(self) -> None:
        self.room.clock.step(5 * 365 * 86_400.0)
        self.room.run(2)
        self.room.clock.step(-5 * 365 * 86_400.0)
        self.room.run(2)

    # --- time ---

    def _run_for(self, seconds: float) -> None:
        self._run_to(self._now() + timedelta(seconds=seconds))

    def _run_to(self, moment: datetime) -> None:
        """Go from event to event; nothing happens between them."""
        while (now := self._now()) < moment:
            if now >= self._chores_at or self._chores_at > now + 2 * CHORES:
                self._do_chores()
            until = min(moment, self._chores_at, self._next_event(now))
            self.room.clock.advance(max(INSTANT, until - now).total_seconds())
            self.room.turn(times=1)

    def _next_event(self, now: datetime) -> datetime:
        room = self.room
        monotonic = room.clock.monotonic()
        ends = [end for player in room.players if player.is_alive for end in player.ends()]
        coming = [now + timedelta(seconds=max(0.0, at - monotonic)) for at in ends]
        first = self._first_planned()
        if coming:
            return min(coming)
        if first is None:
            return now + CHORES
        assert room.engine is not None
        return first - LEAD if first - LEAD > now else max(room.engine.next_look, now + INSTANT)

    def _first_planned(self) -> datetime | None:
        with self.room.store.read() as session:
            return session.scalar(select(func.min(Airing.planned_at)).where(Airing.state == "planned"))

    def _do_chores(self) -> None:
        now = self._now()
        self._chores_at = now + CHORES
        with self.room.store.write() as session:
            planning.plan_ahead(session, now)
            station_days.withhold(session, now)
            fitting.settle(session, now)
            boot.still_alive(session, self.room.boot_id, now)
        self.room.turn()

    def _moment(self) -> datetime:
        minutes = self._random.randrange(1, ((self.last - FIRST).days + 1) * 24 * 60)
        return datetime.combine(FIRST, time(0), LOCAL) + timedelta(minutes=minutes)

    def _evening(self) -> datetime:
        """Return a moment at which most evenings something sounds."""
        day = FIRST + self._random.randrange((self.last - FIRST).days) * DAY
        at = self._random.choice([time(17, 0, 9), time(19, 30, 12)])
        return datetime.combine(day, at, LOCAL)

    def _now(self) -> datetime:
        return self.room.clock.now()

    def _today(self) -> date:
        return self._now().astimezone(LOCAL).date()

    def _kind(self, number: int) -> str:
        return "priority" if number % 7 == 0 else "routine"


def overrides_of(room: Room) -> dict[str, list[dict[str, str]]]:
    """Return the limits knowingly broken, by airing."""
    with room.store.read() as session:
        rows = session.execute(
            select(Airing.id, Request.overrides).join(Request, Request.id == Airing.request_id)
        )
        return {airing: broken or [] for airing, broken in rows}
