"""Sound files of every kind that people send, made by ffmpeg or byte by byte."""

from __future__ import annotations

import subprocess
import wave
from pathlib import Path

import numpy as np

from audio.formats import Pcm, to_s16

SECONDS = 3.0
AMR_FRAME = bytes([0x3C]) + bytes(range(7, 255, 8))
"""20 ms of AMR-NB at 12.2 kbit/s, full of sound."""
KINDS: dict[str, tuple[str, ...]] = {
    "thu.wav": ("-c:a", "pcm_s16le"),
    "thu24.wav": ("-c:a", "pcm_s24le", "-ac", "2", "-ar", "44100"),
    "so_thuc.wav": ("-c:a", "pcm_f32le"),
    "bai.mp3": ("-c:a", "libmp3lame", "-b:a", "96k"),
    "bai_khong_ghi_do_dai.mp3": ("-c:a", "libmp3lame", "-write_xing", "0", "-ar", "24000"),
    "ghi_am.m4a": ("-c:a", "aac", "-ar", "44100"),
    "alac.m4a": ("-c:a", "alac"),
    "tho.aac": ("-c:a", "aac"),
    "zalo.opus": ("-c:a", "libopus", "-b:a", "24k"),
    "bai.ogg": ("-c:a", "libvorbis"),
    "bai.flac": ("-c:a", "flac"),
    "bai.wma": ("-c:a", "wmav2"),
    "bai.aiff": ("-c:a", "pcm_s16be"),
    "ghi_nho.caf": ("-c:a", "pcm_s16le"),
    "trinh_duyet.webm": ("-c:a", "libopus"),
    "phim.mp4": ("VIDEO", "-c:v", "mpeg4", "-c:a", "aac"),
    "phim.mkv": ("VIDEO", "-c:v", "mpeg4", "-c:a", "libopus"),
    "phim.webm": ("VIDEO", "-c:v", "libvpx", "-c:a", "libvorbis"),
}
_VIDEO = ("-f", "lavfi", "-i", "testsrc=d=3:s=64x48:r=5")


def ffmpeg(*arguments: str | Path, sound: bytes = b"") -> None:
    subprocess.run(["ffmpeg", "-v", "error", "-y", *arguments], input=sound, check=True, capture_output=True)


def made(folder: Path, name: str, pcm: Pcm) -> Path:
    """Return the file `name` of KINDS with `pcm` in it."""
    how = KINDS[name]
    heard = ("-f", "s16le", "-ar", str(pcm.rate_hz), "-ac", "1", "-i", "-")
    video = _VIDEO if how[0] == "VIDEO" else ()
    ffmpeg(*heard, *video, *(part for part in how if part != "VIDEO"), folder / name, sound=to_s16(pcm))
    return folder / name


def amr(seconds: float = SECONDS) -> bytes:
    return b"#!AMR\n" + AMR_FRAME * round(seconds * 50)


def phone_note(folder: Path, name: str = "ghi_am.3gp") -> Path:
    """Return the same in the container in which phones send it."""
    raw = folder / "raw.amr"
    raw.write_bytes(amr())
    ffmpeg("-i", raw, "-c", "copy", folder / name)
    return folder / name


def as_wav(path: Path, channels: list[Pcm]) -> Path:
    """Write `channels` as one WAV, without ffmpeg."""
    frames = np.stack([np.frombuffer(to_s16(each), "<i2") for each in channels], axis=1)
    with path.open("wb") as target, wave.open(target, "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(channels[0].rate_hz)
        file.writeframes(frames.tobytes())
    return path
