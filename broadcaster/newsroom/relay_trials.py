"""Listening to another station's stream before it is signed: a process listens, the page asks what it found.

Trials are kept for a quarter of an hour in files, so that a page that is asked again, or a page server that
was started again, still finds them.
"""

from __future__ import annotations

import json
import re
import secrets
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from audio.relay_address import BadAddress, checked_address
from audio.relay_trouble import SENTENCES, Trouble
from broadcaster.errors import Invalid, NotFound, Refused

COMMAND = (sys.executable, "-m", "audio.relay_trial")
MOST_AT_ONCE = 2
DEADLINE_S = 40.0
"""The process gives up by itself after 25 s; one that does not hangs."""
KEPT_S = 900.0
TARGET_LUFS = -18.0
"""Where a relay is pulled to (`audio.relay_level`)."""
_NUMBER = re.compile(r"[0-9a-f]{16}")
_CODECS = {"mp3float": "MP3", "mp3": "MP3", "aac": "AAC", "opus": "Opus", "vorbis": "Vorbis", "flac": "FLAC"}
_CRASHED = SENTENCES[Trouble.CRASHED]


@dataclass(frozen=True, slots=True)
class Trial:
    """What is known of one trial so far."""

    address: str
    is_over: bool
    sentence: str = ""
    """What is wrong and what to do; empty when it is not over, or all is well."""
    codec: str = ""
    channels: int = 0
    first_sound_s: float = 0.0
    loudness_lufs: float | None = None
    sound: Path | None = None
    """What would be heard."""

    @property
    def is_good(self) -> bool:
        return self.is_over and not self.sentence

    @property
    def louder_db(self) -> float:
        """By how much the station would make it louder; negative: softer."""
        return 0.0 if self.loudness_lufs is None else TARGET_LUFS - self.loudness_lufs


class Trials:
    """Those of one page server. May be used by several threads."""

    def __init__(self, folder: Path) -> None:
        """`folder` is the data folder."""
        self._folder = folder / "run" / "relay-trials"
        self._running: dict[str, tuple[subprocess.Popen[bytes], float]] = {}

    def begin(self, address: str) -> str:
        """Begin to listen to `address`; return the number of the trial. Raises Invalid or Refused."""
        try:
            address = checked_address(address)
        except BadAddress as error:
            raise Invalid(str(error), field="address") from error
        self._end_late()
        if len(self._running) >= MOST_AT_ONCE:
            raise Refused("Đang có người nghe thử nguồn khác; hãy đợi vài giây rồi bấm lại.")
        self._forget_old()
        number = secrets.token_hex(8)
        place = self._folder / number
        place.mkdir(parents=True)
        (place / "address").write_text(address, "utf-8")
        self._running[number] = (self._start(address, place), time.monotonic())
        return number

    def look(self, number: str) -> Trial:
        """Raises NotFound for a trial that is forgotten by now."""
        self._end_late()
        place = self._place(number)
        address = (place / "address").read_text("utf-8")
        try:
            found = json.loads((place / "found.json").read_text("utf-8"))
        except (OSError, ValueError):
            is_over = number not in self._running
            return Trial(address, is_over, _CRASHED if is_over else "")
        return _trial(address, found, place / "sound.wav")

    def close(self) -> None:
        for number in tuple(self._running):
            self._end(number)

    def _start(self, address: str, place: Path) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*COMMAND, address, str(place)],
            stdin=subprocess.PIPE,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )

    def _end_late(self) -> None:
        for number, (process, began_s) in tuple(self._running.items()):
            if process.poll() is not None or time.monotonic() - began_s > DEADLINE_S:
                self._end(number)

    def _end(self, number: str) -> None:
        process, _ = self._running.pop(number, (None, 0.0))
        if process is not None:
            process.kill()
            with suppress(OSError):
                cast(IO[bytes], process.stdin).close()
            process.wait()

    def _forget_old(self) -> None:
        for place in self._folder.glob("*"):
            with suppress(OSError):
                if time.time() - place.stat().st_mtime > KEPT_S:
                    shutil.rmtree(place, ignore_errors=True)

    def _place(self, number: str) -> Path:
        place = self._folder / number
        if not _NUMBER.fullmatch(number) or not (place / "address").is_file():
            raise NotFound("Lần nghe thử này không còn được giữ; hãy bấm “Nghe thử nguồn” lần nữa.")
        return place


def _trial(address: str, found: dict[str, Any], sound: Path) -> Trial:
    trouble = found.get("trouble")
    codec = str(found.get("codec", ""))
    return Trial(
        address=address,
        is_over=True,
        sentence=SENTENCES.get(trouble, _CRASHED) if trouble else "",
        codec=_CODECS.get(codec, codec),
        channels=int(found.get("channels", 0)),
        first_sound_s=float(found.get("first_sound_s", 0.0)),
        loudness_lufs=found.get("loudness_lufs"),
        sound=sound if sound.is_file() else None,
    )
