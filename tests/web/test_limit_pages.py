"""Limits as people enter them, presets with their sources, and the days that differ."""

from __future__ import annotations

import re
from datetime import date

import pytest

from broadcaster.accounts.permissions import Role
from broadcaster.playout import limit_rules, limits
from broadcaster.store import facts
from broadcaster.store.models import LimitRule, StationDay, Zone


@pytest.fixture
def admin(visitor):
    return visitor(Role.ADMIN)


def rules_of(desk):
    with desk.store.read() as session:
        return [(rule.code, rule.values, rule.source) for rule, _ in limit_rules.all_rules(session)]


def test_a_limit_is_entered_with_its_source_and_forbids(admin, operator, desk):
    admin.post("/cai-dat/gioi-han", code="sessions", number="1", zone_id="0", effect="forbid",
               overridden_by="operator", source="QĐ 78/QĐ-UBND", source_date="14/07/2023")  # fmt: skip
    assert rules_of(desk) == [("sessions", {"most": 1}, "QĐ 78/QĐ-UBND")]
    page = admin.get("/cai-dat/gioi-han").text
    assert "Tối đa 1 buổi mỗi ngày" in page and "QĐ 78/QĐ-UBND, 14/07/2023" in page
    (address,) = re.findall(r'action="(/cai-dat/gioi-han/\d+/bo)"', page)
    admin.post(address)
    assert rules_of(desk) == []


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"code": "session"}, "Hãy nhập số phút hoặc số buổi"),
        ({"code": "quiet_hours", "start": "21:00"}, "Hãy nhập giờ đầu và giờ cuối"),
        ({"code": "quiet_hours", "start": "21:00", "end": "21:00"}, "Giá trị của giới hạn chưa đúng"),
        ({"code": "allowed_hours", "start": "21:00", "end": "5:00"}, "Giá trị của giới hạn chưa đúng"),
    ],
)
def test_what_is_no_limit_is_said(admin, desk, sent, sentence):
    answer = admin.post("/cai-dat/gioi-han", zone_id="0", effect="forbid", overridden_by="", **sent)
    assert sentence in answer.text
    assert rules_of(desk) == []


def test_every_preset_is_a_limit_with_its_source(desk):
    for preset in limit_rules.PRESETS.values():
        assert preset.note
        for frame in preset.rules:
            limits.limit_of(frame.code, dict(frame.values))
            assert frame.source


def test_a_preset_of_a_place_is_put_in_force(admin, desk):
    admin.post("/cai-dat/gioi-han/mau", mau="ha_noi_quan")
    assert [code for code, *_ in rules_of(desk)] == ["sessions", "session", "days"]
    assert {source for *_, source in rules_of(desk)} == {"QĐ 1246/QĐ-UBND Hà Nội"}


def test_a_preset_for_schools_asks_for_a_school_and_is_for_it_alone(admin, desk):
    answer = admin.post("/cai-dat/gioi-han/mau", mau="gio_hoc")
    assert "Chưa có cụm loa nào ở nơi như vậy" in answer.text
    with desk.store.write() as session:
        session.query(Zone).one().surroundings = "school"
    admin.post("/cai-dat/gioi-han/mau", mau="gio_hoc")
    with desk.store.read() as session:
        assert [rule.zone_id for rule in session.query(LimitRule)] == [1, 1]


def test_the_delay_of_play_now_and_the_second_signature_are_set(admin, desk):
    admin.post("/cai-dat/gioi-han/cach-xep", cancel_delay_s="20", signed_schedule="yes")
    with desk.store.read() as session:
        assert facts.get(session, facts.CANCEL_DELAY) == 20
        assert facts.get(session, facts.SIGNED_SCHEDULE) is True
    answer = admin.post("/cai-dat/gioi-han/cach-xep", cancel_delay_s="31", signed_schedule="no", follow=True)
    assert "từ 0 đến 30" in answer.text


def test_only_administrators_enter_limits(officer):
    assert officer.get("/cai-dat/gioi-han").status_code == 403


def test_the_calendar_shows_holidays_and_the_lunar_date(officer):
    page = officer.get("/lich-phat/ngay?thang=2027-02").text
    assert "Tết" in page and "mồng một" in page and "rằm" in page


def test_a_day_of_the_station_is_declared_and_taken_back(operator, officer, desk):
    sent = {"first_date": "25/11/2026", "last_date": "26/11/2026", "name": "Quốc tang", "kind": "only_news"}
    assert officer.post("/lich-phat/ngay", **sent).status_code == 403
    operator.post("/lich-phat/ngay", **sent)
    with desk.store.read() as session:
        (row,) = session.query(StationDay)
        assert (row.first_date, row.kind) == (date(2026, 11, 25), "only_news")
    page = operator.get("/lich-phat/ngay?thang=2026-11").text
    assert "Quốc tang" in page
    operator.post(f"/lich-phat/ngay/{row.id}/bo")
    assert "Quốc tang" not in operator.get("/lich-phat/ngay?thang=2026-11").text
    answer = operator.post("/lich-phat/ngay", **{**sent, "last_date": "01/11/2026"}, follow=True)
    assert "Ngày cuối phải từ ngày đầu" in answer.text
