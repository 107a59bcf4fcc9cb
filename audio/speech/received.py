"""What comes over the network: cut a long sentence for the way there, and judge the sound that comes back."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from audio.speech.engine import BadAudio

if TYPE_CHECKING:
    from audio.formats import Pcm

HEADROOM_DB = 3.0
_BETWEEN_PARTS_S = 0.15
_CLAUSE = re.compile(r"(?<=[.!?;:,…])\s+")


def packed(text: str, longest: int) -> list[str]:
    """Return `text` in as few parts as fit, cut after clauses, or between words of a long one."""
    parts: list[str] = []
    for piece in (piece for clause in _CLAUSE.split(text) for piece in _pieces(clause.strip(), longest)):
        if parts and len(parts[-1]) + 1 + len(piece) <= longest:
            parts[-1] = f"{parts[-1]} {piece}"
        else:
            parts.append(piece)
    return parts


def _pieces(clause: str, longest: int) -> Iterator[str]:
    while len(clause) > longest:
        cut = clause.rfind(" ", 0, longest + 1)
        cut = cut if cut > 0 else longest
        yield clause[:cut]
        clause = clause[cut:].strip()
    if clause:
        yield clause


def sound_of(content: bytes, who: str) -> Pcm:
    """Return a whole MP3 or WAV from the service `who`, 3 dB softer than it came. Raises BadAudio."""
    from audio import formats, mp3  # noqa: PLC0415

    if not (_is_whole_wav(content) if content[:4] == b"RIFF" else mp3.is_whole(content)):
        raise BadAudio(f"Âm thanh nhận từ {who} không phải MP3, WAV hoặc bị cụt.")
    try:
        return with_headroom(formats.decode(content))
    except formats.BadSound as error:
        raise BadAudio(f"Âm thanh nhận từ {who} không đọc được.") from error


def with_headroom(pcm: Pcm, least_db: float = HEADROOM_DB) -> Pcm:
    """Return `pcm` softer by `least_db`, or by as much as it takes to stay 3 dB below full scale."""
    from audio import formats, levels  # noqa: PLC0415

    down_db = min(-least_db, -HEADROOM_DB - levels.peak_dbfs(pcm))  # a decoded MP3 may pass full scale
    return formats.Pcm(pcm.samples * pcm.samples.dtype.type(levels.from_db(down_db)), pcm.rate_hz)


def joined(parts: Sequence[Pcm]) -> Pcm:
    """Return the parts in a row with a short breath between, at the first one's rate."""
    if len(parts) == 1:
        return parts[0]
    from audio import assembly  # noqa: PLC0415

    return assembly.in_a_row(parts, _BETWEEN_PARTS_S)


def _is_whole_wav(content: bytes) -> bool:
    """Return whether all samples that the header promises are there; decoders play half a file gladly."""
    position = 12
    while position + 8 <= len(content):
        length = int.from_bytes(content[position + 4 : position + 8], "little")
        if content[position : position + 4] == b"data":
            return 0 < length <= len(content) - position - 8
        position += 8 + length + length % 2
    return False
