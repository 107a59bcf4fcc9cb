"""Relays on the page: added, tried, sent, signed and planned by the people whose work it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from broadcaster.newsroom import approval, relays
from broadcaster.newsroom.relays import RelayDraft
from broadcaster.store.models import BulletinState
from tests.audio.radio import Radio, serving
from tests.broadcaster.moments import NOW
from tests.sound_server import eventually
from tests.web.conftest import Visitor
from web.pages import relays as relay_pages

ADDRESS = "http://dai-tinh.vn:8000/nghe.mp3"
FIELDS: dict[str, Any] = {
    "title": "Thời sự 18 giờ", "address": ADDRESS, "minutes": "30", "filler_sha256": "", "kind": "routine"
}  # fmt: skip


@pytest.fixture(scope="module")
def radio() -> Iterator[Radio]:
    with serving() as made:
        made.burst_s = 7.0
        yield made


@pytest.fixture
def relay(desk) -> int:
    with desk.store.write() as rows:
        return relays.write(rows, desk.officer, RelayDraft("Thời sự 18 giờ", ADDRESS, 30), NOW).id


@pytest.fixture
def waiting(desk, relay) -> int:
    with desk.store.write() as rows:
        approval.submit(rows, desk.officer, relay, NOW)
    return relay


@pytest.fixture(autouse=True)
def _quiet(app: Flask) -> Iterator[None]:
    yield
    relay_pages.close(app)


def state(desk, number: int) -> BulletinState:
    with desk.store.read() as rows:
        return BulletinState(relays.get(rows, number).state)


def test_an_empty_page_says_what_to_do_first(officer, visitor):
    assert "Dán vào, nghe thử, gửi duyệt" in officer.get("/tiep-am").text
    assert "Thêm nguồn" not in visitor("viewer").get("/tiep-am").text


def test_an_officer_adds_a_relay_and_sends_it(officer: Visitor, desk):
    page = officer.post("/tiep-am/moi", follow=True, **FIELDS).text
    assert "Thời sự 18 giờ" in page and ADDRESS in page and "30 phút" in page and "tiếng chờ êm" in page
    with desk.store.read() as rows:
        number = relays.all_relays(rows)[0].id
    page = officer.post(f"/ban-tin/{number}/gui-duyet", follow=True).text
    assert "Đang chờ người duyệt" in page
    assert state(desk, number) == BulletinState.SUBMITTED
    assert "dai-tinh.vn" in officer.get("/tiep-am").text


def test_what_cannot_be_taken_is_told_beside_its_field_and_nothing_typed_is_lost(officer):
    for field, value, says in (
        ("address", "file:///etc/passwd", "http:// hoặc https://"),
        ("address", "", "Hãy dán địa chỉ"),
        ("minutes", "0", "từ 1 đến 180"),
        ("minutes", "x", "Thời lượng"),
        ("title", "", "Hãy đặt tên"),
        ("kind", "emergency", "không còn dùng được"),
        ("filler_sha256", "0" * 64, "không còn dùng được"),
    ):
        answer = officer.post("/tiep-am/moi", **(FIELDS | {field: value, "topic": "thời sự tỉnh"}))
        assert answer.status_code == 200, field
        assert says in answer.text and "thời sự tỉnh" in answer.text, field
        assert "has-error" in answer.text, field


def test_the_pages_of_a_text_lead_to_those_of_a_relay(officer, relay):
    assert officer.get(f"/ban-tin/{relay}").location == f"/tiep-am/{relay}"
    assert officer.get(f"/ban-tin/{relay}/sua").location == f"/tiep-am/{relay}/sua"


def test_a_text_has_no_relay_page(officer, desk):
    number = desk.draft("Tin")
    assert officer.get(f"/tiep-am/{number}").status_code == 404


def test_the_approver_sees_the_address_and_signs_what_was_on_the_page(approver, desk, waiting):
    page = approver.get(f"/duyet/{waiting}").text
    assert ADDRESS in page and "30 phút" in page and "Nghe thử nguồn" in page
    seen = re.search(r'name="seen" value="(\d+)"', page)
    assert seen is not None
    approver.post(f"/duyet/{waiting}/dong-y", heard="0", seen=seen[1])
    assert state(desk, waiting) == BulletinState.APPROVED


def test_a_page_that_shows_an_older_address_signs_nothing(approver, desk, waiting):
    with desk.store.write() as rows:
        relays.edit(rows, desk.officer, waiting, RelayDraft("Thời sự", "http://khac.vn/", 30), 1, NOW)
        approval.submit(rows, desk.officer, waiting, NOW)
    answer = approver.post(f"/duyet/{waiting}/dong-y", heard="0", seen="1")
    assert answer.status_code == 409 and "tải lại trang" in answer.text
    assert state(desk, waiting) == BulletinState.SUBMITTED


def test_an_edit_that_came_too_late_is_told(officer, desk, relay):
    with desk.store.write() as rows:
        relays.edit(rows, desk.officer, relay, RelayDraft("Khác", ADDRESS, 15), 1, NOW)
    page = officer.post(f"/tiep-am/{relay}/sua", **(FIELDS | {"based_on": "1", "minutes": "20"})).text
    assert "đã lưu phiên bản 2" in page and 'value="20"' in page


def trial_of(page: str) -> str:
    found = re.search(r'src="(/tiep-am/thu/[0-9a-f]{16})"', page)
    assert found is not None, "no trial on the page"
    return found[1]


def over(visitor: Visitor, address: str) -> str:
    """Return the part of the page that shows the trial, once it does not show itself anew any more."""

    def look() -> str:
        page = visitor.get(address).text
        return "" if "refresh" in page else page

    return eventually(look, 20.0, "the trial is over")


def test_a_source_is_tried_from_the_form_before_anything_is_saved(officer, desk, radio):
    fields = FIELDS | {"address": radio.url("/page"), "title": "", "topic": "gõ dở", "thu": "1"}
    page = officer.post("/tiep-am/moi", **fields).text
    assert "gõ dở" in page and "has-error" not in page, "nothing is lost, nothing is scolded"
    assert "trang web" in over(officer, trial_of(page))
    assert officer.get(f"{trial_of(page)}.wav").status_code == 404
    with desk.store.read() as rows:
        assert relays.all_relays(rows) == []


def test_an_address_that_may_not_be_opened_is_not_tried(officer):
    page = officer.post("/tiep-am/moi", **(FIELDS | {"address": "file:///etc/passwd", "thu": "1"})).text
    assert "http:// hoặc https://" in page and 'class="trial"' not in page


def test_the_approver_listens_from_the_page_on_which_they_sign(approver, desk, waiting, radio):
    with desk.store.write() as rows:
        changed = RelayDraft("Thời sự", radio.url("/khong-co"), 30)
        relays.edit(rows, desk.officer, waiting, changed, 1, NOW)
        approval.submit(rows, desk.officer, waiting, NOW)
    page = approver.post(f"/tiep-am/{waiting}/nghe-thu", follow=True, ve="duyet").text
    assert "Duyệt nguồn này" in page
    assert "không có luồng này" in over(approver, trial_of(page))


def test_who_neither_writes_nor_signs_does_not_listen(visitor, relay):
    viewer = visitor("viewer")
    assert viewer.post(f"/tiep-am/{relay}/nghe-thu").status_code == 403
    assert viewer.get("/tiep-am/thu/" + "0" * 16).status_code == 403
    assert "Nghe thử nguồn" not in viewer.get(f"/tiep-am/{relay}").text
