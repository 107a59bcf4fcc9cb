"""The engines by the names that settings use. A missing library only makes an engine's `check` say so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from audio.speech import espeak, google, piper_voices, services
from audio.speech.cloud import CloudEngine, voices_of
from audio.speech.engine import SpeechEngine, Unavailable, Voice
from audio.speech.piper import PiperEngine

NAMES = ("espeak", "piper", "google")
"""Those with a module of their own; further names are those of `services`."""
VOICES_FOLDER = "voices"
_NOWHERE = Path("/nonexistent")


def build(
    names: Sequence[str], memory: Path | None = None, station: Path | None = None
) -> list[SpeechEngine]:
    """Return the engines called `names`, in order.

    `memory` is a folder for what they must not forget; `station` the station's own, with its voices, services
    and keys, by default the one in which `memory` lies. Raises Unavailable for a name that is none.
    """
    home = station or (memory.parent if memory else None)
    return [_maker(name, home)(memory) for name in names]


def names(station: Path | None = None) -> tuple[str, ...]:
    """Return all names that settings may use. Raises Unavailable when the station's own file is broken."""
    return (*NAMES, *services.known(station))


def require_known(wanted: Sequence[str], station: Path | None = None) -> None:
    """Raise Unavailable, naming it, when one of `wanted` is no engine."""
    for name in wanted:
        _maker(name, station)


def voices(wanted: Sequence[str], station: Path | None = None) -> tuple[Voice, ...]:
    """Return all voices of the engines called `wanted`, the station's own choice first; loads no library."""
    return tuple(voice for name in wanted for voice in _voices(name, station))


def _voices(name: str, station: Path | None) -> tuple[Voice, ...]:
    if name == "espeak":
        return espeak.VOICES
    if name == "google":
        return google.VOICES
    if name == "piper":
        return tuple(each.voice for each in piper_voices.usable(_voices_folder(station)))
    service = services.known(station).get(name)
    return voices_of(service) if service else ()


def _maker(name: str, station: Path | None) -> Callable[[Path | None], SpeechEngine]:
    if name == "espeak":
        return lambda _: espeak.EspeakEngine()
    if name == "google":
        return lambda memory: google.GoogleEngine(_breaker(memory, name))
    if name == "piper":
        return lambda _: PiperEngine(_voices_folder(station))
    known = services.known(station)
    if name not in known:
        usable = ", ".join((*NAMES, *known))
        raise Unavailable(f"Không có bộ đọc “{name}” (mục “engines” trong cài đặt); dùng được: {usable}.")
    key = partial(services.key_for, known[name], station)
    return lambda memory: CloudEngine(known[name], key, _breaker(memory, name))


def _breaker(memory: Path | None, name: str) -> Path | None:
    return memory / f"{name}.break" if memory else None


def _voices_folder(station: Path | None) -> Path:
    return station / VOICES_FOLDER if station else _NOWHERE
