"""Speech services as data: how each is asked and how it answers, read from TOML; and the keys to them."""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import SplitResult, urlsplit

from audio.speech.engine import Unavailable, Voice

BUILT_IN = Path(__file__).with_name("services.toml")
OWN_FILE = "speech-services.toml"
KEYS_FILE = "speech-keys.toml"
KEY_VARIABLE = "BROADCASTER_KEY_"
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_NAME = re.compile(r"[a-z][a-z0-9_]{0,30}")
_HOLE = re.compile(r"\{(text|voice|speed|key)\}")


@dataclass(frozen=True, slots=True)
class Speed:
    """The service's own measure of speed: `normal` at rate 1.0, `per_rate` more for each 1.0 above it."""

    normal: float = 1.0
    per_rate: float = 1.0
    lowest: float = 0.8
    highest: float = 1.2
    decimals: int = 1

    def at(self, rate: float) -> int | float:
        wanted = self.normal + (rate - 1.0) * self.per_rate
        held = min(max(wanted, self.lowest), self.highest)
        return round(held, self.decimals) if self.decimals else round(held)


@dataclass(frozen=True, slots=True)
class Body:
    kind: str
    """`form`, `json` or `raw`."""
    content: Any


@dataclass(frozen=True, slots=True)
class Reply:
    kind: str
    """`audio`; or `base64` or `url`, which stand in JSON at `pointer` (RFC 6901)."""
    pointer: str = ""
    error: str = ""
    """Pointer to a code that is missing, empty or 0 when all is well."""
    message: str = ""
    hosts: tuple[str, ...] = ()
    """Hosts, with all below them, from which the sound of a `url` may be fetched."""
    poll_s: float = 2.0


@dataclass(frozen=True, slots=True)
class Service:
    name: str
    title: str
    url: str
    longest_chars: int
    body: Body
    answer: Reply
    voices: tuple[Voice, ...]
    headers: Mapping[str, str] = field(default_factory=dict)
    speed: Speed = Speed()
    pace_s: float = 1.0

    @property
    def digest(self) -> str:
        """Changes with the description: the same sentence may then sound different."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:8]

    def may_fetch(self, url: str) -> bool:
        """Return whether a service that answers with this address may be followed there.

        Only https and only to its own hosts: an answer must not send us into the ward's own network. A
        service that itself runs on this machine may name this machine.
        """
        there, home = urlsplit(url), urlsplit(self.url)
        if there.username is not None or not there.hostname:
            return False
        if home.hostname in LOOPBACK:
            return is_safe(there) and there.hostname in LOOPBACK | set(self.answer.hosts)
        is_known = any(
            there.hostname == host or there.hostname.endswith(f".{host}") for host in self.answer.hosts
        )
        return there.scheme == "https" and there.port in (None, 443) and is_known


def is_safe(url: SplitResult) -> bool:
    """Return whether nobody on the way can read or change what goes there."""
    return url.scheme == "https" or (url.scheme == "http" and url.hostname in LOOPBACK)


def filled(template: Any, values: Mapping[str, Any]) -> Any:
    """Return `template` with its holes filled, in one pass: what is filled in is never a template again.

    A text that is nothing but a hole becomes the value itself, so a number stays a number in JSON.
    """
    if isinstance(template, Mapping):
        return {key: filled(value, values) for key, value in template.items()}
    if isinstance(template, list):
        return [filled(value, values) for value in template]
    if not isinstance(template, str):
        return template
    if whole := _HOLE.fullmatch(template):
        return values[whole[1]]
    return _HOLE.sub(lambda hole: str(values[hole[1]]), template)


# --- reading descriptions ---


def known(folder: Path | None = None) -> dict[str, Service]:
    """Return the services by name: the built-in ones, then those described in `folder`.

    Raises Unavailable, naming file, service and item, when a description cannot be used.
    """
    found = _read(BUILT_IN)
    own = folder / OWN_FILE if folder else None
    return found | _read(own) if own is not None and own.exists() else found


def _read(file: Path) -> dict[str, Service]:
    try:
        state = file.stat()
        return _read_once(file, state.st_mtime_ns, state.st_size)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Unavailable(f"Không đọc được tệp dịch vụ đọc {file.name}: {error}.") from error


@lru_cache(maxsize=8)
def _read_once(file: Path, _changed_ns: int, _bytes: int) -> dict[str, Service]:
    """A page asks for every name of a voice anew."""
    tables = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    return {name: _service(name, table, file.name) for name, table in tables.items()}


def _service(name: str, table: Any, place: str) -> Service:
    try:
        if not _NAME.fullmatch(name):
            raise ValueError("tên chỉ gồm chữ thường không dấu, số và gạch dưới")
        parts = {"speed": _speed, "body": _body, "answer": _reply, "voices": _voices}
        values = {key: parts[key](value) if key in parts else value for key, value in dict(table).items()}
        return _usable(_made(Service, {"name": name, **values}))
    except (TypeError, ValueError, AttributeError) as error:
        raise Unavailable(f"Tệp {place}: dịch vụ “{name}” không dùng được: {error}.") from error


def _usable(service: Service) -> Service:
    if not is_safe(urlsplit(service.url)):
        raise ValueError("“url” phải bắt đầu bằng https://")
    if "{" in service.url:
        raise ValueError("“url” không được chứa khóa hay lời đọc")
    if not service.voices:
        raise ValueError("chưa có giọng nào trong “voices”")
    if service.longest_chars < 1 or service.pace_s < 0 or service.answer.poll_s <= 0:
        raise ValueError("“longest_chars” và “poll_s” phải lớn hơn 0")
    return service


Made = TypeVar("Made")


def _made(kind: Callable[..., Made], table: Mapping[str, Any]) -> Made:
    """Return `kind` made of `table`; a missing or unknown item is named."""
    items = {item.name: item for item in fields(kind)}  # type: ignore[arg-type]
    for key in table:
        if key not in items:
            raise ValueError(f"không có mục “{key}”")
    for item in items.values():
        if item.default is MISSING and item.default_factory is MISSING and item.name not in table:
            raise ValueError(f"thiếu mục “{item.name}”")
    for key, value in table.items():
        if (wanted := _KINDS.get(str(items[key].type))) and (
            not isinstance(value, wanted) or isinstance(value, bool)
        ):
            raise ValueError(f"mục “{key}” sai kiểu")
    return kind(**table)


_KINDS: dict[str, tuple[type, ...]] = {"str": (str,), "float": (float, int), "int": (int,)}


def _speed(table: Any) -> Speed:
    return _made(Speed, dict(table))


def _body(table: Any) -> Body:
    body = _made(Body, dict(table))
    if body.kind not in ("form", "json", "raw"):
        raise ValueError("“body.kind” phải là form, json hoặc raw")
    if isinstance(body.content, str) != (body.kind == "raw"):
        raise ValueError("“body.content” là một đoạn chữ khi raw, là một bảng khi form hoặc json")
    return body


def _reply(table: Any) -> Reply:
    reply = _made(Reply, {**table, "hosts": tuple(table.get("hosts", ()))})
    if reply.kind not in ("audio", "base64", "url"):
        raise ValueError("“answer.kind” phải là audio, base64 hoặc url")
    if reply.kind != "audio" and not reply.pointer.startswith("/"):
        raise ValueError("thiếu “answer.pointer”, ví dụ /data/url")
    if reply.kind == "url" and not reply.hosts:
        raise ValueError("thiếu “answer.hosts”: những máy chủ được phép tải âm thanh về")
    return reply


def _voices(tables: Any) -> tuple[Voice, ...]:
    return tuple(_made(Voice, {"region": "", "gender": "", **table}) for table in tables)


# --- keys ---


def key_for(service: Service, folder: Path | None, environment: Mapping[str, str] | None = None) -> str:
    """Return the key from the environment, else from the keys file in `folder`, which must be private.

    Raises Unavailable, without ever showing the key.
    """
    variable = f"{KEY_VARIABLE}{service.name.upper()}"
    key = (os.environ if environment is None else environment).get(variable, "").strip()
    key = key or _key_in(folder / KEYS_FILE if folder else None, service.name)
    if not key:
        raise Unavailable(
            f"Chưa có khóa của {service.title}: đặt biến môi trường {variable}, "
            f'hoặc ghi {service.name} = "…" vào tệp {KEYS_FILE} trong thư mục dữ liệu.'
        )
    if not key.isascii() or not key.isprintable() or " " in key:
        raise Unavailable(f"Khóa của {service.title} có ký tự lạ; hãy chép lại khóa.")
    return key


def _key_in(file: Path | None, name: str) -> str:
    if file is None or not file.exists():
        return ""
    if os.name == "posix" and file.stat().st_mode & 0o077:
        raise Unavailable(f"Tệp khóa {file} người khác đọc được; hãy chạy: chmod 600 {file}")
    try:
        return str(tomllib.loads(file.read_text(encoding="utf-8-sig")).get(name, "")).strip()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise Unavailable(f'Không đọc được tệp khóa {file}; mỗi dòng là: tên = "khóa".') from None
