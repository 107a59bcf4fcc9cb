"""The voices that bulletins may be read with: those of every engine in the settings, with what is wrong.

Looked at anew each time, since keys and voices come and go; nothing here asks the network or loads a library.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from audio.speech import engines, piper_voices
from audio.speech.engine import SpeechError, Voice
from broadcaster.newsroom.bulletins import RATE_OF_KIND
from broadcaster.store import Session, facts
from broadcaster.store.models import Kind

LOCAL = {"espeak": "Có sẵn trong máy", "piper": "Piper, giọng riêng của đài"}


@dataclass(frozen=True, slots=True)
class Offered:
    """One voice, by the name that people know."""

    id: str
    name: str
    region: str
    gender: str


@dataclass(frozen=True, slots=True)
class Engine:
    """One engine with its voices, its own choice first."""

    name: str
    """As it stands in the settings."""
    title: str
    needs_network: bool
    wrong: str
    """Why it cannot speak now, one sentence; empty when it can."""
    voices: tuple[Offered, ...]

    @property
    def heading(self) -> str:
        """Return what its voices are listed under."""
        return LOCAL.get(self.name) or f"{self.title}, cần mạng khi thu"


def offered(folder: Path, chosen: Sequence[str]) -> tuple[Engine, ...]:
    """Return the engines called `chosen`, in order; one whose description is broken has no voices."""
    return tuple(_engine(name, folder) for name in chosen)


def default_voice(found: Sequence[Engine]) -> Offered | None:
    """Return the voice that speaks when nobody chose one: the first one of the first engine that has any."""
    return next((voice for engine in found for voice in engine.voices), None)


def engine_of(found: Sequence[Engine], voice: str) -> Engine | None:
    return next((each for each in found if voice in {own.id for own in each.voices}), None)


def name_of(folder: Path, voice: str) -> str:
    """Return the name of a voice of any engine, chosen or not; the id of one that is gone."""
    try:
        known = engines.voices(engines.names(folder), folder)
    except SpeechError:
        known = engines.voices(engines.NAMES, folder)
    return next((each.name for each in known if each.id == voice), voice)


def title_of(folder: Path, engine: str) -> str:
    """Return the name of the engine that a clip's label names, without its version."""
    try:
        titles = [each.name for each in engines.build(engines.names(folder), station=folder)]
    except SpeechError:
        titles = []
    return max((title for title in titles if engine.startswith(title)), key=len, default=engine)


def licence_of(folder: Path, voice: str) -> str:
    """Return the licence text of a voice that the station owns; empty for every other."""
    own = piper_voices.found(folder / engines.VOICES_FOLDER)
    return next((each.licence for each in own if each.voice.id == voice), "")


def broken_own(folder: Path) -> tuple[str, ...]:
    """Return what is wrong with voices of the station's own that are not used, one sentence each."""
    own = piper_voices.found(folder / engines.VOICES_FOLDER)
    return tuple(each.wrong for each in own if each.wrong is not None)


def usual_rate(session: Session, kind: str) -> float:
    """Return the speed at which a bulletin of this kind is read unless somebody chooses another.

    The station's own, times what suits the kind: an order that is heard once is read slowly.
    """
    return round(float(facts.get(session, facts.RATE, 1.0)) * RATE_OF_KIND[Kind(kind)], 3)


def _engine(name: str, folder: Path) -> Engine:
    try:
        [engine] = engines.build([name], folder / "cache", folder)
    except SpeechError as error:
        return Engine(name, name, False, str(error), ())
    try:
        voices = tuple(_offered(each) for each in engine.voices())
        return Engine(name, engine.name, engine.needs_network, engine.check() or "", voices)
    finally:
        engine.close()


def _offered(voice: Voice) -> Offered:
    return Offered(voice.id, voice.name, voice.region, voice.gender)
