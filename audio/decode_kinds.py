"""What a file is, by its first bytes: its name is its owner's business and may say anything.

Only what stands here is opened, and only as what it is: nothing is guessed by the decoder, so a playlist that
names other files, or a subtitle that looks like sound, never gets that far.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import BinaryIO

from audio.formats import BadSound

HEAD_BYTES = 1 << 16
_MOST_MOVIE_BYTES = 1 << 26
_MOST_TAG_BYTES = 1 << 26
_MOST_CHUNKS = 100
_OPEN_ENDED = 0x7FFFF000


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file that holds sound."""

    demuxer: str
    """As libavformat calls it."""
    words: str
    states_length: bool
    """Its header says how long it is, so that a part of one can be told from a whole."""


WAV = Kind("wav", "WAV", False)
"""Its length is what `wav_stated_s` reads: the decoder tells that of the bytes that are there."""
MP3 = Kind("mp3", "MP3", False)
MP3_WITH_LENGTH = Kind("mp3", "MP3", True)
AAC = Kind("aac", "AAC", False)
MP4 = Kind("mov,mp4,m4a,3gp,3g2,mj2", "MP4/M4A/3GP", True)
MATROSKA = Kind("matroska,webm", "MKV/WebM", True)
OGG = Kind("ogg", "Ogg/Opus", False)
FLAC = Kind("flac", "FLAC", True)
AMR = Kind("amr", "AMR", False)
AIFF = Kind("aiff", "AIFF", True)
CAF = Kind("caf", "CAF", False)
WMA = Kind("asf", "WMA", False)

_BY_START: tuple[tuple[bytes, Kind], ...] = (
    (b"OggS", OGG),
    (b"fLaC", FLAC),
    (b"\x1aE\xdf\xa3", MATROSKA),
    (b"#!AMR", AMR),
    (b"caff\0\1", CAF),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", WMA),
)
_MOVIE_ATOMS = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide")
_OTHER: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "tệp nén ZIP"),
    (b"Rar!", "tệp nén RAR"),
    (b"7z\xbc\xaf", "tệp nén 7z"),
    (b"\x1f\x8b", "tệp nén"),
    (b"%PDF", "tài liệu PDF"),
    (b"\xd0\xcf\x11\xe0", "tài liệu văn phòng"),
    (b"{\\rtf", "tài liệu văn phòng"),
    (b"\x89PNG", "ảnh"),
    (b"\xff\xd8\xff", "ảnh"),
    (b"GIF8", "ảnh"),
    (b"MThd", "bản nhạc MIDI, chưa phải âm thanh"),
    (b"MZ", "chương trình máy tính"),
    (b"\x7fELF", "chương trình máy tính"),
)
_PROTECTED = (b"drms", b"enca", b"encv")
_WMA_PROTECTED = bytes.fromhex("fbb3112223bdd211b4b700a0c955fc6e")
_TEXT = frozenset(range(32, 127)) | set(b"\t\r\n\f") | set(range(128, 256))


def kind_of(file: BinaryIO, name: str) -> Kind:
    """Return what `file` is; raises BadSound, naming it `name`, for what is no sound or is locked."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if not head.strip(b"\0"):
        raise BadSound(f"Tệp “{name}” trống; hãy chép lại tệp từ máy thu rồi gửi lại.")
    kind = _by_start(head) or _mpeg(file, head.lstrip(b"\0"))
    if kind is None:
        raise BadSound(_not_sound(head, name))
    movie = _movie_header(file) if kind is MP4 else b""
    if kind is MP4 and not movie:
        raise BadSound(
            f"Tệp “{name}” bị cụt, thiếu phần mô tả nên không đọc được; hãy chép lại cả tệp rồi gửi lại."
        )
    if any(mark in movie for mark in _PROTECTED) or (kind is WMA and _WMA_PROTECTED in head):
        raise BadSound(
            f"Tệp “{name}” bị khóa bản quyền nên không mở được; hãy dùng bản không khóa hoặc thu lại."
        )
    return kind


def wav_stated_s(file: BinaryIO) -> float | None:
    """Return how many seconds a WAV says that it holds; None where it went through a pipe and cannot know."""
    file.seek(12)
    byte_rate = 0
    for _ in range(_MOST_CHUNKS):
        chunk = file.read(8)
        if len(chunk) < 8:
            return None
        name, size = struct.unpack("<4sI", chunk)
        if name == b"data":
            is_known = byte_rate > 0 and 0 < size < _OPEN_ENDED
            return size / byte_rate if is_known else None
        start = file.tell()
        if name == b"fmt " and len(shape := file.read(12)) == 12:
            byte_rate = struct.unpack("<8xI", shape)[0]
        file.seek(start + size + size % 2)
    return None


def _by_start(head: bytes) -> Kind | None:
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return WAV
    if head[:4] == b"FORM" and head[8:11] == b"AIF":
        return AIFF
    if head[4:8] in _MOVIE_ATOMS:
        return MP4
    return next((kind for start, kind in _BY_START if head.startswith(start)), None)


def _mpeg(file: BinaryIO, head: bytes) -> Kind | None:
    """Return MP3 or AAC for what begins with one of their frames, after tags in front."""
    position = 0
    while head.startswith(b"ID3") and position < _MOST_TAG_BYTES:
        position += _tag_bytes(head)
        file.seek(position)
        tagged = file.read(HEAD_BYTES)
        if kind := _by_start(tagged):
            return kind
        head = tagged.lstrip(b"\0")
        position += len(tagged) - len(head)
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    if head[1] & 0xF6 == 0xF0:
        return AAC
    return MP3_WITH_LENGTH if any(mark in head[:400] for mark in (b"Xing", b"Info", b"VBRI")) else MP3


def _tag_bytes(head: bytes) -> int:
    size = 0
    for byte in head[6:10]:
        size = size << 7 | byte & 0x7F
    return size + 10


def _movie_header(file: BinaryIO) -> bytes:
    """Return the content of the first `moov` atom, bounded; empty where there is none."""
    position = 0
    for _ in range(1000):
        file.seek(position)
        atom = file.read(16)
        if len(atom) < 8:
            return b""
        size, name = struct.unpack(">I4s", atom[:8])
        if size == 1 and len(atom) == 16:
            size = struct.unpack(">Q", atom[8:])[0]
        if name == b"moov":
            file.seek(position)
            return file.read(min(size, _MOST_MOVIE_BYTES))
        if size < 8:
            return b""
        position += size
    return b""


def _not_sound(head: bytes, name: str) -> str:
    found = next((words for start, words in _OTHER if head.startswith(start)), "")
    if not found and _is_playlist(head):
        found = "danh sách phát, không chứa âm thanh"
    if not found and all(byte in _TEXT for byte in head[:2000]):
        found = "tệp chữ"
    is_that = f"là {found}" if found else "không phải tệp âm thanh đọc được"
    return f"Tệp “{name}” {is_that}; hãy chọn tệp MP3, WAV, M4A, Opus, Ogg, FLAC, AMR hoặc video có tiếng."


def _is_playlist(head: bytes) -> bool:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return start.startswith((b"#extm3u", b"ffconcat", b"[playlist]", b"<?xml", b"<smil", b"<asx"))
