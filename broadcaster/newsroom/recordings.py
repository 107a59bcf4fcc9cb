"""Bulletins whose sound somebody sent or recorded: transcript, language, and which clip is theirs.

The transcript is the written text and the words said at once; a new one, or a new sound, voids the approval
like any edit of a text.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from broadcaster.errors import Refused
from broadcaster.newsroom import rendering
from broadcaster.store.models import Bulletin, Rendering


def says(_session: Session, bulletin: Bulletin) -> str:
    """Return the transcript of the present version."""
    return bulletin.version.written if bulletin.version is not None else ""


def ready(session: Session, bulletin: Bulletin) -> Rendering:
    """Return the finished sound with its transcript; raises Refused until there are both."""
    if not says(session, bulletin).strip():
        raise Refused(
            f"“{bulletin.title}” chưa có lời; hãy ghi lời đã nói trong bản thu, ít nhất một câu tóm tắt."
        )
    made = rendering.current(session, bulletin)
    if made is None or not rendering.is_finished(made):
        raise Refused(f"“{bulletin.title}” chưa có âm thanh đã xử lý xong; hãy chờ xử lý xong rồi gửi duyệt.")
    return made
