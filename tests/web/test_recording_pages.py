"""Recordings on the page: a file comes in whole or in parts, is watched, cut, worded, sent and signed."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET

import pytest

from broadcaster.newsroom import approval, recordings, recordings_files
from broadcaster.newsroom.recordings import NO_WORDS
from broadcaster.store.models import BulletinState, RenderingState
from tests.broadcaster.moments import NOW
from tests.broadcaster.newsroom.recorded import finish, work_of
from web.timecodes import seconds_of, timecode

CODE = "0123456789abcdef" * 2
FIELDS = {"language": "rad", "kind": "routine", "title": "Lời già làng", "written": "Giữ rừng."}


@pytest.fixture
def send(officer, desk):
    """Post the form with a file in one piece, as a browser without script does; return the answer."""

    def post(content=b"ID3 sound", name="a.mp3", path="/ban-thu/moi", **fields):
        form = {**FIELDS, **fields, "csrf_token": officer.token(), "file": (io.BytesIO(content), name)}
        return officer.client.post(path, data=form, content_type="multipart/form-data")

    return post


def parts(officer, *pieces, code=CODE, start=0):
    answers = []
    for piece in pieces:
        answers.append(
            officer.client.post(
                f"/ban-thu/phan?ma={code}&tu={start}",
                data=piece,
                headers={"X-CSRFToken": officer.token(), "Accept": "application/json"},
                content_type="application/octet-stream",
            )
        )
        start += len(piece)
    return answers


def row(desk, number=1):
    with desk.store.read() as session:
        bulletin = recordings.get(session, number)
        _ = bulletin.version
        return bulletin, work_of(session, bulletin)


def done(desk, officer=None, **changes):
    with desk.store.write() as session:
        finish(session, now=NOW, **changes)


def test_a_file_in_one_piece_becomes_a_recording_that_is_watched(send, officer, desk):
    answer = send()
    assert (answer.status_code, answer.location) == (303, "/ban-thu/1")
    bulletin, work = row(desk)
    assert (bulletin.language, bulletin.is_music, bulletin.version.written) == ("rad", False, "Giữ rừng.")
    assert (work.file_name, work.origin, work.state) == ("a.mp3", "upload", RenderingState.WAITING)
    page = officer.get("/ban-thu/1").text
    assert "đang chờ đến lượt xử lý" in page
    assert 'data-fresh="1"' in page
    assert "Gửi duyệt" not in re.sub(r"<p.*?</p>", "", page)


def test_a_file_in_parts_goes_on_where_the_line_broke(officer, desk):
    first, again, second = parts(officer, b"abc"), parts(officer, b"abc"), parts(officer, b"def", start=3)
    assert [each.json for each in (*first, *again, *second)] == [{"size": 3}, {"size": 3}, {"size": 6}]
    answer = officer.post("/ban-thu/moi", **FIELDS, upload=CODE, file_name="thu.webm", origin="recording")
    assert answer.status_code == 303
    _, work = row(desk)
    assert (work.file_bytes, work.origin, work.file_name) == (6, "recording", "thu.webm")


def test_a_part_needs_the_token_of_a_page_and_who_may_write(officer, approver, visitor):
    assert officer.client.post(f"/ban-thu/phan?ma={CODE}&tu=0", data=b"abc").status_code == 400
    assert parts(approver, b"abc")[0].status_code == 403
    nobody = visitor().client.post(
        f"/ban-thu/phan?ma={CODE}&tu=0", data=b"abc", headers={"Accept": "application/json"}
    )
    assert nobody.status_code == 401


def test_what_is_wrong_with_a_part_is_one_sentence(officer, settings, monkeypatch):
    assert "tải lại trang" in parts(officer, b"abc", code="../../x")[0].json["sentence"]
    monkeypatch.setattr(recordings_files, "LEFT_FREE_BYTES", 10**18)
    answer = parts(officer, b"abc")[0]
    assert (answer.status_code, "sắp đầy" in answer.json["sentence"]) == (409, True)
    heavy = {"CONTENT_LENGTH": "9100000"}
    assert officer.client.post(f"/ban-thu/phan?ma={CODE}&tu=0", environ_overrides=heavy).status_code == 413


def test_an_error_elsewhere_does_not_lose_the_file(send, officer, desk):
    page = send(title="").text
    assert "Hãy đặt tên cho bản thu." in page
    assert "Đã nhận “<b data-received-name>a.mp3</b>”" in page
    code = re.search(r'name="upload"[^>]*value="(\w+)"', page)[1]
    answer = officer.post("/ban-thu/moi", **FIELDS, upload=code, file_name="a.mp3")
    assert answer.status_code == 303
    assert row(desk)[1].file_bytes == 9


def test_a_refusal_after_all_does_not_lose_the_file_either(send, officer, desk):
    page = send(valid_from="05/12/2026", valid_until="04/12/2026").text
    assert "Ngày hết hiệu lực phải từ ngày bắt đầu" in page
    code = re.search(r'name="upload"[^>]*value="(\w+)"', page)[1]
    assert officer.post("/ban-thu/moi", **FIELDS, upload=code, file_name="a.mp3").status_code == 303
    assert row(desk)[1].file_bytes == 9


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": "", "content": b""}, "Hãy chọn một tệp, hoặc thu bằng micrô."),
        ({"content": b""}, "“a.mp3” trống"),
        ({"no_words": "y"}, "bỏ dấu “Không có lời”"),
        ({"language": "xx"}, "Lựa chọn này không còn dùng được"),
        ({"valid_from": "31/31/2026"}, "Ngày chưa đúng"),
    ],
)
def test_what_cannot_be_taken_is_told_beside_its_field(fields, words, send, desk):
    answer = send(**fields)
    assert answer.status_code == 200
    assert words in answer.text
    with desk.store.read() as session, pytest.raises(Exception, match="Không có bản tin"):
        recordings.get(session, 1)


def test_what_is_too_heavy_for_one_piece_gets_a_page_of_ours(officer):
    heavy = {"CONTENT_LENGTH": "42000000", "CONTENT_TYPE": "multipart/form-data; boundary=x"}
    answer = officer.client.post("/ban-thu/moi", environ_overrides=heavy)
    assert answer.status_code == 413
    assert "đến 40 MB" in answer.text


def test_names_that_climb_hide_or_turn_are_only_shown(send, officer, desk):
    for name in ("../../../etc/passwd", "a\u202ecod.mp3", "thu\0.mp3", "<script>alert(1)</script>.mp3"):
        assert send(name=name).status_code == 303
    pages = "".join(officer.get(f"/ban-thu/{number}").text for number in (1, 2, 3, 4))
    assert "\u202e" not in pages
    assert "<script>alert" not in pages
    assert not (desk.store.folder.parent / "etc").exists()


def test_a_finished_recording_is_heard_seen_and_sent(send, officer, approver, desk):
    send()
    done(desk)
    page = officer.get("/ban-thu/1").text
    assert "/am-thanh/" + "c" * 64 + ".wav" in page
    assert "1 phút 2 giây" in page
    assert "MP3, 44,1 kHz, 2 kênh" in page
    assert officer.post("/ban-tin/1/gui-duyet").status_code == 303
    signing = approver.get("/duyet/1").text
    for words in ("Giữ rừng.", "Tiếng Ê Đê", "Đã nghe, duyệt", "hinh/1-ban-320.svg", "hinh/1-goc-720.svg"):
        assert words in signing
    heard = re.search(r'name="heard" value="(\d+)"', signing)[1]
    assert approver.post("/duyet/1/dong-y", heard=heard).status_code == 303
    with desk.store.read() as session:
        assert recordings.get(session, 1).state == BulletinState.APPROVED
        assert approval.valid_approval(session, 1, NOW.date()).clip_sha256 == "c" * 64


def test_pictures_are_svg_with_words_and_may_be_kept_by_the_browser(send, officer, desk):
    send()
    assert officer.get("/ban-thu/hinh/1-goc-720.svg").status_code == 404
    done(desk, kept=[[2.0, 20.0], [30.0, 70.0]])
    for which, words in (("goc", "Cả tệp dài 1 phút 10 giây; 2 đoạn gạch chéo"), ("ban", "Bản sẽ phát dài")):
        answer = officer.get(f"/ban-thu/hinh/1-{which}-720.svg")
        assert answer.mimetype == "image/svg+xml"
        assert "max-age=86400" in answer.headers["Cache-Control"]
        about = ET.fromstring(answer.text).find("{http://www.w3.org/2000/svg}desc").text
        assert about.startswith(words)
    for path in ("1-goc-100", "1-abc-720", "9-goc-720"):
        assert officer.get(f"/ban-thu/hinh/{path}.svg").status_code == 404


def test_it_is_cut_by_hand_and_loses_its_signature(send, officer, approver, desk):
    send()
    done(desk)
    sha256 = row(desk)[1].file_sha256
    recordings_files.sound_of(desk.store.folder, sha256).write_bytes(b"RIFF")
    assert "Cắt lại" in officer.get("/ban-thu/1").text
    assert officer.get("/ban-thu/goc/1.wav", buffered=True).data == b"RIFF"
    officer.post("/ban-tin/1/gui-duyet")
    heard = re.search(r'name="heard" value="(\d+)"', approver.get("/duyet/1").text)[1]
    approver.post("/duyet/1/dong-y", heard=heard)
    assert "Cắt lại là bỏ chữ ký duyệt" in officer.get("/ban-thu/1").text
    assert officer.post("/ban-thu/1/cat", from_s="0:05,5", to_s="40").status_code == 303
    bulletin, work = row(desk)
    assert (bulletin.state, work.cut_from_s, work.cut_to_s) == (BulletinState.DRAFT, 5.5, 40.0)


@pytest.mark.parametrize(
    ("from_s", "to_s", "words"),
    [("abc", "", "Chưa đúng"), ("90", "", "Điểm đầu nằm ngoài"), ("9", "5", "Điểm cuối phải sau điểm đầu")],
)
def test_a_cut_that_cannot_be_keeps_what_was_typed(from_s, to_s, words, send, officer, desk):
    send()
    done(desk)
    recordings_files.sound_of(desk.store.folder, row(desk)[1].file_sha256).write_bytes(b"RIFF")
    answer = officer.post("/ban-thu/1/cat", from_s=from_s, to_s=to_s)
    assert words in answer.text
    assert f'value="{from_s}"' in answer.text


def test_a_file_that_is_gone_is_told_instead_of_a_form(send, officer, desk):
    send()
    done(desk)
    assert "hết hạn giữ" in officer.get("/ban-thu/1").text
    assert officer.get("/ban-thu/goc/1.wav").status_code == 404


def test_a_refused_file_says_why_and_can_be_tried_again_or_replaced(send, officer, desk):
    send()
    from broadcaster.newsroom import recordings_queue

    with desk.store.write() as session:
        work = recordings_queue.take(session, NOW)
        recordings_queue.refuse(session, work, "Tệp “a.mp3” im lặng; hãy thu lại.", NOW)
    page = officer.get("/ban-thu/1").text
    assert "Tệp “a.mp3” im lặng; hãy thu lại." in page
    assert officer.post("/ban-thu/1/lam-lai").status_code == 303
    assert row(desk)[1].state == RenderingState.WAITING
    assert send(content=b"other", path="/ban-thu/1/thay").status_code == 303
    assert row(desk)[1].file_bytes == 5


def test_words_are_edited_and_music_without_words_declared(send, officer, desk):
    send(written="")
    done(desk)
    assert "Chưa ghi lời" in officer.get("/ban-thu/1").text
    page = officer.get("/ban-thu/1/sua").text
    assert 'name="based_on" type="hidden" value="1"' in page
    fields = {**FIELDS, "written": "", "no_words": "y", "is_music": "y", "based_on": "1"}
    assert officer.post("/ban-thu/1/sua", **fields).status_code == 303
    bulletin, work = row(desk)
    assert (bulletin.version.written, bulletin.is_music, work.target_lufs) == (NO_WORDS, True, -20.0)
    assert 'name="no_words" type="checkbox" value="y" checked' in _ordered(officer.get("/ban-thu/1/sua").text)
    assert officer.post("/ban-thu/1/sua", **{**fields, "title": "Khác"}, follow=True).status_code == 200
    assert "đã lưu phiên bản 2" in officer.post("/ban-thu/1/sua", **{**fields, "title": "Nữa"}).text


def test_a_recording_is_not_edited_as_a_text(send, officer):
    send()
    assert officer.get("/ban-tin/1").location == "/ban-thu/1"
    assert officer.get("/ban-tin/1/sua").location == "/ban-thu/1/sua"
    assert officer.post("/ban-tin/1/sua", title="x", written="y").location == "/ban-thu/1/sua"


def test_lists_tell_recordings_from_texts(send, officer, approver, desk):
    send(is_music="y")
    done(desk)
    officer.post("/ban-tin/1/gui-duyet")
    for page in (officer.get("/ban-tin").text, approver.get("/duyet").text):
        assert "ca nhạc, tiếng ê đê" in page


def test_only_the_pages_that_record_let_the_microphone_in(officer, send):
    send()
    for path in ("/ban-thu/moi", "/ban-thu/1/thay"):
        headers = officer.get(path).headers
        assert "microphone=(self)" in headers["Permissions-Policy"]
        assert "media-src 'self' blob:" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
    headers = officer.get("/ban-thu/1").headers
    assert "microphone=()" in headers["Permissions-Policy"]
    assert "blob:" not in headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("", None), ("5", 5), ("62,5", 62.5), ("1:02,5", 62.5), ("1:00:01", 3601), ("0.5", 0.5)],
)
def test_places_in_a_sound_are_read_as_people_write_them(text, seconds):
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["a", "1:", ":5", "-3", "1:-2", "1e3", "nan", "1.2.3", "²", "9" * 99])
def test_what_is_no_place_is_refused(text):
    with pytest.raises(ValueError):
        seconds_of(text)


def test_a_place_is_written_as_it_is_read():
    assert [timecode(each) for each in (0, 5.25, 62.5, 3601)] == ["0:00,0", "0:05,2", "1:02,5", "60:01,0"]


def _ordered(page: str) -> str:
    """Put the attributes of the box in the order in which the test asks for them."""
    box = re.search(r"<input[^>]*no_words[^>]*>", page)[0]
    is_checked = " checked" if "checked" in box.replace("checkbox", "") else ""
    return f'name="no_words" type="checkbox" value="y"{is_checked}'
