"""What playlists say: M3U and PLS name a stream, HLS lists the latest pieces of one (RFC 8216). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urljoin

LONGEST_BYTES = 512 * 1024
_ATTRIBUTE = re.compile(r'([A-Z0-9-]+)=("[^"]*"|[^",]*)')
_VIDEO = ("avc1", "avc3", "hvc1", "hev1", "vp09", "av01", "mp4v")
_LONGEST_TARGET_S = 30.0
_DEFAULT_TARGET_S = 10.0


@dataclass(frozen=True, slots=True)
class Segment:
    number: int
    """Media sequence number."""
    address: str
    opening: str = ""
    """Address of what a decoder needs first (EXT-X-MAP), or empty."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One of several forms of the same programme."""

    address: str
    bits_per_s: int
    has_video: bool


@dataclass(frozen=True, slots=True)
class Playlist:
    target_s: float = _DEFAULT_TARGET_S
    segments: tuple[Segment, ...] = ()
    variants: tuple[Variant, ...] = ()
    is_ended: bool = False
    """EXT-X-ENDLIST: nothing will be added."""
    is_readable: bool = True
    """False: encrypted, or cut by byte ranges."""


def is_playlist(first: bytes) -> bool:
    """Tell by the first bytes of an answer whether it is a playlist and not the sound itself."""
    return first.lstrip(b"\xef\xbb\xbf \r\n").lower().startswith((b"#extm3u", b"[playlist]"))


def is_hls(text: str) -> bool:
    return "#EXT-X-" in text


def named_stream(text: str, base: str) -> str | None:
    """Return the first address that a plain M3U or PLS file names."""
    for line in text.splitlines():
        found = re.match(r"\s*(?:File\d+\s*=\s*)?(https?://\S+)", line, re.IGNORECASE)
        if found:
            return urljoin(base, str(found[1]))
    return None


def read_hls(text: str, base: str) -> Playlist:
    """Return what an HLS playlist found at `base` says; lines that are not understood are passed over."""
    reader = _Reader(base)
    for line in text.splitlines():
        reader.take(line.strip())
    return reader.playlist()


class _Reader:
    def __init__(self, base: str) -> None:
        self._base = base
        self._target_s = _DEFAULT_TARGET_S
        self._next_number = 0
        self._opening = ""
        self._segments: list[Segment] = []
        self._variants: list[Variant] = []
        self._variant: dict[str, str] | None = None
        self._is_ended = False
        self._is_readable = True

    def playlist(self) -> Playlist:
        return Playlist(
            self._target_s, tuple(self._segments), tuple(self._variants), self._is_ended, self._is_readable
        )

    def take(self, line: str) -> None:
        if line.startswith("#"):
            name, _, value = line.partition(":")
            self._take_tag(name, value)
        elif line and self._variant is not None:
            self._add_variant(line, self._variant)
            self._variant = None
        elif line:
            self._segments.append(Segment(self._next_number, urljoin(self._base, line), self._opening))
            self._next_number += 1

    def _take_tag(self, name: str, value: str) -> None:
        match name:
            case "#EXT-X-TARGETDURATION":
                self._target_s = min(max(1.0, _number(value, _DEFAULT_TARGET_S)), _LONGEST_TARGET_S)
            case "#EXT-X-MEDIA-SEQUENCE":
                self._next_number = int(_number(value, 0.0))
            case "#EXT-X-STREAM-INF":
                self._variant = _attributes(value)
            case "#EXT-X-MEDIA":
                self._take_rendition(_attributes(value))
            case "#EXT-X-MAP":
                self._opening = urljoin(self._base, _attributes(value).get("URI", ""))
                self._is_readable &= "BYTERANGE" not in _attributes(value)
            case "#EXT-X-KEY":
                self._is_readable &= _attributes(value).get("METHOD", "NONE") == "NONE"
            case "#EXT-X-BYTERANGE":
                self._is_readable = False
            case "#EXT-X-ENDLIST":
                self._is_ended = True

    def _add_variant(self, line: str, attributes: dict[str, str]) -> None:
        codecs = attributes.get("CODECS", "").lower()
        has_video = "RESOLUTION" in attributes or any(codec in codecs for codec in _VIDEO)
        bits_per_s = int(_number(attributes.get("BANDWIDTH", ""), 0.0))
        self._variants.append(Variant(urljoin(self._base, line), bits_per_s, has_video))

    def _take_rendition(self, attributes: dict[str, str]) -> None:
        if attributes.get("TYPE") == "AUDIO" and attributes.get("URI"):
            self._variants.append(Variant(urljoin(self._base, attributes["URI"]), 0, has_video=False))


def best_variant(playlist: Playlist) -> Variant:
    """Return the lightest one, of those without picture if there are any."""
    return min(playlist.variants, key=lambda each: (each.has_video, each.bits_per_s))


def _attributes(value: str) -> dict[str, str]:
    return {name: text.strip('"') for name, text in _ATTRIBUTE.findall(value)}


def _number(text: str, default: float) -> float:
    found = re.match(r"\d{1,12}(\.\d+)?", text.strip())
    return float(found[0]) if found else default
