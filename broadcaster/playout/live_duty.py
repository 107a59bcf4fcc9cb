"""The duty of the engine that puts microphones on the air, and takes them off it.

Everything a person wants stands in the `live` rows; everything that is heard comes through the spool. A
browser that is gone, an order that takes the zones and a time that is over all end an announcement: nobody
has to be there for the loudspeakers to fall silent.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.player_words import Word
from broadcaster.errors import Refused, StoreError
from broadcaster.playout import claims, live, live_spool, vouched
from broadcaster.playout.air import Air
from broadcaster.playout.live_air import GONE_S, Speaker, length_words
from broadcaster.store import Store
from broadcaster.store.models import Airing, AiringState, Command, Live, Zone
from schedules.clock import Clock

logger = logging.getLogger(__name__)

LOOK_S = 5.0
FIRST_SOUND_S = 10.0
"""From asking to the first piece of sound: a slow phone, not a person who thinks."""
KEPT_FREE = timedelta(seconds=15)
NO_SOUND = "Không nhận được tiếng từ micrô nên chưa lên sóng; hãy kiểm tra micrô rồi thử lại."
RESTARTED = "Bộ phát vừa khởi động lại nên lần phát trực tiếp đã dừng; hãy bắt đầu lại."
FORGED = f"Yêu cầu phát trực tiếp này {vouched.NOT_OURS} nên không lên sóng; hãy báo người quản trị."
LOST = "Mất kết nối micrô"


class LiveDuty:
    """See `duty.Duty`."""

    kinds: frozenset[str] = frozenset()

    def __init__(self, store: Store, clock: Clock, air: Air, boot_id: str) -> None:
        self._store = store
        self._clock = clock
        self._air = air
        self._boot_id = boot_id
        self._changes = store.changes()
        self._looked_at_s = -LOOK_S
        self._speakers: dict[str, Speaker] = {}
        self._is_new = True

    def obey(self, session: Session, command: Command, now: datetime) -> str:
        raise AssertionError("announcements are rows, not commands")  # pragma: no cover

    def hear(self, output_id: int, word: Word) -> None:
        pass

    def close(self) -> None:
        """The engine cuts what sounds; its speaker is told why."""
        for speaker in tuple(self._speakers.values()):
            try:
                self._let_go(speaker, "Trạm được tắt nên lần phát trực tiếp đã dừng.", self._clock.now())
            except StoreError as error:
                logger.error("the end of an announcement is not kept: %s", error)
        self._changes.close()

    def turn(self, now: datetime) -> None:
        if self._is_new:
            self._close_left_behind(now)
        if self._changes.has_changed() or self._clock.monotonic() - self._looked_at_s >= LOOK_S:
            self._look(now)
        for speaker in tuple(self._speakers.values()):
            speaker.listen()
            if speaker.sounding is None:
                self._wait(speaker, now)
            else:
                self._go_on(speaker, now)
        self._show()

    # --- rows ---

    def _close_left_behind(self, now: datetime) -> None:
        """What an earlier life of the station had on the air is over; its airing was closed at boot."""
        live_spool.clear(self._store.folder)
        with self._store.read() as session:
            is_any = bool(live.standing(session))
        if is_any:
            with self._store.write() as session:
                for row in live.standing(session):
                    live.end(row, RESTARTED, now)
        self._is_new = False

    def _look(self, now: datetime) -> None:
        """Take in who asks for the air, and who wants to end."""
        self._looked_at_s = self._clock.monotonic()
        with self._store.read() as session:
            rows = {row.id: _load(row) for row in live.standing(session)}
            new = {
                row.id: self._speaker(session, row) for row in rows.values() if row.id not in self._speakers
            }
        for number, speaker in tuple(self._speakers.items()):
            if number in rows:
                speaker.live = rows[number]
            elif speaker.sounding is None:
                self._forget(speaker)  # its own speaker, or the page, thought better of it
        self._speakers |= new

    def _speaker(self, session: Session, row: Live) -> Speaker:
        outputs = frozenset(session.scalars(select(Zone.output_id).where(Zone.id.in_(row.zone_ids))))
        return Speaker(row, outputs, self._store.folder, self._air, self._clock)

    # --- before the air ---

    def _wait(self, speaker: Speaker, now: datetime) -> None:
        refusal = self._refusal(speaker)
        if refusal:
            self._let_go(speaker, refusal, now)
        elif speaker.silent_for_s > FIRST_SOUND_S:
            self._let_go(speaker, NO_SOUND, now)
        elif speaker.has_sound and not (speaker.live.waits and speaker.in_the_way()):
            self._begin(speaker, now)
        elif speaker.live.waits:
            self._keep_free(speaker, now)

    def _refusal(self, speaker: Speaker) -> str:
        """Return why it may not go on the air now: things have changed since it was asked for."""
        if not speaker.has_sound and not speaker.live.waits:
            return ""
        try:
            with self._store.read() as session:
                if not vouched.holds(session, live.get(session, speaker.live.id)):
                    return FORGED
                where = session.scalars(select(Zone).where(Zone.id.in_(speaker.live.zone_ids)))
                live.refuse_in_the_way(session, where, except_id=speaker.live.id)
        except Refused as refused:
            return str(refused)
        return ""

    def _keep_free(self, speaker: Speaker, now: datetime) -> None:
        """Let nothing of the running order begin in zones for which somebody waits at a microphone."""
        for zone_id in speaker.live.zone_ids:
            kept = self._air.kept_free.get(zone_id, now)
            self._air.kept_free[zone_id] = max(kept, now + KEPT_FREE)

    def _begin(self, speaker: Speaker, now: datetime) -> None:
        with self._store.write() as session:
            row = live.get(session, speaker.live.id)
            if row.state != live.ASKED or not vouched.holds(session, row):
                return  # it is refused at the next turn
            airing = live.put_on_air(session, row, self._boot_id, now)
            airing_id, lanes = airing.id, claims.lanes_of(airing.zones)
            zone_ids, who = frozenset(zone.id for zone in airing.zones), row.person.name
        speaker.live = row
        speaker.begin(airing_id, lanes, zone_ids, who)

    # --- on the air ---

    def _go_on(self, speaker: Speaker, now: datetime) -> None:
        speaker.feed()
        row = speaker.live
        if speaker.is_over:
            self._let_go(speaker, self._what_came_of(speaker), now)
        elif speaker.is_ending:
            pass
        elif row.stop == live.CLOSED:
            speaker.break_off("live_lost", f"Trang Trực tiếp của {row.person.name} bị đóng.")
        elif row.stop:
            speaker.finish("person")
        elif speaker.on_air_s >= row.longest_s:
            speaker.finish("limit", f"Hết thời gian đã đặt ({length_words(row.longest_s)}).")
        elif speaker.silent_for_s > GONE_S:
            speaker.break_off("live_lost", f"{LOST} của {row.person.name} quá {GONE_S:.0f} giây.")

    def _what_came_of(self, speaker: Speaker) -> str:
        with self._store.read() as session:
            airing = session.get_one(Airing, speaker.live.airing_id)
            heard = length_words(airing.seconds_heard or 0.0)
            if airing.state == AiringState.PLAYED:
                limit = " Đã hết thời gian đặt trước." if _reached_limit(speaker) else ""
                return f"Đã phát {heard}.{limit} {airing.reason}".strip()
            return f"{airing.reason} Đã phát được {heard}."

    def _let_go(self, speaker: Speaker, outcome: str, now: datetime) -> None:
        with self._store.write() as session:
            row = live.get(session, speaker.live.id)
            if row.state != live.OVER:
                live.end(row, outcome, now)
        self._forget(speaker)

    def _forget(self, speaker: Speaker) -> None:
        speaker.close()
        self._speakers.pop(speaker.live.id, None)

    def _show(self) -> None:
        if self._speakers:
            self._air.more_signs["live"] = {number: each.signs() for number, each in self._speakers.items()}
        else:
            self._air.more_signs.pop("live", None)


def _load(row: Live) -> Live:
    """Read now what is asked of the row after its session is gone."""
    _ = row.person.name
    return row


def _reached_limit(speaker: Speaker) -> bool:
    return speaker.sounding is not None and speaker.sounding.details["live"].get("ended") == "limit"
