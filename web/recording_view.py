"""Everything the page of one recording shows, put together once: sound, picture, words, what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from broadcaster.newsroom import approval, recordings, recordings_files, rendering, workflow
from broadcaster.newsroom.recordings import NO_WORDS
from broadcaster.newsroom.workflow import Action
from broadcaster.store import Session
from broadcaster.store.models import Approval, Bulletin, BulletinState, Recording, Rendering, RenderingState
from web.context import me, ward
from web.words import local

CODECS = {
    "aac": "AAC", "alac": "ALAC", "amrnb": "AMR", "amrwb": "AMR-WB", "flac": "FLAC", "mp3float": "MP3",
    "opus": "Opus", "libopus": "Opus", "vorbis": "Vorbis", "wmav1": "WMA", "wmav2": "WMA",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class RecordingView:
    """One recording as the person who is signed in may see and treat it."""

    recording: Recording | None
    rendering: Rendering | None
    """That of the present words and sound; None until both are there."""
    words: str
    is_kept: bool
    """The file's own sound is still there, to be cut anew."""
    signature: Approval | None
    is_open: bool
    actions: frozenset[str]

    @property
    def is_working(self) -> bool:
        waiting = (RenderingState.WAITING, RenderingState.RUNNING)
        return self.recording is not None and self.recording.state in waiting

    @property
    def is_rendering(self) -> bool:
        return self.is_working

    @property
    def has_failed(self) -> bool:
        return self.recording is not None and self.recording.state == RenderingState.FAILED

    @property
    def is_heard(self) -> bool:
        return self.rendering is not None

    @property
    def has_words(self) -> bool:
        return bool(self.words.strip())

    @property
    def waits_for(self) -> str:
        """Return what has to be done before it can be sent for approval; empty when nothing has."""
        if self.is_working:
            return "Chờ xử lý xong âm thanh, nghe lại rồi gửi duyệt."
        if not self.is_heard:
            return "Gửi một tệp đọc được hoặc thu lại, rồi gửi duyệt."
        return "" if self.has_words else "Ghi lời trong bản thu (bấm “Sửa”), rồi gửi duyệt."

    @property
    def percent(self) -> int:
        return round(100 * self.recording.done) if self.recording is not None else 0

    @property
    def file_seconds(self) -> float:
        found = self.recording.found if self.recording is not None else None
        return float(found["seconds"]) if found else 0.0

    @property
    def left_out_s(self) -> float:
        """Return how much of the file was left out, by a person or because it was silent."""
        kept = self.recording.kept if self.recording is not None else None
        return self.file_seconds - sum(last - first for first, last in kept) if kept else 0.0

    @property
    def file_facts(self) -> str:
        """MP3, 44,1 kHz, 2 kênh, 12,3 MB"""
        if self.recording is None:
            return ""
        size = f"{self.recording.file_bytes / 1_000_000:.1f} MB".replace(".", ",")
        found = self.recording.found
        if not found:
            return size
        rate = f"{found['rate_hz'] / 1000:g} kHz".replace(".", ",")
        channels = "1 kênh" if found["channels"] == 1 else f"{found['channels']} kênh"
        return f"{CODECS.get(found['codec'], 'WAV')}, {rate}, {channels}, {size}"


def describe(session: Session, bulletin: Bulletin, now: datetime) -> RecordingView:
    newest = recordings.current(session, bulletin)
    return RecordingView(
        recording=newest,
        rendering=_heard(session, bulletin, newest),
        words=recordings.says(session, bulletin),
        is_kept=newest is not None and _is_kept(newest),
        signature=approval.valid_approval(session, bulletin.id, local(now).date()),
        is_open=bulletin.state in (BulletinState.DRAFT, BulletinState.RETURNED),
        actions=frozenset(action.value for action in Action if workflow.may(me(), bulletin, action)),
    )


def has_no_words(written: str) -> bool:
    """Return whether somebody declared that there are none."""
    return written == NO_WORDS


def _heard(session: Session, bulletin: Bulletin, newest: Recording | None) -> Rendering | None:
    made = rendering.current(session, bulletin)
    is_same = made is not None and newest is not None and made.clip_sha256 == newest.clip_sha256
    return made if is_same and made is not None and rendering.is_finished(made) else None


def _is_kept(recording: Recording) -> bool:
    return recordings_files.sound_of(ward().settings.folder, recording.file_sha256).is_file()
