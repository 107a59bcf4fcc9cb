"""What a player kept (WAV) into Ogg Opus, block by block: an hour needs no more memory than a minute.

24 kb/s, 20 ms frames: a decoded bulletin correlates 0.99 with its clip and is as long to the sample; 11 MB an
hour (measured). Also reads a WAV that a killed player left behind, whose header does not know how long it is.
"""

from __future__ import annotations

import hashlib
import math
import os
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
import numpy.typing as npt

from audio.compare import Envelope, envelope
from audio.formats import CLIP_RATE_HZ, FULL_SCALE_S16, BadSound, Samples
from audio.outputs.encoding import Encoder

SUFFIX = ".opus"
BIT_RATE = 24_000
FRAME_BYTES = 2
_BLOCK_FRAMES = 10 * CLIP_RATE_HZ
"""A whole number of hops of an envelope."""
_RIFF_BYTES = 12
_CHUNK_BYTES = 8
_FORMAT = struct.Struct("<HHIIHH")
_LONGEST_HEADER = 65_536


@dataclass(frozen=True, slots=True)
class KeptSound:
    """The samples in a WAV of a player: 48 kHz, mono, 16 bit, from byte `offset` on."""

    path: Path
    offset: int
    frames: int

    @property
    def seconds(self) -> float:
        return self.frames / CLIP_RATE_HZ

    def blocks(self) -> Iterator[npt.NDArray[np.int16]]:
        """Yield the samples, at most ten seconds at a time."""
        with self.path.open("rb") as file:
            for raw in _read(file, self):
                yield np.frombuffer(raw, "<i2").astype(np.int16, copy=False)

    def sha256(self) -> str:
        """Return the hash of the samples alone: a header may be put right later."""
        digest = hashlib.sha256()
        with self.path.open("rb") as file:
            for raw in _read(file, self):
                digest.update(raw)
        return digest.hexdigest()

    def envelope(self) -> Envelope:
        """Return how its loudness moves."""
        nothing = np.zeros(0, np.float32)
        blocks = (nothing, *map(_values, self.blocks()))
        return np.concatenate([envelope(values, CLIP_RATE_HZ) for values in blocks])


@dataclass(frozen=True, slots=True, eq=False)
class Encoded:
    """What went into the Opus file."""

    seconds: float
    level_dbfs: float
    """RMS; -inf for digital silence."""
    envelope: Envelope


def open_kept(path: Path) -> KeptSound:
    """Find the samples in a WAV, also in one that was broken off; raises BadSound when it is none of ours."""
    with path.open("rb") as file:
        head = file.read(_LONGEST_HEADER)
    offset = _first_sample(head, path.name)
    # By the size of the file: the header of one that was broken off tells less, or nothing.
    return KeptSound(path, offset, (path.stat().st_size - offset) // FRAME_BYTES)


def encode(sound: KeptSound, target: Path, beat: Callable[[], None] = lambda: None) -> Encoded:
    """Write `sound` to `target`, flushed to the disk; `beat` is called after each ten seconds of it.

    Raises OSError when the disk does not take it.
    """
    energy, parts = 0.0, [envelope(np.zeros(0, np.float32), CLIP_RATE_HZ)]
    with _opus_file(target) as encoder:
        for samples in sound.blocks():
            encoder.send(samples)
            values = _values(samples)
            energy += float(np.dot(values, values))
            parts.append(envelope(values, CLIP_RATE_HZ))
            beat()
    mean = energy / max(1, sound.frames)
    level_dbfs = 10 * math.log10(mean) if mean > 0 else -math.inf
    return Encoded(sound.seconds, level_dbfs, np.concatenate(parts))


@contextmanager
def _opus_file(target: Path) -> Iterator[Encoder]:
    with target.open("wb") as file:
        try:
            container = av.open(file, "w", format="ogg")
            with container:
                encoder = Encoder(container, "libopus", CLIP_RATE_HZ, BIT_RATE, {"application": "audio"})
                yield encoder
                encoder.finish()
        except av.FFmpegError as error:
            raise OSError(str(error)) from error
        file.flush()
        os.fsync(file.fileno())


def _values(samples: npt.NDArray[np.int16]) -> Samples:
    values: Samples = samples.astype(np.float32) / np.float32(FULL_SCALE_S16)
    return values


def _read(file: BinaryIO, sound: KeptSound) -> Iterator[bytes]:
    file.seek(sound.offset)
    left = sound.frames * FRAME_BYTES
    while left and (raw := file.read(min(left, _BLOCK_FRAMES * FRAME_BYTES))):
        left -= len(raw)
        yield raw[: len(raw) // FRAME_BYTES * FRAME_BYTES]


def _first_sample(head: bytes, name: str) -> int:
    """Return at which byte the samples begin."""
    if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
        raise BadSound(f"Tệp {name} không phải WAV của máy phát.")
    at, is_ours = _RIFF_BYTES, False
    while at + _CHUNK_BYTES <= len(head):
        kind, size = head[at : at + 4], int.from_bytes(head[at + 4 : at + 8], "little")
        at += _CHUNK_BYTES
        if kind == b"data" and is_ours:
            return at
        is_ours = is_ours or (kind == b"fmt " and _is_ours(head[at : at + _FORMAT.size]))
        at += size + size % 2
    raise BadSound(f"Tệp {name} không phải WAV của máy phát (48 kHz, một kênh, 16 bit).")


def _is_ours(form: bytes) -> bool:
    if len(form) < _FORMAT.size:
        return False
    tag, channels, rate_hz, _, _, bits = _FORMAT.unpack(form)
    return (tag, channels, rate_hz, bits) == (1, 1, CLIP_RATE_HZ, 8 * FRAME_BYTES)
