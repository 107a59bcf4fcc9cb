"""The page for residents: off it is not there; on it shows what was aired and nothing of the house."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from broadcaster.newsroom import approval
from broadcaster.newsroom.bulletins import sha256_of
from broadcaster.playout import airings, alerts, requesting
from broadcaster.playout.alerts import Wish
from broadcaster.store import facts
from broadcaster.store.models import Aircheck, Airing, Bulletin, Complaint, History, Version
from tests.broadcaster.moments import NOW, TODAY
from tests.web.alarms import emergency_order
from tests.web.residents_ward import Resident, aired, code_in, open_up
from web import residents_door
from web.pages import residents_setup

PATHS = (
    "",
    "/tim",
    "/ngay/2026-11-23",
    "/phan-anh",
    "/tra-loi",
    "/luot/x",
    "/luot/x/nghe.wav",
    "/luot/x/nghe/1.opus",
)


@pytest.fixture
def resident(visitor, clock) -> Resident:
    return Resident(visitor(), clock)


@pytest.fixture
def ward(desk):
    """The ward, its page turned on."""
    open_up(desk)
    return desk


def complaints_in(desk) -> list[Complaint]:
    with desk.store.read() as rows:
        return rows.query(Complaint).order_by(Complaint.id).all()


def hide(desk, **values) -> None:
    """Make another row of the only one in the history, as a test alone may."""
    with desk.store.write() as rows:
        for name, value in values.items():
            setattr(rows.query(History).one(), name, value)


# --- off ---


def test_while_it_is_off_nothing_tells_that_there_is_such_a_page(visitor):
    nobody = visitor()
    nowhere = nobody.client.get("/khong-co-trang-nay")
    for path in (*PATHS, "/khong-co"):
        for method in ("GET", "POST", "PUT", "OPTIONS"):
            there = nobody.client.open(f"/nguoi-dan{path}", method=method, data=b"x" * 100_000, buffered=True)
            assert (there.status_code, there.text) == (404, nowhere.text), (method, path)
            assert dict(there.headers) == dict(nowhere.headers), (method, path)


def test_an_administrator_turns_it_on_and_off_and_the_trail_says_so(operator, officer, resident):
    fields = {"is_on": "y", "days": "14", "contact_days": "60"}
    assert officer.get("/cai-dat/trang-nguoi-dan").status_code == 403
    assert "đang mở" in operator.post("/cai-dat/trang-nguoi-dan", **fields, follow=True).text
    assert resident.get("").status_code == 200
    assert "Từ 1 đến 365 ngày" in operator.post("/cai-dat/trang-nguoi-dan", **fields | {"days": "0"}).text
    assert "đổi cài đặt của đài" in operator.get("/nhat-ky-thao-tac").text
    operator.post("/cai-dat/trang-nguoi-dan", days="14", contact_days="60")
    assert resident.get("").status_code == 404


# --- what is shown ---


def test_what_was_aired_is_read_and_heard_without_an_account(ward, resident):
    airing_id = aired(ward, keeps=True)
    day = resident.get(f"/ngay/{TODAY}").text
    assert "Tiêm chủng mở rộng" in day
    page = resident.get(f"/luot/{airing_id}").text
    assert "Nội dung Tiêm chủng mở rộng." in page
    assert "Khu phố 3" in page
    address = re.search(r'src="/nguoi-dan([^"]+\.opus)"', page)[1]
    whole = resident.get(address, buffered=True)
    assert (whole.mimetype, whole.data[:4]) == ("audio/ogg", b"OggS")
    part = resident.get(address, headers={"Range": "bytes=10-19"}, buffered=True)
    assert (part.status_code, part.data) == (206, whole.data[10:20])


def test_no_name_of_the_house_stands_on_any_page(ward, resident):
    airing_id = aired(ward)
    for path in ("", f"/ngay/{TODAY}", f"/luot/{airing_id}", "/tim?loi=tiem"):
        text = resident.get(path).text
        assert not {ward.officer.name, ward.approver.name, ward.operator.name} & set(
            re.findall(r"\w+", text)
        ), path


def test_the_signed_sound_is_sent_where_what_was_heard_is_gone(ward, resident):
    airing_id = aired(ward, keeps=True)
    with ward.store.write() as rows:
        rows.get(Aircheck, 1).removed_at = NOW
    assert "nghe.wav" in resident.get(f"/luot/{airing_id}").text
    assert resident.get(f"/luot/{airing_id}/nghe/1.opus").status_code == 404
    sound = resident.get(f"/luot/{airing_id}/nghe.wav", headers={"Range": "bytes=0-3"}, buffered=True)
    assert (sound.status_code, sound.data) == (206, b"RIFF")


def test_what_was_not_really_heard_or_was_a_drill_is_nowhere(ward, resident):
    airing_id = aired(ward, keeps=True)
    for values in (
        {"result": "cut"},
        {"result": "missed"},
        {"result": "played", "on_loudspeaker": False},
        {"on_loudspeaker": True, "seconds_heard": 0.0},
        {"seconds_heard": 2.0, "details": {"alert": 1, "turn": 1, "drill": True}},
    ):
        hide(ward, **values)
        assert_nowhere(ward, resident, airing_id)
    hide(ward, details=None)
    assert resident.get(f"/luot/{airing_id}").status_code == 200


def test_a_withdrawn_bulletin_is_nowhere_from_that_moment_on(ward, resident):
    airing_id = aired(ward)
    with ward.store.write() as rows:
        number = rows.query(History).one().bulletin_id
        approval.withdraw(rows, ward.approver, number, "Sai ngày", ward.clock.now())
    assert_nowhere(ward, resident, airing_id)


def assert_nowhere(ward, resident, airing_id) -> None:
    for path in ("", f"/ngay/{TODAY}", "/tim?loi=tiem+chung"):
        assert f"luot/{airing_id}" not in resident.get(path).text, path
    for path in ("", "/nghe/1.opus", "/nghe.wav"):
        assert resident.get(f"/luot/{airing_id}{path}").status_code == 404


def test_a_corrected_row_is_not_shown_beside_its_correction(ward, resident):
    airing_id = aired(ward)
    with ward.store.write() as rows:
        first = rows.query(History).one()
        values = {c.key: getattr(first, c.key) for c in History.__table__.columns}
        rows.add(History(**values | {"id": 2, "corrects_id": 1, "title": "Tiêm chủng, bản đính chính"}))
    page = resident.get(f"/ngay/{TODAY}").text
    assert page.count(f"luot/{airing_id}") == 1
    assert "bản đính chính" in page


def test_the_text_is_the_one_that_was_aired_whatever_was_written_since(ward, resident):
    airing_id = aired(ward)
    with ward.store.write() as rows:
        bulletin = rows.get(Bulletin, rows.query(History).one().bulletin_id)
        bulletin.title, bulletin.state = "Bản nháp chưa ai xem", "draft"
    page = resident.get(f"/luot/{airing_id}").text + resident.get("").text
    assert "Nội dung Tiêm chủng mở rộng." in page
    assert "Bản nháp" not in page


def test_drafts_in_the_schedule_are_not_announced_and_signed_ones_are(ward, resident):
    signed, draft = ward.approved("Họp tổ dân phố"), ward.draft("Chuyện chưa duyệt")
    with ward.store.write() as rows:
        for number in (signed, draft):
            requesting.request_at(rows, ward.operator, number, NOW + timedelta(hours=2), (), NOW)
    page = resident.get("").text
    assert "Họp tổ dân phố" in page
    assert "sẽ phát" in page
    assert "Chuyện chưa duyệt" not in page


@pytest.mark.parametrize("is_drill", [False, True])
def test_an_alert_stands_on_top_while_it_stands_and_a_drill_never(ward, resident, is_drill):
    order = emergency_order(ward, "Sơ tán khu phố 3")
    with ward.store.write() as rows:
        wish = Wish(reason="Nước lên", order_id=order, is_drill=is_drill, zone_ids=(1,), may_cut=True)
        raised = alerts.raise_alert(rows, ward.operator, wish, NOW)
    answer = resident.get("")
    assert ("Sơ tán khu phố 3" in answer.text) is not is_drill
    assert ("max-age=10" in answer.headers["Cache-Control"]) is not is_drill
    assert "Nước lên" not in answer.text
    with ward.store.write() as rows:
        alerts.get(rows, raised.id).title = "Bán đất giá rẻ"  # by who can write to the database
    assert "Bán đất" not in resident.get("").text
    with ward.store.write() as rows:
        alerts.stand_down(rows, ward.operator, raised.id, "Nước rút", NOW)
    assert "Sơ tán" not in resident.get("").text


def test_html_in_a_text_stays_text(ward, resident):
    evil = "<script>alert(1)</script> & <b>đậm</b>"
    airing_id = aired(ward)
    with ward.store.write() as rows:
        version = rows.query(Version).one()
        version.written, version.written_sha256 = evil, sha256_of(evil)
    hide(ward, title=evil, written_sha256=sha256_of(evil))
    for path in (f"/luot/{airing_id}", f"/ngay/{TODAY}", "/tim?loi=%3Cscript%3E"):
        page = resident.get(path).text
        assert "<script" not in page
        assert "<b>đậm" not in page
    assert "&lt;script&gt;" in resident.get(f"/luot/{airing_id}").text


def test_past_days_are_searched_without_diacritics_and_no_further_back(ward, resident, clock):
    aired(ward, "Cải cách hành chính")
    assert "Cải cách hành chính" in resident.get("/tim?loi=cai+cach").text
    assert "không có bản tin nào" in resident.get("/tim?loi=bao+lut").text
    clock.advance(31 * 86_400)
    assert "Cải cách hành chính" not in resident.get("/tim?loi=cai+cach").text
    assert resident.get(f"/ngay/{TODAY}").status_code == 404


def test_a_day_that_is_not_shown_is_not_there(ward, resident):
    for day in ("2026-11-24", "2020-01-01", "hom-nay", "9999-12-31", "2026-02-30"):
        answer = resident.get(f"/ngay/{day}")
        assert answer.status_code == 404
        assert "Không có trang này" in answer.text
        assert "đăng nhập" not in answer.text.split("<footer>")[0]


# --- kept by browsers, without cookies ---


def test_pages_may_be_kept_and_know_no_cookie(ward, resident, officer):
    for path in ("", f"/ngay/{TODAY}", "/tim?loi=x"):
        assert_kept_without_cookies(path, resident, officer)


def assert_kept_without_cookies(path, resident, officer) -> None:
    answer = resident.get(path)
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert answer.headers["Cache-Control"] == "public, max-age=60"
    assert len(answer.data) < 20_000
    again = resident.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert (
        resident.get(path, headers={"If-Modified-Since": answer.headers["Last-Modified"]}).status_code == 304
    )
    assert officer.get(f"/nguoi-dan{path}").text == answer.text


def test_a_page_that_has_changed_is_sent_anew(ward, resident, clock):
    first = resident.get("")
    clock.advance(120)
    assert resident.get("").headers["Last-Modified"] == first.headers["Last-Modified"]
    aired(ward)
    since = {"If-None-Match": first.headers["ETag"], "If-Modified-Since": first.headers["Last-Modified"]}
    assert resident.get("", headers=since).status_code == 200


def test_there_is_no_script_on_the_page_and_nothing_from_elsewhere(ward, resident):
    airing_id = aired(ward)
    for path in ("", f"/luot/{airing_id}", "/phan-anh", "/tra-loi"):
        page = resident.get(path).text
        assert "<script" not in page
        assert not re.findall(r'(?:src|href)="(?!/|#)', page), path


# --- reporting ---


def test_a_complaint_is_taken_for_its_airing_and_its_code_shows_the_answer(ward, resident, officer):
    airing_id = aired(ward)
    sent = resident.report(airing_id, place="Toàn phường", name="Lê Thị Hoa", phone="0912 345 678")
    code = code_in(sent)
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", code)
    assert "Set-Cookie" not in sent.headers
    (kept,) = complaints_in(ward)
    assert (kept.airing_id, kept.kind, kept.name, kept.phone) == (
        airing_id,
        "unheard",
        "Lê Thị Hoa",
        "0912 345 678",
    )
    assert code.replace("-", "") not in repr(vars(kept))
    assert "chưa xem" in resident.ask(code.lower().replace("-", " ")).text
    officer.post(f"/phan-anh/{kept.id}", answer="Loa đã được sửa.", who="sender")
    assert "Loa đã được sửa." in resident.ask(code).text
    assert "Loa đã được sửa." not in resident.get(f"/luot/{airing_id}").text


def test_a_public_answer_stands_with_the_bulletin_without_a_word_of_the_sender(ward, resident, officer):
    airing_id = aired(ward)
    resident.report(airing_id, text="Nhà tôi số 5 ngõ 2 không nghe", name="Hoa")
    officer.post("/phan-anh/1", answer="Loa Khu phố 3 đã được sửa.", who="all")
    page = resident.get(f"/luot/{airing_id}").text
    assert "Loa Khu phố 3 đã được sửa." in page
    assert "số 5 ngõ 2" not in page


def test_a_form_sent_twice_is_one_complaint_with_one_code(ward, resident):
    stamp = resident.stamp("/phan-anh")
    first, second = (resident.report(stamp=stamp) for _ in range(2))
    assert code_in(first) == code_in(second)
    assert len(complaints_in(ward)) == 1


def test_without_a_stamp_of_ours_nothing_is_kept_and_nothing_typed_is_lost(ward, resident, clock):
    for stamp in ("", "1.2.3", "x" * 5000, "1700000000.aa..c2ln", "\ud7ff\x00"):
        answer = resident.report(stamp=stamp, text="Loa kêu rè rè")
        assert answer.status_code == 400
        assert "Loa kêu rè rè" in answer.text
        assert complaints_in(ward) == []
    fresh = re.search(r'name="stamp" value="([^"]+)"', answer.text)[1]
    early = resident.report(stamp=fresh)
    assert "vài giây" in early.text
    assert fresh in early.text
    clock.advance(3)
    assert resident.report(stamp=fresh).status_code == 200


def test_a_stamp_holds_neither_too_soon_nor_too_long_nor_for_another_airing(ward, resident, clock):
    first, second = aired(ward), aired(ward, "Họp tổ dân phố", 2)
    stamp = resident.stamp(f"/phan-anh?luot={first}")
    resident.report(second, stamp=stamp)
    assert [row.airing_id for row in complaints_in(ward)] == [first]
    old = resident.stamp("/phan-anh")
    clock.advance(residents_door.MOST_S)
    answer = resident.report(stamp=old)
    assert (answer.status_code, "mở đã lâu" in answer.text) == (400, True)


def test_a_program_that_fills_every_field_is_turned_away_kindly(ward, resident):
    answer = resident.report(subject="mua hàng giá rẻ", text="Loa hỏng")
    assert answer.status_code == 400
    assert "giá rẻ" not in answer.text
    assert "Loa hỏng" in answer.text
    assert complaints_in(ward) == []


def test_what_cannot_be_taken_is_told_beside_its_field(ward, resident):
    wrong = (
        ({"kind": ""}, "chọn việc cần phản ánh"),
        ({"kind": "khac"}, "chọn lại"),
        ({"text": " \n "}, "Hãy ghi điều bạn muốn phản ánh"),
        ({"text": "a" * 2001}, "Dài quá 2000 ký tự"),
        ({"place": "Nơi không có"}, "chọn lại"),
        ({"phone": "gọi tôi nhé"}, "Số điện thoại chưa đúng"),
        ({"name": "x" * 81}, "Dài quá 80 ký tự"),
    )
    for fields, sentence in wrong:
        answer = resident.report(**fields)
        assert answer.status_code == 400
        assert sentence in answer.text
    assert complaints_in(ward) == []


def test_a_form_of_a_megabyte_is_refused_before_it_is_read(ward, resident):
    answer = resident.report(stamp="x", text="a" * 1_000_000)
    assert answer.status_code == 413
    assert "viết ngắn hơn" in answer.text
    assert complaints_in(ward) == []


def test_html_and_hidden_letters_in_a_complaint_stay_text(ward, resident, officer):
    code = code_in(resident.report(text="<img src=x onerror=alert(1)>\u202egnouc\x07", name="<b>Hoa</b>"))
    for page in (resident.ask(code).text, officer.get("/phan-anh").text, officer.get("/phan-anh/1").text):
        assert "<img" not in page
        assert "<b>Hoa" not in page
    assert complaints_in(ward)[0].text == "<img src=x onerror=alert(1)>gnouc"


def test_nothing_can_be_reported_of_what_is_not_shown(ward, resident):
    for luot in ("x", "0" * 32, "../../x", "' OR 1=1"):
        assert resident.get("/phan-anh", query_string={"luot": luot}).status_code == 404


def test_a_missed_airing_may_be_reported_and_a_draft_not(ward, resident, clock):
    signed, draft = ward.approved("Họp tổ dân phố"), ward.draft("Chuyện chưa duyệt")
    with ward.store.write() as rows:
        of = [requesting.request_at(rows, ward.operator, n, NOW, (), NOW).id for n in (signed, draft)]
        for airing_id in of:
            airings.miss(rows, rows.get(Airing, airing_id), "power_off", "Máy tắt", NOW)
    page = resident.get("").text
    assert "không phát được" in page
    assert "Chuyện chưa duyệt" not in page
    assert "Máy tắt" not in page
    assert resident.get(f"/phan-anh?luot={of[0]}").status_code == 200
    assert resident.get(f"/phan-anh?luot={of[1]}").status_code == 404


# --- too many ---


def test_one_address_may_send_three_in_ten_minutes_and_ten_a_day(ward, resident, clock):
    for _ in range(3):
        assert resident.report().status_code == 200
    assert "đợi 10 phút" in resident.report().text
    assert resident.report(address="10.0.0.9").status_code == 200
    for _ in range(7):
        clock.advance(600)
        assert resident.report().status_code == 200
    clock.advance(600)
    assert "ngày mai" in resident.report().text
    assert len(complaints_in(ward)) == 11


def test_all_together_may_send_two_hundred_a_day(ward, resident, monkeypatch):
    monkeypatch.setattr("broadcaster.records.complaints.MOST_OF_ALL_A_DAY", 4)
    answers = [resident.report(address=f"10.0.0.{number}") for number in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 400]
    assert "quá nhiều phản ánh" in answers[-1].text


def test_no_address_of_a_sender_is_kept(ward, resident):
    resident.report(address="203.0.113.77")
    assert "203.0.113" not in repr(vars(complaints_in(ward)[0]))


def test_codes_cannot_be_guessed_by_trying(ward, resident, clock):
    code = code_in(resident.report())
    wrong = [resident.ask(f"{number:016d}").status_code for number in range(10)]
    assert set(wrong) == {404}
    assert resident.ask(code).status_code == 429
    clock.advance(600)
    assert resident.ask(code).status_code == 200


def test_who_asks_too_often_is_asked_to_wait_and_others_are_served(ward, resident, visitor):
    answers = [resident.get("/tra-loi").status_code for _ in range(241)]
    assert (answers[239], answers[240]) == (200, 429)
    assert resident.get("").headers["Retry-After"] == "60"
    other = visitor().client.get("/nguoi-dan", environ_overrides={"REMOTE_ADDR": "10.1.2.3"})
    assert other.status_code == 200


def test_the_page_works_for_a_station_whose_name_nobody_has_set(ward, resident):
    with ward.store.write() as rows:
        facts.put(rows, facts.STATION_NAME, "")
    assert "Đài truyền thanh" in resident.get("").text


def test_the_sheet_for_the_notice_board_holds_the_address_as_a_square(ward, officer, monkeypatch):
    assert "chưa mở cho điện thoại" in officer.get("/cai-dat/trang-nguoi-dan/to-dan").text
    monkeypatch.setattr(residents_setup, "is_only_here", lambda _: False)
    page = officer.get("/cai-dat/trang-nguoi-dan/to-dan").text
    assert "http://localhost/nguoi-dan" in page
    assert "<svg" in page
