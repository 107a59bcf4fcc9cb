"""Asking for the clip of a spoken text: the same words, voice and speed are made once (`render_queue`)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.errors import NotFound, Refused
from broadcaster.store import facts
from broadcaster.store.models import Bulletin, Kind, Rendering, RenderingState

CLIP_VERSION = 2
"""Counted up whenever the same words would come out sounding otherwise: chime, pauses, mastering."""
SPEECH_SETUP = "speech_setup"
"""Station fact: engines and loudness in force, noted when the station or its renderer starts."""
MOST_ATTEMPTS = 3
"""In one round; a person may order another."""


class SpokenSentence(Protocol):
    @property
    def text(self) -> str: ...
    @property
    def pause_ms(self) -> int: ...


class SpokenText(Protocol):
    """What `broadcaster.text.to_spoken` returns, as far as it matters here."""

    @property
    def text(self) -> str: ...
    @property
    def sentences(self) -> Sequence[SpokenSentence]: ...


def note_setup(session: Session, engines: Sequence[str], target_lufs: float) -> None:
    """Note engines and loudness in force: words asked for under other ones are rendered anew."""
    setup = f"{','.join(engines)} {target_lufs:g}"
    if facts.get(session, SPEECH_SETUP) != setup:
        facts.put(session, SPEECH_SETUP, setup)


def ask(
    session: Session, bulletin: Bulletin, spoken: SpokenText, now: datetime, *, lexicon: str = ""
) -> Rendering:
    """Return the rendering of exactly these words for the bulletin's present version, asking for it if new.

    `lexicon` is the version of the readings in force. Raises Refused when there is nothing to say.
    """
    if bulletin.version_id is None or not spoken.sentences:
        raise Refused("Bản tin chưa có lời để đọc; hãy nhập nội dung trước.")
    voice = bulletin.voice or facts.get(session, facts.VOICE, "")
    key = _key(session, bulletin, _script(spoken), voice)
    rendering = session.scalar(select(Rendering).where(Rendering.key == key))
    if rendering is None:
        rendering = _new(bulletin, spoken, voice, key, now)
        rendering.lexicon = lexicon
        session.add(rendering)
        session.flush()
    elif current(session, bulletin) is not rendering:
        rendering.asked_at = now
    return rendering


def _key(session: Session, bulletin: Bulletin, script: list[dict[str, Any]], voice: str) -> str:
    setup = facts.get(session, SPEECH_SETUP, "")
    is_emergency = bulletin.kind == Kind.EMERGENCY  # it is louder
    asked = [bulletin.id, bulletin.version_id, script, voice, bulletin.rate, bulletin.repeats]
    return _hashed([*asked, is_emergency, setup, CLIP_VERSION])


def _hashed(whole: list[Any]) -> str:
    return _sha256(json.dumps(whole, ensure_ascii=False))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _script(spoken: SpokenText) -> list[dict[str, Any]]:
    return [{"text": each.text, "pause_ms": each.pause_ms} for each in spoken.sentences]


def _new(bulletin: Bulletin, spoken: SpokenText, voice: str, key: str, now: datetime) -> Rendering:
    return Rendering(
        key=key,
        bulletin_id=bulletin.id,
        version_id=bulletin.version_id,
        spoken=spoken.text,
        spoken_sha256=_sha256(spoken.text),
        script=_script(spoken),
        voice=voice,
        rate=bulletin.rate,
        repeats=bulletin.repeats,
        sentences_total=len(spoken.sentences),
        asked_at=now,
    )


def current(session: Session, bulletin: Bulletin) -> Rendering | None:
    """Return the rendering last asked for of the bulletin's present version."""
    newest = (Rendering.asked_at.desc(), Rendering.id.desc())
    mine = select(Rendering).where(
        Rendering.bulletin_id == bulletin.id, Rendering.version_id == bulletin.version_id
    )
    return session.scalar(mine.order_by(*newest).limit(1))


def is_finished(made: Rendering) -> bool:
    """Return whether there is a clip to hear and to sign."""
    return made.state == RenderingState.DONE and made.clip_sha256 is not None


def retry(session: Session, rendering_id: int, now: datetime) -> Rendering:
    """Put a failed rendering back into the queue; one that did not fail stays as it is. Raises NotFound."""
    rendering = session.get(Rendering, rendering_id)
    if rendering is None:
        raise NotFound(f"Không có bản thu số {rendering_id}.")
    if rendering.state == RenderingState.FAILED:
        rendering.state, rendering.error = RenderingState.WAITING, None
        # Never counted down: a renderer of an earlier round may still be at it.
        rendering.attempts = -(-rendering.attempts // MOST_ATTEMPTS) * MOST_ATTEMPTS
        rendering.lease_until, rendering.ended_at, rendering.asked_at = None, None, now
    return rendering


def again(
    session: Session, bulletin: Bulletin, spoken: SpokenText, now: datetime, *, lexicon: str = ""
) -> Rendering:
    """Ask once more for these words, if another voice than the chosen one had to speak them.

    A new row: what was made and perhaps heard stays as it was. Words that were never asked for are asked for.
    Raises Refused as `ask` does.
    """
    before = current(session, bulletin)
    if before is None or before.spoken_sha256 != _sha256(spoken.text):
        return ask(session, bulletin, spoken, now, lexicon=lexicon)
    if before.state != RenderingState.DONE or before.notice is None:
        return before
    asked = _new(bulletin, spoken, before.voice, _hashed([before.key, before.id]), now)
    asked.lexicon = lexicon
    session.add(asked)
    session.flush()
    return asked
