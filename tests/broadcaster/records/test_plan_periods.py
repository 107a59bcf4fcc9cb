"""A plan's days are cut into periods without gap or overlap, and what began is never changed afterwards."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcaster.records.plan_periods import PERS, UNITS, Quota, periods

DAY = timedelta(days=1)
YEAR = date(2026, 1, 1), date(2026, 12, 31)
days = st.dates(date(2000, 1, 1), date(2099, 1, 1))
quotas = st.builds(Quota, days, st.integers(0, 50), st.sampled_from(list(UNITS)), st.sampled_from(list(PERS)))


@st.composite
def plans(draw):
    first = draw(days)
    last = first + timedelta(days=draw(st.integers(0, 800)))
    start = draw(quotas)
    changes = draw(st.lists(st.integers(0, 800), max_size=4))
    later = [draw(quotas) for _ in changes]
    dated = [
        Quota(first + timedelta(days=add), each.amount, each.unit, each.per)
        for add, each in zip(changes, later, strict=True)
    ]
    first_one = Quota(first, start.amount, start.unit, start.per)
    return first, last, [first_one, *sorted(dated, key=lambda each: each.from_date)]


def names(*quota: Quota, first: date = YEAR[0], last: date = YEAR[1]) -> list[str]:
    return [each.name for each in periods(first, last, quota)]


@given(plans())
def test_every_day_of_a_plan_lies_in_exactly_one_period(plan):
    first, last, asked = plan
    found = periods(first, last, asked)
    assert (found[0].first, found[-1].last) == (first, last)
    assert all(before.last + DAY == after.first for before, after in itertools.pairwise(found))
    assert all(each.first <= each.last for each in found)


@given(plans(), quotas, st.integers(0, 20))
def test_a_change_touches_no_period_that_had_begun_before_it(plan, changed, place):
    first, last, asked = plan
    before = periods(first, last, asked)
    running = before[min(place, len(before) - 1)]
    new = Quota(max(running.first, asked[-1].from_date), changed.amount, changed.unit, changed.per)
    after = periods(first, last, [*asked, new])
    begun = sum(each.first < new.from_date for each in before)
    assert after[:begun] == before[:begun]


@given(plans())
def test_where_something_is_due_a_part_of_a_period_is_never_due_more_than_the_whole(plan):
    first, last, asked = plan
    assert all(each.quota <= max(quota.amount for quota in asked) for each in periods(first, last, asked))


def test_a_year_has_twelve_months_each_with_the_whole_quota():
    found = periods(*YEAR, [Quota(YEAR[0], 1)])
    assert [each.name for each in found] == [f"tháng {month}" for month in range(1, 13)]
    assert {each.quota for each in found} == {1}


@pytest.mark.parametrize(
    ("per", "named"),
    [
        ("quarter", ["quý I", "quý II", "quý III", "quý IV"]),
        ("half_year", ["6 tháng đầu năm", "6 tháng cuối năm"]),
        ("year", ["năm 2026"]),
        ("whole", ["cả kế hoạch"]),
    ],
)
def test_periods_are_called_as_people_call_them(per, named):
    assert names(Quota(YEAR[0], 1, per=per)) == named


def test_months_of_a_plan_over_two_years_carry_the_year():
    called = names(Quota(YEAR[0], 1), first=date(2026, 12, 15), last=date(2027, 1, 31))
    assert called == ["tháng 12/2026", "tháng 1/2027"]


def test_weeks_begin_on_monday():
    found = periods(date(2026, 11, 20), date(2026, 12, 1), [Quota(date(2026, 11, 20), 2, per="week")])
    assert [(each.first.day, each.last.day, each.quota) for each in found] == [
        (20, 22, 1), (23, 29, 2), (30, 1, 1)
    ]  # fmt: skip
    assert found[1].name == "tuần 23/11–29/11"


def test_a_plan_that_begins_in_mid_month_owes_its_share_of_that_month_rounded_up():
    four = periods(date(2026, 1, 20), date(2026, 3, 10), [Quota(date(2026, 1, 20), 4)])
    assert [each.quota for each in four] == [2, 4, 2]
    one = periods(date(2026, 1, 31), date(2026, 2, 28), [Quota(date(2026, 1, 31), 1)])
    assert [each.quota for each in one] == [1, 1]


def test_a_year_that_the_plan_covers_in_part_is_due_in_full():
    found = periods(date(2026, 3, 1), date(2026, 12, 31), [Quota(date(2026, 3, 1), 12, per="year")])
    assert [each.quota for each in found] == [12]


def test_a_quota_changed_in_mid_month_holds_from_the_next_month_on():
    found = periods(*YEAR, [Quota(YEAR[0], 1), Quota(date(2026, 6, 15), 3)])
    assert [each.quota for each in found] == [1] * 6 + [3] * 6


def test_from_months_to_quarters_the_running_month_ends_first():
    found = periods(*YEAR, [Quota(YEAR[0], 1), Quota(date(2026, 5, 10), 3, per="quarter")])
    assert [each.name for each in found][4:] == ["tháng 5", "quý II", "quý III", "quý IV"]
    assert found[5].first == date(2026, 6, 1)
