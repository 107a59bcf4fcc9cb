"""The periods of a plan: for what stretch of days how much of a topic is due. Pure; nothing is counted here.

A plan's days are cut into periods one after the other: each lasts to the end of the calendar week, month,
quarter … in which it begins, or to the end of the plan. The quota of a period is the one in force on its
first day, so a change during the year takes effect with the next period and never touches one that began.

A week, month or quarter of which the plan covers only a part is due in proportion to its days, rounded up
(“ít nhất một tin mỗi tháng” is one tin in half a month too). Half-years and years are due in full: a plan
from March to December that wants twelve tin in the year wants twelve.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

UNITS = {"items": "tin, bài", "airings": "lượt phát", "minutes": "phút"}
PERS = {
    "week": "mỗi tuần",
    "month": "mỗi tháng",
    "quarter": "mỗi quý",
    "half_year": "mỗi 6 tháng",
    "year": "mỗi năm",
    "whole": "cả kế hoạch",
}
PRORATED = frozenset({"week", "month", "quarter"})
_MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
_ROMAN = ("I", "II", "III", "IV")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Quota:
    """How much is due in each period that begins on or after a date; `amount` 0: nothing."""

    from_date: date
    amount: int
    unit: str = "items"
    per: str = "month"

    @property
    def words(self) -> str:
        """E.g. “ít nhất 1 tin, bài mỗi tháng”."""
        if not self.amount:
            return "không đặt chỉ tiêu"
        return f"ít nhất {self.amount} {UNITS[self.unit]} {PERS[self.per]}"


@dataclass(frozen=True, slots=True)
class Period:
    """Days `first` to `last`, both inclusive, in which `quota` of `unit` is due."""

    first: date
    last: date
    name: str
    """E.g. “tháng 2”, “quý I”, “tuần 06/01–12/01”; with the year when the plan reaches over two."""
    quota: int
    unit: str
    per: str


def periods(first: date, last: date, quotas: Sequence[Quota]) -> tuple[Period, ...]:
    """Cut the days `first` to `last` into periods, in order; each day lies in exactly one.

    `quotas` in order of their dates; the first one also holds before its date. Empty without quotas.
    """
    if not quotas:
        return ()
    return tuple(_cut(first, last, quotas))


def _cut(first: date, last: date, quotas: Sequence[Quota]) -> Iterator[Period]:
    begins, with_year = first, first.year != last.year
    while begins <= last:
        quota = in_force(quotas, begins)
        natural = whole(quota.per, begins) or (first, last)
        ends = min(natural[1], last)
        name = name_of(quota.per, begins, ends, with_year=with_year)
        yield Period(begins, ends, name, _due(quota, begins, ends, natural), quota.unit, quota.per)
        begins = ends + _DAY


def in_force(quotas: Sequence[Quota], day: date) -> Quota:
    """Return the last quota that begins on or before `day`; before all of them the first."""
    begun = [quota for quota in quotas if quota.from_date <= day]
    return begun[-1] if begun else quotas[0]


def whole(per: str, day: date) -> tuple[date, date] | None:
    """Return first and last day of the calendar week, month … in which `day` lies; None for a whole plan."""
    if per == "whole":
        return None
    if per == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    months = _MONTHS[per]
    begins = date(day.year, (day.month - 1) // months * months + 1, 1)
    year, month = divmod(begins.month - 1 + months, 12)
    return begins, date(begins.year + year, month + 1, 1) - _DAY


def _due(quota: Quota, first: date, last: date, natural: tuple[date, date]) -> int:
    if quota.per not in PRORATED:
        return quota.amount
    days, of = (last - first).days + 1, (natural[1] - natural[0]).days + 1
    return -(-quota.amount * days // of)


def name_of(per: str, first: date, last: date, *, with_year: bool) -> str:
    year = f"/{first.year}" if with_year else ""
    match per:
        case "week":
            return f"tuần {first:%d/%m}–{last:%d/%m}{year}"
        case "month":
            return f"tháng {first.month}{year}"
        case "quarter":
            return f"quý {_ROMAN[(first.month - 1) // 3]}{year}"
        case "half_year":
            return f"6 tháng {'đầu' if first.month <= 6 else 'cuối'} năm{f' {first.year}' if year else ''}"
        case "year":
            return f"năm {first.year}"
        case _:
            return "cả kế hoạch"
