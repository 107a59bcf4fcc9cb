"""The work of turning a spoken text into a clip, as rows: asked for, taken under a lease, published once.

A renderer may die at any point. Its lease then runs out and the work is taken again; each taking counts up
`attempts`, and only the latest may report or publish, so two renderers never both finish one work.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import ColumnElement, CursorResult, Update, and_, case, or_, select, update
from sqlalchemy.orm import Session

from broadcaster.errors import NotFound, Refused
from broadcaster.store import facts
from broadcaster.store.models import Bulletin, Clip, Kind, Rendering, RenderingState

CLIP_VERSION = 1
"""Counted up whenever the same words would come out sounding otherwise: chime, pauses, mastering."""
SPEECH_SETUP = "speech_setup"
"""Station fact: engines and loudness in force, written by the renderer at its start."""
LEASE = timedelta(seconds=10)
MOST_ATTEMPTS = 3
"""In one round; a person may order another."""
RETRY_AFTER = (timedelta(seconds=2), timedelta(seconds=20))
STOPPED_TOO_OFTEN = (
    "Máy thu đã dừng giữa chừng nhiều lần ở bản tin này; hãy bấm “Thu lại” hoặc báo người quản trị."
)
OUTDATED = "Bản tin đã được sửa sau đó; bản thu của lời cũ không còn cần nữa."


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


@dataclass(frozen=True, slots=True)
class Work:
    """One rendering in the hands of one renderer."""

    rendering_id: int
    attempt: int
    lines: tuple[tuple[str, int], ...]
    """(text, pause after it in milliseconds)."""
    voice: str
    rate: float
    repeats: int


@dataclass(frozen=True, slots=True)
class NewClip:
    """A finished clip whose file already lies in the store of sound."""

    sha256: str
    seconds: float
    loudness_lufs: float
    true_peak_dbtp: float
    engine: str
    voice: str
    notice: str | None


# --- asking ---


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
    whole = [
        bulletin.id,
        bulletin.version_id,
        script,
        voice,
        bulletin.rate,
        bulletin.repeats,
        setup,
        CLIP_VERSION,
    ]
    return hashlib.sha256(json.dumps(whole, ensure_ascii=False).encode()).hexdigest()


def _script(spoken: SpokenText) -> list[dict[str, Any]]:
    return [{"text": each.text, "pause_ms": each.pause_ms} for each in spoken.sentences]


def _new(bulletin: Bulletin, spoken: SpokenText, voice: str, key: str, now: datetime) -> Rendering:
    return Rendering(
        key=key,
        bulletin_id=bulletin.id,
        version_id=bulletin.version_id,
        spoken=spoken.text,
        spoken_sha256=hashlib.sha256(spoken.text.encode()).hexdigest(),
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


# --- taking and reporting, for the renderer ---


def is_work_waiting(session: Session, now: datetime) -> bool:
    return session.scalar(select(Rendering.id).where(_free(now)).limit(1)) is not None


def take(session: Session, now: datetime) -> Work | None:
    """Take the most urgent free work under a lease, or return None. Ends work that nobody needs any more."""
    urgent_first = case((Bulletin.kind == Kind.EMERGENCY, 0), (Bulletin.kind == Kind.PRIORITY, 1), else_=2)
    free = select(Rendering, Bulletin.version_id).join(Bulletin).where(_free(now))
    for rendering, version_id in session.execute(free.order_by(urgent_first, Rendering.asked_at)).all():
        if rendering.version_id != version_id:
            _end(session, rendering, OUTDATED, now)
        elif rendering.state == RenderingState.RUNNING and rendering.attempts % MOST_ATTEMPTS == 0:
            _end(session, rendering, rendering.error or STOPPED_TOO_OFTEN, now)
        elif (work := _claim(session, rendering, now)) is not None:
            return work
    return None


def _free(now: datetime) -> ColumnElement[bool]:
    """Waiting and not put off, or held by a renderer that has not been heard of for too long."""
    passed = or_(Rendering.lease_until.is_(None), Rendering.lease_until < now)
    return and_(Rendering.state.in_([RenderingState.WAITING, RenderingState.RUNNING]), passed)


def _claim(session: Session, rendering: Rendering, now: datetime) -> Work | None:
    attempt = rendering.attempts + 1
    claimed = _changed(
        session,
        update(Rendering)
        .where(Rendering.id == rendering.id, Rendering.attempts == rendering.attempts, _free(now))
        .values(state=RenderingState.RUNNING, attempts=attempt, lease_until=now + LEASE, sentences_done=0),
    )
    if not claimed:
        return None
    lines = tuple((str(line["text"]), int(line["pause_ms"])) for line in rendering.script)
    return Work(rendering.id, attempt, lines, rendering.voice, rendering.rate, rendering.repeats)


def _end(session: Session, rendering: Rendering, error: str, now: datetime) -> None:
    _changed(
        session,
        update(Rendering)
        .where(Rendering.id == rendering.id, Rendering.attempts == rendering.attempts)
        .values(state=RenderingState.FAILED, error=error, ended_at=now, lease_until=None),
    )


def report(session: Session, work: Work, sentences_done: int, now: datetime) -> bool:
    """Note progress and prolong the lease; False when the work is no longer ours."""
    progress = {"sentences_done": sentences_done, "lease_until": now + LEASE}
    return _changed(session, _mine(work).values(**progress))


def publish(session: Session, work: Work, clip: NewClip, now: datetime) -> bool:
    """Bind the finished clip to the work; False, changing nothing, when the work is no longer ours."""
    if not session.scalar(select(Rendering.id).where(_is_mine(work)).with_for_update()):
        return False
    if session.get(Clip, clip.sha256) is None:
        session.add(
            Clip(
                sha256=clip.sha256,
                seconds=clip.seconds,
                loudness_lufs=clip.loudness_lufs,
                true_peak_dbtp=clip.true_peak_dbtp,
                origin="speech",
                engine=clip.engine,
                voice=clip.voice,
                created_at=now,
            )
        )
        session.flush()
    done = {
        "state": RenderingState.DONE,
        "sentences_done": len(work.lines),
        "clip_sha256": clip.sha256,
        "notice": clip.notice,
        "error": None,
        "lease_until": None,
        "ended_at": now,
    }
    return _changed(session, _mine(work).values(**done))


def give_up(session: Session, work: Work, error: str, now: datetime, *, is_lasting: bool) -> bool:
    """Say why it did not work: tried again a little later, unless `is_lasting` or tried often enough."""
    if is_lasting or work.attempt % MOST_ATTEMPTS == 0:
        failed = {"state": RenderingState.FAILED, "ended_at": now, "lease_until": None}
        return _changed(session, _mine(work).values(error=error, **failed))
    later = now + RETRY_AFTER[work.attempt % MOST_ATTEMPTS - 1]
    return _changed(session, _mine(work).values(error=error, state=RenderingState.WAITING, lease_until=later))


def hand_back(session: Session, work: Work) -> bool:
    """Free unfinished work at once, for whoever comes next: the renderer is being stopped."""
    return _changed(session, _mine(work).values(state=RenderingState.WAITING, lease_until=None))


def _is_mine(work: Work) -> ColumnElement[bool]:
    return and_(
        Rendering.id == work.rendering_id,
        Rendering.state == RenderingState.RUNNING,
        Rendering.attempts == work.attempt,
    )


def _mine(work: Work) -> Update:
    return update(Rendering).where(_is_mine(work))


def _changed(session: Session, statement: Update) -> bool:
    result = session.execute(statement)
    return isinstance(result, CursorResult) and result.rowcount == 1
