"""The ear: a process that listens to a monitor or a microphone and compares it with what was sent.

`python -m audio.ear` reads one command from standard input (audio/ear_words.py) and says words on standard
output; it goes when its input closes, or when its source does. No sound is kept or sent on: only how loudness
moves in five bands, for half a minute.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sys
import threading
import time
from collections import deque
from collections.abc import Generator
from typing import Any, BinaryIO

import miniaudio

from audio.compare import HOPS_A_SECOND
from audio.ear_timeline import HEARD_SLACK_S, Comparison, Sent, Timeline, levels_of
from audio.ear_words import NO_SOURCE_EXIT, BadLine, Deaf, Listen, Listening, Word, read_command, word_line
from audio.outputs.soundcard import backends

logger = logging.getLogger("audio.ear")

RATE_HZ = 16_000
PERIOD_MS = 100
LOOK_S = 0.5
COMPARE_S = 1.0
SILENT_SOURCE_S = 6.0
"""A source that gives no samples at all for so long is gone: silence is samples too."""
_HOP_BYTES = RATE_HZ // HOPS_A_SECOND * 2
_LONGEST_LINE = 65_536


class NoSource(Exception):
    """`str(error)` is one Vietnamese sentence."""


class Source:
    """A capture device, by a part of its name; `monitor of …` for what a sound server plays."""

    def __init__(self, name: str) -> None:
        self._chunks: deque[bytes] = deque()
        self.heard_at_s = time.monotonic()
        device_id, self.device = _find(name)
        try:
            self._capture = miniaudio.CaptureDevice(
                input_format=miniaudio.SampleFormat.SIGNED16,
                nchannels=1,
                sample_rate=RATE_HZ,
                buffersize_msec=PERIOD_MS,
                device_id=device_id,
                backends=backends(),
                app_name="Tai nghe kiểm tra",
            )
            taking = self._take()
            next(taking)
            self._capture.start(taking)
        except miniaudio.MiniaudioError as error:
            raise NoSource(
                f"Không mở được nguồn nghe “{self.device}”; hãy kiểm tra dây và cài đặt."
            ) from error

    def read(self) -> bytes:
        """Return what was captured since the last call."""
        chunks = [self._chunks.popleft() for _ in range(len(self._chunks))]
        return b"".join(chunks)

    def _take(self) -> Generator[None, bytes, None]:
        while True:
            self._chunks.append(bytes((yield)))
            self.heard_at_s = time.monotonic()


def listen(command: Listen, words: BinaryIO) -> None:
    """Compare until the source gives nothing any more. Raises NoSource."""
    source, heard, sent = Source(command.source), Timeline(HEARD_SLACK_S), Sent(command.folder)
    comparison = Comparison(sent, heard)
    _say(words, Listening(source.device))
    rest, compare_at_s = b"", time.monotonic() + COMPARE_S
    while time.monotonic() - source.heard_at_s < SILENT_SOURCE_S:
        time.sleep(LOOK_S)
        now_s = time.monotonic()
        raw = rest + source.read()
        whole = len(raw) // _HOP_BYTES * _HOP_BYTES
        rest = raw[whole:]
        heard.add(levels_of(raw[:whole], RATE_HZ), now_s)
        sent.look(now_s)
        if now_s >= compare_at_s:
            compare_at_s = now_s + COMPARE_S
            for word in comparison.results(now_s):
                _say(words, word)
    raise NoSource(f"Nguồn nghe “{source.device}” không còn cho tiếng; hãy kiểm tra dây và dịch vụ âm thanh.")


def _find(name: str) -> tuple[Any, str]:
    try:
        captures = miniaudio.Devices(backends()).get_captures()
    except (miniaudio.MiniaudioError, OSError) as error:
        raise NoSource("Không thấy dịch vụ âm thanh nào để nghe; hãy kiểm tra máy.") from error
    for each in captures:
        if name.casefold() in each["name"].casefold():
            return each["id"], each["name"]
    raise NoSource(f"Không thấy nguồn nghe “{name}”; hãy chọn lại nguồn trong cài đặt.")


def _say(words: BinaryIO, word: Word) -> None:
    words.write(word_line(word))
    words.flush()


def main() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="ear: %(message)s")
    with contextlib.suppress(OSError, AttributeError):
        os.nice(10)
    try:
        command = read_command(sys.stdin.buffer.readline(_LONGEST_LINE))
    except BadLine as error:
        raise SystemExit(2) from error
    threading.Thread(target=_leave_with_the_station, name="lifeline", daemon=True).start()
    try:
        listen(command, sys.stdout.buffer)
    except NoSource as error:
        _say(sys.stdout.buffer, Deaf(str(error)))
    except BrokenPipeError:
        logger.info("the station is gone")
    # The device is not closed: that can hang with the sound server.
    os._exit(NO_SOURCE_EXIT)


def _leave_with_the_station() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
