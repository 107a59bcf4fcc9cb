"""What one airing does on its outputs, as the outputs tell it. Pure bookkeeping: words in, an ending out."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from audio.player_words import Ended, Report
from broadcaster.playout.airings import Ending
from broadcaster.playout.material import Material
from broadcaster.playout.relay_share import WHOLE_SHARE, RelayShare
from broadcaster.store.models import AiringState
from schedules.priority import Priority

WHOLE_WITHIN_S = 0.5
"""A zone heard an airing whole when no more than this is missing from its length."""
SILENT_BELOW_DBFS = -60.0
"""An output that "played" more quietly than this played nothing that a person could hear."""


@dataclass(slots=True)
class Lane:
    """One output's share in an airing."""

    output_id: int
    output: str
    zones: tuple[str, ...]
    delay_s: float = 0.0
    """How much later than elsewhere it starts there, unless it is an emergency."""
    is_loudspeaker: bool = True
    heard_s: float = 0.0
    """Accepted before the present start on this output: it may break off and go on."""
    now_s: float = 0.0
    """Accepted since the present start."""
    energy: float = 0.0
    """Sum of mean square × seconds over finished starts."""
    recent_dbfs: float | None = None
    lost_at: float | None = None
    """Monotonic moment at which the output fell silent in the middle; None while it sounds."""
    is_over: bool = False
    fault: str = ""

    @property
    def seconds(self) -> float:
        return self.heard_s + self.now_s

    @property
    def level_dbfs(self) -> float | None:
        if self.heard_s <= 0 or self.energy <= 0:
            return self.recent_dbfs
        return 10 * math.log10(self.energy / self.heard_s)

    def note_report(self, report: Report) -> None:
        self.now_s = max(self.now_s, report.seconds_accepted)
        self.recent_dbfs = report.rms_dbfs

    def note_end(self, seconds: float, level_dbfs: float | None) -> None:
        """Close the present start with what the output says it accepted."""
        if level_dbfs is not None and seconds > 0:
            self.energy += 10 ** (level_dbfs / 10) * seconds
        self.heard_s, self.now_s = self.heard_s + seconds, 0.0

    def as_row(self, length_s: float) -> list[dict[str, Any]]:
        fault = self.fault
        if not fault and self.seconds < length_s - WHOLE_WITHIN_S:
            fault = f"chỉ nghe được {self.seconds:.1f} giây".replace(".", ",")
        level = self.level_dbfs
        return [
            {
                "zone": zone,
                "output": self.output,
                "seconds_heard": round(self.seconds, 3),
                "level_dbfs": None if level is None else round(level, 2),
                "fault": fault,
            }
            for zone in self.zones
        ]


@dataclass(slots=True)
class Sounding:
    """An airing that has been handed to the players and has not ended yet."""

    airing_id: str
    title: str
    material: Material
    length_s: float
    """Of a finished item, or the longest that an open-ended one may last."""
    zone_ids: frozenset[int]
    group: str
    priority: Priority
    at: datetime
    """Planned second of its first sample."""
    at_monotonic: float
    lanes: dict[int, Lane] = field(default_factory=dict)
    started_monotonic: float | None = None
    is_open_ended: bool = False
    """Nobody knows yet when it ends; its zones stay taken until it does."""
    source: str = ""
    """`alert` for an alert; empty: that of the bulletin."""
    details: dict[str, Any] = field(default_factory=dict)
    """More for the history: a drill, an overridden rule …"""
    incidents: list[str] = field(default_factory=list)
    """What the history should keep although it went on, e.g. a relay that was gone for a while."""
    relay: RelayShare | None = None
    """For another station's stream: it goes on whether we hear it or not."""
    cut: tuple[str, str] | None = None
    """(cause, reason) once somebody ordered it to stop."""
    progress_s: float = 0.0
    """What the store knows of it."""

    @property
    def is_emergency(self) -> bool:
        """Whether it goes before everything: no delay, no waiting for an amplifier to warm up."""
        return self.priority is Priority.EMERGENCY or self.material.bus == "emergency"

    @property
    def is_over(self) -> bool:
        return all(lane.is_over for lane in self.lanes.values())

    @property
    def seconds(self) -> float:
        return max((lane.seconds for lane in self.lanes.values()), default=0.0)

    @property
    def is_on_loudspeaker(self) -> bool:
        """Whether any of it went to an output that people can hear."""
        return any(lane.is_loudspeaker and lane.seconds > 0 for lane in self.lanes.values())

    @property
    def has_sounded(self) -> bool:
        return self.started_monotonic is not None or self.seconds > 0

    def starts_at(self, lane: Lane) -> float:
        """Return the monotonic moment of its first sample on one output."""
        return self.at_monotonic + (0.0 if self.is_emergency else lane.delay_s)

    def place_s(self, lane: Lane, at_monotonic: float) -> float:
        """Return from which second it goes on when it is taken up again on one output."""
        if self.relay is not None:
            return max(0.0, at_monotonic - self.starts_at(lane))
        return lane.seconds

    def may_still_resume(self, now_monotonic: float) -> bool:
        """Whether an output that was away for long may take it up again: the window of a relay is open."""
        return self.relay is not None and now_monotonic < self.at_monotonic + self.length_s

    def note_ended(self, output_id: int, word: Ended) -> None:
        lane = self.lanes[output_id]
        lane.note_end(word.seconds_accepted, word.level_dbfs if word.seconds_accepted > 0 else None)
        lane.is_over = True
        if word.how == "failed":
            lane.fault = word.text or "không phát được"

    def ending(self, ended_at: datetime, started_at: datetime | None) -> Ending:
        """Say how it went: played only when a zone heard it whole and loud enough to be heard."""
        state, cause, reason = self._verdict()
        heard = [lane.level_dbfs for lane in self.lanes.values() if lane.level_dbfs is not None]
        return Ending(
            state=state,
            cause=cause,
            reason=reason,
            ended_at=ended_at,
            started_at=started_at if self.seconds > 0 else None,
            seconds_heard=self.seconds,
            level_dbfs=max(heard, default=None),
            on_loudspeaker=self.is_on_loudspeaker,
            zones=[row for lane in self.lanes.values() for row in lane.as_row(self.length_s)],
            seconds_planned=self.length_s,
            source=self.source,
            details=self._details(),
        )

    def _details(self) -> dict[str, Any]:
        incidents = {"incidents": self.incidents} if self.incidents else {}
        relay = {"relay": self.relay.details()} if self.relay is not None else {}
        return {**self.details, **incidents, **relay}

    def _verdict(self) -> tuple[AiringState, str, str]:
        if self.relay is None or self.seconds == 0:
            return self._heard_verdict(self.length_s - WHOLE_WITHIN_S)
        if self.relay.stream_s == 0 and self.cut is None:
            return (
                AiringState.FAILED,
                "relay_silent",
                f"{self._faults().rstrip('.')}; loa chỉ phát tiếng chờ.",
            )
        state, cause, reason = self._heard_verdict(self.length_s * WHOLE_SHARE)
        gaps = self.relay.gap_words()
        if state is AiringState.PLAYED and gaps:
            cause, reason = cause or "relay_gaps", f"{reason} {gaps}".strip()
        return state, cause, reason

    def _heard_verdict(self, whole_s: float) -> tuple[AiringState, str, str]:
        whole = [lane for lane in self.lanes.values() if lane.seconds >= whole_s]
        audible = [lane for lane in whole if (lane.level_dbfs or -math.inf) > SILENT_BELOW_DBFS]
        if whole and not audible:
            return AiringState.FAILED, "silent", "Đường ra đã nhận âm thanh nhưng không có tiếng."
        if audible and len(audible) == len(self.lanes):
            return AiringState.PLAYED, "", ""
        if audible:
            return AiringState.PLAYED, "some_zones", f"Không nghe trọn ở: {self._unheard(audible)}."
        if self.cut is not None:
            return AiringState.CUT, *self.cut
        if self.seconds > 0:
            return AiringState.CUT, "output_lost", f"Mất tiếng giữa chừng: {self._faults()}."
        return AiringState.FAILED, "no_output", f"Không phát được: {self._faults()}."

    def _unheard(self, audible: list[Lane]) -> str:
        return ", ".join(zone for lane in self.lanes.values() if lane not in audible for zone in lane.zones)

    def _faults(self) -> str:
        faults = [lane.fault for lane in self.lanes.values() if lane.fault]
        return "; ".join(dict.fromkeys(faults)) or "đường ra không trả lời"
