"""What an approver's key signs, and whether a signature still holds: asked before anything is heard."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, date

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.accounts import signing_keys
from broadcaster.accounts.pen import Pen
from broadcaster.store import start_list, station_key
from broadcaster.store.models import (
    Approval,
    ApprovalEnd,
    Bulletin,
    BulletinState,
    PersonKey,
    Version,
)

UNSIGNED = "Bản duyệt không có chữ ký bằng khóa của người duyệt."
NO_KEY = "Chữ ký duyệt nêu một khóa không có trong sổ của trạm."
FOREIGN_KEY = "Khóa đã ký bản duyệt không phải do trạm này ghi vào sổ, hoặc đã bị sửa."
OTHERS_KEY = "Khóa đã ký bản duyệt không phải của người đứng tên duyệt."
NOT_APPROVERS = "Khóa đã ký bản duyệt chưa được xác nhận là khóa của người duyệt."
ENDED_KEY = "Khóa đã hết dùng trước lúc ký bản duyệt."
CHANGED = "Nội dung, bản thu hoặc thông tin duyệt không còn đúng với lúc người duyệt ký."


def sign(session: Session, approval: Approval, pen: Pen) -> None:
    """Put the signature of `pen` under everything that `approval` says."""
    approval.key_id = pen.key_id
    approval.signature = pen.sign(said(session, approval))


def trouble(session: Session, approval: Approval) -> str:
    """Return why the signature does not hold, one sentence for a person; empty when it does."""
    if approval.signature is None:
        return "" if _was_before(session, approval) else UNSIGNED
    key = session.get(PersonKey, approval.key_id) if approval.key_id is not None else None
    if key is None:
        return NO_KEY
    failed = (sentence for sentence, is_broken in _CHECKS if is_broken(session, approval, key))
    return next(failed, "")


_Check = Callable[[Session, Approval, PersonKey], bool]
_CHECKS: tuple[tuple[str, _Check], ...] = (
    (FOREIGN_KEY, lambda session, _, key: not signing_keys.is_entered(session, key)),
    (OTHERS_KEY, lambda _, approval, key: key.person_id != approval.approver_id),
    (NOT_APPROVERS, lambda session, _, key: not signing_keys.is_confirmed(session, key)),
    (ENDED_KEY, lambda _, approval, key: key.ended_at is not None and key.ended_at < approval.approved_at),
    (CHANGED, lambda session, approval, key: not _is_under(session, approval, key)),
)
"""In this order: the first that is broken is told."""


def said(session: Session, approval: Approval) -> bytes:
    """Return what is signed: the three fingerprints, and all that decides what is heard as what, and when.

    The bulletin's kind, source and days change only by an edit, which voids the approval.
    """
    version = session.get(Version, approval.version_id)
    bulletin = session.get(Bulletin, approval.bulletin_id)
    return start_list.canonical(
        {
            "what": "approval 1",
            "bulletin": approval.bulletin_id,
            "version": [approval.version_id, version.number, version.bulletin_id] if version else None,
            "title": version.title if version else None,
            "kind": bulletin.kind if bulletin else None,
            "source": bulletin.source if bulletin else None,
            "valid": [_day(bulletin.valid_from), _day(bulletin.valid_until)] if bulletin else None,
            "written_sha256": approval.written_sha256,
            "spoken_sha256": approval.spoken_sha256,
            "clip_sha256": approval.clip_sha256,
            "lexicon": approval.lexicon,
            "author": approval.author_id,
            "approver": approval.approver_id,
            "approved_at": approval.approved_at.astimezone(UTC).isoformat(),
            "is_self_approved": approval.is_self_approved,
        }
    )


def digests(session: Session) -> dict[int, str]:
    """Return the digest of every open approval without a signature, for the list of what was before keys."""
    query = (
        select(Approval)
        .join(Bulletin, Bulletin.id == Approval.bulletin_id)
        .where(
            Bulletin.state == BulletinState.APPROVED,
            Approval.signature.is_(None),
            Approval.id.not_in(select(ApprovalEnd.approval_id)),
        )
    )
    return {each.id: _digest(session, each) for each in session.scalars(query)}


def _is_under(session: Session, approval: Approval, key: PersonKey) -> bool:
    return station_key.verify(key.public, approval.signature or b"", said(session, approval))


def _was_before(session: Session, approval: Approval) -> bool:
    return start_list.has(session, start_list.APPROVALS, approval.id, _digest(session, approval))


def _digest(session: Session, approval: Approval) -> str:
    return hashlib.sha256(said(session, approval)).hexdigest()


def _day(day: date | None) -> str:
    return day.isoformat() if day is not None else ""
