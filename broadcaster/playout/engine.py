"""Decide, obey, report: the one thread that plays out. Rules are in `schedules`, the truth in the store."""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from audio.player_words import Word
from broadcaster.errors import StoreError
from broadcaster.newsroom import approval, clips
from broadcaster.playout import airings, slots
from broadcaster.playout.air import Air
from broadcaster.playout.airings import Ending
from broadcaster.playout.orders import Orders
from broadcaster.playout.players import Player, Wanted
from broadcaster.playout.running_order import standing_hold
from broadcaster.playout.sounding import Lane, Sounding
from broadcaster.store import Store, pulse
from broadcaster.store.models import Airing, AiringState, Hold, Person
from schedules.clock import LOCAL, Clock, Step
from schedules.decision import Cut, Miss, MissWhy, OnAir, Play, Wait, decide
from schedules.priority import Priority
from schedules.rundown import Slot, build

logger = logging.getLogger(__name__)

LISTEN_S = 0.05
"""The longest that a commit of another process goes unnoticed."""
AHEAD = timedelta(seconds=60)
"""How far ahead airings are looked at."""
LEAD_S = 4.0
"""An airing is claimed and armed this long before its second."""
SOONEST_S = 0.4
"""What starts "now" starts this much later, so that all outputs start together."""
PROGRESS_S = 5.0
"""How often the store is told how far an airing has come; a power cut loses no more than this."""
PULSE_S = 1.0
LOOK_S = 5.0
"""The store is looked at this often even when nobody seems to have changed it."""
CLOCK_HOLD = "clock"


@dataclass(frozen=True, slots=True)
class Outage:
    """The machine or the station was off from `start` to `end`."""

    start: datetime
    end: datetime

    def holds(self, moment: datetime) -> bool:
        return self.start <= moment <= self.end

    def words(self) -> str:
        start, end = self.start.astimezone(LOCAL), self.end.astimezone(LOCAL)
        return f"Máy không hoạt động từ {start:%H:%M:%S %d/%m/%Y} đến {end:%H:%M:%S %d/%m/%Y}."


class Engine:
    """One per data folder. `hear` and `note_step` may be called from any thread."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        air: Air,
        boot_id: str,
        outage: Outage | None = None,
        wanted: Callable[[Session], list[Wanted]] | None = None,
    ) -> None:
        """`wanted` tells which outputs the store names now; None leaves the players as they are."""
        self._store = store
        self._clock = clock
        self._air = air
        self._boot_id = boot_id
        self._wanted = wanted
        self._gaps = [outage] if outage else []
        self._orders = Orders(store, clock, air)
        self._inbox: queue.SimpleQueue[tuple[str, Word] | Step] = queue.SimpleQueue()
        self._changes = store.changes()
        self._look_at = clock.now()
        self._looked_at = clock.monotonic()
        self._pulse_at = 0.0
        self._priorities: dict[str, Priority] = {}

    def hear(self, name: str, word: Word) -> None:
        self._inbox.put((name, word))

    def note_step(self, step: Step) -> None:
        self._inbox.put(step)

    def turn(self, wait_s: float = LISTEN_S) -> None:
        """Wait a moment for words, take them in, decide if anything may have changed, write what ended."""
        must_look = self._listen(wait_s) or self._is_time_to_look()
        self._air.give_up()
        self._air.players.tend(self._air.busy_outputs())
        ended = self._write_ended()
        now = self._clock.now()
        if self._changes.has_changed() or must_look or ended:
            self._look(now)
        self._write_progress()
        self._beat()

    def close(self) -> None:
        """Write every airing that still sounds as cut: the station is being stopped in order."""
        for sounding in self._air:
            self._air.cut(sounding, "station_stopped", "Trạm được tắt trong lúc phát.")
        deadline = self._clock.monotonic() + 1.5
        while any(self._air) and self._clock.monotonic() < deadline:
            self._listen(LISTEN_S)
            self._write_ended()
        for sounding in self._air:
            self._write_end(sounding)
        self._changes.close()

    # --- listening ---

    def _listen(self, wait_s: float) -> bool:
        """Take in what has arrived, waiting `wait_s` for the first; True when a look was asked for."""
        must_look = False
        while True:
            try:
                heard = self._inbox.get(timeout=wait_s) if wait_s else self._inbox.get_nowait()
            except queue.Empty:
                return must_look
            wait_s = 0.0
            if isinstance(heard, tuple):
                self._air.hear(*heard)
            else:
                must_look = True
                self._note_step(heard)

    def _is_time_to_look(self) -> bool:
        is_long_ago = self._clock.monotonic() >= self._looked_at + LOOK_S
        return is_long_ago or self._clock.now() >= self._look_at

    def _note_step(self, step: Step) -> None:
        now = self._clock.now()
        logger.warning("the wall clock was set by %+.1f s", step.by_s)
        if step.by_s > 0:
            self._gaps.append(ClockGap(now - timedelta(seconds=step.by_s), now))

    # --- deciding ---

    def _look(self, now: datetime) -> None:
        self._orders.obey(now)
        with self._store.read() as session:
            hold = standing_hold(session)
            held_by = _placed_by(session, hold)
            ready, unready = slots.planned_slots(session, now + AHEAD)
            if self._wanted:
                self._air.players.want(self._wanted(session))
        is_clock_hold = hold is not None and hold.cause == CLOCK_HOLD
        self._looked_at = self._clock.monotonic()
        self._look_at = min((now + AHEAD, *(slot.deadline for slot in unready if slot.deadline > now)))
        for slot in unready:
            if slot.deadline < now and not is_clock_hold:
                self._miss(slot.key, "not_approved", "Đến giờ phát mà bản tin chưa được duyệt.", now)
        rundown = build(ready, now, self._busy(), self._running())
        for decision in decide(now, rundown, self._on_air(), hold is not None, LEAD_S):
            match decision:
                case Play(slot, at):
                    self._play(slot, at, now)
                case Cut(key):
                    self._cut(key, hold, held_by)
                case Miss() if not is_clock_hold:
                    self._miss(decision.key, *self._why(decision), now)
                case Wait(until):
                    self._look_at = min(self._look_at, until)
                case _:
                    pass

    def _busy(self) -> dict[int, datetime]:
        busy: dict[int, datetime] = {}
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
        return tuple(
            OnAir(s.airing_id, s.zone_ids, self._priorities[s.airing_id], self._air.ends_at(s))
            for s in self._air
        )

    def _why(self, missed: Miss) -> tuple[str, str]:
        for gap in self._gaps:
            if gap.holds(missed.deadline):
                return ("clock" if isinstance(gap, ClockGap) else "power_off"), gap.words()
        match missed.why:
            case MissWhy.HOLD:
                return "hold", "Đến giờ phát khi đang có lệnh dừng tất cả."
            case MissWhy.NO_ZONE:
                return "no_output", "Không có cụm loa nào để phát."
            case MissWhy.ON_AIR | MissWhy.BEHIND:
                return "busy", "Cụm loa bận cho đến khi quá giờ được phát trễ."
            case MissWhy.NEXT_PART:
                return "no_room", "Không đủ thời lượng chương trình."
            case _:
                return "late", "Không kịp bắt đầu trong khoảng được phát trễ."

    # --- obeying ---

    def _play(self, slot: Slot, at: datetime, now: datetime) -> None:
        claim = self._claim(slot.key, now)
        if claim is None:
            return
        if not clips.is_intact(self._store.folder, claim.clip_sha256):
            self._fail(
                slot.key, "clip_changed", "Bản thu bị mất hoặc đã thay đổi so với bản được duyệt.", now
            )
            return
        wall, monotonic = self._clock.now(), self._clock.monotonic()
        at = max(at, wall + timedelta(seconds=SOONEST_S))
        with self._store.write() as session:
            if not airings.step(
                session, slot.key, AiringState.CLAIMED, AiringState.STARTED, started_at=at, seconds_heard=0.0
            ):
                return
        self._priorities[slot.key] = slot.priority
        self._air.start(
            Sounding(
                airing_id=slot.key,
                title=claim.title,
                clip=clips.path_of(self._store.folder, claim.clip_sha256),
                length_s=claim.length_s,
                zone_ids=slot.zones,
                group=slot.group,
                at=at,
                at_monotonic=monotonic + (at - wall).total_seconds(),
            ),
            claim.lanes,
        )

    def _claim(self, airing_id: str, now: datetime) -> Claim | None:
        """Take an airing for this station and bind it to its approval; None when it is not ours to play."""
        with self._store.write() as session:
            airing = airings.get(session, airing_id)
            signed = approval.valid_approval(session, airing.bulletin_id, now.astimezone(LOCAL).date())
            if signed is None:
                airings.miss(
                    session,
                    airing,
                    "not_approved",
                    "Không có chữ ký duyệt còn hiệu lực cho đúng bản này.",
                    now,
                )
                return None
            if not airings.step(
                session,
                airing_id,
                AiringState.PLANNED,
                AiringState.CLAIMED,
                claimed_at=now,
                boot_id=self._boot_id,
                approval_id=signed.id,
            ):
                return None
            return Claim(airing.bulletin.title, signed.clip_sha256, signed.clip.seconds, lanes_of(airing))

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

    def _fail(self, airing_id: str, cause: str, reason: str, now: datetime) -> None:
        logger.error("airing %s failed: %s", airing_id, cause)
        with self._store.write() as session:
            ending = Ending(AiringState.FAILED, cause, reason, now)
            airings.finish(session, airings.get(session, airing_id), AiringState.CLAIMED, ending)

    # --- reporting ---

    def _write_ended(self) -> bool:
        finished = self._air.take_finished()
        for sounding in finished:
            self._write_end(sounding)
        return bool(finished)

    def _write_end(self, sounding: Sounding) -> None:
        now, started_at = self._clock.now(), None
        if sounding.started_monotonic is not None:
            ago = self._clock.monotonic() - sounding.started_monotonic
            started_at = now - timedelta(seconds=ago)
        self._priorities.pop(sounding.airing_id, None)
        with self._store.write() as session:
            airing = airings.get(session, sounding.airing_id)
            if started_at is not None:
                airing.started_at = started_at
            airings.finish(session, airing, AiringState.STARTED, sounding.ending(now, started_at))

    def _write_progress(self) -> None:
        moved = [s for s in self._air if s.seconds >= s.progress_s + PROGRESS_S]
        if not moved:
            return
        try:
            with self._store.write() as session:
                for sounding in moved:
                    session.execute(
                        update(Airing)
                        .where(Airing.id == sounding.airing_id, Airing.state == AiringState.STARTED)
                        .values(seconds_heard=sounding.seconds)
                    )
                    sounding.progress_s = sounding.seconds
        except StoreError:
            logger.warning("progress could not be written; the airing goes on")

    def _beat(self) -> None:
        """Show the page what sounds, once a second."""
        monotonic = self._clock.monotonic()
        if monotonic < self._pulse_at:
            return
        self._pulse_at = monotonic + PULSE_S
        pulse.beat(
            self._store.folder,
            "station",
            boot=self._boot_id,
            now=self._clock.now().isoformat(),
            on_air=[_shown(sounding) for sounding in self._air],
            outputs=[_shown_output(player) for player in self._air.players.all()],
        )


@dataclass(frozen=True, slots=True)
class Claim:
    """What an airing needs to be heard."""

    title: str
    clip_sha256: str
    length_s: float
    lanes: Mapping[int, Lane]


class ClockGap(Outage):
    """Wall-clock time that never was: the clock was set forward over it."""

    def words(self) -> str:
        start, end = self.start.astimezone(LOCAL), self.end.astimezone(LOCAL)
        return f"Đồng hồ bị chỉnh từ {start:%H:%M:%S %d/%m/%Y} sang {end:%H:%M:%S %d/%m/%Y}."


def lanes_of(airing: Airing) -> dict[int, Lane]:
    """Return one lane for each output that reaches a zone of `airing`."""
    lanes: dict[int, Lane] = {}
    for zone in airing.zones:
        lane = lanes.setdefault(zone.output_id, Lane(zone.output_id, zone.output.name, ()))
        lane.zones = (*lane.zones, zone.name)
    return lanes


def _placed_by(session: Session, hold: Hold | None) -> str:
    if hold is None or hold.placed_by is None:
        return "chương trình"
    return session.scalar(select(Person.name).where(Person.id == hold.placed_by)) or ""


def _shown(sounding: Sounding) -> dict[str, object]:
    return {
        "airing_id": sounding.airing_id,
        "title": sounding.title,
        "zones": [zone for lane in sounding.lanes.values() for zone in lane.zones],
        "at": sounding.at.isoformat(),
        "has_sounded": sounding.has_sounded,
        "seconds": round(sounding.seconds, 2),
        "length_s": round(sounding.length_s, 2),
        "level_dbfs": max(
            (lane.recent_dbfs for lane in sounding.lanes.values() if lane.recent_dbfs is not None),
            default=None,
        ),
        "faults": [lane.fault for lane in sounding.lanes.values() if lane.fault],
    }


def _shown_output(player: Player) -> dict[str, object]:
    return {
        "output_id": player.wanted.output_id,
        "name": player.wanted.name,
        "is_ready": player.is_ready,
        "is_loudspeaker": player.is_loudspeaker,
        "device": player.device,
        "fault": player.fault,
    }
