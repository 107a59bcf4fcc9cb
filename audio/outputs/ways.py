"""The network ways out as they are described: address and options, checked. Light: no samples, no sockets."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from audio.outputs.spec import OutputSpec

PASSWORD_VARIABLE = "BROADCASTER_ICECAST_PASSWORD"  # noqa: S105 - the name of the variable
PASSWORD_SUFFIX = ".password"  # noqa: S105
"""Only such a file is read as a password, so that no other secret of the machine can be sent to a server."""
ICECAST_FORMATS = ("opus", "mp3")
RTP_CODECS = ("L16", "G722", "PCMU")
OPTIONS = {
    "icecast": ("format", "bitrate_kbps", "user", "password_file"),
    "rtp": ("codec", "ttl", "interface"),
    "snapcast": ("channels",),
}
"""What each network kind may be told besides its address. None of it is a secret."""
NETWORK_KINDS = tuple(OPTIONS)
_ADDRESS = re.compile(r"(?P<host>\[[0-9a-fA-F:]+\]|[\w.-]+)(?::(?P<port>\d{1,5}))?(?P<path>/\S*)?", re.ASCII)


class BadWay(ValueError):
    """`str(error)` is one Vietnamese sentence; `field` names what it is about: `target` or an option."""

    def __init__(self, message: str, field: str = "target") -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class IcecastWay:
    host: str
    port: int
    mount: str
    """Begins with a slash."""
    format: str = "opus"
    bitrate_kbps: int = 64
    user: str = "source"
    password_file: Path | None = None
    """None: the password stands in the environment."""

    @property
    def name(self) -> str:
        return f"Icecast {self.host}:{self.port}{self.mount}"


@dataclass(frozen=True, slots=True)
class RtpWay:
    address: str
    port: int
    codec: str = "L16"
    ttl: int = 1
    interface: str = ""
    """IPv4 address of the network card through which it leaves; empty: the system's choice."""

    @property
    def name(self) -> str:
        return f"RTP {self.address}:{self.port}"


@dataclass(frozen=True, slots=True)
class SnapcastWay:
    pipe: Path
    channels: int = 2

    @property
    def name(self) -> str:
        return f"Snapcast {self.pipe}"


Way = IcecastWay | RtpWay | SnapcastWay


def way_of(spec: OutputSpec) -> Way:
    """Return what the spec of a network kind describes. Raises BadWay."""
    match spec.kind:
        case "icecast":
            return _icecast(spec.target.strip(), spec.options)
        case "rtp":
            return _rtp(spec.target.strip(), spec.options)
        case "snapcast":
            return _snapcast(spec.target.strip(), spec.options)
        case kind:
            raise BadWay(f"“{kind}” không phải là đường ra qua mạng.", "kind")


def _icecast(target: str, options: Mapping[str, Any]) -> IcecastWay:
    if target.startswith("https://"):
        raise BadWay("Đường Icecast chưa dùng được https; hãy ghi địa chỉ dạng máy-chủ:8000/tên-luồng.")
    if "@" in target:
        raise BadWay("Không ghi mật khẩu vào địa chỉ; hãy để mật khẩu trong tệp riêng hoặc biến môi trường.")
    found = _ADDRESS.fullmatch(target.removeprefix("http://").removeprefix("icecast://"))
    if found is None or len(found["path"] or "") < 2:
        raise BadWay("Địa chỉ Icecast phải có dạng máy-chủ:8000/tên-luồng, ví dụ 192.168.1.10:8000/loa.")
    return IcecastWay(
        found["host"].strip("[]"),
        _port(found["port"] or "8000"),
        found["path"],
        _one_of(options, "format", ICECAST_FORMATS, "Dạng âm thanh Icecast"),
        _whole(options, "bitrate_kbps", 64, (16, 320), "Tốc độ luồng"),
        str(options.get("user") or "source"),
        _password_file(str(options.get("password_file") or "")),
    )


def _rtp(target: str, options: Mapping[str, Any]) -> RtpWay:
    found = _ADDRESS.fullmatch(target.removeprefix("rtp://"))
    if found is None or found["path"] or not found["port"] or not _is_ipv4(found["host"]):
        raise BadWay("Địa chỉ RTP phải là địa chỉ IPv4 kèm cổng, ví dụ 239.10.20.30:5004.")
    port = _port(found["port"])
    if port % 2 or port > 65_534:
        raise BadWay("Cổng RTP phải là số chẵn, ví dụ 5004; cổng lẻ kế tiếp dành cho RTCP.")
    interface = str(options.get("interface") or "")
    if interface and not _is_ipv4(interface):
        raise BadWay("Card mạng phải ghi bằng địa chỉ IPv4 của nó, ví dụ 192.168.1.5.", "interface")
    return RtpWay(
        found["host"],
        port,
        _one_of(options, "codec", RTP_CODECS, "Mã hoá RTP"),
        _whole(options, "ttl", 1, (1, 255), "Số chặng mạng (TTL)"),
        interface,
    )


def _snapcast(target: str, options: Mapping[str, Any]) -> SnapcastWay:
    if not PurePosixPath(target).is_absolute() or "\0" in target:
        raise BadWay("Đường ống Snapcast phải là đường dẫn đầy đủ, ví dụ /run/snapserver/loa.")
    return SnapcastWay(Path(target), _whole(options, "channels", 2, (1, 2), "Số kênh"))


def _port(text: str) -> int:
    if not 1 <= int(text) <= 65_535:
        raise BadWay(f"Cổng {text} không dùng được; cổng phải từ 1 đến 65535.")
    return int(text)


def _is_ipv4(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


def _password_file(text: str) -> Path | None:
    if not text:
        return None
    if not Path(text).is_absolute() or not text.endswith(PASSWORD_SUFFIX):
        raise BadWay(
            f"Tệp mật khẩu phải ghi đủ đường dẫn và có đuôi {PASSWORD_SUFFIX}, ví dụ /etc/loa/a.password.",
            "password_file",
        )
    return Path(text)


def _one_of(options: Mapping[str, Any], name: str, allowed: tuple[str, ...], words: str) -> str:
    value = options.get(name) or allowed[0]
    if value not in allowed:
        raise BadWay(f"{words} phải là một trong: {', '.join(allowed)}.", name)
    return str(value)


def _whole(options: Mapping[str, Any], name: str, default: int, limits: tuple[int, int], words: str) -> int:
    value = options.get(name, default)
    if type(value) is not int or not limits[0] <= value <= limits[1]:
        raise BadWay(f"{words} phải từ {limits[0]} đến {limits[1]}.", name)
    return value
