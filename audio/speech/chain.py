"""Engines in order, one voice per bulletin, and nothing that is not the sentence gets through.

When an engine fails at any sentence the next one speaks the whole bulletin again: two voices in one bulletin
sound like a mistake. Who reads is told in the notice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from audio import levels
from audio.formats import Pcm
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
SHORTEST_MS_PER_SYLLABLE, LONGEST_MS_PER_SYLLABLE = 80, 700
SPARE_S = 1.5
QUIETEST_DBFS = -45.0

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
    ) -> Take:
        """Return `sentences` spoken; an empty `voice` leaves the choice to the first engine.

        Raises Transient when another try may help, else Unavailable; the message says what each engine said.
        """
        refusals: list[tuple[SpeechEngine, SpeechError]] = []
        for engine, chosen in self._order(voice):
            try:
                spoken = self._all_by(engine, sentences, chosen.id, rate, progress)
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
        self, engine: SpeechEngine, sentences: Sequence[str], voice: str, rate: float, progress: Progress
    ) -> tuple[Pcm, ...]:
        if (reason := engine.check()) is not None:
            raise Unavailable(reason)
        progress(0)
        spoken = []
        for done, text in enumerate(sentences, 1):
            spoken.append(self._one_by(engine, SpeechRequest(speakable(text), voice, rate)))
            progress(done)
        return tuple(spoken)

    def _one_by(self, engine: SpeechEngine, request: SpeechRequest) -> Pcm:
        key = key_of(engine.name, engine.version, request)
        kept = self._cache.get(key) if self._cache else None
        if kept is not None and what_is_wrong(kept, request) is None:
            return kept
        pcm = engine.synthesize(request, SENTENCE_DEADLINE_S)
        if (wrong := what_is_wrong(pcm, request)) is not None:
            raise BadAudio(f"{engine.name}: {wrong} ở câu “{_shortened(request.text)}”.")
        if self._cache:
            self._cache.put(key, pcm)
        return pcm

    def close(self) -> None:
        for engine in self._engines:
            engine.close()


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
    reasons = " ".join(f"{engine.name}: {error}" for engine, error in refusals)
    return f"Cả bản tin được đọc bằng {used.name} vì bộ đọc ưu tiên không đọc được. {reasons}"


def _other_voice(voice: str, used: Voice) -> str | None:
    if not voice or used.id == voice:
        return None
    return f"Không có giọng “{voice}” trên máy này; bản tin được đọc bằng {used.name}."


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
