"""The programme editor: parts, seasons, dates that differ, a copy, and the second signature."""

from __future__ import annotations

import re
from datetime import time

import pytest

from broadcaster.store import facts
from broadcaster.store.models import Airing, Programme
from schedules.clock import LOCAL

DAYS = [str(day) for day in range(7)]
SENT = {"name": "Buổi chiều", "days": DAYS, "starts_at": "17:00", "longest_min": "30", "late_min": "5"}
SUMMER = {"seasons-0-first": "16/04", "seasons-0-last": "15/10", "seasons-0-at": "5h"}


@pytest.fixture
def programme(operator) -> str:
    """The address of an afternoon programme."""
    return operator.post("/chuong-trinh/them", **SENT).location


def parts_of(*rows):
    return {f"parts-{number}-{name}": value for number, row in enumerate(rows) for name, value in row.items()}


def the_programme(desk) -> Programme:
    with desk.store.read() as session:
        found = session.query(Programme).one()
        assert (found.parts, found.seasons, found.zones) is not None
        return found


def planned(desk):
    with desk.store.read() as session:
        rows = session.query(Airing).filter(Airing.state == "planned").order_by(Airing.planned_at)
        return [row.planned_at.astimezone(LOCAL) for row in rows]


def test_a_programme_with_parts_and_a_summer_start_is_made_and_shown_again(operator, desk):
    opening = desk.approved("Lời xướng đầu giờ")
    rows = (
        {"kind": "words", "title": "Lời xướng", "bulletin_id": str(opening)},
        {"kind": "queue", "title": "Tin, bài", "longest_min": "10", "topics": "Y tế, An ninh"},
    )
    made = operator.post("/chuong-trinh/them", **SENT, **parts_of(*rows), **SUMMER)
    page = operator.get(made.location).text
    assert 'value="Lời xướng"' in page and 'value="Y tế, An ninh"' in page and 'value="16/04"' in page
    found = the_programme(desk)
    assert [(part.kind, part.longest_s) for part in found.parts] == [("words", None), ("queue", 600)]
    assert found.seasons[0].starts_at == time(5)
    assert "Lời xướng đầu giờ" in page and "Ba buổi sắp tới" in page


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (
            {"seasons-0-first": "31/02", "seasons-0-last": "15/10", "seasons-0-at": "5h"},
            "không có trong lịch",
        ),
        ({"seasons-0-first": "tháng tư", "seasons-0-last": "15/10", "seasons-0-at": "5h"}, "ví dụ 16/04"),
        ({"parts-0-kind": "words", "parts-0-title": "Lời xướng"}, "chưa có bản tin"),
        ({"starts_at": "3:15"}, "sớm hơn giờ được phép"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_typed_is_lost(operator, desk, wrong, sentence):
    with desk.store.write() as session:
        facts.put(session, facts.ALLOWED_HOURS, ["05:00", "21:30"])
    answer = operator.post("/chuong-trinh/them", **{**SENT, **wrong})
    assert sentence in answer.text
    assert 'value="Buổi chiều"' in answer.text


def test_one_date_is_cancelled_moved_and_put_back(operator, desk, programme):
    operator.post("/ban-tin/{}/xep-lich".format(desk.approved("Tin")), way="programme", programme_id="1",
                  first_date="23/11/2026")  # fmt: skip
    assert [moment.hour for moment in planned(desk)] == [17]
    operator.post(f"{programme}/ngay", on="23/11/2026", what="cancel", reason="Mất điện")
    assert planned(desk) == []
    page = operator.get(programme).text
    assert "không phát – Mất điện" in page
    operator.post(f"{programme}/ngay/khoi-phuc", on="23/11/2026", reason="-")
    operator.post(f"{programme}/ngay", on="23/11/2026", what="move", at="18h15", reason="Họp dân")
    assert [(moment.hour, moment.minute) for moment in planned(desk)] == [(18, 15)]


def test_a_date_needs_its_reason_and_its_other_time(operator, programme):
    answer = operator.post(f"{programme}/ngay", on="23/11/2026", what="cancel", reason="")
    assert "Hãy ghi lý do" in answer.text
    answer = operator.post(f"{programme}/ngay", on="23/11/2026", what="move", reason="Họp dân")
    assert "Hãy nhập giờ khác" in answer.text


def test_a_rest_of_some_days_and_its_end(operator, desk, programme):
    operator.post(f"{programme}/nghi", first_date="05/02/2027", last_date="10/02/2027", reason="Nghỉ Tết")
    page = operator.get(programme).text
    assert "Nghỉ Tết" in page
    (address,) = re.findall(r'action="(/chuong-trinh/1/nghi/\d+/thoi)"', page)
    operator.post(address)
    assert "Nghỉ Tết" not in operator.get(programme).text


def test_a_copy_begins_with_everything_but_the_name(operator, programme):
    page = operator.get("/chuong-trinh/them?mau=1").text
    assert 'value="Buổi chiều (bản sao)"' in page and 'value="17:00"' in page


def test_where_schedules_are_signed_the_approver_signs_what_was_seen(operator, approver, desk, programme):
    with desk.store.write() as session:
        facts.put(session, facts.SIGNED_SCHEDULE, True)
    assert "Chờ ký duyệt" in approver.get("/chuong-trinh").text
    page = approver.get(f"{programme}/xem").text
    (seen,) = re.findall(r'name="seen" value="(\w+)"', page)
    operator.post(programme, **{**SENT, "longest_min": "20"})
    assert "vừa được sửa" in approver.post(f"{programme}/ky", seen=seen, follow=True).text
    (seen,) = re.findall(r'name="seen" value="(\w+)"', approver.get(f"{programme}/xem").text)
    approver.post(f"{programme}/ky", seen=seen)
    assert "Chờ ký duyệt" not in approver.get("/chuong-trinh").text
    assert operator.post(f"{programme}/ky", seen=seen).status_code == 403


def test_a_programme_without_any_is_told_how_to_begin(operator, officer):
    assert "Thêm chương trình đầu tiên" in operator.get("/chuong-trinh").text
    assert "Chưa có chương trình nào" in officer.get("/chuong-trinh").text
