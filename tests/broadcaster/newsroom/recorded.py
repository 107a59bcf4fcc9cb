"""Recordings at every stage, with a sound that was never decoded: only its row and a short clip's name."""

from __future__ import annotations

import hashlib
import io
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from audio.decode_link import Made
from broadcaster.accounts.permissions import Actor
from broadcaster.newsroom import recordings, recordings_files, recordings_queue
from broadcaster.newsroom.bulletins import Draft
from broadcaster.newsroom.recordings_files import Sent
from broadcaster.store.models import Bulletin, Recording
from tests.broadcaster.moments import NOW

DRAFT = Draft(title="Lời kêu gọi", written="Già làng kêu gọi bà con giữ rừng.", language="rad")
SENT = Sent("giữ rừng.mp3", "a" * 64, 30_000_000, "upload")
SPEECH_LUFS = -16.0


def made(sha256: str = "c" * 64, **changes: Any) -> Made:
    values: dict[str, Any] = {
        "seconds": 61.5,
        "loudness_lufs": -16.0,
        "true_peak_dbtp": -1.1,
        "found": {"codec": "mp3float", "seconds": 70.0, "rate_hz": 44100, "channels": 2, "damaged": 0},
        "kept": [[1.0, 62.5]],
        "wave": [10] * 720,
        "clip_wave": [20] * 720,
    }
    return Made(**{**values, **changes})


def sent_file(folder: Path, content: bytes, name: str = "a.mp3") -> Sent:
    """Put `content` where the page puts what somebody sent."""
    code = hashlib.md5(content).hexdigest()
    recordings_files.add_part(folder, 1, code, 0, io.BytesIO(content), 100_000_000)
    return taken(folder, 1, code, name)


def taken(folder: Path, person_id: int, code: str, name: str = "a.mp3") -> Sent:
    """Put an upload that is whole in its place."""
    sent = recordings_files.looked_at(folder, person_id, code, name, "upload")
    recordings_files.adopt(folder, person_id, code, sent)
    return sent


def begun(session: Session, officer: Actor, sent: Sent = SENT, **changes: Any) -> Bulletin:
    return recordings.begin(session, officer, replace(DRAFT, **changes), sent, SPEECH_LUFS, NOW)


def finish(session: Session, sha256: str = "c" * 64, now: datetime = NOW, **changes: Any) -> None:
    """Do the waiting work of every recording, without a decode process."""
    while (work := recordings_queue.take(session, now)) is not None:
        assert recordings_queue.publish(session, work, made(**changes), sha256, now)


def work_of(session: Session, bulletin: Bulletin) -> Recording:
    found = recordings.current(session, bulletin)
    assert found is not None
    return found
