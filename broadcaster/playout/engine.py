"""Decide, obey, report: the one thread that plays out. Rules are in `schedules`, the truth in the store."""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.player_words import Word
from broadcaster.errors import StoreDamaged, StoreError
from broadcaster.playout import airings, claims, signs, slots
from broadcaster.playout.air import Air
from broadcaster.playout.clock_watch import ClockWatch, is_doubted
from broadcaster.playout.duty import DutyMaker
from broadcaster.playout.glance import Glance, glance
from broadcaster.playout.orders import Orders
from broadcaster.playout.outages import Outage, why_missed
from broadcaster.playout.players import Wanted
from broadcaster.playout.relay_ahead import RelaysAhead
from broadcaster.playout.reports import Reports
from broadcaster.playout.running_order import CLOCK_HOLD, standing_hold
from broadcaster.playout.slots import Waiting
from broadcaster.playout.sounding import Sounding
from broadcaster.store import Store
from broadcaster.store.models import Hold, Person
from schedules.clock import Clock
from schedules.decision import Cut, Miss, OnAir, Play, Wait, decide
from schedules.rundown import Slot, build

logger = logging.getLogger(__name__)

Chore = Callable[[Session, datetime], object]
"""Regular work on the rows, e.g. planning ahead."""

LISTEN_S = 0.05
"""The longest that a commit of another process goes unnoticed."""
AHEAD = timedelta(seconds=60)
"""How far ahead airings are looked at."""
LEAD_S = 4.0
"""An airing is claimed and armed this long before its second."""
SOONEST_S = 0.4
"""What starts "now" starts this much later, so that all outputs start together."""
STORE_FAULT = "store"
PULSE_S = 1.0
TEND_S = 0.2
"""A player that hangs or has died is looked after this often."""
STORE_REST_S = 0.5
"""A store that failed is asked again after this, not at every turn."""
LOOK_S = 5.0
"""The store is looked at this often even when nobody seems to have changed it."""


class Engine:
    """One per data folder. `hear` and `ask` may be called from any thread."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        air: Air,
        boot_id: str,
        outage: Outage | None = None,
        wanted: Callable[[Session], list[Wanted]] | None = None,
        duties: Sequence[DutyMaker] = (),
    ) -> None:
        """`wanted` tells which outputs the store names now; None leaves the players as they are."""
        self._store = store
        self._clock = clock
        self._air = air
        self._boot_id = boot_id
        self._wanted = wanted
        self._clock_watch = ClockWatch(store, clock, outage)
        self._chores: list[Chore] = []
        self._duties = tuple(make(store, clock, air, boot_id) for make in duties)
        self._orders = Orders(store, clock, air, self._duties)
        self._reports = Reports(store, clock, air)
        self._relays = RelaysAhead(store, clock, air)
        self._inbox: queue.SimpleQueue[tuple[str, Word] | Chore] = queue.SimpleQueue()
        self._changes = store.changes()
        self._look_at = clock.now()
        self._looked_at = clock.monotonic()
        self._pulse_at = self._tend_at = 0.0
        self._store_rests_until = 0.0

    @property
    def next_look(self) -> datetime:
        """When it will decide again if nothing happens before."""
        return self._look_at

    def hear(self, name: str, word: Word) -> None:
        self._inbox.put((name, word))

    def ask(self, chore: Chore) -> None:
        """Have `chore(session, now)` done in a write transaction, unless the clock is in doubt then."""
        self._inbox.put(chore)

    def turn(self, wait_s: float = LISTEN_S) -> None:
        """Wait a moment for words, take them in, decide if anything may have changed, write what ended."""
        self._listen(wait_s)
        has_stepped = self._clock_watch.look()
        self._air.give_up()
        if self._clock.monotonic() >= self._tend_at:
            self._tend_at = self._clock.monotonic() + TEND_S
            self._air.players.tend(self._air.busy_outputs())
        if self._clock.monotonic() >= self._store_rests_until:
            self._work_on_rows(has_stepped)
        self._beat()

    def close(self) -> None:
        """Write every airing that still sounds as cut: the station is being stopped in order."""
        for duty in self._duties:
            duty.close()
        for sounding in self._air:
            self._air.cut(sounding, "station_stopped", "Trạm được tắt trong lúc phát.")
        deadline = self._clock.monotonic() + 1.5
        while any(self._air) and self._clock.monotonic() < deadline:
            self._listen(LISTEN_S)
            self._reports.write_ended()
        for sounding in self._air:
            self._reports.write_end(sounding)
        self._changes.close()

    # --- listening ---

    def _listen(self, wait_s: float) -> None:
        """Take in what has arrived, waiting `wait_s` for the first."""
        while True:
            try:
                heard = self._inbox.get(timeout=wait_s) if wait_s else self._inbox.get_nowait()
            except queue.Empty:
                return
            wait_s = 0.0
            if isinstance(heard, tuple):
                self._take_in(*heard)
            elif heard not in self._chores:
                # While the store cannot be written the timer goes on reminding: once is enough.
                self._chores.append(heard)

    def _take_in(self, name: str, word: Word) -> None:
        output_id = self._air.hear(name, word)
        if output_id is not None:
            for duty in self._duties:
                duty.hear(output_id, word)

    # --- in the store ---

    def _work_on_rows(self, has_stepped: bool) -> None:
        try:
            self._do_duties()
            ended = self._reports.write_ended()
            self._do_chores()
            if self._changes.has_changed() or has_stepped or ended or self._is_time_to_look():
                self._look(self._clock.now())
            self._reports.write_progress()
            self._air.faults.clear(STORE_FAULT)
        except StoreDamaged:
            raise
        except StoreError as error:
            # A full disk or a busy store must not silence what sounds.
            logger.error("the store cannot be used: %s", error)
            self._air.faults.note(STORE_FAULT, str(error), self._clock.now())
            self._store_rests_until = self._clock.monotonic() + STORE_REST_S
            self._look_at = self._clock.now()

    def _do_chores(self) -> None:
        """Plan and sweep by a clock that is trusted; a wrong year would expire and miss everything."""
        while self._chores:
            with self._store.write() as session:
                if not is_doubted(session):
                    self._chores[0](session, self._clock.now())
            del self._chores[0]

    def _do_duties(self) -> None:
        for duty in self._duties:
            duty.turn(self._clock.now())

    def _is_time_to_look(self) -> bool:
        is_long_ago = self._clock.monotonic() >= self._looked_at + LOOK_S
        return is_long_ago or self._clock.now() >= self._look_at

    # --- deciding ---

    def _look(self, now: datetime) -> None:
        self._looked_at, self._look_at = self._clock.monotonic(), now + AHEAD
        seen = self._glance(now)
        with self._store.read() as session:
            hold = standing_hold(session) if seen.has_hold else None
            held_by = _placed_by(session, hold)
            clock_is_doubted = seen.has_hold and is_doubted(session)
            is_due = seen.first_planned is not None and seen.first_planned < now + AHEAD
            waiting = slots.planned_slots(session, now + AHEAD) if is_due else Waiting()
            if self._wanted:
                self._air.want(self._wanted(session))
        if not clock_is_doubted:
            self._let_go(waiting, now)
        rundown = build(waiting.ready, now, self._busy(), self._running())
        self._relays.look(() if hold is not None else rundown.timed, now)
        for decision in decide(now, rundown, self._on_air(), hold is not None, LEAD_S):
            match decision:
                case Play(slot, at):
                    self._play(slot, at, now)
                case Cut(key) if hold is None or hold.cause != CLOCK_HOLD:
                    self._cut(key, hold, held_by)
                case Miss() if not clock_is_doubted:
                    self._miss(decision.key, *why_missed(decision, self._clock_watch.gaps), now)
                case Wait(until):
                    self._look_at = min(self._look_at, until)
                case _:
                    pass

    def _glance(self, now: datetime) -> Glance:
        """Obey what waits, put back what is stranded; return what stands in the store then."""
        with self._store.read() as session:
            seen = glance(session, self._boot_id)
        if not seen.has_orders and not seen.has_stranded:
            return seen
        self._orders.obey(now)
        claims.give_back(self._store, self._boot_id)
        with self._store.read() as session:
            return glance(session, self._boot_id)

    def _let_go(self, waiting: Waiting, now: datetime) -> None:
        """End what may not sound once its time has passed; until then somebody may still sign it."""
        self._miss_late(waiting.unapproved, "not_approved", "Đến giờ phát mà bản tin chưa được duyệt.", now)
        unsigned = "Đến giờ phát mà chương trình chưa được ký duyệt."
        self._miss_late(waiting.unsigned, "programme_unsigned", unsigned, now)
        for slot in self._late(waiting.idle, now):
            with self._store.write() as session:
                reason = "Buổi phát không có nội dung nên không đọc lời xướng."
                airings.cancel(session, airings.get(session, slot.key), "empty", reason, now)

    def _miss_late(self, waiting: list[Slot], cause: str, reason: str, now: datetime) -> None:
        for slot in self._late(waiting, now):
            self._miss(slot.key, cause, reason, now)

    def _late(self, waiting: list[Slot], now: datetime) -> list[Slot]:
        coming = [slot.deadline for slot in waiting if slot.deadline >= now]
        self._look_at = min([self._look_at, *(deadline + timedelta(seconds=0.1) for deadline in coming)])
        return [slot for slot in waiting if slot.deadline < now]

    def _busy(self) -> dict[int, datetime]:
        busy = dict(self._air.kept_free)
        for sounding in self._air:
            end = self._air.ends_at(sounding)
            busy.update({zone: max(end, busy.get(zone, end)) for zone in sounding.zone_ids})
        return busy

    def _running(self) -> dict[str, datetime]:
        ends: dict[str, datetime] = {}
        for sounding in self._air:
            end = self._air.ends_at(sounding)
            ends[sounding.group] = max(end, ends.get(sounding.group, end))
        return ends

    def _on_air(self) -> tuple[OnAir, ...]:
        return tuple(OnAir(s.airing_id, s.zone_ids, s.priority, self._air.ends_at(s)) for s in self._air)

    # --- obeying ---

    def _play(self, slot: Slot, at: datetime, now: datetime) -> None:
        claim = claims.claim(self._store, slot.key, self._boot_id, now)
        if claim is None:
            return
        wall, monotonic = self._clock.now(), self._clock.monotonic()
        at = max(at, wall + timedelta(seconds=SOONEST_S))
        claim = claim.starting(at)
        if not claims.begin(self._store, slot.key, at):
            return
        sounding = Sounding(
            airing_id=slot.key,
            title=claim.title,
            material=claim.material,
            length_s=claim.length_s,
            zone_ids=slot.zones,
            group=slot.group,
            priority=slot.priority,
            at=at,
            at_monotonic=monotonic + (at - wall).total_seconds(),
            incidents=list(claim.incidents),
            relay=claim.relay,
        )
        self._air.start(sounding, claim.lanes)

    def _cut(self, airing_id: str, hold: Hold | None, held_by: str) -> None:
        sounding = self._air.get(airing_id)
        if sounding is None or sounding.cut is not None:
            return
        if hold is not None:
            self._air.cut(sounding, "stop_all", f"{hold.reason or 'Dừng tất cả'} ({held_by})")
        else:
            self._air.cut(sounding, "emergency", "Nhường cho lệnh khẩn cấp.")

    def _miss(self, airing_id: str, cause: str, reason: str, now: datetime) -> None:
        with self._store.write() as session:
            airings.miss(session, airings.get(session, airing_id), cause, reason, now)

    def _beat(self) -> None:
        """Show the page what sounds, once a second."""
        monotonic = self._clock.monotonic()
        if monotonic < self._pulse_at:
            return
        self._pulse_at = monotonic + PULSE_S
        signs.show(self._store.folder, self._air, self._boot_id, self._clock.now())


def _placed_by(session: Session, hold: Hold | None) -> str:
    if hold is None or hold.placed_by is None:
        return "chương trình"
    return session.scalar(select(Person.name).where(Person.id == hold.placed_by)) or ""
