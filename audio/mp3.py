"""Is this MP3 all there? Decoders play half of one without complaint."""

from __future__ import annotations

_KBPS = {
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_HZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def is_whole(content: bytes) -> bool:
    """Return whether an MP3 has at least one frame and its last frame is complete.

    Walks the frame headers (ISO/IEC 11172-3, 2.4.2.3; ISO/IEC 13818-3 for the lower rates). What follows the
    frames (a tag) does not matter.
    """
    position, frames = _id3_length(content), 0
    while (length := _frame_length(content[position : position + 4])) is not None:
        position, frames = position + length, frames + 1
    return frames > 0 and position <= len(content)


def _id3_length(content: bytes) -> int:
    if content[:3] != b"ID3" or len(content) < 10:
        return 0
    size = 0
    for byte in content[6:10]:
        size = size << 7 | byte & 0x7F
    return size + 10


def _frame_length(header: bytes) -> int | None:
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE6 != 0xE2:
        return None
    version, rate, kbps = header[1] >> 3 & 3, header[2] >> 2 & 3, header[2] >> 4
    if version == 1 or rate == 3 or kbps in (0, 15):
        return None
    layout = 1 if version == 3 else 2
    padding = header[2] >> 1 & 1
    return 144_000 // layout * _KBPS[layout][kbps] // _HZ[version][rate] + padding
