"""The Piper worker: `python -m audio.speech.piper_worker DATA_PATH`, a process that holds one voice's model.

Apart from everything else: a broken model may take its whole process down, and a good one fills it with
100 MB. Requests (`frames.py`) are {text, model, changed_ns, length_scale}; the greeting is {version}.
"""

from __future__ import annotations

import signal
import sys
from importlib.metadata import version
from typing import IO, Any

from audio.speech.frames import END, FAILED, HELLO, SOUND, own_pipe, requests, send, send_words

_VOLUME = 0.5
"""Piper clips at full scale after this factor. Models overshoot; 6 dB keep what they say whole."""


class Piper:
    """The voice in use; another one takes its place."""

    def __init__(self, data_path: str) -> None:
        from piper import PiperVoice, SynthesisConfig  # noqa: PLC0415  an extra, found missing only here

        self._load, self._config = PiperVoice.load, SynthesisConfig
        self._data_path = data_path
        self._held: tuple[str, int] | None = None
        self._voice: Any = None

    def say(self, text: str, model: str, changed_ns: int, length_scale: float, out: IO[bytes]) -> None:
        """Send the sound of `text`, sentence by sentence. Raises whatever a model can raise."""
        if self._held != (model, changed_ns):
            self._held = self._voice = None  # at most one in memory, and none after a failure
            self._voice = self._load(model, espeak_data_dir=self._data_path)
            self._held = model, changed_ns
        # Its own normalising would lift every sentence to full scale: loud and soft would change places.
        wanted = self._config(length_scale=length_scale, normalize_audio=False, volume=_VOLUME)
        for chunk in self._voice.synthesize(text, wanted):
            send(out, SOUND, chunk.audio_int16_bytes)


def main() -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the station, which closes our pipe
    out = own_pipe()
    try:
        piper = Piper(sys.argv[1])
        send_words(out, HELLO, version=version("piper-tts"))
    except ImportError as error:
        send_words(out, FAILED, why=str(error))
        return 1
    try:
        _serve(piper, out)
    except OSError:
        return 0
    return 0


def _serve(piper: Piper, out: IO[bytes]) -> None:
    for request in requests(sys.stdin.buffer):
        try:
            piper.say(**request, out=out)
        except BrokenPipeError:
            raise
        except Exception as error:  # onnxruntime has many; none of them may end the worker
            send_words(out, FAILED, why=f"{type(error).__name__}: {error}"[:300])
        else:
            send(out, END)


if __name__ == "__main__":
    sys.exit(main())
