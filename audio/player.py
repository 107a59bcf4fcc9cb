"""The player process: one output, always open; plays what it is told at the second it is told.

`python -m audio.player` reads commands from standard input and says words on standard output, one JSON
object per line (audio/player_words.py); standard error is its log. It fades out and goes when its input
closes. `python -m audio.player --devices` lists the sound cards.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import signal
import sys
import threading
import time
from dataclasses import asdict
from pathlib import Path
from types import FrameType
from typing import BinaryIO, NoReturn

from audio.aircheck import Aircheck
from audio.device_keeper import REOPEN_TRIES, DeviceKeeper
from audio.loader import Loader
from audio.mixer import STALL_S, Mixer
from audio.outputs.output import Block, Output, OutputError, output_for
from audio.player_lines import BadLine, read_command, word_line
from audio.player_words import (
    NO_DEVICE_EXIT,
    Append,
    Arm,
    Command,
    Cut,
    Fault,
    Finish,
    Gain,
    Open,
    Prepare,
    Queue,
    Relay,
    Word,
)
from audio.reporter import Reporter
from audio.shaping import Shaper, shaper_for
from audio.voice import fade_ramp

logger = logging.getLogger("audio.player")

LEAVE_FADE_S = 0.1
_KEEP_S = 0.4
"""To complete what is kept before leaving: what is not ready then is repaired at the next start."""
_REPORT_S = 0.5
_TICK_S = 0.1
_LONGEST_LINE = 65_536
_PRIORITY = -11


class Player:
    """Four threads around one mixer: the output's own, the keeper of the device, the feeder, the reporter."""

    def __init__(
        self,
        output: Output,
        words: BinaryIO,
        aircheck: Path | None = None,
        reopen_tries: int = REOPEN_TRIES,
        shaper: Shaper | None = None,
    ) -> None:
        self.output = output
        self.mixer = Mixer(output.latency_s, shaper=shaper)
        self._words = words
        self._writing = threading.Lock()
        self.loader = Loader(self.mixer)
        self._reporter = Reporter(self.mixer)
        self._aircheck = None if aircheck is None else Aircheck(aircheck, self.say)
        self._keeper = DeviceKeeper(output, self.mixer, self._render, self.say, reopen_tries)
        self._next_report_s = 0.0

    def start(self) -> None:
        if self._aircheck is not None:
            self._aircheck.start()
        for run in (self._keep_open, self.loader.feed, self._report):
            threading.Thread(target=run, name=run.__name__.strip("_"), daemon=True).start()

    def obey(self, command: Command) -> None:
        match command:
            case Arm():
                self.loader.arm(command)
            case Queue():
                self.loader.begin_queue(command)
            case Append():
                self.loader.append(command)
            case Finish():
                self.loader.finish(command)
            case Prepare():
                self.loader.relays.prepare(command)
            case Relay():
                self.loader.relays.relay(command)
            case Cut(item, fade_s):
                self.mixer.cut(item, fade_ramp(fade_s))
            case Gain(gain_db, ramp_s):
                self.mixer.gain(gain_db, ramp_s)
            case Open():
                self.say(Fault("bad_command", "Đường ra đã mở rồi."))

    def say(self, word: Word) -> None:
        self.mixer.words.append(word)

    def leave(self, exit_code: int) -> NoReturn:
        """End without closing the device: a close can hang, and the end of the process closes it too."""
        if self._aircheck is not None:
            self._aircheck.leave(_KEEP_S)
        if self._writing.acquire(timeout=0.5):
            self._write_words()
        os._exit(exit_code)

    def fade_out_and_leave(self) -> NoReturn:
        self.mixer.cut(None, fade_ramp(LEAVE_FADE_S))
        deadline_s = time.monotonic() + 5 * LEAVE_FADE_S
        while (self.mixer.voices or self.mixer.has_orders) and time.monotonic() < deadline_s:
            time.sleep(0.01)
        time.sleep(self.output.latency_s)
        self.leave(0)

    def _render(self, frames: int) -> Block:
        try:
            block = self.mixer.render(frames)
            if self._aircheck is not None:
                self._aircheck.take(block)
            return block
        except Exception:
            # miniaudio would play silence for ever and look well.
            logger.exception("the mixer broke")
            os._exit(1)

    def _keep_open(self) -> None:
        self._keeper.keep_open()
        self.leave(NO_DEVICE_EXIT)

    def _report(self) -> None:
        while True:
            time.sleep(_TICK_S)
            if self.mixer.callback_age_s > STALL_S:
                self.mixer.settle()
            if self._keeper.hangs:
                logger.error("the device hangs; going so that a new process can try")
                self.leave(NO_DEVICE_EXIT)
            if time.monotonic() >= self._next_report_s:
                self._next_report_s = time.monotonic() + _REPORT_S
                self.mixer.words.extend(self._reporter.reports())
            with self._writing:
                self._write_words()

    def _write_words(self) -> None:
        try:
            while self.mixer.words:
                self._words.write(word_line(self.mixer.words.popleft()))
            self._words.flush()
        except OSError:
            # The station is gone; the end of standard input makes us fade out and go.
            self.mixer.words.clear()


def main() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="player: %(message)s")
    if sys.argv[1:] == ["--devices"]:
        _list_devices()
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the station's to obey: it closes our input.
    threading.excepthook = _end_loudly
    _go_first()
    player = _begin(sys.stdin.buffer, sys.stdout.buffer)
    signal.signal(signal.SIGTERM, _raise_end)
    with contextlib.suppress(SystemExit):
        _obey_all(player, sys.stdin.buffer)
    player.fade_out_and_leave()


def _begin(commands: BinaryIO, words: BinaryIO) -> Player:
    """Read the first command and start. Exits with 2 when it does not describe an output."""
    try:
        command = read_command(_next_line(commands))
        if not isinstance(command, Open):
            raise BadLine("the first command must be open")
        spec = command.spec
        tries = spec.options.get("reopen_tries", REOPEN_TRIES)
        player = Player(output_for(spec), words, spec.aircheck, tries, shaper_for(spec))
    except (BadLine, OutputError) as error:
        words.write(word_line(Fault("bad_command", str(error))))
        words.flush()
        raise SystemExit(2) from error
    player.start()
    return player


def _obey_all(player: Player, commands: BinaryIO) -> None:
    while line := _next_line(commands):
        try:
            player.obey(read_command(line))
        except BadLine as error:
            player.say(Fault("bad_command", f"Không hiểu lệnh: {error}"))


def _next_line(commands: BinaryIO) -> bytes:
    line = commands.readline(_LONGEST_LINE)
    rest = line
    while rest and not rest.endswith(b"\n"):
        rest = commands.readline(_LONGEST_LINE)
    return line


def _list_devices() -> None:
    from audio.outputs.soundcard import cards_here  # noqa: PLC0415 - a file output needs no sound library

    json.dump([asdict(card) for card in cards_here()], sys.stdout)


def _go_first() -> None:
    """Ask for the priority that sound servers take (nice -11): a busy machine must not tear the sound."""
    with contextlib.suppress(OSError, AttributeError):
        os.nice(_PRIORITY - os.nice(0))


def _end_loudly(problem: threading.ExceptHookArgs) -> None:
    logger.critical("a thread broke", exc_info=problem.exc_value)
    os._exit(1)


def _raise_end(_number: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit


if __name__ == "__main__":
    main()
