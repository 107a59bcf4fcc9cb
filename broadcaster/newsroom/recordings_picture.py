"""Pictures of a recording: the whole of its file with what was left out, and the clip that will be heard."""

from __future__ import annotations

from audio import waveform
from audio.decode_words import length
from broadcaster.store.models import Recording

WIDTHS = (320, 720)
"""In pixels: of a phone, of an office PC."""


def of_file(recording: Recording, width: int) -> str:
    """Return an SVG; empty before the file was looked into."""
    if recording.wave is None or recording.found is None:
        return ""
    seconds = float(recording.found["seconds"])
    left_out = len(waveform.left_out(recording.kept, seconds)) if recording.kept is not None else 0
    about = f"Cả tệp dài {length(seconds)}"
    about += f"; {left_out} đoạn gạch chéo là phần bỏ." if left_out else "."
    title = f"Hình âm thanh của “{recording.file_name}”"
    return waveform.draw(recording.wave, seconds, title, about, recording.kept, width)


def of_clip(recording: Recording, width: int) -> str:
    """Return an SVG; empty before there is a clip."""
    if recording.clip is None or recording.clip_wave is None:
        return ""
    about = f"Bản sẽ phát dài {length(recording.clip.seconds)}."
    return waveform.draw(
        recording.clip_wave, recording.clip.seconds, "Hình âm thanh sẽ phát", about, width=width
    )
