"""Calls to devices and programs, well and badly behaved; what they may be told, and that no key is shown."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from broadcaster.errors import Invalid, SettingsError
from broadcaster.playout import keys, switch_calls
from broadcaster.playout.switch_calls import CallFailed, HttpCall, ProgramCall, call_of, perform
from tests.broadcaster.playout.device import Relay, relay
from tests.sound_server import eventually

SECRET = "khoa-rat-bi-mat"


@pytest.fixture
def device() -> Iterator[Relay]:
    with relay() as made:
        yield made


def program(folder: Path, name: str, script: str) -> ProgramCall:
    """Put an executable Python script where the station's programs lie."""
    file = folder / switch_calls.FOLDER / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"#!{sys.executable}\n{script}", encoding="utf-8")
    file.chmod(0o700)
    return ProgramCall((name, "1"))


def is_gone(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_a_device_gets_method_header_and_body_with_the_key_in_place(device, tmp_path):
    call = HttpCall("POST", f"{device.address}/on", "Authorization: Bearer {key}", '{"pin": "{key}"}')
    assert perform(call, tmp_path, SECRET) == "relay=ON"
    assert device.headers[0]["Authorization"] == f"Bearer {SECRET}"
    assert device.bodies == [f'{{"pin": "{SECRET}"}}'.encode()]


@pytest.mark.parametrize("status", [302, 401, 404, 500])
def test_an_answer_that_is_no_success_is_a_failure_and_nothing_is_followed(device, tmp_path, status):
    device.status = status
    with pytest.raises(CallFailed, match=str(status)):
        perform(HttpCall("GET", f"{device.address}/state"), tmp_path, SECRET)
    assert device.calls == ["/state"]


def test_a_device_that_is_slow_or_gone_is_given_up(device, tmp_path, monkeypatch):
    monkeypatch.setattr(switch_calls, "CALL_S", 0.3)
    device.slow_s = 2.0
    began = time.monotonic()
    with pytest.raises(CallFailed, match="không trả lời"):
        perform(HttpCall("GET", f"{device.address}/on"), tmp_path, "")
    assert time.monotonic() - began < 1.5
    device.close()
    with pytest.raises(CallFailed, match="không kết nối"):
        perform(HttpCall("GET", f"{device.address}/on"), tmp_path, "")


def test_no_failure_shows_the_address_or_the_key(device, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    device.status = 500
    for url in (f"{device.address}/{SECRET}", f"http://127.0.0.1:1/{SECRET}"):
        with pytest.raises(CallFailed) as failed:
            perform(HttpCall("GET", url, "X-Key: {key}"), tmp_path, SECRET)
        assert SECRET not in str(failed.value)
    assert SECRET not in caplog.text


def test_a_program_runs_with_its_words_and_the_key_in_its_environment(tmp_path):
    call = program(tmp_path, "bat.py", "import os, sys\nprint(sys.argv[1:], os.environ['SWITCH_KEY'])")
    assert perform(call, tmp_path, SECRET).strip() == f"['1'] {SECRET}"


def test_a_program_that_fails_or_is_not_there_says_so(tmp_path):
    with pytest.raises(CallFailed, match="báo lỗi 3"):
        perform(program(tmp_path, "hong.py", "raise SystemExit(3)"), tmp_path, "")
    with pytest.raises(CallFailed, match="không chạy được tệp mat"):
        perform(ProgramCall(("mat.sh",)), tmp_path, "")


def test_a_program_that_hangs_is_ended_with_its_children(tmp_path, monkeypatch):
    monkeypatch.setattr(switch_calls, "CALL_S", 1.0)
    note = tmp_path / "child"
    script = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open({str(note)!r}, "w").write(str(child.pid))
child.wait()
"""
    with pytest.raises(CallFailed, match="chạy quá"):
        perform(program(tmp_path, "treo.py", script), tmp_path, "")
    pid = int(note.read_text())
    eventually(lambda: is_gone(pid), 5.0, "the child has ended")


@pytest.mark.parametrize(
    ("way", "fields"),
    [
        ("http", {"url": "ftp://a/b"}),
        ("http", {"url": "file:///etc/passwd"}),
        ("http", {"url": "http://"}),
        ("http", {"url": "http://a:99999999/b"}),
        ("http", {"url": "http://nguoi:mat-khau@a/b"}),
        ("http", {"url": "http://a/b c"}),
        ("http", {"url": "http://a/b", "method": "DELETE"}),
        ("http", {"url": "http://a/b", "header": "X: 1\r\nY: 2"}),
        ("http", {"url": "http://a/b", "header": "không có hai chấm"}),
        ("http", {"url": "http://a/b", "body": "x" * 4001}),
        ("command", {"argv": []}),
        ("command", {"argv": ["/bin/sh", "-c", "true"]}),
        ("command", {"argv": ["../bat.sh"]}),
        ("command", {"argv": [".."]}),
        ("command", {"argv": ["bat.sh", "\0"]}),
    ],
)
def test_what_could_do_more_than_turn_a_device_on_is_refused(way, fields):
    with pytest.raises(Invalid) as refused:
        call_of(way, fields, "on")
    assert refused.value.field == "on"
    assert "mat-khau" not in str(refused.value)


def test_keys_come_from_the_environment_or_a_file_of_their_own(tmp_path):
    file = tmp_path / keys.FILE_NAME
    assert keys.key(tmp_path, "switch-1", {}) == ""
    file.write_text(f'switch-1 = "{SECRET}"\n', encoding="utf-8")
    file.chmod(0o600)
    assert keys.key(tmp_path, "switch-1", {}) == SECRET
    assert keys.key(tmp_path, "switch-1", {"BROADCASTER_KEY_SWITCH_1": " khác "}) == "khác"
    file.chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600") as refused:
        keys.key(tmp_path, "switch-1", {})
    file.chmod(0o600)
    file.write_text(f"switch-1 = {SECRET}", encoding="utf-8")
    with pytest.raises(SettingsError) as broken:
        keys.key(tmp_path, "switch-1", {})
    assert SECRET not in f"{refused.value} {broken.value}"
