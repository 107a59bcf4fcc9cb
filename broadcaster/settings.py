"""The settings file of a station, read once into one typed value.

`settings.toml` in the data folder, then `BROADCASTER_<FIELD>` from the environment, then what was given on
the command line; the later wins. Secrets come from the environment or from a file that only its owner may
read.
"""

from __future__ import annotations

import difflib
import logging
import os
import secrets
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from filelock import FileLock

from broadcaster import private_file
from broadcaster.errors import SettingsError

FILE_NAME = "settings.toml"
PREFIX = "BROADCASTER_"
SECRET_FILE = "secret.key"  # noqa: S105 - the name of the file, not the secret
SECRET_BYTES = 32
_LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")
_YES = frozenset({"1", "true", "yes", "on", "có"})
_NO = frozenset({"0", "false", "no", "off", "không"})

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Settings:
    """What is set once per machine; what people change while it runs lies in the store (`store.facts`)."""

    folder: Path
    host: str = "127.0.0.1"
    hosts: tuple[str, ...] = ()
    """Names, besides the machine's own, under which people reach the page."""
    port: int = 8080
    """0 lets the system choose one."""
    database_url: str = field(default="", repr=False)
    """Empty: SQLite in `folder`. May hold a password, so it is never printed."""
    trusted_proxies: int = 0
    """How many proxies in front of the page may name the visitor's address."""
    https: bool = False
    """True when people reach the page by https; cookies are then Secure."""
    lan: bool = False
    """Open the page to other machines, by https on `https_port`; an administrator may also do so there."""
    https_port: int = 8443
    certificate: str = ""
    """File with the certificate (and what vouches for it) in PEM; empty: the station makes its own."""
    certificate_key: str = ""
    live_longest_min: int = 60
    """No live announcement may last longer, whatever its speaker asks for."""
    sound_device: str = ""
    """Part of the device's name; empty: the machine's default."""
    ear_device: str = ""
    """Part of the name of a monitor, line or microphone that hears a loudspeaker; empty: no ear."""
    ear_output: str = ""
    """Name of the output that it hears; empty: the first sound card."""
    engines: tuple[str, ...] = ("espeak",)
    """Speech engines in the order in which they are tried."""
    target_lufs: float = -16.0
    largest_upload_mb: int = 1000
    """Of a sound or a film that somebody sends."""
    longest_recording_min: int = 240
    keep_uploads_days: int = 30
    """How long the file as it was sent stays after its bulletin is signed or it was replaced."""
    log_level: str = "INFO"


def load(folder: Path, environment: Mapping[str, str] | None = None, **given: object) -> Settings:
    """Return the settings of the station in `folder`; a missing file means all defaults.

    `given` are fields set on the command line; None there means not given.
    Raises SettingsError naming the key and the file or variable it stands in.
    """
    file = folder / FILE_NAME
    values = _from_file(file)
    if _holds_password(values.get("database_url", "")):
        _require_private(file)
    values |= _from_environment(os.environ if environment is None else environment)
    values |= {key: _checked(key, value, "dòng lệnh") for key, value in given.items() if value is not None}
    return Settings(folder=folder, **values)


def session_secret(folder: Path) -> bytes:
    """Return the key that signs the page's cookies, made at the first call; 0600 in `folder`.

    One that others could read is no secret any more: a new one is made, and everybody signs in again.
    """
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / SECRET_FILE
    with FileLock(f"{file}.lock"):
        if file.exists() and _is_private(file) and len(secret := file.read_bytes()) == SECRET_BYTES:
            return secret
        return _write_secret(file)


def _write_secret(file: Path) -> bytes:
    if file.exists():
        logger.warning("%s was readable by others or damaged; a new one is made", file)
    secret = secrets.token_bytes(SECRET_BYTES)
    private_file.put(file, secret)
    return secret


# --- the file and the environment ---


def _from_file(file: Path) -> dict[str, Any]:
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"Không đọc được {file}: sai cú pháp ({error}).") from error
    except OSError as error:
        raise SettingsError(f"Không mở được {file}: {error.strerror}.") from error
    return {key: _checked(key, value, str(file)) for key, value in table.items()}


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Only our fields: other `BROADCASTER_…` variables steer processes and tests."""
    named = {f"{PREFIX}{key.upper()}": key for key in _READERS}
    return {
        key: _checked(key, _parsed(key, environment[name], name), f"biến môi trường {name}")
        for name, key in named.items()
        if name in environment
    }


def _parsed(key: str, text: str, name: str) -> object:
    """Return `text` as the kind of value that `key` takes in the file."""
    kind = _READERS[key].kind
    text = text.strip()
    if kind is bool:
        return _yes_or_no(text, key, name)
    if kind is tuple:
        return [part.strip() for part in text.split(",") if part.strip()]
    if kind is str:
        return text
    try:
        return kind(text)
    except ValueError as error:
        raise _unusable(key, f"biến môi trường {name}", _READERS[key].wanted) from error


def _yes_or_no(text: str, key: str, name: str) -> bool:
    if text.lower() not in _YES | _NO:
        raise _unusable(key, f"biến môi trường {name}", _READERS[key].wanted)
    return text.lower() in _YES


# --- what each field takes ---


@dataclass(frozen=True, slots=True)
class _Reader:
    kind: type
    wanted: str
    fits: Callable[[Any], bool] = lambda _: True


_TEXT = _Reader(str, "một đoạn chữ trong dấu nháy")
_FLAG = _Reader(bool, "true hoặc false")
_READERS: dict[str, _Reader] = {
    "host": _Reader(str, "một địa chỉ, ví dụ 127.0.0.1", lambda host: bool(host.strip())),
    "hosts": _Reader(tuple, 'một danh sách tên, ví dụ ["loa.phuong.vn"]'),
    "port": _Reader(int, "một số từ 0 đến 65535", lambda port: 0 <= port <= 65535),
    "database_url": _TEXT,
    "trusted_proxies": _Reader(int, "một số từ 0 đến 10", lambda count: 0 <= count <= 10),
    "https": _FLAG,
    "lan": _FLAG,
    "https_port": _Reader(int, "một số từ 0 đến 65535", lambda port: 0 <= port <= 65535),
    "certificate": _TEXT,
    "certificate_key": _TEXT,
    "live_longest_min": _Reader(int, "số phút từ 1 đến 240", lambda minutes: 1 <= minutes <= 240),
    "sound_device": _TEXT,
    "ear_device": _TEXT,
    "ear_output": _TEXT,
    "engines": _Reader(tuple, 'một danh sách tên, ví dụ ["espeak"]', bool),
    "target_lufs": _Reader(float, "một số từ -40 đến -6", lambda lufs: -40 <= lufs <= -6),
    "largest_upload_mb": _Reader(int, "một số từ 1 đến 20000", lambda size: 1 <= size <= 20_000),
    "longest_recording_min": _Reader(int, "một số từ 1 đến 600", lambda length: 1 <= length <= 600),
    "keep_uploads_days": _Reader(int, "một số từ 0 đến 3650", lambda days: 0 <= days <= 3650),
    "log_level": _Reader(str, f"một trong {', '.join(_LOG_LEVELS)}", _LOG_LEVELS.__contains__),
}


def _checked(key: str, value: object, place: str) -> object:
    reader = _READERS.get(key)
    if reader is None:
        raise _unknown(key, place)
    if reader.kind is tuple and isinstance(value, list) and all(isinstance(part, str) for part in value):
        value = tuple(value)
    if reader.kind is float and type(value) is int:
        value = float(value)
    if type(value) is not reader.kind or not reader.fits(value):
        raise _unusable(key, place, reader.wanted)
    return value


def _unknown(key: str, place: str) -> SettingsError:
    near = difflib.get_close_matches(key, _READERS, n=1)
    hint = f"có phải ý bạn là “{near[0]}”?" if near else f"các mục dùng được: {', '.join(_READERS)}."
    return SettingsError(f"Không có mục cài đặt “{key}” (trong {place}); {hint}")


def _unusable(key: str, place: str, wanted: str) -> SettingsError:
    return SettingsError(f"Mục cài đặt “{key}” trong {place} không dùng được: cần {wanted}.")


# --- secrets ---


def _holds_password(url: object) -> bool:
    authority = str(url).partition("://")[2].rpartition("@")[0]
    return ":" in authority


def _is_private(file: Path) -> bool:
    """Return whether only the owner may read `file`; always True where modes mean nothing (Windows)."""
    return os.name != "posix" or file.stat().st_mode & 0o077 == 0


def _require_private(file: Path) -> None:
    if not _is_private(file):
        raise SettingsError(
            f"Tệp {file} chứa mật khẩu trong mục “database_url” mà người khác đọc được; "
            f"hãy chạy: chmod 600 {file}"
        )


if {each.name for each in fields(Settings)} != {"folder", *_READERS}:  # pragma: no cover
    raise RuntimeError("every field of Settings needs a reader")
