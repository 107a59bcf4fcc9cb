"""Signing: one person puts their key under written text, spoken text and sound together, by their hashes."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.accounts import signing_keys
from broadcaster.accounts.pen import Pen
from broadcaster.accounts.permissions import Actor
from broadcaster.errors import Invalid, Refused
from broadcaster.newsroom import bulletins, readings, rendering, signable, signatures, workflow
from broadcaster.newsroom.bulletins import sha256_of
from broadcaster.newsroom.workflow import WORKFLOW, Action
from broadcaster.store import facts
from broadcaster.store.models import (
    Approval,
    Bulletin,
    BulletinState,
    BulletinStep,
    Clip,
    Rendering,
    Source,
    Version,
)
from schedules.clock import LOCAL

__all__ = [
    "WORKFLOW",
    "approve",
    "expire_due",
    "recall",
    "send_back",
    "standing_approval",
    "submission",
    "submit",
    "valid_approval",
    "withdraw",
]

LONGEST_COMMENT = 2000


def submit(session: Session, actor: Actor, bulletin_id: int, now: datetime) -> BulletinStep:
    """Send the present text, words and clip to the approver.

    Raises NotPermitted, or Refused: words still to be decided, no finished clip of exactly these words, past
    its last day, or not in a state to be sent.
    """
    bulletin = bulletins.get(session, bulletin_id)
    workflow.require_step(bulletin, Action.SUBMIT, actor)
    if bulletin.valid_until is not None and bulletin.valid_until < _today(now):
        raise Refused(
            f"Bản tin “{bulletin.title}” đã hết hiệu lực ngày {bulletin.valid_until:%d/%m/%Y}; "
            "hãy sửa ngày rồi gửi lại."
        )
    heard = signable.of(bulletin).ready(session, bulletin)
    number = heard.id if heard is not None else None
    return workflow.take_step(session, bulletin, Action.SUBMIT, actor, now, rendering_id=number)


def recall(session: Session, actor: Actor, bulletin_id: int, now: datetime) -> BulletinStep:
    """Take a bulletin back from the approver, to go on writing."""
    bulletin = bulletins.get(session, bulletin_id)
    return workflow.take_step(session, bulletin, Action.RECALL, actor, now)


def approve(
    session: Session,
    actor: Actor,
    bulletin_id: int,
    heard_rendering_id: int,
    now: datetime,
    comment: str = "",
    *,
    pen: Pen,
) -> Approval:
    """Sign what was submitted with the actor's key; `heard_rendering_id` is the rendering that the approver
    listened to, 0 for what has no clip.

    Raises NotPermitted, or Refused: own text without the fact `self_approval`, another rendering heard than
    the one submitted, text or words changed since, or a key that is not yet known to be an approver's.
    """
    bulletin = bulletins.get(session, bulletin_id)
    workflow.require_step(bulletin, Action.APPROVE, actor)
    is_own, words = _is_own(session, bulletin, actor), _short(comment, "comment")
    heard = _submitted(session, bulletin, heard_rendering_id)
    signing_keys.require_usable(session, actor, pen, now)
    approval = _signature(session, bulletin, heard, actor, now, is_own)
    signatures.sign(session, approval, pen)
    session.add(approval)
    session.flush()
    number = heard.id if heard is not None else None
    workflow.take_step(session, bulletin, Action.APPROVE, actor, now, comment=words, rendering_id=number)
    return approval


def send_back(session: Session, actor: Actor, bulletin_id: int, comment: str, now: datetime) -> BulletinStep:
    """Return a bulletin to its author with a comment, which is required (Invalid, field `comment`)."""
    bulletin = bulletins.get(session, bulletin_id)
    workflow.require_step(bulletin, Action.SEND_BACK, actor)
    words = _required(comment, "comment", "Hãy ghi điều cần sửa để người soạn biết.")
    return workflow.take_step(session, bulletin, Action.SEND_BACK, actor, now, comment=words)


def withdraw(session: Session, actor: Actor, bulletin_id: int, reason: str, now: datetime) -> BulletinStep:
    """End the approval for good, with a reason (Invalid, field `reason`); its coming airings find none."""
    bulletin = bulletins.get(session, bulletin_id)
    workflow.require_step(bulletin, Action.WITHDRAW, actor)
    words = _required(reason, "reason", "Hãy ghi lý do rút bản tin.")
    workflow.end_approval(session, bulletin, "withdrawn", actor, now)
    return workflow.take_step(session, bulletin, Action.WITHDRAW, actor, now, comment=words)


def expire_due(session: Session, now: datetime) -> list[Bulletin]:
    """End what waits or is signed but past its last day; returns the bulletins that expired."""
    waiting = Bulletin.state.in_([BulletinState.SUBMITTED, BulletinState.APPROVED])
    due = list(session.scalars(select(Bulletin).where(waiting, Bulletin.valid_until < _today(now))))
    for bulletin in due:
        workflow.end_approval(session, bulletin, "expired", None, now)
        workflow.take_step(session, bulletin, Action.EXPIRE, None, now)
    return due


def submission(session: Session, bulletin_id: int) -> BulletinStep | None:
    """Return the step by which the bulletin was last submitted: its rendering is the one to be heard."""
    sent = select(BulletinStep).where(
        BulletinStep.bulletin_id == bulletin_id, BulletinStep.action == Action.SUBMIT
    )
    return session.scalar(sent.order_by(BulletinStep.id.desc()).limit(1))


def valid_approval(session: Session, bulletin_id: int, on: date) -> Approval | None:
    """Return the approval that lets this bulletin be heard on the local date `on`, or None.

    The written text is hashed again and compared with the version and the approval, the spoken text with
    the approval, and the approver's signature must hold under it. That the clip's file still hashes to
    `clip_sha256` is for the player to check at air time.
    """
    approval = standing_approval(session, bulletin_id, on)
    return approval if approval is not None and not signatures.trouble(session, approval) else None


def standing_approval(session: Session, bulletin_id: int, on: date) -> Approval | None:
    """Return what `valid_approval` does without asking whether its signature holds: for who must say why."""
    bulletin = session.get(Bulletin, bulletin_id)
    if bulletin is None or bulletin.state != BulletinState.APPROVED or not _is_valid_on(bulletin, on):
        return None
    approval = workflow.open_approval(session, bulletin_id)
    if approval is None or approval.version_id != bulletin.version_id:
        return None
    version = session.get(Version, approval.version_id)
    return approval if version is not None and _still_signed(approval, version) else None


def _still_signed(approval: Approval, version: Version) -> bool:
    written = {sha256_of(version.written), version.written_sha256, approval.written_sha256}
    return len(written) == 1 and sha256_of(approval.spoken) == approval.spoken_sha256


def _is_valid_on(bulletin: Bulletin, on: date) -> bool:
    return (bulletin.valid_from or date.min) <= on <= (bulletin.valid_until or date.max)


def require_clip(signed: Approval) -> Clip:
    """Return the clip under a signature; raises Refused for a relay, which has none."""
    if signed.clip is None:
        raise Refused("Bản tiếp âm không có bản thu.")
    return signed.clip


# --- what may be signed ---


def _submitted(session: Session, bulletin: Bulletin, heard_rendering_id: int) -> Rendering | None:
    """Return the rendering to be signed; raises Refused unless it was heard and still says the same."""
    sent = submission(session, bulletin.id)
    if (
        sent is None
        or sent.version_id != bulletin.version_id
        or (sent.rendering_id or 0) != heard_rendering_id
    ):
        raise Refused("Bản thu bạn vừa nghe không phải bản đang chờ duyệt; hãy tải lại trang và nghe lại.")
    if sent.rendering_id is None:
        return None
    heard = session.get_one(Rendering, sent.rendering_id)
    says = sha256_of(signable.of(bulletin).says(session, bulletin))
    if not rendering.is_finished(heard) or not says == heard.spoken_sha256 == sha256_of(heard.spoken):
        raise Refused(
            f"Cách đọc của “{bulletin.title}” đã thay đổi sau khi gửi duyệt; "
            "hãy trả lại để người soạn thu lại rồi gửi lại."
        )
    return heard


def _is_own(session: Session, bulletin: Bulletin, actor: Actor) -> bool:
    """Return whether the actor signs their own text; raises Refused where the station does not allow it."""
    is_own = bulletin.author_id == actor.id
    if is_own and facts.get(session, facts.SELF_APPROVAL, False) is not True:
        raise Refused(
            f"Bạn là người soạn “{bulletin.title}” nên không thể tự duyệt; hãy nhờ người duyệt khác, "
            "hoặc nhờ người quản trị bật “Tự duyệt” trong Cài đặt."
        )
    return is_own


def _signature(
    session: Session,
    bulletin: Bulletin,
    heard: Rendering | None,
    actor: Actor,
    now: datetime,
    is_own: bool,
) -> Approval:
    version = session.get_one(Version, bulletin.version_id)
    if sha256_of(version.written) != version.written_sha256:
        raise Refused(f"Nội dung của “{bulletin.title}” không còn đúng với lúc lưu; hãy báo người quản trị.")
    spoken = heard.spoken if heard is not None else signable.of(bulletin).says(session, bulletin)
    return Approval(
        bulletin_id=bulletin.id,
        version_id=version.id,
        written_sha256=version.written_sha256,
        spoken=spoken,
        spoken_sha256=sha256_of(spoken),
        clip_sha256=heard.clip_sha256 if heard is not None else None,
        lexicon=_lexicon(session, bulletin, heard),
        author_id=bulletin.author_id,
        approver_id=actor.id,
        approved_at=now,
        is_self_approved=is_own,
    )


def _lexicon(session: Session, bulletin: Bulletin, heard: Rendering | None) -> str:
    """Return the version of the readings that the words follow; empty where nothing is read aloud."""
    if bulletin.source != Source.TEXT:
        return ""
    return heard.lexicon if heard and heard.lexicon else readings.lexicon_for(session, bulletin.id).version


def _required(words: str, field: str, sentence: str) -> str:
    if not words.strip():
        raise Invalid(sentence, field=field)
    return _short(words, field)


def _short(words: str, field: str) -> str:
    words = bulletins.plain(words).strip()
    if len(words) > LONGEST_COMMENT:
        raise Invalid(f"Ý kiến dài nhất {LONGEST_COMMENT} ký tự.", field=field)
    return words


def _today(now: datetime) -> date:
    return now.astimezone(LOCAL).date()
