"""The emergency page: two taps, words of one's own, drills, the end of an alert."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from broadcaster.playout import alert_orders, alert_view, alerts, running_order, zones
from broadcaster.playout.alerts import Wish
from broadcaster.store.models import Airing, AiringState, Alert, Zone
from tests.broadcaster.moments import NOW
from tests.web.alarms import emergency_order

WORDS = "Nước lên nhanh ở KP3, mời bà con sơ tán lúc 7h30."


@pytest.fixture
def order(desk):
    return emergency_order(desk)


@pytest.fixture
def school(desk):
    with desk.store.write() as rows:
        return zones.save_zone(rows, desk.operator, NOW, name="Trường học", output_id=1).id


def standing(desk) -> list[Alert]:
    with desk.store.read() as rows:
        return [(each, [zone.id for zone in each.request.zones])[0] for each in alerts.standing(rows)]


def raised(desk, **wish) -> int:
    with desk.store.write() as rows:
        return alerts.raise_alert(rows, desk.operator, Wish(**wish), NOW).id


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)
    return found[1] if found else ""


def review(visitor, **fields):
    """Press “Xem lại” and return the page that shows what will be said."""
    return visitor.post("/khan-cap/viet", act="look", repeat="60", lasts="3600", **fields).text


# --- two taps ---


def test_the_second_tap_sends_a_prepared_order(operator, desk, order, school):
    page = operator.get("/khan-cap").text
    assert "Phát ngay tại 1 cụm loa" in page
    answer = operator.post(f"/khan-cap/lenh/{order}/phat", follow=True)
    assert "Đang phát lệnh khẩn cấp “Sơ tán”" in answer.text
    (alert,) = standing(desk)
    assert (alert.order_id, alert.title, alert.is_drill) == (order, "Sơ tán", False)
    assert [zone.id for zone in alert.request.zones] == [1]
    assert alert.expires_at == desk.clock.now() + timedelta(seconds=3600)


def test_a_button_pressed_twice_sends_once(operator, desk, order):
    for _ in range(2):
        operator.post(f"/khan-cap/lenh/{order}/phat")
    assert len(standing(desk)) == 1


def test_what_stands_is_seen_on_every_page(officer, desk, order):
    raised(desk, order_id=order)
    assert "Lệnh khẩn cấp “Sơ tán” tại Toàn phường" in officer.get("/ban-tin").text
    assert "Lệnh khẩn cấp “Sơ tán”" in officer.get("/trang-thai").json["alert"]


def test_the_button_is_there_for_who_may_press_it(officer, approver, operator):
    assert 'class="btn btn-alarm" href="/khan-cap"' in operator.get("/").text
    assert 'class="btn btn-alarm" href="/khan-cap"' in approver.get("/").text
    assert 'class="btn btn-alarm" href="/khan-cap"' not in officer.get("/").text


def test_an_order_that_is_not_ready_offers_its_words(operator, desk, order):
    from broadcaster.newsroom import approval

    with desk.store.write() as rows:
        approval.withdraw(rows, desk.approver, 1, "Sai", NOW)
    page = operator.get("/khan-cap").text
    assert "Chưa sẵn sàng" in page
    assert f"/khan-cap/lenh/{order}/phat" not in page
    assert "Nội dung Sơ tán." in operator.get("/khan-cap/viet?ban-tin=1").text


# --- words of one's own ---


def test_words_are_shown_as_they_will_be_said_and_sent_by_the_next_press(operator, desk, school):
    page = review(operator, written=WORDS, zones=["1", str(school)])
    assert "khu phố ba" in page
    assert "bảy giờ ba mươi phút" in page
    assert "Phát ngay tại 2 cụm loa" in page
    assert standing(desk) == []
    operator.post(
        "/khan-cap/viet", act="send", seen=hidden(page, "seen"), written=WORDS, zones=["1", str(school)],
        repeat="120", lasts="1800", reason="Vỡ kè", title="Lũ",
    )  # fmt: skip
    (alert,) = standing(desk)
    assert (alert.title, alert.reason, alert.repeat_every_s) == ("Lũ", "Vỡ kè", 120)
    assert len(alert.request.zones) == 2


def test_words_changed_after_the_look_are_shown_again_before_they_are_sent(operator, desk):
    page = review(operator, written=WORDS, zones="1")
    answer = operator.post(
        "/khan-cap/viet", act="send", seen=hidden(page, "seen"), written="Lời khác.", zones="1",
        repeat="60", lasts="3600",
    )  # fmt: skip
    assert "hãy xem lại rồi bấm phát lần nữa" in answer.text
    assert standing(desk) == []


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [({"written": " ", "zones": "1"}, "Hãy nhập lời cần phát"), ({"written": WORDS}, "ít nhất một cụm loa")],
)
def test_what_is_missing_is_told_and_what_was_typed_stays(operator, fields, sentence):
    page = review(operator, **fields)
    assert sentence in page
    assert fields["written"].strip() in page


def test_words_can_be_heard_before_they_are_sent(operator):
    answer = operator.get("/khan-cap/nghe.wav", query_string={"loi": "Nước đang lên."}, buffered=True)
    assert answer.mimetype == "audio/wav"
    assert len(answer.data) > 48_000


def test_a_stop_all_is_told_and_can_be_lifted_on_the_spot(operator, desk, order):
    with desk.store.write() as rows:
        running_order.stop_all(rows, desk.approver, "Đám tang", NOW)
    page = operator.get("/khan-cap").text
    assert "lệnh khẩn cấp cũng không phát được" in page
    assert "Cho phát lại" in page
    answer = operator.post(f"/khan-cap/lenh/{order}/phat")
    assert answer.status_code == 409
    assert "Duyet đã dừng tất cả" in answer.text


# --- drills ---


def test_a_drill_begins_with_no_zone_chosen_and_shows_what_it_says_around(operator, desk, order):
    assert 'type="checkbox" value="1" checked' not in operator.get("/khan-cap/viet?dien-tap=1").text
    page = review(operator, order_id=str(order), drill="1", zones="1")
    assert "Đây là diễn tập" in page
    assert "Bắt đầu diễn tập tại 1 cụm loa" in page
    answer = operator.post(
        "/khan-cap/viet", act="send", seen=hidden(page, "seen"), order_id=str(order), drill="1", zones="1",
        repeat="60", lasts="300", follow=True,
    )  # fmt: skip
    assert standing(desk)[0].is_drill
    assert "Đang diễn tập “Sơ tán”" in answer.text


def test_a_drill_that_others_would_overhear_is_refused_before_it_is_promised(operator, desk, order):
    with desk.store.write() as rows:
        rows.add(Zone(name="Khu nhà trẻ", output_id=rows.get_one(Zone, 1).output_id))
    page = review(operator, order_id=str(order), drill="1", zones="1")
    assert "“Khu nhà trẻ” dùng chung đường ra" in page
    assert "Bắt đầu diễn tập" not in page


# --- the end ---


def test_standing_down_needs_a_reason_and_can_announce_the_end(operator, desk, order):
    number = raised(desk, order_id=order)
    assert "Dừng lệnh này" in operator.get("/khan-cap").text
    refused = operator.post(f"/khan-cap/{number}/dung", reason=" ")
    assert "lý do dừng" in refused.text
    answer = operator.post(f"/khan-cap/{number}/dung", reason="Nước rút", all_clear="1", follow=True)
    assert "Đã dừng lệnh khẩn cấp “Sơ tán”" in answer.text
    assert "đã dừng: Nước rút (Truc)" in answer.text
    assert standing(desk) == []
    with desk.store.read() as rows:
        assert alerts.get(rows, number).says_all_clear


def test_an_alert_can_be_prolonged(operator, desk, order):
    number = raised(desk, order_id=order)
    operator.post(f"/khan-cap/{number}/gia-han", lasts="10800")
    assert standing(desk)[0].expires_at == desk.clock.now() + timedelta(hours=3)


def test_what_an_order_cut_is_offered_until_it_is_played_again(operator, desk):
    from broadcaster.playout import airings, requesting
    from broadcaster.playout.airings import Ending

    number = desk.approved("Họp dân")
    with desk.store.write() as rows:
        airing = requesting.request_next(rows, desk.operator, number, (), NOW)
        airings.step(rows, airing.id, AiringState.PLANNED, AiringState.STARTED, started_at=NOW)
        ending = Ending(AiringState.CUT, "emergency", "Nhường.", desk.clock.now(), NOW, 3.0)
        airings.finish(rows, rows.get_one(Airing, airing.id), AiringState.STARTED, ending)
    page = operator.get("/khan-cap").text
    assert "Bị cắt vì lệnh khẩn cấp" in page
    operator.post(f"/phat/{airing.id}/phat-lai")
    assert "Bị cắt vì lệnh khẩn cấp" not in operator.get("/khan-cap").text
    with desk.store.read() as rows:
        assert alert_view.pre_empted(rows, NOW + timedelta(hours=13)) == []


# --- prepared orders ---


def test_an_order_is_made_changed_and_taken_away(operator, desk, school):
    number = desk.approved("Cháy", kind="emergency")
    operator.post(
        "/khan-cap/lenh/them", name="Cháy chợ", bulletin_id=str(number), zones=[str(school)], repeat="30",
        lasts="900",
    )  # fmt: skip
    with desk.store.read() as rows:
        (made,) = alert_orders.orders(rows)
        assert (made.name, made.repeat_every_s, made.lasts_s) == ("Cháy chợ", 30, 900)
        assert [zone.id for zone in made.zones] == [school]
    operator.post(
        f"/khan-cap/lenh/{made.id}", name="Cháy", bulletin_id=str(number), zones=["1"], repeat="30",
        lasts="900",
    )  # fmt: skip
    assert "Cháy chợ" not in operator.get("/khan-cap").text
    operator.post(f"/khan-cap/lenh/{made.id}/bo")
    assert "Chưa có lệnh soạn sẵn" in operator.get("/khan-cap").text


def test_an_order_without_a_name_is_shown_again_with_what_was_chosen(operator, desk):
    number = desk.approved("Cháy", kind="emergency")
    page = operator.post(
        "/khan-cap/lenh/them", name="", bulletin_id=str(number), repeat="30", lasts="900"
    ).text
    assert "Hãy đặt tên cho lệnh" in page
    assert 'value="30" selected' in page or '<option selected value="30"' in page


def test_who_may_only_look_sees_what_stands_and_no_button(officer, desk, order):
    raised(desk, order_id=order)
    page = officer.get("/khan-cap").text
    assert "Lệnh khẩn cấp đang hiệu lực" in page
    assert "Dừng lệnh" not in page
    assert "Phát ngay" not in page


# --- elsewhere ---


def test_the_day_tells_of_an_alert_in_one_line_and_not_of_each_repetition(operator, desk, order):
    number = raised(desk, order_id=order)
    with desk.store.write() as rows:
        alert = alerts.get(rows, number)
        for turn in (1, 2):
            rows.add(
                Airing(
                    request_id=alert.request_id, planned_at=NOW + timedelta(minutes=turn), part=turn,
                    bulletin_id=alert.bulletin_id, deadline=NOW, state=AiringState.STARTED, alert_id=number,
                    approval_id=alert.approval_id, started_at=NOW, zones=list(alert.request.zones),
                )
            )  # fmt: skip
    page = operator.get("/").text
    assert "Khẩn cấp trong ngày" in page
    assert "đã phát 2 lần" in page
    assert 'class="airing' not in page


def test_the_row_of_an_alert_says_how_often_and_why(operator, desk, order):
    from broadcaster.playout import airings
    from broadcaster.playout.airings import Ending

    number = raised(desk, order_id=order, reason="Vỡ kè")
    with desk.store.write() as rows:
        alert = alerts.get(rows, number)
        airing = Airing(
            request_id=alert.request_id, planned_at=NOW, part=3, bulletin_id=alert.bulletin_id, deadline=NOW,
            state=AiringState.STARTED, alert_id=number, approval_id=alert.approval_id, started_at=NOW,
            placed_by=alert.raised_by, zones=list(alert.request.zones),
        )  # fmt: skip
        rows.add(airing)
        rows.flush()
        ending = Ending(AiringState.PLAYED, "", "", NOW + timedelta(seconds=13), NOW, 13.0)
        airings.finish(rows, airing, AiringState.STARTED, ending)
    page = operator.get("/nhat-ky/1").text
    assert "lần thứ 3. Vì: Vỡ kè" in page
    assert "Người phát lệnh" in page
