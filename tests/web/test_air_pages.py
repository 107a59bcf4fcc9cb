"""The day, the programmes, stop-all and the history, through the page."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest

from broadcaster.newsroom import workflow
from broadcaster.playout import airings, requesting, running_order
from broadcaster.playout.airings import Ending
from broadcaster.store import pulse
from broadcaster.store.models import Airing, AiringState
from tests.broadcaster.moments import NOW


def airing_at(desk, number, hours=1.0):
    with desk.store.write() as rows:
        return requesting.request_at(rows, desk.operator, number, NOW + timedelta(hours=hours), (), NOW).id


def state_of(desk, airing_id):
    with desk.store.read() as rows:
        return airings.get(rows, airing_id).state


def order_of(page):
    return re.findall(r'class="title"><a[^>]*>([^<]+)<', page)


@pytest.fixture
def programme(operator, desk):
    """The afternoon programme with two signed bulletins in it."""
    operator.post(
        "/chuong-trinh/them",
        name="Bản tin chiều", days=[str(day) for day in range(7)], starts_at="17:00",
        longest_min="30", late_min="5",
    )  # fmt: skip
    for title in ("Vệ sinh", "Tiêm chủng"):
        number = desk.approved(title)
        operator.post(
            f"/ban-tin/{number}/xep-lich", way="programme", programme_id="1", first_date="23/11/2026"
        )


def test_a_programme_shows_its_bulletins_with_predicted_seconds(operator, programme):
    page = operator.get("/").text
    assert "Bản tin chiều" in page
    assert order_of(page) == ["Vệ sinh", "Tiêm chủng"]
    assert "17:00:00" in page
    assert "17:00:12" in page  # ten seconds of sound and two of silence later
    assert "20 giây trên 30 phút" in page


def test_an_operator_changes_the_order(operator, desk, programme):
    first, second = re.findall(r"/phat/(\w+)/doi", operator.get("/").text)
    operator.post(f"/phat/{second}/len")
    assert order_of(operator.get("/").text) == ["Tiêm chủng", "Vệ sinh"]
    operator.post(f"/phat/{second}/xuong")
    assert order_of(operator.get("/").text) == ["Vệ sinh", "Tiêm chủng"]
    assert operator.post(f"/phat/{first}/len").status_code == 409


def test_a_removed_airing_needs_a_reason(operator, desk):
    airing = airing_at(desk, desk.approved("Vệ sinh"))
    assert operator.post(f"/phat/{airing}/bo", reason=" ").status_code == 409
    assert state_of(desk, airing) == AiringState.PLANNED
    operator.post(f"/phat/{airing}/bo", reason="Mưa to")
    assert state_of(desk, airing) == AiringState.CANCELLED
    assert "Mưa to" in operator.get("/nhat-ky").text


def test_an_airing_is_moved_to_another_hour(operator, desk):
    airing = airing_at(desk, desk.approved("Vệ sinh"))
    answer = operator.post(f"/phat/{airing}/doi", on="24/11/2026", at="17:30", reason="")
    assert answer.location == "/?ngay=2026-11-24"
    assert order_of(operator.get("/").text) == []
    assert "17:30:00" in operator.get("/?ngay=2026-11-24").text


def test_a_move_into_the_past_comes_back_filled(operator, desk):
    airing = airing_at(desk, desk.approved("Vệ sinh"))
    answer = operator.post(f"/phat/{airing}/doi", on="22/11/2026", at="17:30", reason="Đổi giờ họp")
    assert answer.status_code == 200
    assert "đã qua" in answer.text
    assert "Đổi giờ họp" in answer.text


def test_play_now_makes_it_next(operator, desk):
    airing = airing_at(desk, desk.approved("Vệ sinh"))
    operator.post(f"/phat/{airing}/phat-ngay")
    assert state_of(desk, airing) == AiringState.SUPERSEDED
    assert "08:00:10" in operator.get("/").text  # ten seconds in which it can be taken back


def test_what_sounds_can_be_stopped_and_played_again(operator, desk):
    airing = airing_at(desk, desk.approved("Vệ sinh"), hours=0)
    with desk.store.write() as rows:
        row = rows.get(Airing, airing)
        row.state, row.started_at = AiringState.STARTED, NOW
    assert "đang phát" in operator.get("/").text
    operator.post(f"/phat/{airing}/dung", reason="Sai ngày")
    operator.post(f"/phat/{airing}/dung-chuong-trinh", reason="Sai ngày")
    with desk.store.write() as rows:
        ending = Ending(AiringState.CUT, "person", "Sai ngày", NOW, NOW, 3.0)
        airings.finish(rows, rows.get(Airing, airing), AiringState.STARTED, ending)
    assert "Phát lại" in operator.get("/").text
    operator.post(f"/phat/{airing}/phat-lai")
    assert order_of(operator.get("/").text) == ["Vệ sinh", "Vệ sinh"]


def test_stop_all_stands_until_somebody_lifts_it_with_a_reason(operator, officer, desk):
    operator.post("/phat/dung-tat-ca", reason="Có đám tang")
    assert "Đài đang dừng" in officer.get("/").text
    assert "Có đám tang" in officer.get("/").text
    assert operator.get("/trang-thai").json["is_held"]
    assert operator.post("/phat/cho-phat-lai", reason=" ").status_code == 409
    operator.post("/phat/cho-phat-lai", reason="Đã xong")
    with desk.store.read() as rows:
        assert running_order.standing_hold(rows) is None


def test_a_bulletin_at_a_forbidden_hour_comes_back_with_the_rule(operator, desk):
    from broadcaster.store import facts

    with desk.store.write() as rows:
        facts.put(rows, facts.ALLOWED_HOURS, ["05:00", "21:30"])
    number = desk.approved("Vệ sinh")
    page = operator.post(f"/ban-tin/{number}/xep-lich", way="at", on="24/11/2026", at="03:15").text
    assert "05:00" in page
    assert 'value="03:15"' in page


def test_the_week_shows_programmes_and_what_is_not_signed_yet(operator, desk, programme):
    number = desk.draft("Họp")
    operator.post(f"/ban-tin/{number}/xep-lich", way="programme", programme_id="1", first_date="24/11/2026")
    page = operator.get("/lich-phat").text
    assert "Bản tin chiều" in page
    assert "chưa duyệt" in page


def test_an_ended_programme_takes_its_airings_with_it(operator, desk, programme):
    operator.post("/chuong-trinh/1/ket-thuc", reason="Hết mùa")
    assert order_of(operator.get("/").text) == []
    assert operator.get("/chuong-trinh/1").status_code == 404


def test_a_programme_without_a_day_is_refused_beside_the_field(operator):
    page = operator.post(
        "/chuong-trinh/them", name="Sáng", starts_at="05:30", longest_min="30", late_min="5"
    ).text
    assert "Hãy chọn ít nhất một ngày." in page


def test_the_bar_tells_what_sounds_how_far_and_what_is_next(officer, desk, clock):
    airing_at(desk, desk.approved("Tiêm chủng"))
    sounding = {
        "airing_id": "a", "title": "Vệ sinh", "zones": ["Khu phố 3"], "length_s": 95.0, "level_dbfs": -20.0,
        "at": NOW.isoformat(), "has_sounded": True, "faults": ["Khu phố 3 không có tiếng"],
    }  # fmt: skip
    output = {
        "output_id": 1,
        "name": "Loa",
        "fault": "",
        "is_ready": True,
        "is_loudspeaker": False,
        "device": "",
    }
    clock.advance(30)
    pulse.beat(desk.store.folder, "station", on_air=[sounding], outputs=[output])
    status = officer.get("/trang-thai").json
    assert status["title"] == "Vệ sinh"
    assert status["where"] == "Khu phố 3"
    assert status["progress"] == "đã 30 giây, còn 1 phút 5 giây"
    assert status["next"] == "09:00 hôm nay · Tiêm chủng"
    assert 0 < status["level"] < 100
    assert any("không có tiếng" in fault for fault in status["faults"])
    assert any("Không ra loa" in fault for fault in status["faults"])
    assert 'http-equiv="refresh" content="2"' in officer.get("/trang-thai/khung").text


def test_many_faults_do_not_bury_the_page_and_are_all_told_elsewhere(officer, desk):
    faults = [{"key": f"other {n}", "text": f"Việc {n}", "since": NOW.isoformat()} for n in range(9)]
    pulse.beat(desk.store.folder, "station", on_air=[], outputs=[], faults=faults)
    shown = officer.get("/trang-thai").json["faults"]
    assert len(shown) == 3
    assert shown[-1] == "và 7 điều khác: xem trang Thông báo"
    assert all(f"Việc {n}" in officer.get("/thong-bao").text for n in range(9))


def test_a_station_that_gives_no_sign_of_life_is_told_on_every_page(officer):
    assert "Bộ phát không hoạt động" in officer.get("/ban-tin").text


def test_who_is_signed_out_gets_no_status(visitor):
    answer = visitor().get("/trang-thai", headers={"Accept": "application/json"})
    assert answer.status_code == 401


@pytest.fixture
def history(desk):
    """Three ended airings: played, cut and missed."""
    for title, state in (("Vệ sinh", "played"), ("Tiêm chủng", "cut"), ("Họp", "missed")):
        airing = airing_at(desk, desk.approved(title), hours=0)
        with desk.store.write() as rows:
            ending = Ending(AiringState(state), "", "", NOW, NOW, 10.0, -18.0, on_loudspeaker=True)
            row = rows.get(Airing, airing)
            row.approval = workflow.open_approval(rows, row.bulletin_id)
            airings.finish(rows, row, AiringState.PLANNED, ending)


def test_the_history_is_narrowed_by_what_is_asked(officer, history):
    def titles(query):
        return set(re.findall(r"<b>(Vệ sinh|Tiêm chủng|Họp)</b>", officer.get(f"/nhat-ky?{query}").text))

    assert titles("") == {"Vệ sinh", "Tiêm chủng", "Họp"}
    assert titles("result=cut") == {"Tiêm chủng"}
    assert titles("words=tiem") == {"Tiêm chủng"}
    assert titles("first_date=24/11/2026") == set()
    assert titles("first_date=23/11/2026&last_date=23/11/2026") == {"Vệ sinh", "Tiêm chủng", "Họp"}
    assert titles("first_date=nonsense&result=nonsense&truoc=nonsense") == {"Vệ sinh", "Tiêm chủng", "Họp"}


def test_the_history_goes_on_to_older_rows(officer, history, monkeypatch):
    from broadcaster.records import history as records

    monkeypatch.setattr(records, "PAGE", 2)
    page = officer.get("/nhat-ky").text
    older = re.search(r'href="([^"]+)">Cũ hơn', page)[1].replace("&amp;", "&")
    assert len(re.findall(r"/nhat-ky/\d", page)) == 2
    assert len(re.findall(r"/nhat-ky/\d", officer.get(older).text)) == 1


def test_the_history_is_taken_away_as_a_table(officer, history):
    answer = officer.get("/nhat-ky/tai-ve.csv?result=played")
    table = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    assert [row[3] for row in table] == ["Tiêu đề", "Vệ sinh"]


def test_a_row_shows_who_wrote_who_signed_and_its_seal(officer, history, desk):
    page = officer.get("/nhat-ky/1").text
    for shown in (desk.officer.name, desk.approver.name, desk.operator.name, "10 giây", "/am-thanh/"):
        assert shown in page
    assert officer.get("/nhat-ky/99").status_code == 404


def test_the_chain_is_checked_and_a_changed_row_named(approver, history, desk):
    assert "Nhật ký toàn vẹn" in approver.post("/toan-ven").text
    with desk.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE history SET seconds_heard = 99 WHERE id = 2")
    assert "Dòng 2 của nhật ký phát thanh" in approver.post("/toan-ven").text


def test_the_audit_trail_is_told_in_words(operator, history):
    operator.post("/phat/dung-tat-ca", reason="Thử")
    page = operator.get("/nhat-ky-thao-tac").text
    assert "dừng tất cả" in page
    assert "lý do: Thử" in page
    assert "thao tác khác" not in page


def test_the_form_for_a_place_already_says_the_next_programme(operator, officer, desk):
    frames = (("Bản tin sáng", "05:30"), ("Bản tin chiều", "17:00"))
    for name, at in frames:
        operator.post("/chuong-trinh/them", name=name, days=[str(day) for day in range(7)], starts_at=at,
                      longest_min="30", late_min="5")  # fmt: skip
    number = desk.draft("Họp tổ")
    assert "Xếp lịch phát" in officer.get(f"/ban-tin/{number}").text
    assert "Phát lúc 17:00 hôm nay" in officer.get(f"/ban-tin/{number}/xep-lich").text
    answer = officer.post(f"/ban-tin/{number}/xep-lich", follow=True, way="queue", times="1")
    assert "Đã xếp lịch phát cho “Họp tổ”: 17:00 hôm nay." in answer.text


def test_a_day_without_the_programme_means_its_next_day(operator, officer, desk):
    operator.post("/chuong-trinh/them", name="Cuối tuần", days=["5", "6"], starts_at="17:00",
                  longest_min="30", late_min="5")  # fmt: skip
    number = desk.draft("Họp tổ")
    fields = {"way": "programme", "programme_id": "1", "first_date": "23/11/2026"}
    answer = officer.post(f"/ban-tin/{number}/xep-lich", follow=True, **fields)
    assert "17:00 Thứ Bảy 28/11/2026" in answer.text
    twice = officer.post(f"/ban-tin/{number}/xep-lich", follow=True, **fields, last_date="06/12/2026")
    assert "17:00 Chủ nhật 29/11/2026" in twice.text
    assert "và 2 lượt sau đó" in twice.text


def test_an_officer_plans_but_puts_nothing_on_the_air_at_once(officer, desk):
    number = desk.approved("Vệ sinh")
    assert "Phát ngay tại" not in officer.get(f"/ban-tin/{number}/xep-lich").text
    assert officer.post(f"/ban-tin/{number}/xep-lich", way="next").status_code == 403
    assert (
        officer.post(f"/ban-tin/{number}/xep-lich", way="at", on="24/11/2026", at="09:00").status_code == 303
    )
