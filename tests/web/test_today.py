"""The front page: each role finds there what waits for it, and how the day went."""

from __future__ import annotations

from datetime import timedelta

from broadcaster.newsroom import approval, bulletins
from broadcaster.newsroom.bulletins import Draft
from broadcaster.playout import alerts, requesting, zones
from broadcaster.store.models import Airing, AiringState
from tests.broadcaster.moments import NOW
from tests.web.alarms import emergency_order


def placed(desk, number):
    with desk.store.write() as session:
        everywhere = [zone.id for zone in zones.zones(session)]
        at = NOW + timedelta(hours=2)
        return requesting.request_at(session, desk.operator, number, at, everywhere, NOW).id


def side(page):
    """Return what the page says under "Việc của tôi"."""
    begin = page.find('aria-label="Việc của tôi"')
    return "" if begin < 0 else page[begin : page.index("</aside>", begin)]


def test_an_approver_sees_how_long_it_is_and_when_it_airs(desk, approver):
    number = desk.draft("Tiêm chủng tháng này", 65.0)
    with desk.store.write() as session:
        approval.submit(session, desk.officer, number, NOW)
    placed(desk, number)
    waiting = side(approver.get("/").text)
    assert "Tiêm chủng tháng này" in waiting
    assert "1 phút 5 giây" in waiting
    assert "phát 10:00" in waiting
    assert "chưa xếp lịch" not in waiting


def test_an_operator_sees_what_was_signed_and_never_placed(desk, operator):
    forgotten, on_its_way = desk.approved("Dọn cống"), desk.approved("Thu thuế")
    placed(desk, on_its_way)
    waiting = side(operator.get("/").text)
    assert f"/ban-tin/{forgotten}/xep-lich" in waiting
    assert "Thu thuế" not in waiting


def test_an_officer_sees_own_drafts_before_those_of_others(desk, officer):
    with desk.store.write() as session:
        bulletins.write(session, desk.officer, Draft(title="Của tôi", written="Một."), NOW)
        other = desk.officer.__class__(desk.approver.id, desk.approver.name, desk.officer.roles)
        bulletins.write(session, other, Draft(title="Của bạn", written="Hai."), NOW + timedelta(minutes=1))
    drafts = side(officer.get("/").text)
    assert drafts.index("Của tôi") < drafts.index("Của bạn")


def test_a_viewer_has_only_the_day(desk, visitor):
    desk.draft("Nháp")
    assert side(visitor("viewer").get("/").text) == ""


def test_a_day_without_programmes_says_so(operator):
    assert "Hôm nay chưa có gì trong lịch phát." in operator.get("/").text


def test_a_block_that_is_over_says_how_it_went(desk, operator):
    airing_id = placed(desk, desk.approved("Báo bão"))
    with desk.store.write() as session:
        airing = session.get_one(Airing, airing_id)
        airing.state, airing.seconds_heard = AiringState.PLAYED, 10.0
    assert "đã phát đủ 1 bản tin" in operator.get("/").text
    with desk.store.write() as session:
        session.get_one(Airing, airing_id).state = AiringState.MISSED
    assert "phát trọn 0 trên 1 bản tin" in operator.get("/").text


def test_the_sheet_of_the_day_holds_its_emergencies(desk, operator):
    order = emergency_order(desk, "Sơ tán khu phố 3")
    with desk.store.write() as session:
        alerts.raise_alert(session, desk.operator, alerts.Wish(order_id=order), NOW)
    page = operator.get("/lich-phat/bang").text
    assert "Khẩn cấp và diễn tập" in page
    assert "Sơ tán khu phố 3" in page
    assert "đang hiệu lực" in page
