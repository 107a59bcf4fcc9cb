"""What may be signed, by where the sound comes from: one entry for each source.

A signature covers the written text, the words said and the clip. What those words are, and when there is
something to hear, differs: a text is read aloud, a recording says what its transcript says.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from broadcaster.errors import Refused
from broadcaster.newsroom import bulletins, recordings, relays, rendering
from broadcaster.newsroom.bulletins import sha256_of
from broadcaster.store.models import Bulletin, Rendering, Source

_SHOWN_UNDECIDED = 5


@dataclass(frozen=True, slots=True)
class Way:
    """How one source becomes something to sign."""

    ready: Callable[[Session, Bulletin], Rendering | None]
    """Return what the approver is to hear; None for what has no clip. Raises Refused until it is ready."""
    says: Callable[[Session, Bulletin], str]
    """Return the words as they would be said at this moment."""


def of(bulletin: Bulletin) -> Way:
    """Raises Refused for what nobody signs beforehand."""
    way = WAYS.get(bulletin.source)
    if way is None:
        raise Refused(f"“{bulletin.title}” không phải loại bản tin duyệt trước; hãy phát từ trang của nó.")
    return way


# --- a text ---


def _text_ready(session: Session, bulletin: Bulletin) -> Rendering:
    """Return the finished rendering of exactly the words of this moment; raises Refused."""
    spoken = bulletins.spoken_of(session, bulletin)
    if spoken.undecided:
        raise Refused(_undecided([token.written for token in spoken.undecided]))
    if not spoken.text.strip():
        raise Refused(f"Bản tin “{bulletin.title}” chưa có nội dung; hãy nhập nội dung rồi gửi duyệt.")
    made = rendering.current(session, bulletin)
    if made is None or not rendering.is_finished(made) or made.spoken_sha256 != sha256_of(spoken.text):
        raise Refused(
            f"Bản tin “{bulletin.title}” chưa có bản thu đúng với lời đọc hiện tại; "
            "hãy bấm “Nghe cả bài”, chờ thu xong rồi gửi duyệt."
        )
    return made


def _text_says(session: Session, bulletin: Bulletin) -> str:
    return bulletins.spoken_of(session, bulletin).text


def _undecided(written: list[str]) -> str:
    shown = ", ".join(f"“{word}”" for word in written[:_SHOWN_UNDECIDED])
    more = f" và {len(written) - _SHOWN_UNDECIDED} chỗ khác" if len(written) > _SHOWN_UNDECIDED else ""
    return f"Còn {len(written)} chỗ chưa rõ cách đọc: {shown}{more}; hãy chọn cách đọc rồi gửi duyệt."


WAYS: dict[str, Way] = {
    Source.TEXT: Way(_text_ready, _text_says),
    Source.RECORDING: Way(recordings.ready, recordings.says),
    Source.RELAY: Way(relays.ready, relays.says),
}
