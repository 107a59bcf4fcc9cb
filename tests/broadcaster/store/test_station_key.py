"""The station's own key: made once, for its owner only, and believed by nobody else's signature."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from broadcaster.errors import StoreError
from broadcaster.store import station_key


def test_the_key_is_made_once_and_read_again(tmp_path: Path) -> None:
    first = station_key.of(tmp_path)
    assert station_key.of(tmp_path).public == first.public
    assert len(first.public) == station_key.PUBLIC_BYTES
    assert station_key.exists(tmp_path)


def test_processes_that_start_together_use_one_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = set(threads.map(lambda _: station_key.of(tmp_path).public, range(8)))
    assert len(made) == 1


def test_only_its_owner_reads_the_key(tmp_path: Path) -> None:
    station_key.of(tmp_path)
    file = tmp_path / station_key.FOLDER / station_key.FILE_NAME
    if os.name == "posix":
        assert file.stat().st_mode & 0o777 == 0o600
        file.chmod(0o644)
        station_key.of(tmp_path)
        assert file.stat().st_mode & 0o777 == 0o600


def test_a_signature_holds_under_the_same_words_and_the_same_key_only(tmp_path: Path) -> None:
    ours, theirs = station_key.of(tmp_path / "ours"), station_key.of(tmp_path / "theirs")
    signature = ours.sign(b"one text")
    assert ours.vouches(signature, b"one text")
    assert station_key.verify(ours.public, signature, b"one text")
    assert not ours.vouches(signature, b"another text")
    assert not theirs.vouches(signature, b"one text")
    assert not ours.vouches(signature[:-1], b"one text")
    assert not station_key.verify(b"short", signature, b"one text")


def test_a_damaged_key_file_is_named_and_never_replaced(tmp_path: Path) -> None:
    station_key.of(tmp_path)
    file = tmp_path / station_key.FOLDER / station_key.FILE_NAME
    file.write_bytes(b"")
    with pytest.raises(StoreError, match="khóa của trạm"):
        station_key.of(tmp_path)
    assert file.read_bytes() == b""
