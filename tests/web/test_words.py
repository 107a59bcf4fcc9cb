"""How moments, lengths and states are said."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from broadcaster.newsroom.workflow import Action
from broadcaster.store.models import AiringState, Audit, BulletinState, Kind
from web import acts, words

EVENING = datetime(2026, 11, 23, 18, 30, 7, tzinfo=UTC)
"""01:30:07 on the 24th at the station."""


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 giây"),
        (0.4, "0 giây"),
        (59.6, "1 phút"),
        (135, "2 phút 15 giây"),
        (3600, "1 giờ"),
        (3725, "1 giờ 2 phút 5 giây"),
        (-3, "0 giây"),
        (None, "chưa rõ"),
    ],
)
def test_lengths(seconds, said):
    assert words.length_text(seconds) == said


def test_moments_are_told_on_the_stations_clock():
    assert words.moment_text(EVENING) == "01:30 ngày 24/11/2026"
    assert words.day_text(EVENING) == "24/11/2026"
    assert words.second_text(EVENING) == "01:30:07"
    assert words.weekday_text(EVENING) == "Thứ Ba, 24/11/2026"
    assert words.weekday_text(date(2026, 11, 29)) == "Chủ nhật, 29/11/2026"
    assert words.time_text(time(5, 30)) == "05:30"


@pytest.mark.parametrize(
    ("today", "said"),
    [
        (date(2026, 11, 24), "01:30 hôm nay"),
        (date(2026, 11, 23), "01:30 ngày mai"),
        (date(2026, 11, 25), "01:30 hôm qua"),
        (date(2026, 11, 20), "01:30 Thứ Ba 24/11/2026"),
    ],
)
def test_near_days_are_called_by_name(today, said):
    assert words.near_text(EVENING, today) == said


def test_days_of_a_programme():
    assert words.days_text(list(range(7))) == "hằng ngày"
    assert words.days_text([4, 3, 2, 1, 0]) == "Thứ Hai đến Thứ Sáu"
    assert words.days_text([6, 1]) == "T3, CN"


def test_numbers_are_grouped_by_points():
    assert words.count_text(1234567) == "1.234.567"


def test_every_state_kind_and_step_has_its_words():
    assert set(words.BULLETIN) == set(BulletinState)
    assert set(words.AIRING) == set(AiringState)
    assert set(words.KINDS) == set(Kind)
    assert set(words.STEPS) == set(Action)


def test_no_two_states_of_an_airing_look_and_sound_alike():
    shown = [words.AIRING[state] for state in AiringState]
    assert len({badge.word for badge in shown}) == len(shown)


def test_the_audit_trail_hides_what_only_the_program_reads():
    row = Audit(
        act="request.at",
        subject="bulletin 12",
        detail={"at": "2026-11-24T10:00:00+00:00", "sha": "abc", "reason": ""},
    )
    told = acts.told(row)
    assert told.act == "xếp lịch phát vào một giờ"
    assert told.subject == "bản tin 12"
    assert told.detail == "lúc: 17:00 ngày 24/11/2026"
