"""The life of a bulletin as one table: from which state which action leads where, and who may do it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Refused
from broadcaster.records import audit
from broadcaster.store.models import Approval, ApprovalEnd, Bulletin, BulletinState, BulletinStep, Source


class Action(StrEnum):
    WRITE = "write"
    EDIT = "edit"
    SUBMIT = "submit"
    RECALL = "recall"
    APPROVE = "approve"
    SEND_BACK = "send_back"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"


_S = BulletinState
_A = Action
WORKFLOW: dict[tuple[BulletinState, Action], tuple[BulletinState, Permission | None]] = {
    (_S.DRAFT, _A.EDIT): (_S.DRAFT, Permission.WRITE),
    (_S.DRAFT, _A.SUBMIT): (_S.SUBMITTED, Permission.WRITE),
    (_S.RETURNED, _A.EDIT): (_S.DRAFT, Permission.WRITE),
    (_S.RETURNED, _A.SUBMIT): (_S.SUBMITTED, Permission.WRITE),
    (_S.SUBMITTED, _A.EDIT): (_S.DRAFT, Permission.WRITE),
    (_S.SUBMITTED, _A.RECALL): (_S.DRAFT, Permission.WRITE),
    (_S.SUBMITTED, _A.APPROVE): (_S.APPROVED, Permission.APPROVE),
    (_S.SUBMITTED, _A.SEND_BACK): (_S.RETURNED, Permission.APPROVE),
    (_S.SUBMITTED, _A.EXPIRE): (_S.EXPIRED, None),
    (_S.APPROVED, _A.EDIT): (_S.DRAFT, Permission.WRITE),
    (_S.APPROVED, _A.WITHDRAW): (_S.WITHDRAWN, Permission.APPROVE),
    (_S.APPROVED, _A.EXPIRE): (_S.EXPIRED, None),
    (_S.WITHDRAWN, _A.EDIT): (_S.DRAFT, Permission.WRITE),
    (_S.EXPIRED, _A.EDIT): (_S.DRAFT, Permission.WRITE),
}
"""None stands for the program itself: nobody may do it by hand."""

STATE_WORDS: dict[str, str] = {
    _S.DRAFT: "nháp",
    _S.SUBMITTED: "chờ duyệt",
    _S.RETURNED: "trả lại",
    _S.APPROVED: "đã duyệt",
    _S.WITHDRAWN: "đã rút",
    _S.EXPIRED: "hết hạn",
}
ACTION_WORDS: dict[str, str] = {
    _A.WRITE: "soạn",
    _A.EDIT: "sửa",
    _A.SUBMIT: "gửi duyệt",
    _A.RECALL: "thu hồi",
    _A.APPROVE: "duyệt",
    _A.SEND_BACK: "trả lại",
    _A.WITHDRAW: "rút",
    _A.EXPIRE: "cho hết hạn",
}


def may(actor: Actor, bulletin: Bulletin, action: Action) -> bool:
    """Return whether the table lets `actor` do this now; a button that would be refused is not shown."""
    row = _row(bulletin, action)
    return row is not None and row[1] is not None and actor.may(row[1])


def require_step(bulletin: Bulletin, action: Action, actor: Actor | None) -> BulletinState:
    """Return the state that `action` leads to; raises NotPermitted or Refused. `actor` None: the program."""
    _require_permission(action, actor)
    row = _row(bulletin, action)
    if row is None:
        raise Refused(
            f"Bản tin “{bulletin.title}” đang ở trạng thái “{STATE_WORDS[bulletin.state]}” "
            f"nên không thể {ACTION_WORDS[action]}; hãy tải lại trang để xem trạng thái mới nhất."
        )
    return row[0]


def _row(bulletin: Bulletin, action: Action) -> tuple[BulletinState, Permission | None] | None:
    """Nothing can be done with what was said into a microphone: there is no text of it."""
    if bulletin.source == Source.LIVE:
        return None
    return WORKFLOW.get((BulletinState(bulletin.state), action))


def _require_permission(action: Action, actor: Actor | None) -> None:
    """Ask before the state is told: who may not act learns nothing about the bulletin."""
    for permission in {needed for (_, each), (_, needed) in WORKFLOW.items() if each is action}:
        if actor is not None and permission is not None:
            require(actor, permission)


def take_step(
    session: Session,
    bulletin: Bulletin,
    action: Action,
    actor: Actor | None,
    now: datetime,
    *,
    comment: str = "",
    rendering_id: int | None = None,
) -> BulletinStep:
    """Move `bulletin` along the table, and keep who did it and with which words."""
    before, bulletin.state = bulletin.state, require_step(bulletin, action, actor)
    bulletin.changed_at = now
    return record(
        session, bulletin, action, actor, now, before=before, comment=comment, rendering_id=rendering_id
    )


def record(
    session: Session,
    bulletin: Bulletin,
    action: Action,
    actor: Actor | None,
    now: datetime,
    *,
    before: str,
    comment: str = "",
    rendering_id: int | None = None,
) -> BulletinStep:
    """Keep the step that led from state `before` to the present one, in the bulletin's life and the audit."""
    step = BulletinStep(
        bulletin_id=bulletin.id,
        version_id=bulletin.version_id,
        rendering_id=rendering_id,
        action=action,
        from_state=before,
        to_state=bulletin.state,
        person_id=actor.id if actor else None,
        comment=comment,
        at=now,
    )
    session.add(step)
    number = bulletin.version.number if bulletin.version else 0
    words = {"comment": comment} if comment else {}
    audit.note(session, actor, f"bulletin_{action}", f"bulletin {bulletin.id}", now, version=number, **words)
    return step


def open_approval(session: Session, bulletin_id: int) -> Approval | None:
    """Return the newest signature that nothing has ended."""
    ended = select(ApprovalEnd.approval_id)
    mine = select(Approval).where(Approval.bulletin_id == bulletin_id, Approval.id.not_in(ended))
    return session.scalar(mine.order_by(Approval.id.desc()).limit(1))


def end_approval(
    session: Session, bulletin: Bulletin, reason: str, actor: Actor | None, now: datetime
) -> None:
    """Void the bulletin's signature, if it has one: `edited`, `withdrawn` or `expired`."""
    approval = open_approval(session, bulletin.id)
    if approval is not None:
        ended_by = actor.id if actor else None
        session.add(ApprovalEnd(approval_id=approval.id, reason=reason, ended_by=ended_by, ended_at=now))
        session.flush()
