"""The station's readings on their page: heard before they are kept, changed by new rows, out and in."""

from __future__ import annotations

import io
import re
import wave
from html import unescape

import pytest

from broadcaster.newsroom import readings

KP3 = {"written": "KP3", "spoken": "khu phố ba", "example": ""}


def mark_of(page):
    return re.search(r'name="heard"[^>]* value="([^"]*)"', page)[1]


def heard_and_kept(officer, address="/tu-dien/them", **fields):
    page = officer.post(address, **fields).text
    return officer.post(address, heard=mark_of(page), **fields)


def in_force(desk):
    with desk.store.read() as rows:
        return {each.written: each.spoken for each in readings.in_force(rows, None)}


def number_of(desk, written):
    with desk.store.read() as rows:
        return next(each.id for each in readings.in_force(rows, None) if each.written == written)


def test_a_reading_is_heard_before_it_is_kept(officer, desk):
    page = unescape(officer.post("/tu-dien/them", **(KP3 | {"example": "Mời bà con KP3 họp."})).text)
    assert "Nghe trước khi lưu" in page
    assert "“Mời bà con khu phố ba họp.”" in page
    assert in_force(desk) == {}
    sound = officer.get(re.search(r'<audio[^>]* src="([^"]+)"', page)[1], buffered=True)
    with wave.open(io.BytesIO(sound.data)) as clip:
        assert clip.getnframes() / clip.getframerate() > 1
    kept = heard_and_kept(officer, **KP3)
    assert kept.location == "/tu-dien"
    assert in_force(desk) == {"KP3": "khu phố ba"}


def test_what_was_changed_after_hearing_is_heard_again_first(officer, desk):
    first = mark_of(officer.post("/tu-dien/them", **KP3).text)
    page = officer.post("/tu-dien/them", heard=first, **(KP3 | {"spoken": "khu phố số ba"})).text
    assert "Nghe trước khi lưu" in page
    assert in_force(desk) == {}


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (KP3 | {"written": ""}, "Hãy nhập chữ viết"),
        (KP3 | {"spoken": "khu phố 3"}, "Còn chữ số"),
        (KP3 | {"example": "Gửi Ban CT trước KP3."}, "còn chữ chưa rõ cách đọc: “CT”"),
    ],
)
def test_what_cannot_be_said_is_told_beside_its_field(fields, sentence, officer, desk):
    page = unescape(officer.post("/tu-dien/them", **fields).text)
    assert sentence in page
    assert "Nghe trước khi lưu" not in page
    assert in_force(desk) == {}


def test_a_reading_is_changed_by_a_new_row_and_both_stand_in_the_history(officer, desk, clock):
    heard_and_kept(officer, **KP3)
    clock.advance(60)
    number = number_of(desk, "KP3")
    heard_and_kept(officer, f"/tu-dien/{number}", **(KP3 | {"spoken": "khu phố số ba"}))
    assert in_force(desk) == {"KP3": "khu phố số ba"}
    page = " ".join(unescape(re.sub(r"<[^>]*>", "", officer.get("/tu-dien/thay-doi").text)).split())
    assert "Sửa “KP3”: khu phố ba → “khu phố số ba”" in page
    assert "Thêm “KP3”" in page
    assert officer.get(f"/tu-dien/{number}").status_code == 404


def test_the_writing_of_an_entry_does_not_change_by_editing_it(officer, desk):
    heard_and_kept(officer, **KP3)
    fields = {"written": "KP4", "spoken": "khu phố bốn", "example": ""}
    heard_and_kept(officer, f"/tu-dien/{number_of(desk, 'KP3')}", **fields)
    assert in_force(desk) == {"KP3": "khu phố bốn"}


def test_a_reading_is_taken_out_of_force_and_found_without_diacritics(officer, desk):
    heard_and_kept(officer, **KP3)
    assert "KP3" in officer.get("/tu-dien?words=khu+pho").text
    assert "đọc là" not in officer.get("/tu-dien?words=tram").text
    officer.post(f"/tu-dien/{number_of(desk, 'KP3')}/bo")
    assert in_force(desk) == {}


def test_the_reading_holds_in_bulletins_from_then_on(officer):
    heard_and_kept(officer, **KP3)
    form = {"kind": "routine", "voice": "", "rate": "1.0", "repeats": "1"}
    made = officer.post("/ban-tin/moi", title="Họp", written="Mời bà con KP3 họp.", **form)
    assert "khu phố ba" in officer.get(made.location).text


def test_one_reads_the_lexicon_and_only_officers_change_it(visitor, officer):
    heard_and_kept(officer, **KP3)
    page = visitor("viewer").get("/tu-dien").text
    assert "KP3" in page
    assert "Thêm cách đọc" not in page
    assert "Nhập CSV" not in officer.get("/tu-dien").text
    assert "Nhập CSV" in visitor("admin").get("/tu-dien").text


def test_the_lexicon_goes_out_and_comes_in_after_a_preview(officer, operator, desk):
    heard_and_kept(officer, **KP3)
    content = officer.get("/tu-dien/tu-dien.csv").data
    changed = (
        content.replace("khu phố ba".encode(), "khu phố số ba".encode())
        + "TYT,trạm y tế,,,\nX,1,,,\n".encode()
    )
    page = unescape(operator.post("/tu-dien/nhap", file=(io.BytesIO(changed), "tu-dien.csv")).text)
    assert "Thêm (1)" in page
    assert "Sửa (1)" in page
    assert "Không nhận (1)" in page
    assert in_force(desk) == {"KP3": "khu phố ba"}
    carried = {
        name: re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)[1] for name in ("content", "based_on")
    }
    assert operator.post("/tu-dien/nhap", **carried).location == "/tu-dien"
    assert in_force(desk) == {"KP3": "khu phố số ba", "TYT": "trạm y tế"}


def test_a_lexicon_that_changed_since_the_preview_is_shown_again(officer, operator, desk):
    content = "Chữ viết,Cách đọc\nTYT,trạm y tế\n".encode()
    page = operator.post("/tu-dien/nhap", file=(io.BytesIO(content), "a.csv")).text
    carried = {
        name: re.search(rf'name="{name}"[^>]* value="([^"]*)"', page)[1] for name in ("content", "based_on")
    }
    heard_and_kept(officer, **KP3)
    answer = operator.post("/tu-dien/nhap", **carried)
    assert "đã thay đổi sau khi bạn xem trước" in answer.text
    assert in_force(desk) == {"KP3": "khu phố ba"}


@pytest.mark.parametrize("content", [b"", b"\x00\x01\x02\xff", b"a,b\n1,2\n", b"PK\x03\x04zip"])
def test_a_file_that_is_no_lexicon_gets_one_sentence(content, operator):
    page = operator.post("/tu-dien/nhap", file=(io.BytesIO(content), "a.csv")).text
    assert page.count('class="field-error"') == 1


def test_a_signature_names_the_lexicon_it_was_made_with(approver, desk):
    number = desk.approved("Vệ sinh")
    with desk.store.read() as rows:
        label = readings.version(rows, number)
    assert f"Dấu của từ điển đọc lúc thu: {label}" in approver.get(f"/ban-tin/{number}").text
