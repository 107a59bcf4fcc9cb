"""The way out of a machine without loudspeaker: a file for each item, written at the pace of real time."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from audio.outputs.output import RATE_HZ, Block, OutputError, Render, Samples, Span
from audio.outputs.wav_file import WavFile

logger = logging.getLogger(__name__)

_BLOCK_FRAMES = RATE_HZ // 20
_TOO_LATE_S = 1.0
"""After a pause of the whole machine the pace starts anew instead of catching up in a rush."""


class FileOutput:
    """Writes `<folder>/<item>.wav` while something sounds, so that silence never fills a disk."""

    is_loudspeaker = False
    latency_s = 0.0

    def __init__(self, folder: Path) -> None:
        self.device = f"tệp trong {folder.name}"
        self._folder = folder
        self._files: dict[str, WavFile] = {}
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def open(self, render: Render) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"Không ghi được vào thư mục {self._folder}: {error.strerror}.") from error
        self._closing.clear()
        self._thread = threading.Thread(target=self._run, args=(render,), name="file output", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self, render: Render) -> None:
        """A full disk ends this thread: the device is then seen to be dead, like a torn-out sound card."""
        try:
            self._write_in_real_time(render)
        except OSError:
            logger.exception("cannot write to %s", self._folder)
        finally:
            self._close_files(self._files.keys())

    def _write_in_real_time(self, render: Render) -> None:
        next_s = time.monotonic()
        while not self._closing.wait(max(0.0, next_s - time.monotonic())):
            self._write(render(_BLOCK_FRAMES))
            next_s += _BLOCK_FRAMES / RATE_HZ
            if time.monotonic() - next_s > _TOO_LATE_S:
                next_s = time.monotonic()

    def _write(self, block: Block) -> None:
        for span in block.spans:
            self._write_span(span, block.samples)
        self._close_files(block.ended)

    def _write_span(self, span: Span, samples: Samples) -> None:
        if span.item not in self._files:
            self._files[span.item] = WavFile(_unused(self._folder, span.item))
        self._files[span.item].write(samples[span.first : span.last])
        # Each time, so that a file of a killed player can be played.
        self._files[span.item].complete_header()

    def _close_files(self, ended: Iterable[str]) -> None:
        for item in self._files.keys() & set(ended):
            self._files.pop(item).close()


def _unused(folder: Path, item: str) -> Path:
    """Return `<item>.wav`, or `<item>-2.wav` … when that was written before: nothing is overwritten."""
    name = re.sub(r"[^\w.-]", "_", item).lstrip(".")[:100] or "_"
    path, count = folder / f"{name}.wav", 1
    while path.exists():
        count += 1
        path = folder / f"{name}-{count}.wav"
    return path
