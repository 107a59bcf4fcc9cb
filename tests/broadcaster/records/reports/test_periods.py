"""Which days a report covers, what they are called, and what they are compared with."""

from __future__ import annotations

from datetime import date

import pytest

from broadcaster.errors import Invalid
from broadcaster.records.reports.period import Unit, between, unit_of


@pytest.mark.parametrize(
    ("first", "last", "name", "before"),
    [
        ((2024, 2, 1), (2024, 2, 29), "tháng 2 năm 2024", "tháng 1 năm 2024"),
        ((2026, 1, 1), (2026, 1, 31), "tháng 1 năm 2026", "tháng 12 năm 2025"),
        ((2026, 10, 1), (2026, 12, 31), "quý IV năm 2026", "quý III năm 2026"),
        ((2026, 1, 1), (2026, 6, 30), "6 tháng đầu năm 2026", "6 tháng cuối năm 2025"),
        ((2026, 1, 1), (2026, 12, 31), "năm 2026", "năm 2025"),
        (
            (2026, 3, 7), (2026, 3, 8),
            "từ ngày 07/03/2026 đến ngày 08/03/2026", "từ ngày 05/03/2026 đến ngày 06/03/2026",
        ),
        ((2026, 3, 7), (2026, 3, 7), "ngày 07/03/2026", "ngày 06/03/2026"),
    ],
)  # fmt: skip
def test_a_period_knows_its_name_and_what_came_before(first, last, name, before):
    period = between(date(*first), date(*last))
    assert period.name == name
    assert period.before().name == before
    assert period.before().after() == period


@pytest.mark.parametrize("unit", [Unit.MONTH, Unit.QUARTER, Unit.HALF, Unit.YEAR])
def test_units_follow_each_other_without_a_gap(unit):
    period = unit_of(unit, date(2023, 12, 31))
    for _ in range(30):
        assert (period.after().first - period.last).days == 1
        assert unit_of(unit, period.last) == period
        period = period.after()


def test_days_turned_round_and_endless_ones_are_refused():
    with pytest.raises(Invalid, match="Ngày cuối"):
        between(date(2026, 3, 7), date(2026, 3, 6))
    with pytest.raises(Invalid, match="5 năm"):
        between(date(2016, 3, 7), date(2026, 3, 6))
    for year in (1, 202, 9999):
        with pytest.raises(Invalid, match="Năm chưa đúng"):
            between(date(year, 1, 1), date(year, 12, 31))
