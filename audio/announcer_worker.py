"""The announcer: `python -m audio.announcer_worker DATA_PATH` speaks sentences into finished WAV files.

Kept running for emergencies. espeak-ng is loaded at the start; numpy and mastering only come with the first
sentence, so that the waiting costs 16 MB. Speaks the pipe protocol of `speech/frames.py`: requests are
{text, voice, words_per_minute, pause_ms, target_lufs, with_chime, path}, an answer is an END once the file
lies there, or a failure. End of input ends it.
"""

from __future__ import annotations

import signal
import sys
from pathlib import Path
from typing import IO, Any

from audio.speech.espeak_worker import Espeak
from audio.speech.frames import END, FAILED, HELLO, own_pipe, requests, send, send_words


class Announcer:
    """One voice; `say` writes one sentence."""

    def __init__(self, data_path: str) -> None:
        self._sound = bytearray()
        self._espeak = Espeak(data_path, self._sound.extend)

    @property
    def version(self) -> str:
        return self._espeak.version

    def say(self, request: dict[str, Any]) -> str | None:
        """Write the WAV that `request` asks for; return why it could not be done, or None."""
        self._sound.clear()
        why = self._espeak.say(request["text"], request["voice"], request["words_per_minute"])
        if why is None and not self._sound:
            why = "no sound"
        if why is None:
            self._write(request)
        return why

    def _write(self, request: dict[str, Any]) -> None:
        from audio import assembly, chimes, mastering  # noqa: PLC0415  numpy, not wanted while waiting
        from audio.formats import from_s16, write_wav  # noqa: PLC0415

        part = assembly.Part(from_s16(bytes(self._sound), self._espeak.rate_hz), request["pause_ms"])
        if request["with_chime"]:
            whole = assembly.assemble([part], chime=chimes.opening_chime())
        else:
            whole = assembly.joined([part])
        write_wav(Path(request["path"]), mastering.master(whole, request["target_lufs"]).pcm)


def serve(announcer: Announcer, stream: IO[bytes], out: IO[bytes]) -> None:
    """Answer requests until their pipe closes."""
    for request in requests(stream):
        try:
            why = announcer.say(request)
        except OSError as error:
            why = f"không ghi được tệp: {error.strerror or error}"
        if why is None:
            send(out, END)
        else:
            send_words(out, FAILED, why=why)


def main() -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the station, which closes our pipe
    out = own_pipe()
    try:
        announcer = Announcer(sys.argv[1])
    except (ImportError, OSError, RuntimeError) as error:
        send_words(out, FAILED, why=str(error))
        return 1
    send_words(out, HELLO, version=announcer.version)
    try:
        serve(announcer, sys.stdin.buffer, out)
    except OSError:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
