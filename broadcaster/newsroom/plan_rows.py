"""The rows of a plan: what a frame says, put into them."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor
from broadcaster.errors import Refused
from broadcaster.newsroom.plan_files import Kept
from broadcaster.newsroom.plan_frames import PLAIN, PlanFrame, TopicFrame
from broadcaster.records.plan_periods import Quota, whole
from broadcaster.records.plan_progress import quota_of
from broadcaster.store.models import Person, Plan, PlanQuota, PlanTopic

DRAFT, IN_FORCE, CLOSED = "draft", "in_force", "closed"
"""The states of a plan."""


def put_plain(session: Session, plan: Plan, frame: PlanFrame) -> None:
    for name in PLAIN:
        setattr(plan, name, getattr(frame, name))
    plan.number, plan.issuer = " ".join(frame.number.split()), " ".join(frame.issuer.split())
    known = session.scalars(select(Person).where(Person.id.in_(frame.person_ids)).order_by(Person.id))
    plan.people = list(known)


def put_file(plan: Plan, file: Kept | None) -> None:
    plan.file_sha256 = file.sha256 if file else None
    plan.file_name, plan.file_bytes = (file.name, file.bytes) if file else ("", 0)


def put_topics(
    session: Session, plan: Plan, frame: PlanFrame, actor: Actor, today: date, now: datetime
) -> None:
    """Mend, add and take out topics. Raises Refused when one would go that is owed already."""
    known = {topic.id: topic for topic in plan.topics}
    for place, wanted in enumerate(frame.topics):
        topic = known.pop(wanted.number, None) if wanted.number is not None else None
        if topic is None:
            begins = _begins(plan, wanted.per, today)
            add_topic(session, plan, wanted, place, begins, actor, now)
            continue
        topic.place, topic.name, topic.topics = place, wanted.name, list(wanted.topics)
        if plan.state == DRAFT:
            _set_quota(topic, wanted, plan.first_date, actor, now)
    if known and plan.state != DRAFT:
        raise Refused(
            "Nội dung của kế hoạch đang thực hiện không xóa được; hãy bấm “Đổi chỉ tiêu” và ghi chỉ tiêu 0."
        )
    for topic in known.values():
        session.delete(topic)


def _begins(plan: Plan, per: str, today: date) -> date:
    """Return from when a topic is due that is added today: in a plan in force from the running period on."""
    if plan.state == DRAFT:
        return plan.first_date
    running = whole(per, min(max(today, plan.first_date), plan.last_date))
    return max(running[0], plan.first_date) if running else plan.first_date


def add_topic(
    session: Session, plan: Plan, wanted: TopicFrame, place: int, begins: date, actor: Actor, now: datetime
) -> None:
    topic = PlanTopic(plan_id=plan.id, place=place, name=wanted.name, topics=list(wanted.topics))
    if begins > plan.first_date:
        topic.quotas.append(new_quota(plan.first_date, 0, wanted.unit, wanted.per, actor, now))
    topic.quotas.append(new_quota(begins, wanted.amount, wanted.unit, wanted.per, actor, now))
    session.add(topic)
    session.flush()


def _set_quota(topic: PlanTopic, wanted: TopicFrame, first: date, actor: Actor, now: datetime) -> None:
    """Replace what a draft's topic asks for."""
    if quota_of(topic) != [Quota(first, wanted.amount, wanted.unit, wanted.per)]:
        topic.quotas[:] = [new_quota(first, wanted.amount, wanted.unit, wanted.per, actor, now)]


def new_quota(first: date, amount: int, unit: str, per: str, actor: Actor, now: datetime) -> PlanQuota:
    """Return a row, not yet in any plan, that asks for `amount` from the day `first` on."""
    return PlanQuota(from_date=first, amount=amount, unit=unit, per=per, created_by=actor.id, created_at=now)
