"""What people send lies in the data folder under names of ours, bounded, and goes when its time is over."""

from __future__ import annotations

import io
import os
from collections import namedtuple
from datetime import timedelta

import pytest

from broadcaster.errors import Invalid
from broadcaster.newsroom import approval, clips, recordings, recordings_files, recordings_retention
from broadcaster.newsroom.recordings_files import add_part
from tests.broadcaster.moments import NOW, later
from tests.broadcaster.newsroom.making import approve
from tests.broadcaster.newsroom.recorded import SPEECH_LUFS, begun, finish, sent_file, taken

CODE = "0123456789abcdef" * 2
MOST = 1_000_000


def part(content: bytes) -> io.BytesIO:
    return io.BytesIO(content)


def test_parts_make_a_whole_that_is_named_by_its_content(tmp_path):
    assert add_part(tmp_path, 7, CODE, 0, part(b"mot "), MOST) == 4
    assert add_part(tmp_path, 7, CODE, 4, part(b"hai"), MOST) == 7
    sent = taken(tmp_path, 7, CODE, "thu.mp3")
    path = recordings_files.path_of(tmp_path, sent.sha256)
    assert path.read_bytes() == b"mot hai"
    assert sent.sha256 == clips.hash_of(path)
    assert (sent.name, sent.bytes) == ("thu.mp3", 7)


def test_a_part_that_comes_twice_or_too_early_is_not_taken(tmp_path):
    add_part(tmp_path, 7, CODE, 0, part(b"abc"), MOST)
    assert add_part(tmp_path, 7, CODE, 0, part(b"abc"), MOST) == 3
    assert add_part(tmp_path, 7, CODE, 9, part(b"xyz"), MOST) == 3
    assert taken(tmp_path, 7, CODE).bytes == 3


def test_nobody_reaches_the_upload_of_another(tmp_path):
    add_part(tmp_path, 7, CODE, 0, part(b"abc"), MOST)
    with pytest.raises(Invalid, match="chưa gửi lên được"):
        taken(tmp_path, 8, CODE)


@pytest.mark.parametrize("code", ["", "../../etc/passwd", "A" * 32, "0" * 31, "0" * 33, "0" * 31 + "\n"])
def test_a_code_that_is_none_of_ours_is_refused(code, tmp_path):
    with pytest.raises(Invalid):
        add_part(tmp_path, 7, code, 0, part(b"abc"), MOST)
    assert not (tmp_path / "uploads").exists()


def test_what_is_too_heavy_is_refused_and_leaves_nothing(tmp_path):
    with pytest.raises(Invalid, match="nặng hơn 1 MB"):
        add_part(tmp_path, 8, CODE, 0, part(bytes(MOST + 1)), MOST)
    add_part(tmp_path, 7, CODE, 0, part(bytes(MOST)), MOST)
    with pytest.raises(Invalid, match="nặng hơn 1 MB"):
        add_part(tmp_path, 7, CODE, MOST, part(b"x"), MOST)
    assert sum(path.stat().st_size for path in (tmp_path / "uploads").rglob("*") if path.is_file()) == 0


def test_a_full_disk_is_told_before_it_is_full(tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(recordings_files.shutil, "disk_usage", lambda _: usage(10**12, 10**12, 10**6))
    with pytest.raises(Invalid, match="Ổ đĩa của máy sắp đầy"):
        add_part(tmp_path, 7, CODE, 0, part(b"abc"), MOST)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../../etc/passwd", "passwd"),
        ("C:\\Windows\\thu.mp3", "thu.mp3"),
        ("thu\0.mp3", "thu.mp3"),
        ("a\u202e3pm.exe", "a3pm.exe"),
        ("\u200b\u2066", "bản thu"),
        ("x" * 500 + ".mp3", "x" * 59 + "…"),
        ("", "bản thu"),
        ("..", "bản thu"),
    ],
)
def test_a_name_is_only_shown_and_cannot_climb_hide_or_turn_around(name, shown, tmp_path):
    sent = sent_file(tmp_path, b"abc", name)
    assert sent.name in (shown, "..")
    assert recordings_files.path_of(tmp_path, sent.sha256).read_bytes() == b"abc"
    assert {path.parent.parent.name for path in (tmp_path / "uploads").glob("??/*")} == {"uploads"}


def test_nothing_is_no_file(tmp_path):
    with pytest.raises(Invalid, match=r"“a\.mp3” trống"):
        sent_file(tmp_path, b"")


@pytest.fixture
def people(as_role):
    return as_role("officer"), as_role("approver")


def forgotten(session, folder, now):
    return recordings_retention.forget_old(session, folder, 30, now)


def made_old(folder, sha256):
    for path in (recordings_files.path_of(folder, sha256), recordings_files.sound_of(folder, sha256)):
        path.touch()
        os.utime(path, (0, 0))


def test_a_file_stays_until_its_bulletin_is_signed_and_a_month_more(session, tmp_path, people):
    officer, approver = people
    sent = sent_file(tmp_path, b"sound")
    bulletin = begun(session, officer, sent)
    made_old(tmp_path, sent.sha256)
    finish(session)
    assert forgotten(session, tmp_path, NOW + timedelta(days=900)) == []
    step = approval.submit(session, officer, bulletin.id, NOW)
    approve(session, approver, bulletin.id, step.rendering_id, NOW)
    session.flush()
    assert forgotten(session, tmp_path, NOW + timedelta(days=29)) == []
    assert forgotten(session, tmp_path, NOW + timedelta(days=31)) == [sent.sha256]
    assert not recordings_files.path_of(tmp_path, sent.sha256).exists()
    assert not recordings_files.sound_of(tmp_path, sent.sha256).exists()


def test_what_was_replaced_goes_and_what_replaced_it_stays(session, tmp_path, people):
    first, second = (sent_file(tmp_path, content) for content in (b"cu", b"moi"))
    bulletin = begun(session, people[0], first)
    recordings.replace_sound(session, people[0], bulletin.id, second, SPEECH_LUFS, later(minutes=1))
    for sent in (first, second):
        made_old(tmp_path, sent.sha256)
    session.flush()
    assert forgotten(session, tmp_path, NOW + timedelta(days=31)) == [first.sha256]


def test_what_nobody_asked_for_goes_after_a_day(session, tmp_path):
    young, old = (sent_file(tmp_path, content) for content in (b"moi", b"cu"))
    made_old(tmp_path, old.sha256)
    incoming = tmp_path / "uploads" / "incoming"
    for name in ("moi.part", "cu.part"):
        (incoming / name).write_bytes(b"half")
    os.utime(incoming / "cu.part", (0, 0))
    assert forgotten(session, tmp_path, NOW) == [old.sha256]
    assert recordings_files.path_of(tmp_path, young.sha256).exists()
    assert [path.name for path in incoming.iterdir()] == ["moi.part"]
