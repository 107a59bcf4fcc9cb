"""From spoken sentences to sound that is ready for the loudspeakers: whole clips, or a stream for `say`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from audio import assembly, chimes, mastering
from audio.formats import CLIP_RATE_HZ, Pcm, silence, write_wav
from audio.mastering import Drive, Mastered
from audio.speech.chain import Chain, Progress, Take
from audio.speech.engine import Rejected, SpeechEngine, SpeechRequest, speakable
from audio.studio_link import Made

_STREAM_DEADLINE_S = 10.0
_SLOW_GAIN_DB = 0.5
"""How much the gain of a stream may change from one sentence to the next."""


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence and the silence after it."""

    text: str
    pause_ms: int


@dataclass(frozen=True, slots=True)
class Script:
    lines: tuple[Line, ...]
    voice: str = ""
    rate: float = 1.0
    repeats: int = 1
    target_lufs: float = mastering.TARGET_LUFS
    with_chime: bool = True
    network_for_s: float | None = None
    """For how long engines of the network may be tried; None for as long as they take."""


def make_clip(script: Script, chain: Chain, path: Path, progress: Progress = lambda _: None) -> Made:
    """Speak, assemble and master `script` into a WAV at `path`. Raises SpeechError."""
    take, mastered = _speak(script, chain, progress)
    write_wav(path, mastered.pcm)
    return Made(
        seconds=mastered.pcm.seconds,
        loudness_lufs=mastered.loudness_lufs,
        true_peak_dbtp=mastered.true_peak_dbtp,
        engine=take.engine,
        voice=take.voice,
        notice=take.notice,
    )


def speak_whole(script: Script, chain: Chain) -> Mastered:
    """Return `script` as one mastered recording. Raises SpeechError."""
    return _speak(script, chain, lambda _: None)[1]


def _speak(script: Script, chain: Chain, progress: Progress) -> tuple[Take, Mastered]:
    lines = sayable(script.lines)
    reminders = [assembly.REMINDER] if script.repeats > 1 else []
    total = len(lines)
    take = chain.speak(
        [*(line.text for line in lines), *reminders],
        script.voice,
        script.rate,
        lambda done: progress(min(done, total)),
        script.network_for_s,
    )
    parts = [assembly.Part(pcm, line.pause_ms) for pcm, line in zip(take.sentences, lines, strict=False)]
    whole = assembly.assemble(
        parts,
        chime=chimes.opening_chime() if script.with_chime else None,
        repeats=script.repeats,
        reminder=take.sentences[-1] if reminders else None,
    )
    return take, mastering.master(whole, script.target_lufs)


def sayable(lines: Sequence[Line]) -> list[Line]:
    """Return the lines with a letter in them. Raises Rejected when there is none."""
    kept = [line for line in lines if any(c.isalnum() for c in line.text)]
    if not kept:
        raise Rejected("Không có câu nào để đọc.")
    return kept


def speak_stream(
    lines: Sequence[Line],
    engine: SpeechEngine,
    voice: str = "",
    rate: float = 1.0,
    target_lufs: float = mastering.TARGET_LUFS,
) -> Iterator[Pcm]:
    """Yield each sentence with its pause at 48 kHz as soon as it is spoken, the first at once.

    The gain is measured on the first sentence and then follows slowly; the limiter is on. For an engine
    without a network. Raises SpeechError.
    """
    chosen = voice or engine.voices()[0].id
    drive: Drive | None = None
    for line in sayable(lines):
        pcm = engine.synthesize(SpeechRequest(speakable(line.text), chosen, rate), _STREAM_DEADLINE_S)
        analysis = mastering.analyse(assembly.trimmed(pcm))
        drive = _next_drive(drive, analysis.drive_to(target_lufs))
        yield Pcm(analysis.driven(drive)[0], CLIP_RATE_HZ)
        yield silence(line.pause_ms / 1000)


def _next_drive(before: Drive | None, wanted: Drive | None) -> Drive:
    if wanted is None:
        return before or Drive(0.0)
    if before is None:
        return wanted
    step_db = max(-_SLOW_GAIN_DB, min(wanted.gain_db - before.gain_db, _SLOW_GAIN_DB))
    return Drive(before.gain_db + step_db, wanted.release_db_per_s)
