from __future__ import annotations

from datetime import date

import pytest

from schedules.holidays import OwnDay, OwnKind, day


@pytest.mark.parametrize(
    ("on", "name"),
    [
        (date(2026, 1, 1), "Tết Dương lịch"),
        (date(2026, 2, 16), "Giao thừa Tết Nguyên Đán"),
        (date(2026, 2, 17), "Tết Nguyên Đán"),
        (date(2026, 4, 26), "Ngày Giỗ Tổ Hùng Vương"),
        (date(2026, 4, 30), "Ngày Chiến thắng"),
        (date(2026, 5, 1), "Ngày Quốc tế Lao động"),
        (date(2026, 9, 2), "Quốc khánh"),
        (date(2026, 11, 24), "Ngày Văn hóa Việt Nam"),
    ],
)
def test_public_holidays_carry_their_vietnamese_names(on, name):
    assert day(on).public == (name,)
    assert not day(on).is_working


def test_a_plain_weekday_is_worked_and_a_plain_weekend_is_not():
    assert day(date(2026, 11, 23)).is_working
    assert day(date(2026, 11, 23)).public == ()
    assert not day(date(2026, 11, 22)).is_working


def test_a_day_in_lieu_is_off():
    assert not day(date(2026, 4, 27)).is_working


def test_swapped_days_change_places():
    assert not day(date(2026, 8, 31)).is_working
    assert day(date(2026, 8, 22)).is_working


def test_a_worked_saturday_is_known_although_nothing_of_its_year_was_asked_before():
    assert day(date(2024, 5, 4)).is_working


def test_a_swap_across_new_year_is_known_in_both_years():
    assert day(date(2019, 1, 5)).is_working
    assert not day(date(2018, 12, 31)).is_working


def own(kind: OwnKind, first: date = date(2027, 3, 6), last: date | None = None) -> OwnDay:
    return OwnDay(first, last or first, "Việc riêng của phường", kind)


def test_the_station_may_enter_a_swap_before_the_calendar_knows_it():
    saturday, friday = date(2027, 3, 6), date(2027, 3, 12)
    swap = [own(OwnKind.WORKING, saturday), own(OwnKind.HOLIDAY, friday)]
    assert day(saturday, swap).is_working
    assert not day(friday, swap).is_working
    assert day(date(2027, 3, 11), swap).is_working


def test_of_two_own_days_that_contradict_the_last_counts():
    on = date(2027, 3, 6)
    assert day(on, [own(OwnKind.HOLIDAY), own(OwnKind.WORKING)]).is_working
    assert not day(on, [own(OwnKind.WORKING), own(OwnKind.HOLIDAY)]).is_working


def test_mourning_marks_its_days_and_changes_no_working_day():
    mourning = own(OwnKind.ONLY_NEWS, date(2027, 3, 8), date(2027, 3, 9))
    for number in (8, 9):
        on = day(date(2027, 3, number), [mourning])
        assert on.own == (mourning,)
        assert on.is_marked(OwnKind.ONLY_NEWS)
        assert not on.is_marked(OwnKind.QUIET)
        assert on.is_working
    assert day(date(2027, 3, 7), [mourning]).own == ()
    assert day(date(2027, 3, 10), [mourning]).own == ()
