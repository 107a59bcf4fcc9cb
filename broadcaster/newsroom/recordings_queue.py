"""The queue of sounds to be made into clips: taken under a lease, published once.

A worker may die at any point. Its lease then runs out and the work is taken again; each taking counts up
`attempts`, and only the latest may report or publish.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, CursorResult, Update, and_, or_, select, update
from sqlalchemy.orm import Session

from audio.decode_link import Made
from broadcaster.newsroom import loudness, recordings
from broadcaster.newsroom.recordings import MOST_ATTEMPTS
from broadcaster.store.models import Bulletin, Clip, Recording, RenderingState

LEASE = timedelta(seconds=15)
OUTDATED = "Âm thanh đã được thay sau đó; bản này không còn cần nữa."
SHORTENED = "Khoảng lặng dài hơn 3 giây đã được rút ngắn."


@dataclass(frozen=True, slots=True)
class Work:
    """One recording in the hands of one worker."""

    recording_id: int
    attempt: int
    name: str
    file_sha256: str
    from_s: float | None
    to_s: float | None
    target_lufs: float
    is_music: bool

    @property
    def is_last_attempt(self) -> bool:
        return self.attempt % MOST_ATTEMPTS == 0


def is_waiting(session: Session, now: datetime) -> bool:
    return session.scalar(select(Recording.id).where(_free(now)).limit(1)) is not None


def take(session: Session, now: datetime) -> Work | None:
    """Take the oldest free work under a lease, or return None. Ends work that nobody needs any more."""
    free = select(Recording).where(_free(now)).order_by(Recording.asked_at, Recording.id)
    for recording in session.scalars(free.with_for_update(skip_locked=True)).all():
        bulletin = session.get_one(Bulletin, recording.bulletin_id)
        newest = recordings.current(session, bulletin)
        if newest is not None and newest.id != recording.id:
            recording.state, recording.error, recording.ended_at = RenderingState.FAILED, OUTDATED, now
        elif recording.state == RenderingState.RUNNING and recording.attempts % MOST_ATTEMPTS == 0:
            recording.state, recording.ended_at = RenderingState.FAILED, now
            recording.error = stopped_too_often(recording.file_name)
        else:
            return _claimed(recording, bulletin, now)
    return None


def stopped_too_often(name: str) -> str:
    return (
        f"Tệp “{name}” làm việc xử lý dừng giữa chừng {MOST_ATTEMPTS} lần; "
        "hãy đổi tệp sang MP3 hoặc WAV rồi gửi lại, hoặc bấm “Xử lý lại”."
    )


def report(session: Session, work: Work, done: float, now: datetime) -> bool:
    """Note progress and prolong the lease; False when the work is no longer ours."""
    return _changed(session, _mine(work).values(done=done, lease_until=now + LEASE))


def publish(session: Session, work: Work, made: Made, clip_sha256: str, now: datetime) -> bool:
    """Bind the finished clip to the work and to the bulletin; False when the work is no longer ours."""
    recording = session.scalar(select(Recording).where(_is_mine(work)).with_for_update())
    if recording is None:
        return False
    _keep_clip(session, recording, made, clip_sha256, now)
    recording.state, recording.done, recording.error = RenderingState.DONE, 1.0, None
    recording.lease_until, recording.ended_at = None, now
    recording.found = made.found or recording.found
    recording.wave, recording.clip_wave, recording.kept = made.wave, made.clip_wave, made.kept
    recording.clip_sha256 = clip_sha256
    recording.notice = _notice(recording, made)
    session.flush()
    recordings.bind(session, recording, now)
    return True


def refuse(session: Session, work: Work, sentence: str, now: datetime) -> bool:
    """End the work for good: `sentence` says what its owner can do."""
    ended = {"state": RenderingState.FAILED, "error": sentence, "ended_at": now, "lease_until": None}
    return _changed(session, _mine(work).values(**ended))


def hand_back(session: Session, work: Work) -> bool:
    """Free unfinished work at once, for whoever comes next."""
    return _changed(session, _mine(work).values(state=RenderingState.WAITING, lease_until=None, done=0.0))


def _claimed(recording: Recording, bulletin: Bulletin, now: datetime) -> Work:
    recording.state, recording.attempts = RenderingState.RUNNING, recording.attempts + 1
    recording.lease_until, recording.done = now + LEASE, 0.0
    return Work(
        recording_id=recording.id,
        attempt=recording.attempts,
        name=recording.file_name,
        file_sha256=recording.file_sha256,
        from_s=recording.cut_from_s,
        to_s=recording.cut_to_s,
        target_lufs=recording.target_lufs,
        is_music=bulletin.is_music,
    )


def _keep_clip(session: Session, recording: Recording, made: Made, sha256: str, now: datetime) -> None:
    if session.get(Clip, sha256) is None:
        session.add(
            Clip(
                sha256=sha256,
                seconds=made.seconds,
                loudness_lufs=made.loudness_lufs,
                true_peak_dbtp=made.true_peak_dbtp,
                origin=recording.origin,
                target_lufs=recording.target_lufs,
                created_at=now,
            )
        )
        session.flush()


def _notice(recording: Recording, made: Made) -> str | None:
    said = [SHORTENED] if len(made.kept) > 1 else []
    damaged = int((recording.found or {}).get("damaged", 0))
    if damaged:
        said.append(f"Tệp có {damaged} chỗ hỏng nhỏ đã bỏ qua; hãy nghe kỹ trước khi gửi duyệt.")
    if abs(made.loudness_lufs - recording.target_lufs) > loudness.TOLERANCE_LU:
        said.append("Âm thanh có tiếng nổ, tiếng gõ quá to nên chưa đạt độ to chuẩn; hãy nghe kỹ.")
    return " ".join(said) or None


def _free(now: datetime) -> ColumnElement[bool]:
    """Waiting, or held by a worker that has not been heard of for too long."""
    passed = or_(Recording.lease_until.is_(None), Recording.lease_until < now)
    return and_(Recording.state.in_([RenderingState.WAITING, RenderingState.RUNNING]), passed)


def _is_mine(work: Work) -> ColumnElement[bool]:
    return and_(
        Recording.id == work.recording_id,
        Recording.state == RenderingState.RUNNING,
        Recording.attempts == work.attempt,
    )


def _mine(work: Work) -> Update:
    return update(Recording).where(_is_mine(work))


def _changed(session: Session, statement: Update) -> bool:
    result = session.execute(statement)
    return isinstance(result, CursorResult) and result.rowcount == 1
