"""Engines in order, one voice per bulletin, and nothing that is not the sentence gets through.

When an engine fails at any sentence the next one speaks the whole bulletin again: two voices in one bulletin
sound like a mistake. Who reads is told in the notice.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from audio import levels
from audio.formats import Pcm, resample
from audio.speech.cache import SentenceCache, key_of
from audio.speech.engine import (
    BadAudio,
    SpeechEngine,
    SpeechError,
    SpeechRequest,
    Transient,
    Unavailable,
    Voice,
    speakable,
    syllables,
)

SENTENCE_DEADLINE_S = 60.0
NETWORK_SENTENCE_S = 2.0
"""What a sentence by the network is taken to need before one has come: two parts at the gentle pace of
`google`, and their answers."""
SHORTEST_MS_PER_SYLLABLE, LONGEST_MS_PER_SYLLABLE = 80, 700
SPARE_S = 1.5
QUIETEST_DBFS = -45.0

_ADVICE = re.compile(r"[;:] ")
"""What follows in a message tells how to set things right."""

Progress = Callable[[int], None]
"""Called with the number of sentences done, 0 when an engine begins (again)."""


@dataclass(frozen=True, slots=True, eq=False)
class Take:
    """All sentences of one bulletin, spoken by one voice."""

    sentences: tuple[Pcm, ...]
    engine: str
    """Name and version, e.g. `espeak-ng 1.52.0`."""
    voice: str
    notice: str | None
    """One Vietnamese sentence when it is not the voice that was asked for."""


class Chain:
    """Speaks bulletins with the first engine that can speak all of one."""

    def __init__(self, engines: Sequence[SpeechEngine], cache: SentenceCache | None = None) -> None:
        self._engines = tuple(engines)
        self._cache = cache

    def speak(
        self,
        sentences: Sequence[str],
        voice: str = "",
        rate: float = 1.0,
        progress: Progress = lambda _: None,
        network_for_s: float | None = None,
    ) -> Take:
        """Return `sentences` spoken; an empty `voice` leaves the choice to the first engine.

        An engine of the network that will not be done within `network_for_s` is given up for the next one.
        Raises Transient when another try may help, else Unavailable; the message says what each engine said.
        """
        refusals: list[tuple[SpeechEngine, SpeechError]] = []
        ends = None if network_for_s is None else time.monotonic() + network_for_s
        for engine, chosen in self._order(voice):
            patience = Patience(ends if engine.needs_network else None)
            try:
                spoken = self._all_by(engine, sentences, chosen.id, rate, progress, patience)
                label = f"{engine.name} {engine.version}"
            except SpeechError as error:
                refusals.append((engine, error))
                continue
            notice = _notice(refusals, chosen) or _other_voice(voice, chosen)
            return Take(spoken, label, chosen.id, notice)
        raise _all_refused(refusals)

    def _order(self, voice: str) -> list[tuple[SpeechEngine, Voice]]:
        """Return each engine with the voice it would use; whoever has the voice asked for comes first."""
        pairs = []
        for engine in self._engines:
            own = engine.voices()
            first = own[0] if own else Voice("", engine.name, "", "")  # its `check` says why it has none
            pairs.append((engine, next((each for each in own if each.id == voice), first)))
        return sorted(pairs, key=lambda pair: pair[1].id != voice) if voice else pairs

    def _all_by(
        self,
        engine: SpeechEngine,
        sentences: Sequence[str],
        voice: str,
        rate: float,
        progress: Progress,
        patience: Patience,
    ) -> tuple[Pcm, ...]:
        if (reason := engine.check()) is not None:
            raise Unavailable(reason)
        asked = [SpeechRequest(speakable(text), voice, rate) for text in sentences]
        kept = [self._kept(engine, request) for request in asked]
        patience.begin(kept.count(None))
        progress(0)
        spoken = []
        for request, pcm in zip(asked, kept, strict=True):
            spoken.append(pcm if pcm is not None else self._new(engine, request, patience))
            progress(len(spoken))
        return tuple(resample(pcm, spoken[0].rate_hz) for pcm in spoken)  # a service may change its rate

    def _kept(self, engine: SpeechEngine, request: SpeechRequest) -> Pcm | None:
        if self._cache is None:
            return None
        pcm = self._cache.get(key_of(engine.name, engine.version, request))
        return pcm if pcm is not None and what_is_wrong(pcm, request) is None else None

    def _new(self, engine: SpeechEngine, request: SpeechRequest, patience: Patience) -> Pcm:
        patience.require_time()
        pcm = engine.synthesize(request, patience.deadline_s())
        if (wrong := what_is_wrong(pcm, request)) is not None:
            raise BadAudio(f"{engine.name}: {wrong} ở câu “{_shortened(request.text)}”.")
        patience.one_done()
        if self._cache:
            self._cache.put(key_of(engine.name, engine.version, request), pcm)
        return pcm

    def close(self) -> None:
        for engine in self._engines:
            engine.close()


class Patience:
    """Whether an engine will be done in time, judged by how long its sentences have taken so far.

    It gives up as soon as it is late, not at the deadline: another engine has to speak it all again.
    """

    def __init__(self, ends: float | None) -> None:
        """`ends` is a moment of time.monotonic(); None waits for as long as it takes."""
        self._ends = ends
        self._began = time.monotonic()
        self._left = self._done = 0

    def begin(self, sentences: int) -> None:
        """Note how many sentences have to be asked for."""
        self._began, self._left, self._done = time.monotonic(), sentences, 0

    def require_time(self) -> None:
        """Raise Transient when the sentences that are left will take longer than there is time."""
        if self._ends is not None and time.monotonic() + self._left * self._pace_s() > self._ends:
            raise Transient("Giọng cần mạng đọc không kịp trước giờ phát.", 1.0)

    def one_done(self) -> None:
        self._left, self._done = self._left - 1, self._done + 1

    def deadline_s(self) -> float:
        """Return for how long the next sentence may be waited for."""
        if self._ends is None:
            return SENTENCE_DEADLINE_S
        return max(0.1, min(SENTENCE_DEADLINE_S, self._ends - time.monotonic()))

    def _pace_s(self) -> float:
        return (time.monotonic() - self._began) / self._done if self._done else NETWORK_SENTENCE_S


def what_is_wrong(pcm: Pcm, request: SpeechRequest) -> str | None:
    """Return why `pcm` cannot be the sentence, in Vietnamese, or None when it can."""
    count = syllables(request.text)
    shortest_s = count * SHORTEST_MS_PER_SYLLABLE / 1000 / max(request.rate, 1.0)
    longest_s = count * LONGEST_MS_PER_SYLLABLE / 1000 / min(request.rate, 1.0) + SPARE_S
    if not len(pcm.samples):
        return "không có âm thanh"
    if levels.rms_dbfs(pcm) <= QUIETEST_DBFS:
        return "gần như im lặng"
    if not shortest_s <= pcm.seconds <= longest_s:
        return f"dài {pcm.seconds:.1f} giây cho {count} tiếng"
    return "tiếng bị vỡ" if levels.clipped_runs(pcm) else None


def _notice(refusals: Sequence[tuple[SpeechEngine, SpeechError]], used: Voice) -> str | None:
    if not refusals:
        return None
    reasons = " ".join(_reason(engine, error) for engine, error in refusals)
    return f"“{used.name}” đọc thay cho giọng đã chọn. {reasons}"


def _reason(engine: SpeechEngine, error: SpeechError) -> str:
    """Return what went wrong; how to set an engine up is not for who listens."""
    text = str(error)
    if isinstance(error, Unavailable):
        text = f"{_ADVICE.split(text, maxsplit=1)[0].rstrip('.')}."
    return text if engine.name in text else f"{engine.name}: {text}"


def _other_voice(voice: str, used: Voice) -> str | None:
    if not voice or used.id == voice:
        return None
    return f"Máy này không có giọng “{voice}”; “{used.name}” đọc thay."


def _all_refused(refusals: Sequence[tuple[SpeechEngine, SpeechError]]) -> SpeechError:
    if not refusals:
        return Unavailable("Chưa có bộ đọc nào được chọn trong cài đặt (mục “engines”).")
    reasons = " ".join(str(error) for _, error in refusals)
    waits = [error.retry_after_s for _, error in refusals if isinstance(error, Transient)]
    if waits:
        return Transient(f"Chưa đọc được bản tin. {reasons}", min(waits))
    return Unavailable(f"Không đọc được bản tin. {reasons}")


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"
