from __future__ import annotations

import os
import threading

import pytest

from broadcaster.store import pulse


def test_a_beat_is_read_back_with_its_detail(tmp_path):
    pulse.beat(tmp_path, "renderer", is_working=True)
    read = pulse.read(tmp_path, "renderer")
    assert (read.pid, read.detail) == (os.getpid(), {"is_working": True})
    assert 0 <= read.age_s < 5
    assert [file.name for file in (tmp_path / "run").iterdir()] == ["renderer.json"]


@pytest.mark.parametrize("words", ["", "{", "[]", '{"at": "soon", "pid": 1, "detail": {}}', '{"at": 1}'])
def test_what_is_no_sign_of_life_is_none(tmp_path, words):
    assert pulse.read(tmp_path, "web") is None
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "web.json").write_text(words)
    assert pulse.read(tmp_path, "web") is None


def test_a_reader_never_sees_half_a_beat(tmp_path):
    pulse.beat(tmp_path, "station", fill="")
    done = threading.Event()

    def beat() -> None:
        for count in range(300):
            pulse.beat(tmp_path, "station", fill="x" * count * 50)
        done.set()

    thread = threading.Thread(target=beat)
    thread.start()
    while not done.is_set():
        assert pulse.read(tmp_path, "station") is not None
    thread.join()


def test_a_disk_that_refuses_does_not_stop_the_process(tmp_path):
    (tmp_path / "run").write_text("a file where the folder should be")
    pulse.beat(tmp_path, "web")
    assert pulse.read(tmp_path, "web") is None


def test_on_a_full_disk_the_last_beat_is_written_over(tmp_path):
    pulse.beat(tmp_path, "station", count=1, fill="x" * 500)
    in_the_way = tmp_path / "run" / f"station.{os.getpid()}.tmp"
    in_the_way.mkdir()
    pulse.beat(tmp_path, "station", count=2)
    assert pulse.read(tmp_path, "station").detail == {"count": 2}
