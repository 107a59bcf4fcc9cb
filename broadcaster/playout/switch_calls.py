"""Speaking to the device that powers an amplifier: one HTTP request, or one program of the station's own.

A program must lie in the folder `switches` of the data folder: what the page may name, somebody with access
to the machine has put there. Keys go into headers and bodies, or into the program's environment; no error and
no log shows them, nor the address they may stand in.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil

from broadcaster.errors import Invalid
from broadcaster.playout import keys

METHODS = ("GET", "POST", "PUT")
FOLDER = "switches"
KEY_VARIABLE = "SWITCH_KEY"
CALL_S = 5.0
"""The device gets this long for one call."""
LONGEST_ANSWER = 65_536
# At DEBUG it would write whole addresses into our log, and some devices want a password in theirs.
logging.getLogger("urllib3").setLevel(logging.WARNING)
_HEADER = re.compile(r"[A-Za-z0-9_-]{1,60}: [^\r\n]{1,500}")
_PROGRAM = re.compile(r"[\w.-]{1,80}")


@dataclass(frozen=True, slots=True)
class HttpCall:
    method: str
    url: str
    header: str = ""
    """One `Name: value`; `{key}` in it stands for the key."""
    body: str = ""


@dataclass(frozen=True, slots=True)
class ProgramCall:
    argv: tuple[str, ...]
    """First the name of a file in `switches`."""


Call = HttpCall | ProgramCall


class CallFailed(Exception):
    """`str(error)` is a Vietnamese phrase without the address."""


def call_of(way: str, fields: Mapping[str, Any], field: str) -> Call:
    """Return the call that a row or a form describes; raises Invalid (`field` names the form's field)."""
    if way == "command":
        return _program(tuple(str(word) for word in fields.get("argv", ())), field)
    return _http(fields, field)


def perform(call: Call, folder: Path, secret: str) -> str:
    """Do it within CALL_S and return the answer's text; raises CallFailed."""
    if isinstance(call, ProgramCall):
        return _run(call, folder, secret)
    return _request(call, secret)


def _http(fields: Mapping[str, Any], field: str) -> HttpCall:
    method, url = str(fields.get("method") or "GET"), str(fields.get("url") or "").strip()
    header, body = str(fields.get("header") or "").strip(), str(fields.get("body") or "")
    if method not in METHODS:
        raise Invalid(f"Cách gọi phải là một trong: {', '.join(METHODS)}.", field=field)
    if not _is_address(url):
        raise Invalid("Địa chỉ thiết bị phải có dạng http://192.168.1.20/bat.", field=field)
    if header and not _HEADER.fullmatch(header):
        raise Invalid(
            "Dòng tiêu đề phải có dạng Tên: giá trị, ví dụ Authorization: Bearer {key}.", field=field
        )
    if len(body) > 4000:
        raise Invalid("Nội dung gửi đi dài quá 4.000 ký tự.", field=field)
    return HttpCall(method, url, header, body)


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        has_host = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
    is_plain = url.isascii() and url.isprintable() and " " not in url and len(url) <= 500
    return parts.scheme in ("http", "https") and has_host and parts.username is None and is_plain


def _program(argv: tuple[str, ...], field: str) -> ProgramCall:
    if not argv or not _PROGRAM.fullmatch(argv[0]) or argv[0].strip(".") == "":
        raise Invalid(
            f"Lệnh phải bắt đầu bằng tên một tệp trong thư mục {FOLDER} của trạm, ví dụ bat-am-ly.sh 1.",
            field=field,
        )
    if any("\0" in word for word in argv) or sum(map(len, argv)) > 1000:
        raise Invalid("Lệnh quá dài hoặc có ký tự lạ.", field=field)
    return ProgramCall(argv)


def _request(call: HttpCall, secret: str) -> str:
    import requests  # noqa: PLC0415 - few stations have such a device

    name, _, value = keys.filled(call.header, secret).partition(": ")
    deadline = time.monotonic() + CALL_S
    try:
        with requests.Session() as session:
            session.trust_env = False  # a device in the same building is not reached through a proxy
            answer = session.request(
                call.method,
                call.url,
                headers={name: value} if name else None,
                data=keys.filled(call.body, secret).encode() or None,
                timeout=CALL_S,
                allow_redirects=False,
                stream=True,
            )
            text = _limited(answer, deadline)
    except requests.Timeout:
        raise CallFailed(f"thiết bị không trả lời trong {CALL_S:.0f} giây") from None
    except requests.exceptions.SSLError:
        raise CallFailed("chứng thư bảo mật của thiết bị không dùng được") from None
    except (requests.RequestException, UnicodeError, ValueError):
        raise CallFailed("không kết nối được thiết bị") from None
    if not 200 <= answer.status_code < 300:
        raise CallFailed(f"thiết bị báo lỗi {answer.status_code}")
    return text


def _limited(answer: Any, deadline: float) -> str:
    parts = bytearray()
    for part in answer.iter_content(4096):
        parts += part
        if len(parts) > LONGEST_ANSWER:
            break
        if time.monotonic() > deadline:
            raise CallFailed(f"thiết bị không trả lời xong trong {CALL_S:.0f} giây")
    return bytes(parts).decode("utf-8", "replace")


def _run(call: ProgramCall, folder: Path, secret: str) -> str:
    home = folder / FOLDER
    program = home / call.argv[0]
    environment = {**os.environ, KEY_VARIABLE: secret}
    # A file takes the output: a grandchild that keeps a pipe open could not hold us then.
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(
                [str(program), *call.argv[1:]],
                cwd=home,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.DEVNULL,
                env=environment,
            )
        except OSError:
            raise CallFailed(f"không chạy được tệp {call.argv[0]} trong thư mục {FOLDER}") from None
        try:
            code = process.wait(CALL_S)
        except subprocess.TimeoutExpired:
            _kill_family(process)
            raise CallFailed(f"lệnh {call.argv[0]} chạy quá {CALL_S:.0f} giây") from None
        if code:
            raise CallFailed(f"lệnh {call.argv[0]} báo lỗi {code}")
        output.seek(0)
        return output.read(LONGEST_ANSWER).decode("utf-8", "replace")


def _kill_family(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(psutil.Error):
        for child in psutil.Process(process.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                child.kill()
    process.kill()
    process.wait()
