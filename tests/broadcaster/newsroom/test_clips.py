from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor

import pytest

from broadcaster.newsroom import clips

SOUND = b"RIFF" + bytes(range(256)) * 100


@pytest.fixture
def wav(tmp_path):
    file = tmp_path / "sound.wav"
    file.write_bytes(SOUND)
    return file


def test_a_clip_is_found_by_its_hash_and_is_intact(tmp_path, wav):
    sha256 = clips.keep(tmp_path, wav)
    assert sha256 == hashlib.sha256(SOUND).hexdigest()
    assert clips.path_of(tmp_path, sha256).read_bytes() == SOUND
    assert clips.path_of(tmp_path, sha256).parent.name == sha256[:2]
    assert clips.is_intact(tmp_path, sha256)
    assert wav.exists()


def test_a_changed_or_missing_clip_is_not_intact(tmp_path, wav):
    sha256 = clips.keep(tmp_path, wav)
    place = clips.path_of(tmp_path, sha256)
    place.write_bytes(SOUND[:-1] + b"x")
    assert not clips.is_intact(tmp_path, sha256)
    place.unlink()
    assert not clips.is_intact(tmp_path, sha256)


def test_keeping_again_mends_a_damaged_clip(tmp_path, wav):
    place = clips.path_of(tmp_path, clips.keep(tmp_path, wav))
    place.write_bytes(b"rot")
    assert clips.is_intact(tmp_path, clips.keep(tmp_path, wav))


def test_nothing_is_left_aside(tmp_path, wav):
    clips.keep(tmp_path, wav)
    assert list((tmp_path / "clips" / "incoming").iterdir()) == []


def test_a_disk_that_fills_up_leaves_no_half_clip(tmp_path, wav, monkeypatch):
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        clips.keep(tmp_path, wav)
    assert [file for file in (tmp_path / "clips").rglob("*") if file.is_file()] == []


def test_the_bytes_are_on_the_disk_before_the_name_is(tmp_path, wav, monkeypatch):
    acts: list[str] = []
    real = os.fsync

    def noting(descriptor: int) -> None:
        is_there = clips.path_of(tmp_path, hashlib.sha256(SOUND).hexdigest()).exists()
        acts.append("folder" if is_there else "file")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", noting)
    clips.keep(tmp_path, wav)
    assert acts[0] == "file"
    assert "folder" in acts


def test_many_may_keep_the_same_clip_at_once(tmp_path, wav):
    with ThreadPoolExecutor(8) as pool:
        kept = set(pool.map(lambda _: clips.keep(tmp_path, wav), range(16)))
    assert len(kept) == 1
    assert clips.is_intact(tmp_path, kept.pop())
