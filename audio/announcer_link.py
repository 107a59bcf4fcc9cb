"""The pipe to the announcer: one sentence in, one finished WAV out. No numpy on our side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from audio.speech.espeak_link import ShortPath, installed_data_path
from audio.speech.worker_link import WorkerLink

LOUDNESS_LUFS = -14.0
"""Of emergency orders: louder than bulletins, as loud as limited speech stays clear (audio.mastering)."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is said in one breath, ready to be spoken."""

    text: str
    voice: str
    words_per_minute: int
    pause_ms: int
    with_chime: bool = False
    """Begin with the opening chime."""
    target_lufs: float = LOUDNESS_LUFS


class AnnouncerLink(WorkerLink):
    """One announcer at a time, used by one caller at a time; others wait their turn."""

    def __init__(self) -> None:
        super().__init__("espeak-ng", self._module)
        self._short = ShortPath()

    def warm(self) -> None:
        """Start the announcer if none runs. Raises Unavailable, Transient or OSError."""
        self.hello()

    def say(self, sentence: Sentence, path: Path, deadline_s: float) -> None:
        """Write `sentence` to `path` as a clip of ours. Raises SpeechError; see `WorkerLink.ask`."""
        request = {**asdict(sentence), "path": str(path.absolute())}
        for _ in self.ask(request, sentence.voice, deadline_s):
            pass

    def close(self) -> None:
        super().close()
        self._short.close()

    def _module(self) -> Sequence[str]:
        return "audio.announcer_worker", str(self._short.to(installed_data_path()))
