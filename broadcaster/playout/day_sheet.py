"""What the printed sheet of a day says besides the running order: who signed each thing that sounds."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.playout.day import DayView
from broadcaster.store.models import Airing, Approval, ApprovalEnd, Person


def approvers(session: Session, view: DayView) -> dict[str, str]:
    """Return, by airing, who signed what sounded or, as things stand, will sound; without it, nobody did."""
    items = [item for block in view.blocks for item in block.items]
    bound = _bound(session, [item.airing_id for item in items])
    waiting = {item.bulletin_id for item in items if item.airing_id not in bound and not item.state.is_final}
    signed = _signed(session, waiting)
    open_now = {
        item.airing_id: signed[item.bulletin_id]
        for item in items
        if not item.state.is_final and item.bulletin_id in signed
    }
    return open_now | bound


def _bound(session: Session, airing_ids: list[str]) -> dict[str, str]:
    query = (
        select(Airing.id, Person.name)
        .join(Approval, Approval.id == Airing.approval_id)
        .join(Person, Person.id == Approval.approver_id)
        .where(Airing.id.in_(airing_ids))
    )
    return dict(session.execute(query).all())


def _signed(session: Session, bulletin_ids: Iterable[int]) -> dict[int, str]:
    newest = (
        select(func.max(Approval.id))
        .where(Approval.bulletin_id.in_(bulletin_ids), Approval.id.not_in(select(ApprovalEnd.approval_id)))
        .group_by(Approval.bulletin_id)
    )
    query = select(Approval.bulletin_id, Person.name).join(Person, Person.id == Approval.approver_id)
    return dict(session.execute(query.where(Approval.id.in_(newest))).all())
