"""Our samples into an encoder of PyAV and out through its container, block by block."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import av

from audio.outputs.output import RATE_HZ, Samples


class Encoder:
    """One mono stream; PyAV resamples and cuts into the codec's frames."""

    def __init__(
        self,
        container: Any,
        codec: str,
        rate_hz: int = RATE_HZ,
        bit_rate: int = 0,
        options: Mapping[str, str] | None = None,
    ) -> None:
        self._container = container
        self._stream = container.add_stream(codec, rate=rate_hz, layout="mono", options=dict(options or {}))
        if bit_rate:
            self._stream.bit_rate = bit_rate
        self._frames = 0

    def send(self, samples: Samples) -> None:
        """Raises OSError when the container's file does not take it."""
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = RATE_HZ, Fraction(1, RATE_HZ), self._frames
        self._frames += len(samples)
        self._mux(frame)

    def finish(self) -> None:
        """Send what the encoder still holds, before the container is closed. Raises OSError."""
        self._mux(None)

    def _mux(self, frame: av.AudioFrame | None) -> None:
        try:
            self._container.mux(self._stream.encode(frame))
        except av.FFmpegError as error:
            raise OSError(str(error)) from error
