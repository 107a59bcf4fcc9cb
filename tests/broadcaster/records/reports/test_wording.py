"""The sentences that are signed, and the station's own words around the figures."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from broadcaster.errors import Invalid
from broadcaster.newsroom import reporting
from broadcaster.records.reports import counting, template, wording
from broadcaster.records.reports.period import Unit, unit_of
from broadcaster.records.reports.template import LABELS, Template
from tests.broadcaster.moments import NOW
from tests.broadcaster.records.reports.happened import AFTER, YEAR

WHOLE = unit_of(Unit.YEAR, date(YEAR, 1, 1))


def text_of(report) -> str:
    return "\n".join(line for section in report.sections for line in section.paragraphs)


def test_the_usual_words_say_what_was_counted(report_of):
    report = report_of(WHOLE)
    text = text_of(report)
    assert f"đã phát {report.heard.items} tin, bài với {report.heard.airings} lượt phát trên loa" in text
    assert f"có {report.owed} lượt phải phát theo lịch; đã phát trọn trên loa {report.kept} lượt" in text
    assert "“Sơ tán vùng trũng” ngày 08/09/2026, 3 lượt" in text
    assert "Đã tổ chức 1 buổi diễn tập." in text
    assert "Máy phát ngừng lâu nhất 11 giờ, từ 20:00 ngày 01/06/2026." in text


def test_causes_that_are_told_beside_the_plan_are_those_of_the_plan(session, add_row):
    at = datetime(YEAR, 7, 1, 3, tzinfo=UTC)
    add_row(at, result="cut", cause="person")
    add_row(at, result="cut", cause="live_lost", source="live")
    text = text_of(counting.make(session, WHOLE, AFTER))
    assert "Chưa đạt: bị cắt 1 lượt; nguyên nhân: người trực dừng (1 lượt)." in text


def test_no_place_and_no_doubled_sign_is_left_in_the_words(report_of):
    for unit in (Unit.MONTH, Unit.QUARTER, Unit.YEAR):
        report = report_of(unit_of(unit, date(YEAR, 9, 1)))
        text = "\n".join([text_of(report), str(report.letterhead)])
        assert not re.search(r"[{}]|  |\.\.|,\.|: \.|None", text_of(report)), text


def test_an_empty_month_is_worded_too(session):
    report = counting.make(session, unit_of(Unit.MONTH, date(YEAR, 9, 1)), AFTER)
    text = text_of(report)
    assert "Trong kỳ chưa có nội dung nào được phát trên loa." in text
    assert "chưa có số liệu tháng 8 năm 2026 để so sánh" in text


def test_days_and_months_are_written_as_the_decree_asks():
    assert wording.signing_day(date(2026, 2, 3)) == "ngày 03 tháng 02 năm 2026"
    assert wording.signing_day(date(2026, 11, 22)) == "ngày 22 tháng 11 năm 2026"


def test_an_unknown_place_is_named_with_its_part(report_of):
    with pytest.raises(Invalid, match=r"“Câu kết” có chỗ điền \{số bài hát\}") as told:
        wording.worded(report_of(WHOLE), Template(closing="Đã phát {số bài hát}."))
    assert told.value.field == "closing"


def test_every_part_of_the_template_has_its_words():
    assert set(LABELS) == set(template.PARTS)


def test_a_station_keeps_its_own_template(session, as_role):
    report = counting.make(session, WHOLE, AFTER)
    texts = Template(body="ĐÀI PHƯỜNG", proposals="Không.")
    reporting.save_template(session, as_role("officer"), texts, wording.places(report), NOW)
    report = counting.make(session, WHOLE, AFTER)
    assert report.letterhead.body == "ĐÀI PHƯỜNG"
    assert report.sections[3].paragraphs == ("Không.",)


def test_a_template_that_names_an_unknown_place_is_not_kept(session, as_role):
    report = counting.make(session, WHOLE, AFTER)
    with pytest.raises(Invalid):
        reporting.save_template(
            session, as_role("officer"), Template(opening="{gì đó}"), wording.places(report), NOW
        )
    assert template.of_station(session) == Template()


def test_words_of_one_report_stay_with_it_and_may_hold_braces(session, as_role):
    officer = as_role("officer")
    reporting.keep_words(session, officer, WHOLE, {"assessment": "Tốt {như} mong đợi.\nHai đoạn."}, NOW)
    report = counting.make(session, WHOLE, AFTER)
    assert report.sections[2].paragraphs == ("Tốt {như} mong đợi.", "Hai đoạn.")
    other = counting.make(session, WHOLE.before(), AFTER)
    assert other.sections[2].paragraphs != report.sections[2].paragraphs
    reporting.keep_words(session, officer, WHOLE, {}, NOW)
    assert template.own_words(session, WHOLE).parts == {}


def test_only_what_was_changed_by_hand_counts_as_own_words():
    made = {"opening": ("Một.", "Hai."), "closing": ("Hết.",)}
    typed = {"opening": " Một. \r\n\r\nHai.", "closing": "Xong."}
    assert template.written(typed, made) == {"closing": "Xong."}


def test_better_and_worse_are_said_with_their_unit(report_of):
    report = report_of(WHOLE)
    lines = tuple(replace(line, now=10, before=before) for line, before in
                  zip(report.comparison.lines, (8, 10, 20, 12.5), strict=True))  # fmt: skip
    said = wording.places(replace(report, comparison=replace(report.comparison, lines=lines)))["câu so sánh"]
    assert "tin, bài tăng 2 tin (25%)" in said
    assert "lượt phát trên loa không thay đổi" in said
    assert "thời lượng giảm 10 phút (50%)" in said
    assert "tỷ lệ phát trọn theo lịch giảm 2,5 điểm phần trăm" in said
