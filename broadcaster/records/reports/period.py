"""The periods that reports are written for, and what each is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from broadcaster.errors import Invalid

DAY = timedelta(days=1)
MOST_DAYS = 5 * 366
YEARS = range(1900, 3000)
"""Others are slips of the finger, and the last year that a date can have knows no period after it."""
QUARTERS = ("I", "II", "III", "IV")


class Unit(StrEnum):
    """A calendar unit, or any days; its length in months."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF = "half"
    YEAR = "year"
    DAYS = "days"

    @property
    def months(self) -> int:
        return {"month": 1, "quarter": 3, "half": 6, "year": 12}.get(self.value, 0)


@dataclass(frozen=True, slots=True)
class Period:
    """Days on the station's calendar, both ends inclusive."""

    first: date
    last: date
    unit: Unit = Unit.DAYS

    @property
    def key(self) -> str:
        """The name under which texts of this period are kept: 2026-11-01_2026-11-30."""
        return f"{self.first}_{self.last}"

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def name(self) -> str:
        """tháng 11 năm 2026, quý IV năm 2026, 6 tháng đầu năm 2026, năm 2026, từ ngày … đến ngày …"""
        year = f"năm {self.first.year}"
        match self.unit:
            case Unit.MONTH:
                return f"tháng {self.first.month} {year}"
            case Unit.QUARTER:
                return f"quý {QUARTERS[(self.first.month - 1) // 3]} {year}"
            case Unit.HALF:
                return f"6 tháng {'đầu' if self.first.month == 1 else 'cuối'} {year}"
            case Unit.YEAR:
                return year
        return self.dates

    @property
    def dates(self) -> str:
        """từ ngày 01/11/2026 đến ngày 30/11/2026; ngày 01/11/2026"""
        if self.first == self.last:
            return f"ngày {self.first:%d/%m/%Y}"
        return f"từ ngày {self.first:%d/%m/%Y} đến ngày {self.last:%d/%m/%Y}"

    def before(self) -> Period:
        """Return the same calendar unit before; for any days, as many days right before."""
        if self.unit is Unit.DAYS:
            return Period(self.first - self.days * DAY, self.first - DAY)
        return unit_of(self.unit, self.first - DAY)

    def after(self) -> Period:
        if self.unit is Unit.DAYS:
            return Period(self.last + DAY, self.last + self.days * DAY)
        return unit_of(self.unit, self.last + DAY)

    def until(self, day: date) -> Period:
        """Return its days up to `day`; itself when it is over by then."""
        return self if self.last <= day else Period(self.first, max(self.first, day))


def unit_of(unit: Unit, day: date) -> Period:
    """Return the month, quarter, half or whole year in which `day` lies."""
    months = unit.months
    month = (day.month - 1) // months * months + 1
    first = date(day.year, month, 1)
    year, after = divmod(month - 1 + months, 12)
    return Period(first, date(day.year + year, after + 1, 1) - DAY, unit)


def between(first: date, last: date) -> Period:
    """Return the period of these days, as the calendar unit that they are; Invalid when it is none."""
    if last < first:
        raise Invalid("Ngày cuối phải từ ngày đầu trở đi.", field="last_date")
    if first.year not in YEARS or last.year not in YEARS:
        raise Invalid("Năm chưa đúng; hãy gõ năm có bốn chữ số, ví dụ 2026.", field="first_date")
    if (last - first).days > MOST_DAYS:
        raise Invalid("Một báo cáo dài nhất 5 năm; hãy chọn ít ngày hơn.", field="last_date")
    for unit in (Unit.MONTH, Unit.QUARTER, Unit.HALF, Unit.YEAR):
        whole = unit_of(unit, first)
        if (whole.first, whole.last) == (first, last):
            return whole
    return Period(first, last)
