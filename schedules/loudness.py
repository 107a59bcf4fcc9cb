"""How loud a zone may be at which hour: spans of the day with a gain, on the station's clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from schedules.clock import LOCAL

SOFTEST_DB = -40.0
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class LevelSpan:
    """From `starts` to `ends` (past midnight when that is earlier) it sounds at `gain_db`, never above 0."""

    starts: time
    ends: time
    gain_db: float

    def __post_init__(self) -> None:
        if self.starts == self.ends:
            raise ValueError(f"a span from {self.starts} to {self.ends} is empty")
        if not SOFTEST_DB <= self.gain_db <= 0:
            raise ValueError(f"{self.gain_db} dB is not between {SOFTEST_DB} and 0")

    def holds(self, at: time) -> bool:
        if self.starts < self.ends:
            return self.starts <= at < self.ends
        return at >= self.starts or at < self.ends


Profile = tuple[LevelSpan, ...]
"""The quieter hours of one zone; outside them it sounds at 0 dB."""


def gain_db_at(moment: datetime, profile: Iterable[LevelSpan]) -> float:
    """Return the gain at `moment` in dB; where spans overlap, the softest."""
    at = moment.astimezone(LOCAL).time()
    return min((span.gain_db for span in profile if span.holds(at)), default=0.0)


def shared_gain_db_at(moment: datetime, profiles: Iterable[Iterable[LevelSpan]]) -> float:
    """Return the gain for one sound that several zones hear: as loud as the loudest of them may be.

    A zone that is lowered further would otherwise take the sound from its neighbours; 0 for no zone at all.
    """
    return max((gain_db_at(moment, profile) for profile in profiles), default=0.0)


def next_change(moment: datetime, profiles: Iterable[Iterable[LevelSpan]]) -> datetime | None:
    """Return the first moment after `moment` at which a span begins or ends; None without spans."""
    here = moment.astimezone(LOCAL)
    edges = {edge for profile in profiles for span in profile for edge in (span.starts, span.ends)}
    coming = (datetime.combine(here.date(), edge, LOCAL) for edge in edges)
    return min((edge if edge > here else edge + _DAY for edge in coming), default=None)


def overlapping(profile: Sequence[LevelSpan]) -> tuple[LevelSpan, LevelSpan] | None:
    """Return two spans of which one begins inside the other; None when each hour has one gain at most."""
    for number, span in enumerate(profile):
        for other in profile[number + 1 :]:
            if span.holds(other.starts) or other.holds(span.starts):
                return span, other
    return None
