"""What kind of day it is: public holidays, swapped working days, and the station's own days.

Swaps are announced year by year, often before the `holidays` package knows them: the station's own days count
more than the package's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from holidays import HolidayBase, country_holidays


class OwnKind(StrEnum):
    HOLIDAY = "holiday"
    WORKING = "working"
    """A day off that is worked, such as a Saturday in exchange for a bridge day (làm bù)."""
    ONLY_NEWS = "only_news"
    """News and notices only, no music: national mourning (quốc tang)."""
    QUIET = "quiet"
    """As little as can be: an examination week."""


@dataclass(frozen=True, slots=True)
class OwnDay:
    """Days that the station declares itself, first and last included."""

    first_date: date
    last_date: date
    name: str
    kind: OwnKind

    def covers(self, day: date) -> bool:
        return self.first_date <= day <= self.last_date


@dataclass(frozen=True, slots=True)
class Day:
    date: date
    is_working: bool
    public: tuple[str, ...]
    """Vietnamese names of the public holidays on it."""
    own: tuple[OwnDay, ...]

    def is_marked(self, kind: OwnKind) -> bool:
        return any(own.kind is kind for own in self.own)


def day(on: date, own_days: Iterable[OwnDay] = ()) -> Day:
    """Return what is known of `on`. Of the station's contradicting days the last one counts."""
    vietnam = _vietnam(on.year)
    own = tuple(own_day for own_day in own_days if own_day.covers(on))
    said = [item.kind for item in own if item.kind in (OwnKind.HOLIDAY, OwnKind.WORKING)]
    is_working = said[-1] is OwnKind.WORKING if said else vietnam.is_working_day(on)
    return Day(on, is_working, tuple(vietnam.get_list(on)), own)


@lru_cache(maxsize=8)
def _vietnam(year: int) -> HolidayBase:
    """Return the calendar with `year` in it: asked about a weekend day, the package loads nothing itself."""
    return country_holidays("VN", years=year, language="vi")
