"""What every way out for sound has in common: how it is described, opened and asked what it can do."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from audio.outputs.spec import OutputSpec
from audio.outputs.ways import NETWORK_KINDS, BadWay, IcecastWay, RtpWay, SnapcastWay, way_of

RATE_HZ = 48_000
"""Every output runs at this rate, mono, 16 bit: the format of our clips."""

Samples = NDArray[np.int16]


class OutputError(Exception):
    """`str(error)` is one Vietnamese sentence."""


class NoDevice(OutputError):
    """There is no such sound card now, or it cannot be opened."""


class Span(NamedTuple):
    """The samples `first` to before `last` of a block belong to `item`."""

    item: str
    first: int
    last: int


class Block(NamedTuple):
    """What sounds next; `samples` is reused for the following block, so copy what you keep."""

    samples: Samples
    spans: tuple[Span, ...]
    ended: tuple[str, ...] = ()
    """Items of which nothing follows."""


Render = Callable[[int], Block]
"""Gives the next so many frames. Called from the output's own thread, in real time."""


class Output(Protocol):
    """A way out for sound. It pulls: from `open` on it calls `render` at its own pace until `close`."""

    is_loudspeaker: bool
    """Whether people can hear it; what goes to a file was not broadcast."""
    device: str
    """What it plays on, for people; known after `open`."""
    latency_s: float

    def open(self, render: Render) -> None:
        """Raises OutputError, at once, when the device is not there."""

    def close(self) -> None:
        """May hang inside a C library when a sound server hangs."""


def output_for(spec: OutputSpec) -> Output:
    """Return the closed output that `spec` describes. Raises OutputError when it describes none."""
    if spec.kind == "soundcard":
        from audio.outputs.soundcard import PERIOD_MS, SoundCard  # noqa: PLC0415 - a file output needs no sound library

        return SoundCard(spec.target, spec.latency_s, spec.options.get("period_ms", PERIOD_MS))
    if spec.kind == "file":
        from audio.outputs.file import FileOutput  # noqa: PLC0415

        if spec.folder is None:
            raise OutputError("Đường ra dạng tệp chưa có thư mục để ghi; hãy chọn thư mục cho đường ra này.")
        return FileOutput(spec.folder)
    if spec.kind in NETWORK_KINDS:
        return _network_output(spec)
    raise OutputError(f"Không có loại đường ra “{spec.kind}”; hãy chọn loại khác trong phần Cài đặt.")


def _network_output(spec: OutputSpec) -> Output:
    try:
        way = way_of(spec)
    except BadWay as error:
        raise OutputError(str(error)) from error
    match way:
        case IcecastWay():
            from audio.outputs.icecast import icecast_output  # noqa: PLC0415 - each needs libraries of its own

            return icecast_output(way, spec.latency_s)
        case RtpWay():
            from audio.outputs.rtp import rtp_output  # noqa: PLC0415

            return rtp_output(way, spec.latency_s)
        case SnapcastWay():
            from audio.outputs.snapcast import snapcast_output  # noqa: PLC0415

            return snapcast_output(way, spec.latency_s)
