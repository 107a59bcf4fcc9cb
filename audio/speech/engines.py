"""The engines by the names that settings use. A missing library only makes an engine's `check` say so."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from audio.speech import espeak, google
from audio.speech.engine import SpeechEngine, Unavailable, Voice

_MAKERS: Mapping[str, Callable[[Path | None], SpeechEngine]] = {
    "espeak": lambda _: espeak.EspeakEngine(),
    "google": lambda folder: google.GoogleEngine(folder / "google.break" if folder else None),
}
_VOICES: Mapping[str, tuple[Voice, ...]] = {"espeak": espeak.VOICES, "google": google.VOICES}
NAMES = tuple(_MAKERS)


def build(names: Sequence[str], memory: Path | None = None) -> list[SpeechEngine]:
    """Return the engines called `names`, in order; `memory` is a folder for what they must not forget.

    Raises Unavailable for a name that is none.
    """
    return [_maker(name)(memory) for name in names]


def require_known(names: Sequence[str]) -> None:
    """Raise Unavailable, naming it, when one of `names` is no engine."""
    for name in names:
        _maker(name)


def voices(names: Sequence[str]) -> tuple[Voice, ...]:
    """Return all voices of the engines called `names`, the station's own choice first; loads no library."""
    return tuple(voice for name in names for voice in _VOICES.get(name, ()))


def _maker(name: str) -> Callable[[Path | None], SpeechEngine]:
    if name not in _MAKERS:
        known = ", ".join(_MAKERS)
        raise Unavailable(f"Không có bộ đọc “{name}” (mục “engines” trong cài đặt); dùng được: {known}.")
    return _MAKERS[name]
