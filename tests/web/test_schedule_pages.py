"""The week, the ways to ask for air time, moving and taking back, the day sheet and the calendar feed."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from html import unescape

import pytest
from icalendar import Calendar

from broadcaster.playout import programme_dates, programmes, requesting
from broadcaster.playout.programmes import Frame
from broadcaster.store import facts
from broadcaster.store.models import Airing, LimitRule, ReadinessCheck, Request
from schedules.clock import LOCAL
from tests.broadcaster.moments import NOW, TODAY

TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def afternoon(desk) -> int:
    with desk.store.write() as rows:
        return programmes.add(rows, desk.operator, Frame("Bản tin chiều", range(7), time(17)), NOW).id


@pytest.fixture
def number(desk) -> int:
    return desk.approved("Vệ sinh")


def planned(desk, state="planned"):
    """Return the local moments of what is planned, and its ids."""
    with desk.store.read() as rows:
        found = rows.query(Airing).filter(Airing.state == state).order_by(Airing.planned_at)
        return [(f"{row.planned_at.astimezone(LOCAL):%d %H:%M}", row.id) for row in found]


def moments(desk, state="planned"):
    return [moment for moment, _ in planned(desk, state)]


def place(visitor, number, way, follow=True, **fields):
    return visitor.post(f"/ban-tin/{number}/xep-lich", way=way, follow=follow, **fields)


def limit(desk, code, values, **more):
    with desk.store.write() as rows:
        rows.add(LimitRule(code=code, values=values, created_at=NOW, **more))


def answer_of(page, words):
    """Return the address and fields of the form whose button says `words`."""
    form = next(part for part in page.split("<form")[1:] if words in part.split("</form>")[0])
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    address = re.search(r'action="([^"]*)"', form)[1]
    return unescape(address), {name: unescape(value) for name, value in fields}


# --- placing ---


def test_tonights_programme_is_one_press_away(officer, desk, afternoon, number):
    page = officer.get(f"/ban-tin/{number}/xep-lich").text
    assert "Phát lúc 17:00 hôm nay" in page
    address, fields = answer_of(page, "Phát lúc 17:00 hôm nay")
    answer = officer.post(address, follow=True, **fields)
    assert "Đã xếp lịch phát cho “Vệ sinh”: 17:00 hôm nay." in answer.text
    assert moments(desk) == ["23 17:00"]


def test_more_programmes_are_taken_as_they_have_room(officer, desk, afternoon, number):
    place(officer, number, "queue", times="3")
    assert moments(desk) == ["23 17:00", "24 17:00", "25 17:00"]


@pytest.mark.parametrize("typed", ["15:30", "15h30", "15 giờ 30", "3 giờ rưỡi chiều"])
def test_an_hour_may_be_written_as_it_is_said(officer, desk, number, typed):
    place(officer, number, "at", on="24/11/2026", at=typed, zones="1")
    assert moments(desk) == ["24 15:30"]


def test_three_fifteen_is_refused_with_the_hours_and_a_way_out(officer, desk, number):
    with desk.store.write() as rows:
        facts.put(rows, facts.ALLOWED_HOURS, ["05:00", "21:30"])
    page = place(officer, number, "at", on="24/11/2026", at="3:15", zones="1").text
    assert "Phát lúc 03:15 sớm hơn giờ được phép (05:00–21:30)" in page
    assert 'value="3:15"' in page
    address, fields = answer_of(page, "Giờ sớm nhất được phát: 05:00 ngày mai")
    officer.post(address, **fields)
    assert moments(desk) == ["24 05:00"]


def test_who_may_break_a_limit_is_asked_for_the_reason(officer, operator, desk, number):
    limit(desk, "minutes", {"minutes": 0}, overridden_by="operator", source="Quy chế phường")
    refused = place(officer, number, "at", on="24/11/2026", at="9:00", zones="1").text
    assert "Quy chế phường" in refused
    assert "Lý do vượt giới hạn" not in refused
    asked = place(operator, number, "at", on="24/11/2026", at="9:00", zones="1").text
    assert "Lý do vượt giới hạn" in asked
    place(operator, number, "at", on="24/11/2026", at="9:00", zones="1", override="Họp dân gấp")
    assert moments(desk) == ["24 09:00"]
    with desk.store.read() as rows:
        assert rows.query(Request).one().overrides[0]["reason"] == "Họp dân gấp"


def test_a_rule_that_only_warns_is_told_and_stops_nothing(officer, desk, number):
    limit(desk, "minutes", {"minutes": 0}, forbids=False, source="Quy chế phường")
    page = place(officer, number, "at", on="24/11/2026", at="9:00", zones="1").text
    assert "Đã xếp, nhưng lưu ý" in page
    assert moments(desk) == ["24 09:00"]


def test_a_clash_is_asked_about_and_each_answer_is_a_button(officer, operator, desk, afternoon, number):
    other = desk.approved("Tiêm chủng")
    fields = {"on": "24/11/2026", "at": "17:05", "zones": "1"}
    page = place(officer, number, "at", **fields).text
    assert moments(desk) == []
    assert "Giờ này cụm loa đã có lịch" in page
    for words in ("Đưa vào chương trình", "Phát sau đó: 17:31 ngày mai", "Phát trước đó: 16:59 ngày mai"):
        assert words in page, words
    address, answer = answer_of(page, "Phát sau đó")
    officer.post(address, **answer)
    assert moments(desk) == ["24 17:31"]
    replaced = place(operator, other, "at", on="24/11/2026", at="17:31", zones="1").text
    assert "Phát thay “Vệ sinh”" not in place(officer, other, "at", on="24/11/2026", at="17:31").text
    address, answer = answer_of(replaced, "Phát thay “Vệ sinh”")
    operator.post(address, **answer)
    assert moments(desk) == ["24 17:31"]
    assert moments(desk, "cancelled") == ["24 17:31"]


def test_into_the_programme_in_the_way_and_keeping_the_hour_are_answers_too(officer, desk, afternoon, number):
    fields = {"on": "24/11/2026", "at": "17:05", "zones": "1"}
    page = place(officer, number, "at", **fields).text
    address, answer = answer_of(page, "Đưa vào chương trình")
    officer.post(address, **answer)
    address, answer = answer_of(page, "Vẫn giữ giờ này")
    officer.post(address, **answer)
    assert moments(desk) == ["24 17:00", "24 17:05"]


def test_three_times_a_day_are_spread_evenly_over_the_chosen_days(officer, desk, number):
    fields = {"first_date": "23/11/2026", "last_date": "27/11/2026", "days": ["1", "3"], "zones": "1"}
    place(officer, number, "daily", count="3", earliest="6h", latest="18h", **fields)
    assert moments(desk) == [f"{day} {at}" for day in (24, 26) for at in ("06:00", "12:00", "18:00")]
    page = officer.get(f"/ban-tin/{number}/xep-lich").text
    assert "Lúc 06:00, 12:00, 18:00, T3, T5, từ 23/11/2026 đến 27/11/2026" in page
    place(officer, number, "daily", times="7h và 8h30", **fields)
    assert {"24 07:00", "26 08:30"} <= set(moments(desk))


def test_a_last_day_in_the_past_is_refused_at_once(officer, desk, afternoon, number):
    past = {"first_date": "20/11/2026", "last_date": "22/11/2026"}
    for way, more in (("programme", {"programme_id": afternoon}), ("daily", {"times": "9h"})):
        assert "Ngày 22/11/2026 đã qua" in place(officer, number, way, **past, **more).text
    assert moments(desk) == []


def test_a_storm_bulletin_repeats_ends_by_itself_and_is_renewed(operator, officer, desk, number):
    page = place(operator, number, "series", every_min="30", until="10:00", most="12", zones="1").text
    assert len(moments(desk)) == 4
    assert "Đang phát lặp “Vệ sinh” mỗi 30 phút, đến 10:00 hôm nay" in page
    assert officer.get("/").text.count("Gia hạn") == 0
    address, _ = answer_of(page, "Gia hạn")
    assert "đến 11:00 hôm nay" in operator.post(address, until="11h", follow=True).text
    assert len(moments(desk)) == 6
    address, _ = answer_of(operator.get("/").text, "Thôi phát lặp")
    operator.post(address, reason="Bão tan")
    assert moments(desk) == []
    assert "Đang phát lặp" not in operator.get("/").text
    assert place(officer, number, "series", until="10:00").status_code == 403


def test_play_now_waits_and_can_be_taken_back(operator, desk, number):
    page = place(operator, number, "next", zones="1").text
    assert "“Vệ sinh” sẽ phát sau 10 giây, khi loa rảnh" in page
    address, _ = answer_of(page, "Lấy lại")
    operator.post(address)
    assert moments(desk) == []
    assert moments(desk, "cancelled") == ["23 08:00"]


def test_what_was_played_early_goes_back_to_its_place_when_taken_back(operator, desk, afternoon, number):
    place(operator, number, "queue", times="1")
    ((_, airing),) = planned(desk)
    page = operator.post(f"/phat/{airing}/phat-ngay", follow=True).text
    address, fields = answer_of(page, "Lấy lại")
    operator.post(address, **fields)
    assert moments(desk) == ["23 17:00"]


def test_a_wish_is_ended_with_a_reason(officer, desk, afternoon, number):
    place(officer, number, "programme", programme_id=afternoon, first_date="23/11/2026",
          last_date="26/11/2026")  # fmt: skip
    page = officer.get(f"/ban-tin/{number}/xep-lich").text
    assert "Trong “Bản tin chiều”, từ 23/11/2026 đến 26/11/2026" in page
    address, _ = answer_of(page, "Thôi phát")
    told = officer.post(address, reason="Hết việc", follow=True)
    assert "4 lượt sắp tới không phát nữa" in told.text
    assert moments(desk) == []


# --- the week ---


def test_the_week_names_what_sounds_where_and_what_day_it_is(operator, officer, desk, afternoon, number):
    place(officer, number, "queue", times="1")
    limit(desk, "minutes", {"minutes": 60})
    limit(desk, "least", {"minutes": 15}, forbids=False, source="Kế hoạch 2026")
    page = operator.get("/lich-phat").text
    for words in ("Hôm nay", "rằm tháng 10", "Bản tin chiều", "Vệ sinh",
                  "trên 30 phút", "trên 60 phút", "Kế hoạch 2026"):  # fmt: skip
        assert words in page, words


def test_what_left_the_plan_stands_under_its_programme_with_the_reason(operator, desk, afternoon, number):
    place(operator, number, "queue", times="2")
    first, second = (airing for _, airing in planned(desk))
    operator.post(f"/phat/{first}/bo", reason="Sai số liệu")
    operator.post(f"/phat/{second}/doi", on="26/11/2026", at="09:00", reason="Nhường tin bão", keep="1")
    with desk.store.write() as rows:
        programme_dates.cancel_date(
            rows, desk.operator, afternoon, TODAY + timedelta(days=3), "Mất điện", NOW
        )
    page = operator.get("/lich-phat").text
    for words in ("Sai số liệu", "Nhường tin bão", "Nghỉ buổi này: Mất điện"):
        assert words in page, words


def test_what_is_not_ready_is_told_on_the_day_the_week_and_in_the_bar(operator, desk, afternoon):
    with desk.store.write() as rows:
        check = ReadinessCheck(
            programme_id=afternoon, planned_at=NOW + timedelta(minutes=14), minutes_before=15,
            checked_at=NOW, title="Bản tin chiều", problems=["“Vệ sinh” chưa được duyệt nên sẽ không phát."],
        )  # fmt: skip
        rows.add(check)
    for path in ("/", "/lich-phat"):
        assert "Chưa sẵn sàng cho 08:14 hôm nay, “Bản tin chiều”" in operator.get(path).text
    faults = operator.get("/trang-thai").json["faults"]
    assert any(fault.startswith("Chưa sẵn sàng cho 08:14") for fault in faults)


# --- moving ---


def moved(operator, airing, **fields):
    return operator.post(f"/phat/{airing}/doi", back="/lich-phat", follow=True, **fields)


def test_a_drop_on_tomorrows_programme_moves_it_and_undo_brings_it_back(operator, desk, afternoon, number):
    place(operator, number, "queue", times="1")
    ((_, airing),) = planned(desk)
    at = datetime.combine(TOMORROW, time(17), LOCAL)
    page = moved(operator, airing, into=f"{afternoon}@{at.isoformat()}").text
    assert "Đã chuyển “Vệ sinh” sang 17:00 ngày mai." in page
    assert moments(desk) == ["24 17:00"]
    address, fields = answer_of(page, "Hoàn tác")
    operator.post(address, **fields)
    assert moments(desk) == ["23 17:00"]


def test_a_move_that_clashes_changes_nothing_until_it_is_answered(operator, desk, afternoon, number):
    with desk.store.write() as rows:
        at = datetime.combine(TODAY, time(15), LOCAL)
        airing = requesting.request_at(rows, desk.operator, number, at, [], NOW).id
    page = moved(operator, airing, on="24/11/2026", at="17:00").text
    assert moments(desk) == ["23 15:00"]
    address, fields = answer_of(page, "Đưa vào chương trình “Bản tin chiều”")
    operator.post(address, **fields)
    assert moments(desk) == ["24 17:00"]


def test_a_full_programme_takes_nothing_more_and_says_so(operator, desk):
    with desk.store.write() as rows:
        programme = programmes.add(
            rows, desk.operator, Frame("Ngắn", range(7), time(17), longest_s=60), NOW
        ).id
    first, second = desk.approved("Một", 40), desk.approved("Hai", 40)
    place(operator, first, "programme", programme_id=programme, first_date="24/11/2026")
    place(operator, second, "programme", programme_id=programme, first_date="23/11/2026")
    airing = planned(desk)[0][1]
    at = datetime.combine(TOMORROW, time(17), LOCAL)
    assert "không còn đủ chỗ" in moved(operator, airing, into=f"{programme}@{at.isoformat()}").text
    assert moments(desk) == ["23 17:00", "24 17:00"]


def test_a_removed_airing_offers_its_way_back(operator, desk, afternoon, number):
    place(operator, number, "queue", times="1")
    ((_, airing),) = planned(desk)
    page = operator.post(f"/phat/{airing}/bo", reason="Nhầm", follow=True).text
    address, fields = answer_of(page, "Hoàn tác")
    operator.post(address, **fields)
    assert moments(desk) == ["23 17:00"]


def test_a_move_to_a_forbidden_hour_offers_another(operator, desk, number):
    with desk.store.write() as rows:
        facts.put(rows, facts.ALLOWED_HOURS, ["05:00", "21:30"])
        airing = running_order_airing(rows, desk, number)
    page = moved(operator, airing, on="24/11/2026", at="3:15").text
    assert "05:00–21:30" in page
    assert "Giờ sớm nhất được phát" in page


def running_order_airing(rows, desk, number):
    at = datetime.combine(TODAY, time(15), LOCAL)
    return requesting.request_at(rows, desk.operator, number, at, [], NOW).id


# --- the day sheet and the calendar ---


def test_the_day_sheet_names_the_hour_the_title_the_zones_and_who_signed(officer, desk, afternoon, number):
    place(officer, number, "queue", times="1")
    page = officer.get(f"/lich-phat/bang?ngay={TODAY}").text
    for words in ("Bản tin chiều", "17:00:00", "Vệ sinh", desk.approver.name, "sẽ phát", "Người lập bảng"):
        assert words in page, words
    assert "chưa có gì để phát" in officer.get("/lich-phat/bang?ngay=2020-01-01").text


def test_the_calendar_opens_by_its_address_alone_and_no_longer_after_a_new_one(
    operator, officer, visitor, desk, afternoon, number
):
    place(officer, number, "queue", times="1")
    assert "chưa có địa chỉ" in officer.get("/lich-phat/lich-dien-tu").text
    assert officer.post("/lich-phat/lich-dien-tu/doi").status_code == 403
    operator.post("/lich-phat/lich-dien-tu/doi")
    address = re.search(r"/lich/[\w-]+\.ics", officer.get("/lich-phat/lich-dien-tu").text)[0]
    answer = visitor().get(address)
    assert answer.mimetype == "text/calendar"
    events = Calendar.from_ical(answer.data).walk("VEVENT")
    assert len(events) == 14
    first = events[0]
    assert first.decoded("dtstart") == datetime(2026, 11, 23, 10, tzinfo=first.decoded("dtstart").tzinfo)
    assert first["summary"] == "Bản tin chiều"
    assert "17:00 Vệ sinh" in first["description"]
    assert len({event["uid"] for event in events}) == 14
    assert all(len(line) <= 75 for line in answer.data.split(b"\r\n"))
    again = visitor().get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    operator.post("/lich-phat/lich-dien-tu/doi")
    assert visitor().get(address).status_code == 404
    operator.post("/lich-phat/lich-dien-tu/dong")
    assert visitor().get("/lich/.ics").status_code == 404


def test_who_asks_for_the_calendar_too_often_is_told_to_wait(visitor, desk):
    stranger = visitor()
    answers = {stranger.get("/lich/doan.ics").status_code for _ in range(125)}
    assert answers == {404, 429}


def test_the_secret_of_the_calendar_is_never_logged_or_audited(operator, desk, caplog):
    operator.post("/lich-phat/lich-dien-tu/doi")
    with desk.store.read() as rows:
        secret = facts.get(rows, facts.CALENDAR_SECRET)
    operator.get(f"/lich/{secret}.ics")
    assert secret not in caplog.text
    assert secret not in operator.get("/nhat-ky-thao-tac").text
    assert "tạo hoặc đổi địa chỉ lịch điện tử" in operator.get("/nhat-ky-thao-tac").text
