"""Piper: a natural voice without a network, where the station owns a voice; the library is the extra `piper`.

A voice's own pace is taken as rate 1.0: how many syllables a minute that is depends on the voice.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from audio.speech import piper_voices
from audio.speech.engine import (
    HIGHEST_RATE,
    LOWEST_RATE,
    BadAudio,
    Rejected,
    SpeechRequest,
    Transient,
    Unavailable,
    Voice,
    speakable,
)
from audio.speech.espeak_link import ShortPath
from audio.speech.worker_link import WorkerLink

if TYPE_CHECKING:
    from audio.formats import Pcm

_MISSING = "Chưa cài bộ đọc Piper; hãy chạy: pip install 'ward-station[piper]'"
_BRACKETS = str.maketrans("[]", "  ")
"""Between [[ and ]] Piper expects its own phonemes; what a person writes there is text."""


class PiperEngine:
    name = "Piper"
    needs_network = False

    def __init__(self, folder: Path) -> None:
        """`folder` holds the voices; it is looked at each time, so a voice may come and go."""
        self._folder = folder
        self._short = ShortPath()
        self._link = WorkerLink("piper", self._module)

    @property
    def version(self) -> str:
        try:
            return f"{version('piper-tts')} {piper_voices.digest(self._folder)}"
        except PackageNotFoundError as error:
            raise Unavailable(_MISSING) from error

    def voices(self) -> tuple[Voice, ...]:
        return tuple(each.voice for each in piper_voices.usable(self._folder))

    def check(self) -> str | None:
        if find_spec("piper") is None:
            return _MISSING
        found = piper_voices.found(self._folder)
        if any(each.wrong is None for each in found):
            return None
        if found:
            return found[0].wrong
        return f"Chưa có giọng Piper nào; hãy chép .onnx, .onnx.json và giấy phép vào {self._folder}."

    def synthesize(self, request: SpeechRequest, deadline_s: float) -> Pcm:
        """Return the sentence at the voice's own rate, at most -3 dBFS; a dead worker is replaced once."""
        try:
            return self._once(request, deadline_s)
        except Transient as error:
            if error.retry_after_s > 0:  # too slow, not dead: a second try would only double the wait
                raise
            return self._once(request, deadline_s)

    @property
    def pid(self) -> int | None:
        return self._link.pid

    def close(self) -> None:
        self._link.close()
        self._short.close()

    def _once(self, request: SpeechRequest, deadline_s: float) -> Pcm:
        from audio.formats import from_s16  # noqa: PLC0415  numpy, not wanted by whoever only lists voices
        from audio.speech.received import with_headroom  # noqa: PLC0415

        voice = self._voice(request.voice)
        pace = min(max(request.rate, LOWEST_RATE), HIGHEST_RATE)
        asked: dict[str, object] = {
            "text": speakable(request.text.translate(_BRACKETS)),
            "model": str(voice.model.absolute()),
            "changed_ns": voice.changed_ns,
            "length_scale": voice.length_scale / pace,
        }
        raw = b"".join(self._link.ask(asked, request.voice, deadline_s))
        if not raw:
            raise BadAudio(f"Giọng {voice.name} không trả về âm thanh nào.")
        return with_headroom(from_s16(raw, voice.rate_hz), least_db=0.0)

    def _voice(self, wanted: str) -> piper_voices.PiperVoice:
        for each in piper_voices.found(self._folder):
            if each.voice.id == wanted:
                if each.wrong is not None:
                    raise Unavailable(each.wrong)
                return each
        raise Rejected(f"Bộ đọc Piper không có giọng “{wanted}”.")

    def _module(self) -> tuple[str, str]:
        spec = find_spec("piper")
        if spec is None or not spec.submodule_search_locations:
            raise Unavailable(_MISSING)
        data = Path(next(iter(spec.submodule_search_locations))) / "espeak-ng-data"
        return "audio.speech.piper_worker", str(self._short.to(data))
