"""Bulletins whose sound somebody sent or recorded: transcript, language, and which clip is theirs.

The transcript is the written text and the words said at once; a new one, or a new sound, voids the approval
like any edit of a text. The finished clip is bound to each version by a rendering, so that approval, lists
and airing ask for it as for any other.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Invalid, NotFound, Refused
from broadcaster.newsroom import bulletins, loudness, rendering, workflow
from broadcaster.newsroom.bulletins import Draft, sha256_of
from broadcaster.newsroom.recordings_files import Sent
from broadcaster.newsroom.workflow import Action
from broadcaster.records import audit
from broadcaster.store.models import Bulletin, Recording, Rendering, RenderingState, Source

NO_WORDS = "Không có lời."
"""The transcript of music without words: declared by a person, and signed like any other."""
SHORTEST_CUT_S = 1.0
MOST_ATTEMPTS = 2
"""Of the work in one round; a person may order another."""


@dataclass(frozen=True, slots=True)
class Cut:
    """What is kept of a file, in seconds; None: from its beginning, to its end."""

    from_s: float | None = None
    to_s: float | None = None


WHOLE = Cut()


def begin(
    session: Session, actor: Actor, draft: Draft, sent: Sent, speech_lufs: float, now: datetime
) -> Bulletin:
    """Return a new draft whose sound is to be made of `sent`. Raises NotPermitted or Invalid."""
    bulletin = bulletins.write(session, actor, draft, now)
    bulletin.source = Source.RECORDING
    _ask(session, actor, bulletin, sent, WHOLE, speech_lufs, now)
    return bulletin


def edit(
    session: Session,
    actor: Actor,
    bulletin_id: int,
    draft: Draft,
    based_on: int,
    speech_lufs: float,
    now: datetime,
) -> Bulletin:
    """Save title, transcript, language …; what is to be louder or softer is made anew from its file.

    Raises like `bulletins.edit`.
    """
    before = get(session, bulletin_id).version_id
    bulletin = bulletins.edit(session, actor, bulletin_id, draft, based_on, now)
    newest = current(session, bulletin)
    if newest is not None and newest.target_lufs != _target_lufs(bulletin, speech_lufs):
        _ask(session, actor, bulletin, _sent(newest), _cut(newest), speech_lufs, now)
    elif newest is not None and bulletin.version_id != before:
        bind(session, newest, now)
    return bulletin


def replace_sound(
    session: Session, actor: Actor, bulletin_id: int, sent: Sent, speech_lufs: float, now: datetime
) -> Bulletin:
    """Let the sound be made of another file; voids the approval and goes back to draft."""
    bulletin = _reopened(session, actor, bulletin_id, f"Thay âm thanh bằng “{sent.name}”.", now)
    _ask(session, actor, bulletin, sent, WHOLE, speech_lufs, now)
    return bulletin


def cut(
    session: Session, actor: Actor, bulletin_id: int, wanted: Cut, speech_lufs: float, now: datetime
) -> Bulletin:
    """Let the sound be made anew of a part of its file; voids the approval and goes back to draft.

    Raises Invalid, field `from_s` or `to_s`.
    """
    newest = _newest(session, get(session, bulletin_id))
    _require_fit(wanted, float(newest.found["seconds"]) if newest.found else None)
    words = f"Cắt lại: giữ {_told(wanted.from_s, 'từ đầu')} đến {_told(wanted.to_s, 'hết')}."
    bulletin = _reopened(session, actor, bulletin_id, words, now)
    _ask(session, actor, bulletin, _sent(newest), wanted, speech_lufs, now)
    return bulletin


def retry(session: Session, actor: Actor, bulletin_id: int, now: datetime) -> Recording:
    """Put failed work back into the queue; work that did not fail stays as it is."""
    require(actor, Permission.WRITE)
    newest = _newest(session, get(session, bulletin_id))
    if newest.state == RenderingState.FAILED:
        newest.state, newest.error, newest.ended_at = RenderingState.WAITING, None, None
        newest.attempts = -(-newest.attempts // MOST_ATTEMPTS) * MOST_ATTEMPTS
        newest.lease_until, newest.done = None, 0.0
    return newest


def get(session: Session, bulletin_id: int) -> Bulletin:
    """Return a bulletin of this source; raises NotFound."""
    bulletin = bulletins.get(session, bulletin_id)
    if bulletin.source != Source.RECORDING:
        raise NotFound(f"Bản tin số {bulletin_id} không phải bản thu.")
    return bulletin


def current(session: Session, bulletin: Bulletin) -> Recording | None:
    """Return the work last asked for: its clip is the bulletin's, once there is one."""
    mine = select(Recording).where(Recording.bulletin_id == bulletin.id)
    return session.scalar(mine.order_by(Recording.id.desc()).limit(1))


def by_id(session: Session, recording_id: int) -> Recording:
    """Raises NotFound."""
    found = session.get(Recording, recording_id)
    if found is None:
        raise NotFound(f"Không có bản thu số {recording_id}.")
    return found


# --- what is signed ---


def says(_session: Session, bulletin: Bulletin) -> str:
    """Return the transcript of the present version."""
    return bulletin.version.written if bulletin.version is not None else ""


def ready(session: Session, bulletin: Bulletin) -> Rendering:
    """Return the finished sound with its transcript; raises Refused until there are both."""
    if not says(session, bulletin).strip():
        raise Refused(
            f"“{bulletin.title}” chưa có lời; hãy ghi lời đã nói trong bản thu, ít nhất một câu tóm tắt."
        )
    newest, made = current(session, bulletin), rendering.current(session, bulletin)
    is_bound = newest is not None and made is not None and made.clip_sha256 == newest.clip_sha256
    if made is None or not is_bound or not rendering.is_finished(made):
        raise Refused(f"“{bulletin.title}” chưa có âm thanh đã xử lý xong; hãy chờ xử lý xong rồi gửi duyệt.")
    return made


def bind(session: Session, recording: Recording, now: datetime) -> None:
    """Make the finished clip that of the bulletin's present version; nothing while it is not finished."""
    bulletin = session.get_one(Bulletin, recording.bulletin_id)
    if recording.clip_sha256 is None or bulletin.version_id is None:
        return
    key = _key(bulletin, recording)
    made = session.scalar(select(Rendering).where(Rendering.key == key))
    if made is None:
        made = _bound(bulletin, recording.clip_sha256, key)
        session.add(made)
    made.notice, made.asked_at, made.ended_at = recording.notice, now, now
    session.flush()


def _bound(bulletin: Bulletin, clip_sha256: str, key: str) -> Rendering:
    written = bulletin.version.written if bulletin.version is not None else ""
    return Rendering(
        key=key,
        bulletin_id=bulletin.id,
        version_id=bulletin.version_id,
        spoken=written,
        spoken_sha256=sha256_of(written),
        script=[],
        voice="",
        rate=1.0,
        repeats=1,
        state=RenderingState.DONE,
        clip_sha256=clip_sha256,
    )


def _key(bulletin: Bulletin, recording: Recording) -> str:
    whole = ["recording", bulletin.version_id, recording.id, recording.clip_sha256]
    return hashlib.sha256(json.dumps(whole).encode()).hexdigest()


# --- asking ---


def _ask(
    session: Session,
    actor: Actor,
    bulletin: Bulletin,
    sent: Sent,
    wanted: Cut,
    speech_lufs: float,
    now: datetime,
) -> Recording:
    """Add the work of making a clip of `sent`; what was found in the same file before is known."""
    known = session.scalar(
        select(Recording)
        .where(Recording.file_sha256 == sent.sha256, Recording.found.is_not(None))
        .order_by(Recording.id.desc())
        .limit(1)
    )
    asked = Recording(
        bulletin_id=bulletin.id,
        origin=sent.origin,
        file_name=sent.name,
        file_sha256=sent.sha256,
        file_bytes=sent.bytes,
        cut_from_s=wanted.from_s,
        cut_to_s=wanted.to_s,
        target_lufs=_target_lufs(bulletin, speech_lufs),
        found=known.found if known is not None else None,
        wave=known.wave if known is not None else None,
        asked_by=actor.id,
        asked_at=now,
    )
    session.add(asked)
    session.flush()
    audit.note(
        session, actor, "recording.asked", f"bulletin {bulletin.id}", now,
        file=sent.name, sha256=sent.sha256, from_s=wanted.from_s, to_s=wanted.to_s,
    )  # fmt: skip
    return asked


def _target_lufs(bulletin: Bulletin, speech_lufs: float) -> float:
    if bulletin.is_music:
        return loudness.of_music(speech_lufs)
    return loudness.of_speech(bulletin.kind, speech_lufs)


def _reopened(session: Session, actor: Actor, bulletin_id: int, words: str, now: datetime) -> Bulletin:
    """Take the bulletin back to draft, without its approval, because its sound is to change."""
    require(actor, Permission.WRITE)
    bulletin = get(session, bulletin_id)
    before, bulletin.state = bulletin.state, workflow.require_step(bulletin, Action.EDIT, actor)
    workflow.end_approval(session, bulletin, "edited", actor, now)
    bulletin.author_id, bulletin.changed_at = actor.id, now
    workflow.record(session, bulletin, Action.EDIT, actor, now, before=before, comment=words)
    return bulletin


def _newest(session: Session, bulletin: Bulletin) -> Recording:
    newest = current(session, bulletin)
    if newest is None:
        raise NotFound(f"“{bulletin.title}” chưa có âm thanh; hãy gửi một tệp hoặc thu bằng micrô.")
    return newest


def _sent(recording: Recording) -> Sent:
    return Sent(recording.file_name, recording.file_sha256, recording.file_bytes, recording.origin)


def _cut(recording: Recording) -> Cut:
    return Cut(recording.cut_from_s, recording.cut_to_s)


def _require_fit(wanted: Cut, seconds: float | None) -> None:
    from_s, to_s = wanted.from_s or 0.0, wanted.to_s
    if from_s < 0 or (seconds is not None and from_s >= seconds):
        raise Invalid("Điểm đầu nằm ngoài bản thu; hãy chọn điểm sớm hơn.", field="from_s")
    if to_s is not None and to_s - from_s < SHORTEST_CUT_S:
        raise Invalid("Điểm cuối phải sau điểm đầu ít nhất 1 giây.", field="to_s")


def _told(seconds: float | None, otherwise: str) -> str:
    if seconds is None:
        return otherwise
    tenths = round(seconds * 10)
    return f"{tenths // 600}:{tenths % 600 // 10:02d},{tenths % 10}"
