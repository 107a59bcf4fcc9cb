"""The duty that hears dead air: an airing that plays, and nothing comes.

A clip that stays silent everywhere is ended, so that the next in the running order starts; what was heard
of it stays true. A relay, a microphone and an alert are only told of: a relay has its filler, a person at a
microphone may pause, and nothing but a person ends an alert. Silence counts by what the outputs accept: one
that takes nothing is a fault of its own, and the pauses between the sentences of an alert are not played.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from audio.player_words import Ended, Gone, Report, Word
from broadcaster.errors import StoreError
from broadcaster.playout.air import Air
from broadcaster.playout.faults import LASTS_S
from broadcaster.playout.material import ClipMaterial
from broadcaster.playout.sounding import Lane, Sounding
from broadcaster.store import Store
from broadcaster.store.models import Airing, Command
from schedules.clock import Clock

logger = logging.getLogger(__name__)

SILENT_DBFS = -50.0
"""At full gain; an output in its quieter hours is judged by so much less."""
SPEECH_S = 5.0
"""Pauses of a bulletin last 2 s at most, and longer ones are cut out of a recording."""
MUSIC_S = 15.0
REPORT_S = 0.5
"""A player reports so often."""
CAUSE = "dead_air"


@dataclass(slots=True)
class _Quiet:
    """How long one airing has been silent on one output, by what the output accepted."""

    accepted_s: float = 0.0
    silent_s: float = 0.0
    from_s: float = 0.0
    """Second of the airing at which the silence began."""
    is_told: bool = False


class DeadAir:
    """Listens to the reports of loudness. No row is written here: the airing's own end tells it."""

    kinds: frozenset[str] = frozenset()

    def __init__(self, store: Store, clock: Clock, air: Air, boot_id: str) -> None:
        self._store = store
        self._clock = clock
        self._air = air
        self._quiet: dict[tuple[str, int], _Quiet] = {}
        """By airing and output."""
        self._music: dict[str, bool] = {}

    def obey(self, session: Session, command: Command, now: datetime) -> str:
        raise AssertionError("no order is about this duty")

    def turn(self, now: datetime) -> None:
        """Forget airings that are over."""
        for airing_id, output_id in tuple(self._quiet):
            if self._air.get(airing_id) is None:
                del self._quiet[airing_id, output_id]
                self._music.pop(airing_id, None)

    def hear(self, output_id: int, word: Word) -> None:
        match word:
            case Report(item=str(item)):
                sounding = self._air.get(item)
                lane = sounding.lanes.get(output_id) if sounding else None
                if sounding is not None and lane is not None and sounding.cut is None:
                    self._note(sounding, lane, word)
            case Ended(item=item):
                self._note_ended(item, output_id)
            case Gone():
                for key in [key for key in self._quiet if key[1] == output_id]:
                    del self._quiet[key]
            case _:
                pass

    def close(self) -> None:
        pass

    def _note(self, sounding: Sounding, lane: Lane, report: Report) -> None:
        quiet = self._quiet.setdefault((sounding.airing_id, lane.output_id), _Quiet())
        passed_s = max(0.0, report.seconds_accepted - quiet.accepted_s)
        quiet.accepted_s = report.seconds_accepted
        if report.rms_dbfs > SILENT_DBFS + self._gain_db(lane.output_id):
            self._note_sound(sounding, lane, quiet)
            return
        if not quiet.silent_s and quiet.accepted_s > passed_s:
            # It began somewhere in the report before: on the average in its middle.
            passed_s += min(passed_s, REPORT_S) / 2
        if not quiet.silent_s:
            quiet.from_s = max(0.0, lane.seconds - passed_s)
        quiet.silent_s += passed_s
        if quiet.is_told or quiet.silent_s >= self._limit_s(sounding):
            quiet.is_told = True
            self._tell(sounding, lane)
        if quiet.is_told and self._may_end(sounding):
            self._end(sounding, quiet)

    def _note_sound(self, sounding: Sounding, lane: Lane, quiet: _Quiet) -> None:
        if quiet.is_told:
            told = f"{lane.output} im lặng {quiet.silent_s:.0f} giây từ giây thứ {quiet.from_s:.0f}"
            sounding.incidents.append(told)
            self._air.faults.clear(_key(lane.output_id))
        quiet.silent_s, quiet.is_told = 0.0, False

    def _note_ended(self, item: str, output_id: int) -> None:
        """Leave the silence in which it ended to the history of its zones."""
        quiet, sounding = self._quiet.pop((item, output_id), None), self._air.get(item)
        if quiet is not None and quiet.is_told and sounding is not None:
            lane = sounding.lanes[output_id]
            lane.fault = lane.fault or f"im lặng từ giây thứ {quiet.from_s:.0f}"

    def _tell(self, sounding: Sounding, lane: Lane) -> None:
        where = ", ".join(lane.zones) or lane.output
        text = f"{where}: “{sounding.title}” im lặng quá {self._limit_s(sounding):.0f} giây"
        self._air.faults.note(_key(lane.output_id), text, self._clock.now(), LASTS_S)

    def _may_end(self, sounding: Sounding) -> bool:
        """Return whether it is a clip that is silent wherever it still plays."""
        if not isinstance(sounding.material, ClipMaterial) or sounding.is_emergency:
            return False
        playing = [lane for lane in sounding.lanes.values() if not lane.is_over and lane.lost_at is None]
        quiets = [self._quiet.get((sounding.airing_id, lane.output_id)) for lane in playing]
        return all(quiet is not None and quiet.is_told for quiet in quiets)

    def _end(self, sounding: Sounding, quiet: _Quiet) -> None:
        limit_s, from_s = self._limit_s(sounding), quiet.from_s
        reason = f"Im lặng quá {limit_s:.0f} giây (từ giây thứ {from_s:.0f}) nên chuyển sang phần kế tiếp."
        self._air.cut(sounding, CAUSE, reason)

    def _limit_s(self, sounding: Sounding) -> float:
        if not isinstance(sounding.material, ClipMaterial) and not sounding.is_emergency:
            return MUSIC_S
        return MUSIC_S if self._is_music(sounding.airing_id) else SPEECH_S

    def _is_music(self, airing_id: str) -> bool:
        """Look it up once, when an airing falls silent."""
        if airing_id not in self._music:
            try:
                with self._store.read() as session:
                    airing = session.get(Airing, airing_id)
                    self._music[airing_id] = bool(airing is not None and airing.bulletin.is_music)
            except StoreError as error:
                logger.warning("waiting longer, for it may be music: %s", error)
                return True
        return self._music[airing_id]

    def _gain_db(self, output_id: int) -> float:
        player = self._air.players.get(output_id)
        return player.gain_db if player is not None else 0.0


def _key(output_id: int) -> str:
    """Return under which key it stands; the first word is what notices sort it by."""
    return f"{CAUSE} {output_id}"
