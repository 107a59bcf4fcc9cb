"""The words of an alert: what is said in which breath, and the signature of whoever sends them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

import broadcaster.text as reader
from broadcaster.accounts.permissions import Actor
from broadcaster.errors import Invalid
from broadcaster.newsroom import bulletins, readings, workflow
from broadcaster.newsroom.bulletins import RATE_OF_KIND, Draft, sha256_of
from broadcaster.newsroom.workflow import Action
from broadcaster.store.models import Approval, ApprovalEnd, Bulletin, BulletinState, Kind
from broadcaster.text import Spoken

Script = list[dict[str, Any]]
"""Sentences in order: {text, pause_ms}."""

LONGEST_TEXT = 2_000
"""Characters: about three minutes. What is heard in alarm must be short to be followed."""
DRILL_BEFORE = "Đây là diễn tập. Diễn tập, diễn tập."
DRILL_AFTER = "Nội dung vừa rồi là diễn tập, bà con không phải làm theo. Diễn tập, diễn tập."
ALL_CLEAR = "Xin thông báo. Lệnh khẩn cấp {title} đã kết thúc. Cảm ơn bà con."
DRILL_OVER = "Xin thông báo. Buổi diễn tập đã kết thúc. Cảm ơn bà con."


def script(spoken: Spoken) -> Script:
    """Return the sentences of `spoken`; a word that nobody decided is said as the reader proposes."""
    return [{"text": each.text, "pause_ms": each.pause_ms} for each in spoken.sentences]


def signed_script(session: Session, bulletin: Bulletin, signed: Approval) -> Script:
    """Return the sentences of what was signed; readings that have changed since change nothing of it."""
    said = bulletins.spoken_of(session, bulletin)
    return script(said) if sha256_of(said.text) == signed.spoken_sha256 else lines(signed.spoken)


def lines(text: str) -> Script:
    """Return words of our own as sentences."""
    return script(reader.to_spoken(text))


def spoken(session: Session, written: str) -> Spoken:
    """Return how words typed in an emergency will be said, by the station's own readings."""
    return reader.to_spoken(written, readings.lexicon_for(session, None))


def checked(title: str, written: str) -> tuple[str, str]:
    """Return both tidied; raises Invalid, field `written`, for words that nobody could follow."""
    written = bulletins.plain(written).strip()
    if not any(letter.isalnum() for letter in written):
        raise Invalid("Hãy nhập lời cần phát.", field="written")
    if len(written) > LONGEST_TEXT:
        raise Invalid(
            f"Lời khẩn cấp dài {len(written)} ký tự, nhiều nhất là {LONGEST_TEXT}; "
            "hãy viết ngắn để bà con nghe kịp.",
            field="written",
        )
    return " ".join(title.split())[: bulletins.LONGEST_TITLE] or _first_words(written), written


def sign_by_sending(session: Session, actor: Actor, title: str, written: str, now: datetime) -> Approval:
    """Keep words typed in an emergency with the sender's name under them; returns the signature.

    It holds for this one alert: the bulletin that carries the words is over as soon as it is made, and must
    be edited and signed anew to be heard again.
    """
    draft = Draft(title=title, written=written, kind=Kind.EMERGENCY, rate=RATE_OF_KIND[Kind.EMERGENCY])
    bulletin = bulletins.begin(session, actor, draft, now)
    approval = _signature(session, bulletin, actor, now)
    session.add(approval)
    session.flush()
    session.add(ApprovalEnd(approval_id=approval.id, reason="expired", ended_by=None, ended_at=now))
    before, bulletin.state = bulletin.state, BulletinState.EXPIRED
    words = "Ký bằng việc phát lệnh khẩn cấp."
    workflow.record(session, bulletin, Action.APPROVE, actor, now, before=before, comment=words)
    return approval


def _signature(session: Session, bulletin: Bulletin, actor: Actor, now: datetime) -> Approval:
    version = bulletin.version
    if version is None:  # pragma: no cover - it has just been made with one
        raise Invalid("Hãy nhập lời cần phát.", field="written")
    said = bulletins.spoken_of(session, bulletin).text
    return Approval(
        bulletin_id=bulletin.id,
        version_id=version.id,
        written_sha256=version.written_sha256,
        spoken=said,
        spoken_sha256=sha256_of(said),
        clip_sha256=None,
        lexicon=readings.lexicon_for(session, None).version,
        author_id=actor.id,
        approver_id=actor.id,
        approved_at=now,
        is_self_approved=True,
    )


def _first_words(written: str, most: int = 60) -> str:
    """Return a title for words that were given none."""
    line = " ".join(written.split())
    return line if len(line) <= most else line[:most].rsplit(" ", 1)[0] + "…"


def rehearsed(said: Sequence[dict[str, Any]]) -> Script:
    """Return the sentences of a drill: it says so first and last."""
    return [*lines(DRILL_BEFORE), *said, *lines(DRILL_AFTER)]
