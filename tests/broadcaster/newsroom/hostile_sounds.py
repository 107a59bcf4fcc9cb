"""Sound files that are broken or meant to harm, by name. Each is built only when it is asked for."""

from __future__ import annotations

import io
import struct
import tempfile
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

from tests.audio import made_files
from tests.audio.made_files import AMR_FRAME, ffmpeg
from tests.audio.sounds import bursts

LONGEST_S = 300.0
HOURS_10 = 36_000


@cache
def good(name: str) -> bytes:
    """Return a sound file that is nothing but good; `name` is one of `made_files.KINDS`."""
    with tempfile.TemporaryDirectory() as folder:
        return made_files.made(Path(folder), name, bursts(6.0)).read_bytes()


@cache
def _made(name: str, *arguments: str, text: bytes = b"") -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "source.srt"
        source.write_bytes(text)
        ffmpeg(*(str(source) if each == "TEXT" else each for each in arguments), Path(folder) / name)
        return (Path(folder) / name).read_bytes()


def half(name: str) -> bytes:
    return good(name)[: len(good(name)) // 2]


def wav(
    frames: bytes = bytes(4000),
    rate_hz: int = 8000,
    channels: int = 1,
    bits: int = 16,
    tag: int = 1,
    claims_bytes: int | None = None,
) -> bytes:
    """A WAV whose header says whatever is wanted."""
    block = max(1, channels * bits // 8)
    shape = struct.pack(
        "<HHIIHH", tag, channels, rate_hz, min(rate_hz * block, 2**32 - 1), block % 65536, bits
    )
    size = len(frames) if claims_bytes is None else claims_bytes
    body = b"WAVEfmt " + struct.pack("<I", len(shape)) + shape + b"data" + struct.pack("<I", size) + frames
    return b"RIFF" + struct.pack("<I", (len(body)) % 2**32) + body


def _noise(seconds: float, rate_hz: int = 8000) -> bytes:
    return np.random.default_rng(1).integers(-9000, 9000, round(seconds * rate_hz)).astype("<i2").tobytes()


def _patched(content: bytes, mark: bytes, offset: int, value: bytes) -> bytes:
    """Return `content` with `value` written `offset` bytes behind every `mark`."""
    raw, at = bytearray(content), content.find(mark)
    assert at >= 0, mark
    while at >= 0:
        raw[at + offset : at + offset + len(value)] = value
        at = content.find(mark, at + 1)
    return bytes(raw)


def _flac_of_10_hours() -> bytes:
    raw = bytearray(good("bai.flac"))
    samples = HOURS_10 * 48_000
    raw[21] = raw[21] & 0xF0 | samples >> 32 & 0x0F
    raw[22:26] = struct.pack(">I", samples & 0xFFFFFFFF)
    return bytes(raw)


def _m4a_of_10_hours() -> bytes:
    """Its headers claim ten hours, its tables hold six seconds: nothing is wrong with them."""
    content = good("ghi_am.m4a")
    for mark, offset in ((b"mvhd", 20), (b"tkhd", 24), (b"mdhd", 20)):
        content = _patched(content, mark, offset, struct.pack(">I", HOURS_10 * 48_000))
    return content


def _mkv_of_10_hours() -> bytes:
    return _patched(good("phim.mkv"), b"\x44\x89\x88", 3, struct.pack(">d", HOURS_10 * 1000.0))


def _crc_table() -> list[int]:
    table = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1 ^ 0x04C11DB7 if value & 0x80000000 else value << 1) & 0xFFFFFFFF
        table.append(value)
    return table


_CRC = _crc_table()


def ogg_page(packets: list[bytes], number: int, granule: int, flags: int = 0, stream: int = 7) -> bytes:
    lacing = b"".join(b"\xff" * (len(each) // 255) + bytes([len(each) % 255]) for each in packets)
    page = (
        struct.pack("<4sBBqIII", b"OggS", 0, flags, granule, stream, number, 0)
        + bytes([len(lacing)])
        + lacing
    )
    page += b"".join(packets)
    crc = 0
    for byte in page:
        crc = (crc << 8 ^ _CRC[crc >> 24 ^ byte]) & 0xFFFFFFFF
    return page[:22] + struct.pack("<I", crc) + page[26:]


_OPUS_HEAD = b"OpusHead\x01\x01\0\0\x80\xbb\0\0\0\0\0"
_OPUS_TAGS = b"OpusTags\0\0\0\0\0\0\0\0"
_OPUS_SILENCE = b"\xfb\x86\0\0\0\0\0"
"""120 ms: six frames of 20 ms of nothing."""


def _opus_heads() -> bytes:
    return ogg_page([_OPUS_HEAD], 0, 0, flags=2) + ogg_page([_OPUS_TAGS], 1, 0)


@cache
def _opus_of_silence(seconds: float) -> bytes:
    pages = [_opus_heads()]
    granule, packets = 0, [_OPUS_SILENCE] * 200
    for number in range(round(seconds / 24)):
        granule += 24 * 48_000
        pages.append(ogg_page(packets, number + 2, granule))
    return b"".join(pages)


def _opus_that_lies() -> bytes:
    """A few hundred bytes whose last page says that ten hours lie before it."""
    return _opus_heads() + ogg_page([_OPUS_SILENCE], 2, HOURS_10 * 48_000, flags=4)


def _ogg_of_many_streams() -> bytes:
    heads = [ogg_page([_OPUS_HEAD], 0, 0, flags=2, stream=number) for number in range(3000)]
    return b"".join(heads)


def _zip(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def _zip_with_a_link() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        link = zipfile.ZipInfo("nhac.mp3")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    return out.getvalue()


def _external_mov() -> bytes:
    """A film whose sound lies in another file of the machine."""
    return _patched(good("ghi_am.m4a"), b"url \0\0\0", 7, b"\0")


def _deep_atoms() -> bytes:
    inner = b""
    for _ in range(3000):
        inner = struct.pack(">I4s", len(inner) + 8, b"udta") + inner
    return b"\0\0\0\x18ftypM4A \0\0\0\0M4A isom" + struct.pack(">I4s", len(inner) + 8, b"moov") + inner


def _many_chunks() -> bytes:
    return b"RIFF\xff\xff\xff\x7fWAVE" + b"LIST\x04\0\0\0abcd" * 100_000


def _fragments() -> bytes:
    key = ("-encryption_scheme", "cenc-aes-ctr", "-encryption_key", "0" * 32, "-encryption_kid", "1" * 32)
    sound = ("-f", "lavfi", "-i", "sine=d=3", "-c:a", "aac")
    return _made("k.mp4", *sound, "-movflags", "frag_keyframe+empty_moov", *key)


def _locked_wma() -> bytes:
    locked = bytes.fromhex("fbb3112223bdd211b4b700a0c955fc6e")
    return good("bai.wma")[:30] + locked + good("bai.wma")[30:]


_FILM = ("-f", "lavfi", "-i", "testsrc=d=2:s=64x48:r=5", "-c:v", "mpeg4")
_SRT = "1\n00:00:01,000 --> 00:00:02,000\nXin chào bà con\n".encode()
_NOT_SOUND = "hãy chọn tệp MP3"

REFUSED: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "one byte": ("a.mp3", lambda: b"x", "tệp chữ"),
    "zeros": ("a.wav", lambda: bytes(100_000), "trống"),
    "half a wav": ("a.wav", lambda: half("thu.wav"), "bị cụt"),
    "half an mp3": ("a.mp3", lambda: half("bai.mp3"), "bị cụt"),
    "half an m4a": ("a.m4a", lambda: half("ghi_am.m4a"), "bị cụt"),
    "half a flac": ("a.flac", lambda: half("bai.flac"), "bị cụt"),
    "half a film": ("a.mkv", lambda: half("phim.mkv"), "bị cụt"),
    "wav of a header only": ("a.wav", lambda: good("thu.wav")[:44], ""),
    "mp3 of a tag only": ("a.mp3", lambda: good("bai.mp3")[:45], ""),
    "ogg of headers only": ("a.ogg", _opus_heads, ""),
    "webm of headers only": ("a.webm", lambda: good("trinh_duyet.webm")[:300], ""),
    "flac of a header only": ("a.flac", lambda: good("bai.flac")[:60], ""),
    "amr of a header only": ("a.amr", lambda: b"#!AMR\n", ""),
    "wav that claims 10 hours": (
        "a.wav", lambda: wav(_noise(2), claims_bytes=HOURS_10 * 16_000), "dài 10 giờ",
    ),
    "flac that claims 10 hours": ("a.flac", _flac_of_10_hours, "dài 10 giờ"),
    "mkv that claims 10 hours": ("a.mkv", _mkv_of_10_hours, "dài 10 giờ"),
    "opus that claims 10 hours": ("a.opus", _opus_that_lies, "chưa dài đến 1 giây"),
    "opus of 10 hours of silence": ("a.opus", lambda: _opus_of_silence(HOURS_10), "dài quá 5 phút"),
    "amr of 10 hours of nothing": ("a.amr", lambda: b"#!AMR\n" + b"\x7c" * (HOURS_10 * 50), "bị hỏng"),
    "amr of an hour": ("a.amr", lambda: b"#!AMR\n" + AMR_FRAME * (3600 * 50), "dài quá 5 phút"),
    "wav at 4 GHz": ("a.wav", lambda: wav(rate_hz=4_000_000_000), ""),
    "wav at 1 Hz": ("a.wav", lambda: wav(_noise(2), rate_hz=1), "máy này không đọc"),
    "wav at 0 Hz": ("a.wav", lambda: wav(_noise(2), rate_hz=0), ""),
    "wav of 65535 channels": ("a.wav", lambda: wav(bytes(400_000), channels=65_535), ""),
    "wav of 64 channels": ("a.wav", lambda: wav(bytes(400_000), channels=64), "máy này không đọc"),
    "wav of 0 channels": ("a.wav", lambda: wav(channels=0), ""),
    "wav of 0 bits": ("a.wav", lambda: wav(bits=0), ""),
    "wav of an unknown codec": ("a.wav", lambda: wav(tag=0x7777), ""),
    "wav whose shape never ends": (
        "a.wav", lambda: b"RIFF\xff\xff\xff\xffWAVEfmt " + b"\xff" * 4 + bytes(99), "",
    ),
    "wav of 100 000 chunks": ("a.wav", _many_chunks, ""),
    "wav of silence": ("a.wav", lambda: wav(bytes(480_000)), "im lặng"),
    "wav of one long thump": ("a.wav", lambda: wav(b"\xff\x7f" * 240_000), "không có tiếng"),
    "wav of no numbers": ("a.wav", lambda: wav(b"\xff\xff\xff\xff" * 40_000, bits=32, tag=3), "im lặng"),
    "a click": ("a.wav", lambda: wav(_noise(0.3)), "chưa dài đến 1 giây"),
    "ogg of 3000 streams": ("a.ogg", _ogg_of_many_streams, ""),
    "amr of garbage": ("a.amr", lambda: b"#!AMR\n" + bytes(range(256)) * 40, ""),
    "aac of garbage": ("a.aac", lambda: b"\xff\xf1" + bytes(range(256)) * 40, ""),
    "mp3 of garbage": ("a.mp3", lambda: b"\xff\xfb\x90\x00" + bytes(range(256)) * 40, ""),
    "tag of 256 MB": ("a.mp3", lambda: b"ID3\x04\0\0\x7f\x7f\x7f\x7f" + bytes(2000), _NOT_SOUND),
    "atoms 3000 deep": ("a.m4a", _deep_atoms, ""),
    "atom without an end": ("a.m4a", lambda: b"\0\0\0\0ftypM4A " + bytes(3000), ""),
    "samples without number": (
        "a.m4a", lambda: _patched(good("ghi_am.m4a"), b"stsz", 12, b"\x7f\xff\xff\xff"), "",
    ),
    "element without an end": ("a.webm", lambda: b"\x1aE\xdf\xa3\x01" + b"\xff" * 6 + bytes(200), ""),
    "aiff at a rate of no number": (
        "a.aiff", lambda: _patched(good("bai.aiff"), b"COMM", 16, b"\x7f\xff" * 5), "",
    ),
    "caf whose chunks lie": ("a.caf", lambda: b"caff\0\1\0\0desc\x7f" + b"\xff" * 300, ""),
    "film without sound": ("a.mp4", lambda: _made("a.mp4", *_FILM), "không có phần âm thanh"),
    "subtitles in a film's box": (
        "a.mkv", lambda: _made("a.mkv", "-i", "TEXT", "-c:s", "srt", text=_SRT), "không có phần âm thanh",
    ),
    "subtitles": ("a.mp3", lambda: _SRT, "tệp chữ"),
    "playlist": ("a.mp3", lambda: b"#EXTM3U\n#EXTINF:9,\nfile:///etc/passwd\n", "danh sách phát"),
    "playlist of parts": (
        "a.m3u8", lambda: b"#EXTM3U\n#EXT-X-VERSION:9\nhttp://127.0.0.1:9/a.ts\n", "danh sách",
    ),
    "ffconcat": ("a.wav", lambda: b"ffconcat version 1.0\nfile '/etc/passwd'\n", "danh sách phát"),
    "pls": ("a.mp3", lambda: b"[playlist]\nFile1=/etc/passwd\n", "danh sách phát"),
    "smil": ("a.mp3", lambda: b"<smil><body><audio src='/etc/passwd'/></body></smil>", "danh sách phát"),
    "page of the web": ("a.mp3", lambda: b"<!doctype html><script>alert(1)</script>", "tệp chữ"),
    "zip": ("a.mp3", lambda: _zip(a=b"a"), "ZIP"),
    "zip bomb": ("a.mp3", lambda: _zip(a=bytes(30_000_000)), "ZIP"),
    "zip with a link": ("a.mp3", _zip_with_a_link, "ZIP"),
    "gzip": ("a.mp3", lambda: b"\x1f\x8b\x08" + bytes(99), "tệp nén"),
    "document": ("a.mp3", lambda: b"%PDF-1.7 trailer", "PDF"),
    "picture": ("a.mp3", lambda: b"\x89PNG\r\n\x1a\n" + bytes(99), "ảnh"),
    "program": ("a.mp3", lambda: b"MZ" + bytes(range(256)), "chương trình"),
    "midi": ("a.mid", lambda: b"MThd\0\0\0\x06\0\0\0\1\0\x60", "MIDI"),
    "locked song": ("a.m4p", lambda: good("ghi_am.m4a").replace(b"mp4a", b"drms"), "khóa bản quyền"),
    "locked film": ("a.mp4", _fragments, "khóa bản quyền"),
    "locked wma": ("a.wma", _locked_wma, "khóa bản quyền"),
    "random bytes": ("a.mp3", lambda: np.random.default_rng(5).bytes(50_000), _NOT_SOUND),
}  # fmt: skip
"""Name -> (file name, maker, words of the sentence; empty where any refusal will do)."""

HARMLESS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "m4a whose header claims 10 hours": ("a.m4a", _m4a_of_10_hours),
    "film that says its sound lies elsewhere": ("a.mov", _external_mov),
    "recording of a browser, which knows no length": ("a.webm", lambda: good("trinh_duyet.webm")),
    "sound called a document": ("../../thông báo.docx", lambda: good("bai.mp3")),
}
"""What is only strange, and is taken."""
