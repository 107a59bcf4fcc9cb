"""The embedded voice: espeak-ng 1.52 from the wheel espeakng-loader, in a worker process of its own.

Robotic, but it needs no network and always speaks.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from audio.speech.engine import (
    HIGHEST_RATE,
    LOWEST_RATE,
    SYLLABLES_PER_MINUTE,
    BadAudio,
    Rejected,
    SpeechRequest,
    Transient,
    Unavailable,
    Voice,
    speakable,
)
from audio.speech.espeak_link import EspeakLink, installed_data_path

if TYPE_CHECKING:
    from audio.formats import Pcm

VOICES = (
    Voice("vi", "Giọng miền Bắc", "Bắc", "nam"),
    Voice("vi-vn-x-central", "Giọng miền Trung", "Trung", "nam"),
    Voice("vi-vn-x-south", "Giọng miền Nam", "Nam", "nam"),
)
_MEASURED = (
    *((80, 112), (100, 132), (120, 157), (130, 171), (140, 185), (150, 197)),
    *((160, 210), (175, 231), (200, 263), (250, 330), (300, 402)),
)
"""(words per minute given to espeak-ng, syllables per minute that came out): voice `vi` over 1,058
words of ward bulletins, silence at the ends not counted."""


class EspeakEngine:
    name = "espeak-ng"
    needs_network = False

    def __init__(self, link: EspeakLink | None = None) -> None:
        self._link = link or EspeakLink()

    @property
    def version(self) -> str:
        try:
            return self._link.warm().version
        except Transient:  # it died while starting
            return self._link.warm().version

    def voices(self) -> tuple[Voice, ...]:
        return VOICES

    def check(self) -> str | None:
        try:
            installed_data_path()
        except Unavailable as error:
            return str(error)
        return None

    def synthesize(self, request: SpeechRequest, deadline_s: float) -> Pcm:
        """Return the sentence at 22,050 Hz, peaks near -3 dBFS; a worker that dies is replaced once."""
        try:
            return self._once(request, deadline_s)
        except Transient as error:
            if error.retry_after_s > 0:  # too slow, not dead: a second try would only double the wait
                raise
            return self._once(request, deadline_s)

    def _once(self, request: SpeechRequest, deadline_s: float) -> Pcm:
        from audio.formats import from_s16  # noqa: PLC0415  numpy, not wanted by whoever only lists voices

        if request.voice not in {voice.id for voice in VOICES}:
            raise Rejected(f"Bộ đọc espeak-ng không có giọng “{request.voice}”.")
        text = speakable(request.text)
        pace = words_per_minute(request.rate)
        raw = b"".join(self._link.speak(text, request.voice, pace, deadline_s))
        if not raw:
            raise BadAudio("Bộ đọc espeak-ng không trả về âm thanh nào.")
        return from_s16(raw, self._link.warm().rate_hz)

    def close(self) -> None:
        self._link.close()


def words_per_minute(rate: float) -> int:
    """Return espeak-ng's own measure of speed for `rate`, between measured points on straight lines."""
    wanted = SYLLABLES_PER_MINUTE * min(max(rate, LOWEST_RATE), HIGHEST_RATE)
    upper = min(max(bisect_left(_MEASURED, wanted, key=lambda pair: pair[1]), 1), len(_MEASURED) - 1)
    (low, slow), (high, fast) = _MEASURED[upper - 1 : upper + 1]
    return round(low + (high - low) * (wanted - slow) / (fast - slow))
