"""Hearing again what was heard: from the history, from the list of what is kept, for those who may."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from broadcaster.records import airchecks
from broadcaster.store import facts
from broadcaster.store.models import Aircheck
from tests.broadcaster.moments import NOW
from tests.broadcaster.playout.kept import archivist, ended, leave, talk

SECONDS = 4.0


@pytest.fixture
def heard(desk) -> str:
    """An airing of which a sound was kept; the first row of the history."""
    sound = talk(SECONDS)
    airing_id = ended(desk, "Tiêm chủng", sound)
    leave(desk.store.folder, airing_id, sound)
    archivist(desk).take_all()
    return airing_id


def hear(visitor, **more):
    return visitor.get("/ban-luu/1.opus", buffered=True, **more)


def change(desk, **values) -> None:
    with desk.store.write() as rows:
        row = rows.get(Aircheck, 1)
        for name, value in values.items():
            setattr(row, name, value)


def test_the_history_plays_what_was_heard_and_says_how_it_compares(officer, heard):
    assert "Nghe lại" in officer.get("/nhat-ky").text
    page = officer.get("/nhat-ky/1").text
    assert 'src="/ban-luu/1.opus"' in page
    assert "Khu phố 3 (Loa của máy)" in page
    assert re.search(r"giống bản đã duyệt (100|9\d) %", page)
    assert "4 giây, từ " in page


def test_a_player_may_jump_in_it(officer, heard, desk):
    whole = hear(officer)
    assert (whole.status_code, whole.mimetype) == (200, "audio/ogg")
    assert whole.data[:4] == b"OggS"
    assert whole.get_etag()[0] == airchecks_of(desk, heard)[0].sha256
    part = hear(officer, headers={"Range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.data == whole.data[100:200]
    assert "attachment" in hear(officer, query_string={"tai-ve": 1}).headers["Content-Disposition"]


def airchecks_of(desk, airing_id):
    with desk.store.read() as rows:
        return airchecks.of_airing(rows, airing_id)


def test_another_sound_than_the_signed_one_is_marked(officer, desk):
    airing_id = ended(desk, "Tiêm chủng", talk(SECONDS))
    leave(desk.store.folder, airing_id, talk(SECONDS, seed=5))
    archivist(desk).take_all()
    assert "khác bản đã duyệt" in officer.get("/nhat-ky/1").text


def test_what_is_on_its_way_or_was_never_kept_is_told(officer, desk):
    airing_id = ended(desk, "Tiêm chủng", talk(SECONDS))
    assert "Không có bản lưu của lượt phát này" in officer.get("/nhat-ky/1").text
    leave(desk.store.folder, airing_id, talk(1.0), name=f"{airing_id}+2.wav.part")
    assert "đang được cất" in officer.get("/nhat-ky/1").text
    assert "hear-again" not in officer.get("/nhat-ky").text


def test_what_was_removed_or_lost_says_so(officer, heard, desk):
    (desk.store.folder / airchecks_of(desk, heard)[0].file).unlink()
    lost = hear(officer)
    assert (lost.status_code, "không còn trên máy" in lost.text) == (404, True)
    change(desk, removed_at=NOW, removed_why="retention")
    gone = hear(officer)
    assert (gone.status_code, "xóa theo hạn lưu" in gone.text) == (404, True)
    assert "Đã xóa theo hạn lưu ngày 23/11/2026" in officer.get("/nhat-ky/1").text
    assert officer.get("/ban-luu/99.opus").status_code == 404


@pytest.mark.parametrize("file", ["settings.toml", "aircheck/../station.db", "/etc/passwd"])
def test_no_other_file_can_be_taken_through_a_row(officer, heard, desk, file):
    (desk.store.folder / "settings.toml").write_text("")
    change(desk, file=file)
    assert hear(officer).status_code == 404


def test_a_complaint_keeps_it_longer_with_name_and_reason(approver, officer, heard, desk):
    assert "Giữ lại bản lưu" not in officer.get("/nhat-ky/1").text
    assert "Giữ lại bản lưu" in approver.get("/nhat-ky/1").text
    empty = approver.post(f"/ban-luu/giu/{heard}", reason=" ", follow=True)
    assert "Hãy ghi lý do" in empty.text
    approver.post(f"/ban-luu/giu/{heard}", reason="Có đơn phản ánh")
    page = officer.get("/nhat-ky/1").text
    assert f"{desk.approver.name} giữ lại từ" in page
    assert "Có đơn phản ánh" in page
    assert "giữ lại bản lưu phát sóng" in approver.get("/nhat-ky-thao-tac").text
    approver.post(f"/ban-luu/thoi-giu/{heard}", reason="Đã trả lời")
    assert "giữ lại từ" not in officer.get("/nhat-ky/1").text


def test_the_list_shows_everything_kept_newest_first(officer, heard, desk):
    leave(desk.store.folder, "chime-7", talk(2.0))
    archivist(desk).take_all()
    page = officer.get("/ban-luu").text
    assert page.count("<audio") == 2
    assert "Đang giữ 2 bản" in page
    assert "180 ngày" in page
    only = officer.get("/ban-luu?loai=khac").text
    assert "Chuông thử" in only
    assert "Tiêm chủng" not in only
    assert officer.get(f"/nhat-ky/luot/{heard}").location.endswith("/nhat-ky/1")
    assert officer.get("/nhat-ky/luot/none").status_code == 404


def test_the_list_goes_on_to_older_ones(officer, desk, monkeypatch):
    monkeypatch.setattr(airchecks, "PAGE", 2)
    for number in range(3):
        leave(desk.store.folder, f"chime-{number}", talk(0.5, seed=number))
    archivist(desk).take_all()
    change(desk, began_at=NOW - timedelta(days=1))
    page = officer.get("/ban-luu").text
    older = re.search(r'href="([^"]+)">Cũ hơn', page)[1].replace("&amp;", "&")
    assert (page.count("<audio"), officer.get(older).text.count("<audio")) == (2, 1)
    for nonsense in ("x", "2026-01-01~1", "~", "2026-01-01T00:00:00+00:00~x"):
        assert officer.get("/ban-luu", query_string={"truoc": nonsense}).status_code == 200


def test_an_empty_list_says_what_will_stand_there(officer, desk):
    assert "Chưa có bản lưu nào" in officer.get("/ban-luu").text


def test_the_retention_is_set_on_the_page(operator, desk):
    fields = {"station_name": "Đài", "voice": "", "allowed_from": "05:00", "allowed_until": "21:00"}
    operator.post("/cai-dat", **fields, aircheck_days="365")
    assert "Từ 30 đến 3650 ngày" in operator.post("/cai-dat", **fields, aircheck_days="5").text
    with desk.store.read() as rows:
        assert facts.get(rows, facts.AIRCHECK_DAYS) == 365


@pytest.mark.parametrize(
    ("ear", "words"),
    [
        ({"compared_s": 60.0, "heard_s": 58.2}, "nghe thấy 97 % thời gian phát"),
        ({"compared_s": 60.0, "heard_s": 0.0}, "không nghe thấy gì ở loa"),
    ],
)
def test_the_history_tells_what_the_ear_heard(officer, desk, ear, words):
    ended(desk, "Tiêm chủng", talk(SECONDS), details={"ear": ear, "incidents": ["Loa im lặng 20 giây"]})
    page = officer.get("/nhat-ky/1").text
    assert words in page
    assert "Loa im lặng 20 giây" in page
