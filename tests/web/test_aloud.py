"""The officer's desk of words: why it is read so, otherwise please, and one sentence to hear."""

from __future__ import annotations

import io
import re
import wave
from html import unescape

import pytest

from broadcaster.newsroom import readings

FORM = {"kind": "routine", "voice": "", "rate": "1.0", "repeats": "1"}
TEXT = "Ngày 12/11/2026, UBND phường họp.\nGửi Ban CT trước 17h."
HEAR = re.compile(r'data-hear href="([^"]+)"')


@pytest.fixture
def number(officer):
    made = officer.post("/ban-tin/moi", title="Họp", written=TEXT, **FORM)
    return int(made.location.rsplit("/", 1)[1])


def plain(page):
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())


def word(written, *, own="", spoken="", scope="bulletin", context="", n=0):
    named = {"written": written, "own": own, "spoken": spoken, "scope": scope, "context": context}
    return {f"{name}-{n}": value for name, value in named.items()}


def said(officer, number):
    return plain(officer.get(f"/ban-tin/{number}").text)


def test_every_changed_word_leads_to_why_it_is_read_so(officer, number):
    page = officer.get(f"/ban-tin/{number}").text
    for written in ("12/11/2026", "UBND", "CT", "17h"):
        start = TEXT.index(written)
        assert f'href="/ban-tin/{number}?chu={start}#quyet-dinh"' in page, written
        panel = plain(officer.get(f"/ban-tin/{number}?chu={start}").text)
        assert f"“{written}”" in panel
        assert "Đang" in panel
    assert "Vì: ngày tháng." in plain(officer.get(f"/ban-tin/{number}?chu=5").text)


def test_an_approver_sees_why_but_decides_nothing(officer, approver, number):
    page = approver.get(f"/ban-tin/{number}?chu=5").text
    assert "Vì: ngày tháng" in plain(page)
    assert "Dùng cách đọc đã chọn" not in page


@pytest.mark.parametrize(
    ("scope", "here", "bulletin", "station"),
    [("once", 1, 1, 0), ("bulletin", 2, 2, 0), ("station", 2, 0, 2)],
)
def test_a_reading_holds_as_far_as_it_was_meant(scope, here, bulletin, station, officer, desk):
    written = "UBND phường mời họp.\nBà con gửi đơn về UBND xã."
    made = officer.post("/ban-tin/moi", title="Họp", written=written, **FORM)
    number = int(made.location.rsplit("/", 1)[1])
    with desk.store.read() as rows:
        from broadcaster.newsroom import bulletins
        from web.choices import choice_of
        from web.texts import token_at

        spoken = bulletins.spoken_of(rows, bulletins.get(rows, number))
        context = choice_of(written, token_at(spoken, 0)).context
    fields = word("UBND", own="ủy ban phường nhà", scope=scope, context=context)
    answer = officer.post(f"/ban-tin/{number}/cach-doc", count="1", chu="0", **fields)
    assert answer.location == f"/ban-tin/{number}#chu-0"
    with desk.store.read() as rows:
        assert bool(readings.in_force(rows, number)) is (bulletin > 0)
        assert bool(readings.in_force(rows, None)) is (station > 0)
        text = bulletins.spoken_of(rows, bulletins.get(rows, number)).text.lower()
        assert text.count("ủy ban phường nhà") == here


def test_a_choice_survives_an_edit_of_the_words_around_it(officer, number):
    officer.post(f"/ban-tin/{number}/cach-doc", count="1", **word("CT", own="chỉ thị"))
    officer.post(
        f"/ban-tin/{number}/sua", title="Họp", based_on="1",
        written=f"Thêm một câu ở đầu.\n{TEXT}\nVà một câu ở cuối.", **FORM,
    )  # fmt: skip
    page = officer.get(f"/ban-tin/{number}").text
    assert "Gửi Ban chỉ thị" in plain(page)
    assert "chỗ phải chọn cách đọc" not in page


def test_of_several_readings_none_is_taken_when_one_cannot_be_said(officer, number):
    fields = word("CT", own="công ty 7", scope="station") | word("UBND", own="ủy ban", n=1)
    answer = officer.post(f"/ban-tin/{number}/cach-doc", count="2", **fields)
    assert answer.status_code == 409
    page = unescape(answer.text)
    assert "Còn chữ số “7”" in page
    assert "công ty bảy" not in said(officer, number)


def test_what_was_typed_for_the_words_on_top_stays_after_a_refusal(officer, number):
    page = unescape(officer.get(f"/ban-tin/{number}").text)
    context = re.search(r'name="context-0" value="([^"]*)"', page)[1]
    answer = officer.post(
        f"/ban-tin/{number}/cach-doc",
        count="1",
        **word("CT", own="công ty 7", scope="station", context=context),
    )
    page = unescape(answer.text)
    assert 'value="công ty 7"' in page
    assert '<option value="station" selected>' in page
    assert "chưa đọc được" in page


def test_nothing_chosen_is_told_on_the_page_itself(officer, number):
    answer = officer.post(f"/ban-tin/{number}/cach-doc", count="1", **word("CT"))
    assert answer.status_code == 409
    assert "Chưa chọn cách đọc nào" in answer.text
    assert "Lời sẽ đọc" in answer.text


def test_a_word_that_nobody_marked_can_be_read_otherwise(officer, number):
    fields = {"tu-khac": "1", "count": "1"} | word("phường", own="thị trấn")
    officer.post(f"/ban-tin/{number}/cach-doc", **fields)
    assert "ủy ban nhân dân thị trấn họp" in said(officer, number)
    refused = officer.post(f"/ban-tin/{number}/cach-doc", **(fields | {"own-0": "tt 3"}))
    assert 'value="tt 3"' in unescape(refused.text)


def test_an_address_may_be_left_unsaid(officer):
    made = officer.post("/ban-tin/moi", title="Tin", written="Xem tại thachha.gov.vn nhé.", **FORM)
    officer.post(f"{made.location}/cach-doc", count="1", **word("thachha.gov.vn", spoken="(không đọc)"))
    page = plain(officer.get(made.location).text)
    assert "Xem tại nhé" in page
    assert "“thachha.gov.vn” không đọc" in page


def test_one_sentence_is_heard_by_itself(officer, approver, number):
    page = officer.get(f"/ban-tin/{number}").text
    addresses = HEAR.findall(page)
    assert len(addresses) == 1  # the second sentence waits for a reading
    for person in (officer, approver):
        answer = person.get(addresses[0], buffered=True)
        assert answer.mimetype == "audio/wav"
        with wave.open(io.BytesIO(answer.data)) as sound:
            assert 2.5 < sound.getnframes() / sound.getframerate() < 12
        part = person.get(addresses[0], headers={"Range": "bytes=0-9"}, buffered=True)
        assert (part.status_code, len(part.data)) == (206, 10)


def test_a_viewer_hears_no_drafts(visitor, officer, number):
    viewer = visitor("viewer")
    assert HEAR.findall(viewer.get(f"/ban-tin/{number}").text) == []
    address = HEAR.findall(officer.get(f"/ban-tin/{number}").text)[0]
    assert viewer.get(address).status_code == 403


def test_an_old_page_is_told_that_the_words_have_changed(officer, number):
    address = HEAR.findall(officer.get(f"/ban-tin/{number}").text)[0]
    officer.post(f"/ban-tin/{number}/sua", title="Họp", based_on="1", written="Câu mới hẳn.", **FORM)
    assert officer.get(address).status_code == 409
    told = officer.get(address, headers={"Accept": "application/json"})
    assert "tải lại trang" in told.json["sentence"]


def test_slips_are_hints_and_stop_nothing(officer):
    written = "Bà con chủ động chủ động làm thủ tục hành chínhtrên mạng."
    made = officer.post("/ban-tin/moi", title="Tin", written=written, **FORM)
    page = officer.get(made.location).text
    assert "2 chỗ có thể gõ nhầm" in page
    assert '<span class="slip" title="lặp từ: “chủ động”?">chủ động chủ động</span>' in page
    assert "Nghe cả bài" in page
