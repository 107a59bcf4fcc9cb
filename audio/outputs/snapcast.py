"""A Snapcast server through its named pipe: raw 16-bit samples, which it keeps in step on all its clients."""

from __future__ import annotations

import contextlib
import os
import select
import stat
import time

import numpy as np

from audio.outputs.output import NoDevice, Samples
from audio.outputs.paced import PacedOutput
from audio.outputs.ways import SnapcastWay

_PIPE_BYTES = 16_384
"""What the pipe may hold, 85 ms: the system's own 64 KiB would count a third of a second nobody took."""
_READER_S = 0.35


def snapcast_output(way: SnapcastWay, latency_s: float) -> PacedOutput:
    return PacedOutput(way.name, latency_s, lambda: _SnapcastSink(way))


class _SnapcastSink:
    """A block of 20 ms is 3,840 bytes: below PIPE_BUF, so it is written as a whole or not at all (POSIX)."""

    def __init__(self, way: SnapcastWay) -> None:
        self._channels = way.channels
        self._pipe = _open(way)
        self._asks = select.poll()
        self._asks.register(self._pipe, select.POLLOUT)

    def takes(self, wait_s: float) -> bool:
        return bool(self._asks.poll(wait_s * 1000))

    def send(self, samples: Samples) -> None:
        with contextlib.suppress(BlockingIOError):
            os.write(self._pipe, np.repeat(samples.astype("<i2"), self._channels).tobytes())

    def close(self) -> None:
        os.close(self._pipe)


def _open(way: SnapcastWay) -> int:
    if not hasattr(os, "mkfifo"):
        raise NoDevice("Đường ra Snapcast cần máy chạy Linux; hãy chọn loại đường ra khác.")
    try:
        if not stat.S_ISFIFO(way.pipe.stat().st_mode):
            raise NoDevice(f"{way.pipe} không phải là đường ống; hãy ghi đúng đường ống của Snapserver.")
        pipe = _written_while_read(way)
    except OSError as error:
        raise NoDevice(
            f"Không mở được đường ống {way.pipe}; hãy chạy Snapserver hoặc sửa đường dẫn."
        ) from error
    if pipe is None:
        raise NoDevice(f"Chưa có Snapserver đọc {way.pipe}; hãy chạy Snapserver.")
    _make_short(pipe)
    return pipe


def _written_while_read(way: SnapcastWay) -> int | None:
    """Return the pipe opened for writing, once Snapserver reads it; None when it does not.

    Without a writer Snapserver opens the pipe every 100 ms and lets go at once. So we hold both ends open
    until it must have come, and then look whether it is there.
    """
    both = os.open(way.pipe, os.O_RDWR | os.O_NONBLOCK)
    try:
        pipe = os.open(way.pipe, os.O_WRONLY | os.O_NONBLOCK)
        time.sleep(_READER_S)
    finally:
        os.close(both)
    asks = select.poll()
    asks.register(pipe, select.POLLERR)
    if asks.poll(0):
        os.close(pipe)
        return None
    return pipe


def _make_short(pipe: int) -> None:
    with contextlib.suppress(OSError, ImportError, AttributeError):
        import fcntl  # noqa: PLC0415 - not on Windows

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
