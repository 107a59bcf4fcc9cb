"""The speech worker: `python -m audio.speech.espeak_worker DATA_PATH`, espeak-ng in a process of its own.

espeak-ng is one global object that aborts the whole process when two threads meet in it, so it lives here,
away from everything else, and speaks a plain pipe protocol (`frames.py`): requests are {text, voice,
words_per_minute}, the greeting is {rate_hz, version}. End of input ends the worker. Imports no numpy: about
15 MB resident, speaking within 50 ms of its start.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Callable
from typing import BinaryIO

from audio.speech.frames import END, FAILED, HELLO, SOUND, own_pipe, requests, send, send_words

# From espeak-ng's public header speak_lib.h.
_SYNCHRONOUS = 2
_DO_NOT_EXIT = 0x8000
_PARAMETER_RATE, _PARAMETER_VOLUME = 1, 2
_UTF8 = 1
_BY_CHARACTER = 1
_BUFFER_MS = 200
_VOLUME = 55
"""At the engine's own 100 speech stands at 0 dBFS, at 70 at -1.2: this leaves 3 dB (measured)."""
_SoundCallback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class Espeak:
    """The library, set up once. Raises RuntimeError when it does not start."""

    def __init__(self, data_path: str, take: Callable[[bytes], object]) -> None:
        """`take` is given the 16-bit samples of what is said, as they come; OSError there ends a sentence."""
        import espeakng_loader  # noqa: PLC0415  found missing only where it is needed

        self._take = take
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        self._library.espeak_Info.restype = ctypes.c_char_p
        # The path is always named: the built-in one is the home of whoever built the wheel.
        self.rate_hz = self._library.espeak_Initialize(
            _SYNCHRONOUS, _BUFFER_MS, os.fsencode(data_path), _DO_NOT_EXIT
        )
        if self.rate_hz <= 0:
            raise RuntimeError(f"espeak-ng does not start with data in {data_path}")
        self._callback = _SoundCallback(self._pass_on)
        self._library.espeak_SetSynthCallback(self._callback)
        self._library.espeak_SetParameter(_PARAMETER_VOLUME, _VOLUME, 0)

    @property
    def version(self) -> str:
        return str(self._library.espeak_Info(None).decode().split()[0])

    def say(self, text: str, voice: str, words_per_minute: int) -> str | None:
        """Pass on the sound of `text`; return why it could not be spoken, or None."""
        if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
            return "voice"
        self._library.espeak_SetParameter(_PARAMETER_RATE, words_per_minute, 0)
        spoken = text.encode() + b"\0"
        result = self._library.espeak_Synth(
            spoken, ctypes.c_size_t(len(spoken)), 0, _BY_CHARACTER, 0, _UTF8, None, None
        )
        return None if result == 0 else f"espeak_Synth {result}"

    def _pass_on(self, samples: ctypes._Pointer[ctypes.c_short], frames: int, _events: int | None) -> int:
        """Return 1 to stop speaking: whoever asked has gone."""
        if not samples or frames <= 0:
            return 0
        try:
            self._take(ctypes.string_at(samples, 2 * frames))
        except OSError:
            return 1
        return 0


def serve(espeak: Espeak, stream: BinaryIO, out: BinaryIO) -> None:
    """Answer requests until their pipe closes."""
    for request in requests(stream):
        why = espeak.say(request["text"], request["voice"], request["words_per_minute"])
        if why is None:
            send(out, END)
        else:
            send_words(out, FAILED, why=why)


def main() -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the station, which closes our pipe
    out = own_pipe()
    try:
        espeak = Espeak(sys.argv[1], lambda sound: send(out, SOUND, sound))
    except (ImportError, OSError, RuntimeError) as error:
        send_words(out, FAILED, why=str(error))
        return 1
    send_words(out, HELLO, rate_hz=espeak.rate_hz, version=espeak.version)
    try:
        serve(espeak, sys.stdin.buffer, out)
    except OSError:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
