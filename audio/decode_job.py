"""From a stranger's file to a clip: decode, look, cut, master, draw. What the decode process does, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from audio import mastering, silences
from audio.decode import decode_file
from audio.decode_link import Made
from audio.decode_words import length
from audio.formats import BadSound
from audio.mastering import Tone
from audio.mastering_stream import Survey, master_file, survey
from audio.waveform_outline import outline

LEAST_S = 1.0
_DECODING, _LOOKING = 0.4, 0.65
"""How far the work is when each of these steps ends."""

Progress = Callable[[float], object]


@dataclass(frozen=True, slots=True)
class Files:
    """Where one job reads and writes."""

    source: Path
    """As it was sent."""
    sound: Path
    """Decoded, uncut; used again when it is there already."""
    clip: Path


def make(
    files: Files,
    name: str,
    from_s: float | None,
    to_s: float | None,
    target_lufs: float,
    is_music: bool,
    longest_s: float,
    progress: Progress,
) -> Made:
    """Return what became of the file. Raises BadSound, a sentence naming `name`, and OSError."""
    found = _decoded(files, name, longest_s, progress)
    tone = mastering.MUSIC_TONE if is_music else Tone()
    seen = survey(files.sound, tone, lambda done: progress(_between(_DECODING, _LOOKING, done)))
    ranges = _ranges(seen, name, from_s, to_s, target_lufs)
    measured = master_file(
        files.sound, files.clip, seen, ranges, tone, target_lufs,
        progress=lambda done: progress(_between(_LOOKING, 1.0, done)),
    )  # fmt: skip
    return Made(
        **asdict(measured),
        found=found,
        kept=silences.in_seconds(ranges),
        wave=outline(seen.peaks_db),
        clip_wave=outline(seen.kept(ranges).peaks_db),
    )


def _decoded(files: Files, name: str, longest_s: float, progress: Progress) -> dict[str, Any] | None:
    """Decode the file unless that was done before; return what was in it, None when nobody looked."""
    if files.sound.exists():
        return None
    aside = files.sound.with_name(files.sound.name + ".part")
    try:
        found = decode_file(files.source, aside, name, longest_s, lambda done: progress(done * _DECODING))
        if found.seconds < LEAST_S:
            raise BadSound(f"Tệp “{name}” chưa dài đến 1 giây, ngắn quá để phát; hãy thu lại.")
        aside.replace(files.sound)
    finally:
        aside.unlink(missing_ok=True)
    return asdict(found)


def _ranges(
    seen: Survey, name: str, from_s: float | None, to_s: float | None, target_lufs: float
) -> list[tuple[int, int]]:
    if silences.is_silent(seen):
        raise BadSound(f"Tệp “{name}” im lặng từ đầu đến cuối; hãy kiểm tra micrô rồi thu lại.")
    ranges = silences.kept_ranges(seen, from_s, to_s, target_lufs)
    kept_s = sum(last - first for first, last in silences.in_seconds(ranges))
    if kept_s < LEAST_S:
        raise BadSound(
            f"Đoạn giữ lại của “{name}” không có tiếng hoặc ngắn hơn {length(LEAST_S)}; hãy chọn đoạn khác."
        )
    return ranges


def _between(first: float, last: float, done: float) -> float:
    return first + (last - first) * done
