"""Samples in memory and in files: `Pcm`, our clip format (48 kHz mono 16-bit WAV), decoding and resampling.

Everything between two files is float32 mono, full scale ±1.0. Decoding is miniaudio's, loaded when needed.
"""

from __future__ import annotations

import math
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

CLIP_RATE_HZ = 48_000
FULL_SCALE_S16 = 32768.0
_BLOCK_FRAMES = 1 << 15
_EDGE_FRAMES = 2048
"""Frames of its neighbours that each resampled block sees; what rings over a block's edge is cut away."""
_PASS = 0.92
"""Part of the lower Nyquist frequency that resampling leaves untouched; above it falls to nothing."""


class BadSound(ValueError):
    """These bytes hold no sound that can be read. The message is a Vietnamese sentence."""


@dataclass(frozen=True, slots=True, eq=False)
class Pcm:
    """Mono sound."""

    samples: Samples
    """float32 of shape (frames,), full scale ±1.0; may exceed it between decoding and mastering."""
    rate_hz: int

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate_hz


def silence(seconds: float, rate_hz: int = CLIP_RATE_HZ) -> Pcm:
    return Pcm(np.zeros(round(seconds * rate_hz), np.float32), rate_hz)


def from_s16(raw: bytes, rate_hz: int) -> Pcm:
    """Return 16-bit little-endian mono frames as `Pcm`; an odd last byte is dropped."""
    frames = np.frombuffer(raw, "<i2", len(raw) // 2)
    return Pcm(frames.astype(np.float32) / np.float32(FULL_SCALE_S16), rate_hz)


def to_s16(pcm: Pcm) -> bytes:
    """Return `pcm` as 16-bit little-endian frames, rounded; what exceeds full scale is held at it."""
    scaled = np.rint(pcm.samples * np.float32(FULL_SCALE_S16))
    frames: npt.NDArray[np.int16] = np.clip(scaled, -32768, 32767).astype("<i2")
    return frames.tobytes()


def write_wav(path: Path, pcm: Pcm) -> None:
    """Write a mono 16-bit WAV at the rate of `pcm`; flushing to the disk is the caller's business."""
    # Opened by ourselves: `wave` of Python 3.11 complains a second time about a file that it cannot open.
    with path.open("wb") as target, wave.open(target, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(pcm.rate_hz)
        file.writeframes(to_s16(pcm))


def read_wav(path: Path) -> Pcm:
    """Read a mono 16-bit WAV as `write_wav` makes them; raises BadSound for anything else."""
    try:
        with wave.open(str(path), "rb") as file:
            if (file.getnchannels(), file.getsampwidth()) != (1, 2):
                raise BadSound(f"Tệp {path.name} không phải WAV một kênh 16 bit.")
            frames, rate_hz = file.getnframes(), file.getframerate()
            raw = file.readframes(frames)
    except (wave.Error, EOFError) as error:
        raise BadSound(f"Tệp {path.name} không phải tệp WAV đọc được.") from error
    if len(raw) != 2 * frames:
        raise BadSound(f"Tệp {path.name} bị cụt: thiếu {frames - len(raw) // 2} mẫu.")
    return from_s16(raw, rate_hz)


def decode(content: bytes) -> Pcm:
    """Return the sound of an MP3, WAV, FLAC or Ogg Vorbis file, mixed to mono, at its own rate.

    Raises BadSound for anything else, and for a file that holds no frame. An MP3 that breaks off in the
    middle decodes without complaint: `mp3.is_whole` tells.
    """
    import miniaudio  # noqa: PLC0415  a C library of 20 MB, needed by few

    try:
        found = _describe(content)
        decoded = miniaudio.decode(
            content, miniaudio.SampleFormat.FLOAT32, nchannels=1, sample_rate=found.sample_rate
        )
    except miniaudio.MiniaudioError as error:
        raise BadSound("Dữ liệu nhận được không phải là âm thanh MP3, WAV, FLAC hoặc OGG.") from error
    samples = np.array(decoded.samples, np.float32)
    if not len(samples):
        raise BadSound("Tệp âm thanh rỗng.")
    return Pcm(samples, int(decoded.sample_rate))


def _describe(content: bytes) -> miniaudio.SoundFileInfo:  # type: ignore[name-defined] # noqa: F821
    import miniaudio  # noqa: PLC0415

    readers = {
        b"RIFF": miniaudio.wav_get_info,
        b"fLaC": miniaudio.flac_get_info,
        b"OggS": miniaudio.vorbis_get_info,
    }
    return readers.get(content[:4], miniaudio.mp3_get_info)(content)


def resample(pcm: Pcm, rate_hz: int) -> Pcm:
    """Return `pcm` at another rate, band-limited: images and aliases lie below -90 dB.

    Works in the frequency domain, block by block, on exact fractions (22,050 -> 48,000 Hz is 320/147), so
    that long sound neither drifts nor clicks.
    """
    if rate_hz == pcm.rate_hz or not len(pcm.samples):
        return Pcm(pcm.samples, rate_hz)
    unit = math.gcd(pcm.rate_hz, rate_hz)
    down, up = pcm.rate_hz // unit, rate_hz // unit
    edge = math.ceil(_EDGE_FRAMES / down)
    wanted = min(len(pcm.samples) + 2 * edge * down, _BLOCK_FRAMES)
    units = max(1 << math.ceil(math.log2(wanted / down)), 4 * edge)
    blocks = _overlapping(pcm.samples, units * down, edge * down)
    turned = _resample_blocks(blocks, units * up)[:, edge * up : (units - edge) * up]
    frames = -(-len(pcm.samples) * up // down)
    return Pcm(np.ascontiguousarray(turned.reshape(-1)[:frames]), rate_hz)


def _overlapping(samples: Samples, block: int, edge: int) -> Samples:
    """Return rows of `block` frames, each sharing `edge` frames with its neighbour on either side."""
    hop = block - 2 * edge
    rows = -(-len(samples) // hop)
    padded = np.zeros(rows * hop + 2 * edge, np.float32)
    padded[edge : edge + len(samples)] = samples
    return np.lib.stride_tricks.sliding_window_view(padded, block)[::hop]


def _resample_blocks(blocks: Samples, frames: int) -> Samples:
    before = blocks.shape[1]
    bins = min(before, frames) // 2 + 1
    position = np.arange(bins) / (bins - 1)
    fall = np.clip((position - _PASS) / (1 - _PASS), 0, 1)
    window = ((1 + np.cos(np.pi * fall)) / 2 * frames / before).astype(np.float32)
    turned = np.empty((len(blocks), frames), np.float32)
    for row, block in enumerate(blocks):
        turned[row] = np.fft.irfft(np.fft.rfft(block)[:bins] * window, frames)
    return turned
