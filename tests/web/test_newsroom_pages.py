"""From a pasted text to a signature, through the page."""

from __future__ import annotations

import re
from html import unescape

import pytest

from broadcaster.newsroom import approval, bulletins, render_queue
from broadcaster.store import facts

FORM = {"kind": "routine", "voice": "", "rate": "1.0", "repeats": "1"}
TEXT = "Ngày 12/11/2026, bà con đến trạm y tế lúc 7 giờ 30."


def submitted(desk, title="Tiêm chủng"):
    number = desk.draft(title)
    with desk.store.write() as rows:
        approval.submit(rows, desk.officer, number, desk.clock.now())
    return number


def state_of(desk, number):
    with desk.store.read() as rows:
        return bulletins.get(rows, number).state


def heard(desk, number):
    with desk.store.read() as rows:
        return approval.submission(rows, number).rendering_id


def test_a_pasted_text_is_kept_and_shown_beside_its_words(officer, desk):
    answer = officer.post("/ban-tin/moi", follow=True, title="Khám bệnh", written=TEXT, **FORM)
    page = unescape(answer.text)
    assert "12/11/2026" in page
    assert '<mark class="in-time"' in page
    assert "bảy giờ ba mươi" in re.sub(r"<[^>]*>", "", page)


def test_bulletins_are_found_without_diacritics(officer, desk):
    desk.draft("Tiêm chủng mở rộng")
    desk.draft("Vệ sinh môi trường")
    page = officer.get("/ban-tin?words=tiem+chung").text
    assert "Tiêm chủng mở rộng" in page
    assert "Vệ sinh môi trường" not in page


def test_a_word_is_decided_where_it_stands_and_the_decision_can_be_taken_back(officer, desk):
    number = desk.draft("Tin")
    answer = officer.post(
        f"/ban-tin/{number}/cach-doc",
        follow=True,
        count="1",
        **{"written-0": "Tin", "spoken-0": "", "own-0": "bản tin", "scope-0": "bulletin", "context-0": ""},
    )
    assert "“Tin” đọc là “bản tin”" in unescape(answer.text)
    officer.post(f"/ban-tin/{number}/cach-doc/1/bo")
    assert "đọc là “bản tin”" not in unescape(officer.get(f"/ban-tin/{number}").text)


def test_nothing_is_decided_when_nothing_was_chosen(officer, desk):
    number = desk.draft("Tin")
    answer = officer.post(f"/ban-tin/{number}/cach-doc", count="1", **{"written-0": "Tin"})
    assert answer.status_code == 409
    assert "Chưa chọn cách đọc" in answer.text


def test_listening_asks_for_the_clip_and_shows_how_far_it_is(officer, desk):
    answer = officer.post("/ban-tin/moi", title="Khám bệnh", written=TEXT, **FORM)
    page = officer.post(f"{answer.location}/nghe-ca-bai", follow=True).text
    assert "Đang chờ đến lượt đọc" in page
    with desk.store.read() as rows:
        assert render_queue.is_work_waiting(rows, desk.clock.now())


def test_what_was_not_heard_cannot_be_sent(officer):
    made = officer.post("/ban-tin/moi", title="Khám bệnh", written=TEXT, **FORM)
    assert "Gửi duyệt</span>" not in officer.get(made.location).text
    assert officer.post(f"{made.location}/gui-duyet").status_code == 409


def test_a_clip_is_sent_in_parts_so_that_one_can_jump_in_it(officer, desk):
    number = desk.draft("Tiêm chủng", seconds=1.0)
    page = officer.get(f"/ban-tin/{number}").text
    address = page.split('<source src="')[-1] if "<source" in page else page.split("/am-thanh/")[1]
    address = "/am-thanh/" + address.split('"')[0]
    part = officer.get(address, headers={"Range": "bytes=0-99"}, buffered=True)
    assert part.status_code == 206
    assert len(part.data) == 100
    assert part.headers["Content-Range"].startswith("bytes 0-99/")
    assert part.data[:4] == b"RIFF"
    whole = officer.get(address, buffered=True)
    unchanged = officer.get(address, headers={"If-None-Match": whole.headers["ETag"]}, buffered=True)
    assert unchanged.status_code == 304


@pytest.mark.parametrize("name", ["..%2f..%2fstation.db", "0" * 64, "a" * 63])
def test_nothing_but_clips_is_sent(officer, name):
    assert officer.get(f"/am-thanh/{name}.wav").status_code == 404


def test_an_approver_signs_and_the_next_one_follows(approver, desk):
    first, second = submitted(desk), submitted(desk, "Vệ sinh")
    assert "Chờ duyệt" in approver.get("/duyet").text
    answer = approver.post(f"/duyet/{first}/dong-y", heard=heard(desk, first))
    assert answer.location == f"/duyet/{second}"
    assert state_of(desk, first) == "approved"
    answer = approver.post(f"/duyet/{second}/tra-lai", comment="Thiếu giờ họp")
    assert answer.location == "/duyet"
    assert state_of(desk, second) == "returned"


def test_who_wrote_cannot_sign_and_is_told_so(visitor, desk):
    both = visitor("officer", "approver")
    desk.officer, kept = both.actor, desk.officer
    number = submitted(desk)
    desk.officer = kept
    page = both.get(f"/duyet/{number}").text
    assert "cần một người khác duyệt" in page
    assert "Đã nghe, duyệt" not in page
    refused = both.post(f"/duyet/{number}/dong-y", heard=heard(desk, number))
    assert refused.status_code == 409
    with desk.store.write() as rows:
        facts.put(rows, facts.SELF_APPROVAL, True)
    page = both.get(f"/duyet/{number}").text
    assert "Đã nghe, duyệt" in page
    assert "đang cho phép người soạn tự duyệt" in page


def test_another_clip_than_the_one_sent_cannot_be_signed(approver, desk):
    number = submitted(desk)
    assert approver.post(f"/duyet/{number}/dong-y", heard=heard(desk, number) + 1).status_code == 409
    assert state_of(desk, number) == "submitted"


def test_after_a_quarter_of_an_hour_a_signature_asks_for_the_password_and_goes_on(approver, desk, clock):
    from broadcaster.accounts import links

    with desk.store.write() as rows:
        secret = links.invite(rows, desk.operator, desk.approver.id, clock.now())
    links.set_password(desk.store, secret, "sương mai trên lá sen", clock.now())
    approver.enter(desk.approver)
    number = submitted(desk)
    clock.advance(16 * 60)
    asked = approver.post(f"/duyet/{number}/dong-y", heard=heard(desk, number))
    assert asked.status_code == 401
    assert "Nhập lại mật khẩu" in asked.text
    assert state_of(desk, number) == "submitted"
    fields = {"tiep": f"/duyet/{number}/dong-y", "heard": heard(desk, number)}
    wrong = approver.post("/xac-nhan", password="sai mật khẩu", **fields)
    assert wrong.status_code == 401
    assert state_of(desk, number) == "submitted"
    right = approver.post("/xac-nhan", password="sương mai trên lá sen", follow=True, **fields)
    assert right.status_code == 200
    assert state_of(desk, number) == "approved"


def test_a_returned_bulletin_shows_its_author_what_to_mend(officer, approver, desk):
    number = submitted(desk)
    approver.post(f"/duyet/{number}/tra-lai", comment="Thiếu giờ họp")
    assert "Thiếu giờ họp" in officer.get(f"/ban-tin/{number}").text
    assert "Bị trả lại, cần sửa" in officer.get("/").text


def test_a_withdrawn_bulletin_leaves_the_plan(approver, operator, desk):
    number = desk.approved("Vệ sinh")
    operator.post(f"/ban-tin/{number}/xep-lich", way="at", on="23/11/2026", at="17:00")
    assert "Vệ sinh" in operator.get("/").text
    approver.post(f"/ban-tin/{number}/rut", reason="Hoãn họp")
    assert state_of(desk, number) == "withdrawn"
    assert 'class="airing' not in operator.get("/").text


def test_every_version_can_be_read_again(officer, desk):
    number = desk.draft("Vệ sinh")
    officer.post(
        f"/ban-tin/{number}/sua",
        title="Vệ sinh", written="Lời mới.", based_on="1", **FORM,
    )  # fmt: skip
    assert "Lời mới." in officer.get(f"/ban-tin/{number}/phien-ban/2").text
    assert "Nội dung Vệ sinh." in officer.get(f"/ban-tin/{number}/phien-ban/1").text
    assert officer.get(f"/ban-tin/{number}/phien-ban/3").status_code == 404


@pytest.mark.parametrize(
    ("kind", "chosen", "rate"),
    [("routine", "", 1.0), ("emergency", "", 0.85), ("emergency", "1.0", 1.0), ("routine", "1.15", 1.15)],
)
def test_an_emergency_is_read_slowly_unless_somebody_chooses(kind, chosen, rate, officer, desk):
    fields = FORM | {"kind": kind, "rate": chosen}
    made = officer.post("/ban-tin/moi", title="Bão", written=TEXT, **fields)
    number = int(made.location.rsplit("/", 1)[1])
    with desk.store.read() as rows:
        assert bulletins.get(rows, number).rate == rate
    page = officer.get(f"/ban-tin/{number}/sua").text
    assert f'<option selected value="{chosen}">' in page


@pytest.mark.parametrize(("asked", "chosen"), [("emergency", "emergency"), ("nonsense", "routine")])
def test_an_emergency_bulletin_is_begun_as_one(officer, asked, chosen):
    page = officer.get(f"/ban-tin/moi?loai={asked}").text
    assert re.search(rf'<option selected value="{chosen}"', page)
