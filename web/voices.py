"""The voices a bulletin may be read with, by the names people know, as fields and words of a page."""

from __future__ import annotations

from collections.abc import Iterator

from wtforms.fields.choices import SelectChoice

from broadcaster.newsroom import voice_list
from broadcaster.newsroom.voice_list import Engine
from broadcaster.store import Session, facts
from broadcaster.store.models import Rendering
from web.context import ward

SPEEDS = {"0.85": "Chậm", "1.0": "Vừa", "1.15": "Nhanh"}
STATION = "Giọng của đài"
NOT_NOW = "chưa dùng được"


def engines() -> tuple[Engine, ...]:
    """Return the engines of the settings with their voices and what is wrong with them."""
    settings = ward().settings
    return voice_list.offered(settings.folder, settings.engines)


def choices(session: Session, kept: str = "") -> list[SelectChoice]:
    """Return the station's voice, then all by engine; a voice in use is offered even if it is gone."""
    own = station_voice(session)
    first = SelectChoice("", f"{STATION} ({name_of(own)})" if own else STATION)
    return [first, *_by_engine(kept)]


def stations(session: Session) -> list[SelectChoice]:
    """Return what the station's own voice may be; the empty one is whatever comes first."""
    found = engines()
    first = voice_list.default_voice(found)
    usual = SelectChoice("", f"Theo thứ tự trong cài đặt ({first.name})" if first else STATION)
    return [usual, *_by_engine(facts.get(session, facts.VOICE, ""), found)]


def station_voice(session: Session) -> str:
    """Return the id of the station's own voice; empty when no engine has any."""
    first = voice_list.default_voice(engines())
    return facts.get(session, facts.VOICE, "") or (first.id if first else "")


def name_of(voice: str) -> str:
    return voice_list.name_of(ward().settings.folder, voice)


def chosen_name(session: Session, voice: str) -> str:
    """Return the name of a bulletin's voice; empty means the station's."""
    return name_of(voice) if voice else f"{STATION} ({name_of(station_voice(session))})"


def spoken_by(voice: str, engine: str) -> str:
    """Return who spoke a clip: the voice, and the engine without its version."""
    if not voice:
        return ""
    title = voice_list.title_of(ward().settings.folder, engine)
    return f"{name_of(voice)}, bộ đọc {title}" if title else name_of(voice)


def of_clip(made: Rendering | None) -> str:
    """Return who spoke the clip of a rendering; empty while there is none."""
    clip = made.clip if made is not None else None
    return spoken_by(clip.voice, clip.engine) if clip is not None else ""


def speeds(kept: float | None) -> dict[str, str]:
    """Return the speeds that may be chosen; one that was set elsewhere is offered too."""
    if kept is None or str(kept) in SPEEDS:
        return SPEEDS
    return {**SPEEDS, str(kept): f"{kept:g} lần".replace(".", ",")}


def _by_engine(kept: str, found: tuple[Engine, ...] | None = None) -> list[SelectChoice]:
    listed = [choice for engine in (engines() if found is None else found) for choice in _of(engine)]
    is_gone = bool(kept) and kept not in {choice.value for choice in listed}
    return [*listed, SelectChoice(kept, f"{name_of(kept)} ({NOT_NOW})")] if is_gone else listed


def _of(engine: Engine) -> Iterator[SelectChoice]:
    note = f" ({NOT_NOW})" if engine.wrong else ""
    for voice in engine.voices:
        yield SelectChoice(voice.id, f"{voice.name}{note}", optgroup=engine.heading)
