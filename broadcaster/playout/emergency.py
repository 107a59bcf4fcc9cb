"""The duty of the engine that says what stands in `alerts`, again and again, until it is ended.

An order takes its zones from whatever sounds there: the tone comes from the players' memory, the words follow
as the announcer makes them. Everything is taken from the rows, so that a station that was killed or lost its
power goes on when it is back.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from audio.player_words import Word
from broadcaster.newsroom import alert_texts
from broadcaster.playout import alerts, emergency_rows, vouched
from broadcaster.playout.air import Air
from broadcaster.playout.alert_wishes import LONGEST_S
from broadcaster.playout.emergency_air import Saying, in_the_way
from broadcaster.playout.emergency_voice import Announcer, Words
from broadcaster.playout.faults import LASTS_S
from broadcaster.playout.sounding import Sounding
from broadcaster.playout.warm_voice import Voice, WarmVoice
from broadcaster.store import Store
from broadcaster.store.models import Alert, Command, Hold
from schedules.clock import Clock
from schedules.priority import Priority

logger = logging.getLogger(__name__)

RETRY_S = 5.0
"""A repetition that nobody heard whole is followed by the next after this, if that is sooner."""
PLAYERS_WITHIN_S = 2.0
"""In the first moment of a station its players are not there yet."""
CHANGED = (
    "lệnh khẩn cấp bị sửa hoặc kết thúc trong dữ liệu, không do người của đài; hãy phát lại nếu còn cần."
)
HOLD_BETWEEN_S = 300
"""Zones stay free for an order that is repeated at least this often; between rarer ones others may sound."""
HELD_FOR = timedelta(seconds=15)
LOOK_S = 5.0


@dataclass(slots=True, eq=False)
class Standing:
    """One order as this life of the station says it."""

    alert: Alert
    saying: Saying
    ends_at_s: float
    next_at_s: float
    turns: int = 0
    """How often it was begun in this life."""
    is_farewell: bool = False
    """Its end is announced, once."""

    @property
    def zone_ids(self) -> frozenset[int]:
        return frozenset(zone.id for zone in self.alert.request.zones)


class AlertDuty:
    """See `duty.Duty`."""

    kinds: frozenset[str] = frozenset()

    def __init__(
        self, store: Store, clock: Clock, air: Air, boot_id: str, announcer: Announcer | None = None
    ) -> None:
        self._store = store
        self._clock = clock
        self._air = air
        self._boot_id = boot_id
        self._announcer = announcer or Announcer(store.folder, WarmVoice())
        self._changes = store.changes()
        self._look_at_s = -math.inf
        self._standing: list[Standing] = []
        """Newest first; also those whose end is being announced."""
        self._forged: set[int] = set()
        """Orders that stand in the store and do not sound: the station did not take them."""
        self._announcer.start()

    def obey(self, session: Session, command: Command, now: datetime) -> str:
        raise NotImplementedError("alerts are rows, not commands")  # pragma: no cover

    def hear(self, output_id: int, word: Word) -> None:
        pass

    def close(self) -> None:
        self._announcer.close()
        self._changes.close()

    def turn(self, now: datetime) -> None:
        if self._changes.has_changed():
            self._look_at_s = -math.inf  # until a look has succeeded
        if self._clock.monotonic() >= self._look_at_s:
            self._look(now)
            self._look_at_s = self._clock.monotonic() + LOOK_S
        for standing in tuple(self._standing):
            self._go_on(standing, now)
        self._air.kept_free = dict(self._kept_free(now))

    # --- what stands ---

    def _look(self, now: datetime) -> None:
        """Take in what was raised, prolonged and ended since the last look."""
        with self._store.read() as session:
            hold = alerts.stop_all_hold(session)
            forged = {alert.id: vouched.trouble(session, alert) for alert in alerts.standing(session)}
            rows = {alert.id: _load(alert) for alert in alerts.standing(session) if not forged[alert.id]}
            gone = [each for each in self._standing if not each.is_farewell and each.alert.id not in rows]
            ended = {each.alert.id: _ended(session, each.alert.id) for each in gone}
        if hold is not None:
            self._fall_silent(hold, now)
            return
        self._tell_forged({number: words for number, words in forged.items() if words}, now)
        for standing in gone:
            self._end(standing, *ended[standing.alert.id], now)
        self._take_in(rows)

    def _fall_silent(self, hold: Hold, now: datetime) -> None:
        """Stop-all: what stands is over, and nothing is left to be announced when that is lifted."""
        with self._store.write() as session:
            alerts.end_by_hold(session, hold, now)
        for standing in tuple(self._standing):
            standing.saying.cut("stop_all", hold.reason or "Dừng tất cả")
            self._drop(standing)

    def _take_in(self, rows: dict[int, Alert]) -> None:
        known = {each.alert.id: each for each in self._standing if not each.is_farewell}
        for number, alert in rows.items():
            if number not in known:
                self._standing.append(self._begun(alert))
            elif known[number].alert.expires_at != alert.expires_at:
                known[number].alert, known[number].ends_at_s = alert, self._ends_at_s(alert)
        self._standing.sort(key=lambda each: -each.alert.id)

    def _begun(self, alert: Alert) -> Standing:
        voice = Voice(alert.voice, alert.rate)
        speech = self._announcer.begin(Words(alert.script, voice, alert.clip_sha256, alert.is_drill))
        saying = Saying(self._air, self._clock, speech)
        return Standing(alert, saying, self._ends_at_s(alert), self._clock.monotonic())

    def _ends_at_s(self, alert: Alert) -> float:
        """Return the monotonic moment of its end; a clock that lies before its beginning is not believed."""
        now = max(self._clock.now(), alert.raised_at)
        left_s = min((alert.expires_at - now).total_seconds(), LONGEST_S)
        return self._clock.monotonic() + left_s

    def _tell_forged(self, forged: dict[int, str], now: datetime) -> None:
        """Say nothing of an order that is not the station's own, and let people know of it."""
        for number, words in forged.items():
            if number not in self._forged:
                logger.error("alert %d does not sound: %s", number, words)
            self._air.faults.note(_fault(number), words, now)
        for number in self._forged - forged.keys():
            self._air.faults.clear(_fault(number))
        self._forged = set(forged)

    def _end(self, standing: Standing, alert: Alert, is_ours: bool, now: datetime) -> None:
        """Cut what is being said of an order that somebody ended; announce that, where it was asked for."""
        who = f" ({alert.ender.name})" if alert.ender is not None else ""
        cause = alert.end_cause if alert.end_cause in ("stop_all", "stood_down") else "emergency"
        standing.saying.cut(cause, f"{alert.end_reason}{who}" if is_ours else CHANGED)
        self._drop(standing)
        if not is_ours:
            self._air.faults.note(_fault(alert.id), f"“{alert.title}”: {CHANGED}", now, LASTS_S)
        if alert.says_all_clear and is_ours:
            self._standing.append(self._farewell(alert))

    def _farewell(self, alert: Alert) -> Standing:
        said = alert_texts.DRILL_OVER if alert.is_drill else alert_texts.ALL_CLEAR.format(title=alert.title)
        words = Words(alert_texts.lines(said), Voice(alert.voice, alert.rate), with_chime=True)
        saying = Saying(self._air, self._clock, self._announcer.begin(words), opening="")
        now_s = self._clock.monotonic()
        return Standing(alert, saying, now_s + LONGEST_S, now_s, is_farewell=True)

    def _drop(self, standing: Standing) -> None:
        standing.saying.drop(self._announcer)
        self._standing.remove(standing)

    # --- saying it ---

    def _go_on(self, standing: Standing, now: datetime) -> None:
        saying = standing.saying
        if not saying.is_over:
            saying.feed()
        elif saying.sounding is not None:
            self._note_end(standing, saying)
        elif self._clock.monotonic() >= standing.ends_at_s:
            self._expire(standing, now)
        elif self._clock.monotonic() >= standing.next_at_s and self._may_begin(standing):
            self._begin(standing, now)
        self._tell_trouble(standing)

    def _note_end(self, standing: Standing, saying: Saying) -> None:
        if standing.is_farewell:
            self._drop(standing)
            return
        is_done = saying.was_heard or not saying.has_outputs
        wait_s = standing.alert.repeat_every_s if is_done else RETRY_S
        standing.next_at_s = self._clock.monotonic() + min(wait_s, standing.alert.repeat_every_s)
        standing.saying = saying.again()

    def _expire(self, standing: Standing, now: datetime) -> None:
        with self._store.write() as session:
            is_over = alerts.expire(session, standing.alert.id, standing.alert.expires_at, now)
        if is_over:
            self._drop(standing)

    def _may_begin(self, standing: Standing) -> bool:
        """Tell whether its outputs are its own to take now."""
        outputs = {zone.output_id for zone in standing.alert.request.zones}
        is_late = self._clock.monotonic() > standing.next_at_s + PLAYERS_WITHIN_S
        if not is_late and not any(self._air.players.get(number) for number in outputs):
            return False
        others = in_the_way(self._air, outputs)
        if standing.alert.is_drill and not standing.is_farewell:
            return standing.saying.has_words and all(_gives_way(other, standing) for other in others)
        return not any(self._waits_for(standing, other) for other in others)

    def _waits_for(self, standing: Standing, other: Sounding) -> bool:
        """Tell whether `other` goes before it.

        A new order goes before everything but a newer one; a repetition and a farewell wait for orders, and
        for who speaks live.
        """
        if standing.turns == 0 and not standing.is_farewell:
            newer = (each.saying.sounding for each in self._standing if each.alert.id > standing.alert.id)
            return any(sounding is other for sounding in newer)
        return other.source == "alert" or other.material.bus == "live"

    def _begin(self, standing: Standing, now: datetime) -> None:
        with self._store.write() as session:
            begun = emergency_rows.begin(
                session, standing.alert.id, self._boot_id, now, is_farewell=standing.is_farewell
            )
        if begun is None:
            return
        airing_id, lanes = begun
        standing.turns += 1
        said = {"all_clear": True, "said": standing.saying.text} if standing.is_farewell else {}
        standing.saying.begin(airing_id, _title(standing), standing.zone_ids, lanes, said)

    def _tell_trouble(self, standing: Standing) -> None:
        """Let the page know that an order sounds without its words, and when it has them again."""
        trouble = standing.saying.trouble
        if trouble != standing.alert.trouble:
            with self._store.write() as session:
                alerts.get(session, standing.alert.id).trouble = trouble
            standing.alert.trouble = trouble

    def _kept_free(self, now: datetime) -> Iterator[tuple[int, datetime]]:
        for standing in self._standing:
            if not standing.alert.is_drill and standing.alert.repeat_every_s <= HOLD_BETWEEN_S:
                yield from ((zone_id, now + HELD_FOR) for zone_id in standing.zone_ids)


def _title(standing: Standing) -> str:
    if standing.is_farewell:
        return f"Báo kết thúc: {standing.alert.title}"
    return f"Diễn tập: {standing.alert.title}" if standing.alert.is_drill else standing.alert.title


def _gives_way(sounding: Sounding, drill: Standing) -> bool:
    """Tell whether a drill may cut `sounding`: a routine bulletin at the most, and only when asked to."""
    is_routine = sounding.priority is Priority.ROUTINE and sounding.material.bus in ("programme", "filler")
    return drill.alert.may_cut and is_routine


def _fault(alert_id: int) -> str:
    return f"alert {alert_id}"


def _ended(session: Session, alert_id: int) -> tuple[Alert, bool]:
    alert = alerts.get(session, alert_id)
    return _load(alert), vouched.holds(session, alert)


def _load(alert: Alert) -> Alert:
    """Read now what is asked of the row after its session is gone."""
    _ = [zone.output_id for zone in alert.request.zones], alert.ender
    return alert
