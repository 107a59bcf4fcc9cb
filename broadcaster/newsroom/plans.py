"""Plans (kế hoạch tuyên truyền): written, put in force, changed from a day on, closed, copied for next year.

A draft may be changed freely. Of a plan in force the topics stay and a quota changes only from a day on, so
what was due in months gone by stands; what it is called and which bulletin topics count may be mended at any
time, and the audit trail says by whom. Plans may overlap: what was heard counts for each that wants it.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Invalid, NotFound, Refused
from broadcaster.newsroom import plan_meanwhile, plan_rows
from broadcaster.newsroom.plan_files import Kept
from broadcaster.newsroom.plan_frames import (
    PlanFrame,
    audit_words,
    checked,
    frame_of,
    require_quota,
    require_whole,
)
from broadcaster.newsroom.plan_rows import CLOSED, DRAFT, IN_FORCE
from broadcaster.records import audit
from broadcaster.records.fold import fold
from broadcaster.records.plan_periods import Quota, in_force, periods
from broadcaster.records.plan_progress import name_of, quota_of
from broadcaster.store.models import Plan, PlanQuota, PlanTopic

__all__ = [
    "CLOSED",
    "DRAFT",
    "IN_FORCE",
    "STATES",
    "change_quota",
    "close",
    "copy",
    "demand_on",
    "discard",
    "edit",
    "everything",
    "get",
    "put_in_force",
    "reopen",
    "topic_names",
    "topic_of",
    "write",
]

STATES = {DRAFT: "nháp", IN_FORCE: "đang thực hiện", CLOSED: "đã đóng"}


# --- finding ---


def get(session: Session, plan_id: int) -> Plan:
    """Raises NotFound."""
    plan = session.get(Plan, plan_id)
    if plan is None:
        raise NotFound(f"Không có kế hoạch số {plan_id}.")
    return plan


def topic_of(plan: Plan, topic_id: int) -> PlanTopic:
    """Raises NotFound."""
    found = next((topic for topic in plan.topics if topic.id == topic_id), None)
    if found is None:
        raise NotFound(f"{name_of(plan.number)} không có nội dung số {topic_id}.")
    return found


def everything(session: Session) -> list[Plan]:
    """Return all plans, those in force first, then the newest."""
    order = {IN_FORCE: 0, DRAFT: 1, CLOSED: 2}
    newest = session.scalars(select(Plan).order_by(Plan.first_date.desc(), Plan.id.desc()))
    return sorted(newest, key=lambda plan: order[plan.state])


def topic_names(session: Session, today: date) -> list[str]:
    """Return the bulletin topics that plans in force on `today` count, in their order, each once."""
    query = (
        select(PlanTopic)
        .join(Plan, Plan.id == PlanTopic.plan_id)
        .where(Plan.state == IN_FORCE, Plan.first_date <= today, Plan.last_date >= today)
        .order_by(Plan.first_date, Plan.id, PlanTopic.place, PlanTopic.id)
    )
    names = [name for topic in session.scalars(query) for name in topic.topics]
    return list({fold(name): name for name in reversed(names)}.values())[::-1]


# --- writing ---


def write(session: Session, actor: Actor, frame: PlanFrame, now: datetime, file: Kept | None = None) -> Plan:
    """Return a new plan in draft. Raises NotPermitted or Invalid (`field` is a field of PlanFrame)."""
    require(actor, Permission.WRITE)
    frame = checked(frame)
    plan = Plan(state=DRAFT, created_by=actor.id, created_at=now, file_name="", file_bytes=0)
    plan_rows.put_plain(session, plan, frame)
    plan_rows.put_file(plan, file)
    session.add(plan)
    session.flush()
    for place, topic in enumerate(frame.topics):
        plan_rows.add_topic(session, plan, topic, place, frame.first_date, actor, now)
    audit.note(session, actor, "plan.written", f"plan {plan.id}", now, **audit_words(frame))
    return plan


def edit(
    session: Session,
    actor: Actor,
    plan_id: int,
    frame: PlanFrame,
    today: date,
    now: datetime,
    *,
    file: Kept | None = None,
    drops_file: bool = False,
    based_on: int | None = None,
) -> Plan:
    """Save what was changed. Of a plan in force the quotas of its topics stay: see `change_quota`.

    A topic that is new to a plan in force is due from the period that runs on. `based_on` is the last row of
    the audit trail when the form was opened. Raises NotPermitted, Invalid, Refused for a closed plan, or
    EditedMeanwhile when somebody saved the plan after that row; nothing is then saved.
    """
    require(actor, Permission.WRITE)
    plan, frame = get(session, plan_id), checked(frame)
    _require_not(plan, CLOSED)
    if plan.state == IN_FORCE:
        require_whole(frame)
    before = audit_words(frame_of(plan))
    if based_on is not None:
        is_same = audit_words(frame) == before and file is None and not drops_file
        plan_meanwhile.require_unedited(session, plan, based_on, is_same=is_same)
    plan_rows.put_plain(session, plan, frame)
    plan_rows.put_topics(session, plan, frame, actor, today, now)
    if file is not None or drops_file:
        plan_rows.put_file(plan, file)
    session.flush()
    session.refresh(plan)
    changes = {key: value for key, value in audit_words(frame_of(plan)).items() if before[key] != value}
    if file is not None or drops_file:
        changes["file"] = file.name if file else "bỏ tệp"
    _note_edit(session, actor, plan, before, changes, now)
    return plan


def _note_edit(
    session: Session,
    actor: Actor,
    plan: Plan,
    before: Mapping[str, str],
    changes: Mapping[str, str],
    now: datetime,
) -> None:
    if changes:
        was = {key: before[key] for key in changes if key in before}
        audit.note(session, actor, "plan.edited", f"plan {plan.id}", now, **changes, was=was)


def change_quota(
    session: Session, actor: Actor, plan_id: int, topic_id: int, quota: Quota, today: date, now: datetime
) -> PlanQuota:
    """Let another quota be due from `quota.from_date` on; `amount` 0: nothing any more.

    It holds for periods that begin on that day or later; the day may lie back to the first one of the period
    that runs. Raises NotPermitted, Refused for a closed plan, or Invalid for a period that is over.
    """
    require(actor, Permission.WRITE)
    plan = get(session, plan_id)
    topic = topic_of(plan, topic_id)
    _require_not(plan, CLOSED)
    require_quota(quota.amount, quota.unit, quota.per, least=0)
    earliest = _running_since(plan, topic, today)
    if not earliest <= quota.from_date <= plan.last_date:
        raise Invalid(
            f"Chỉ tiêu mới tính được từ ngày {earliest:%d/%m/%Y} đến ngày {plan.last_date:%d/%m/%Y}; "
            "những kỳ đã qua giữ nguyên chỉ tiêu cũ.",
            field="from_date",
        )
    row = plan_rows.new_quota(quota.from_date, quota.amount, quota.unit, quota.per, actor, now)
    topic.quotas.append(row)
    session.flush()
    session.refresh(topic)
    detail = {"topic": topic.name, "from": quota.from_date.isoformat(), "quota": quota.words}
    audit.note(session, actor, "plan.quota_changed", f"plan {plan.id}", now, **detail)
    return row


def put_in_force(session: Session, actor: Actor, plan_id: int, now: datetime) -> None:
    """From now on the plan is owed. Raises Refused naming what it still lacks."""
    require(actor, Permission.WRITE)
    plan = get(session, plan_id)
    _require_not(plan, IN_FORCE, CLOSED)
    require_whole(frame_of(plan))
    plan.state = IN_FORCE
    audit.note(session, actor, "plan.put_in_force", f"plan {plan.id}", now, plan_number=plan.number)


def close(session: Session, actor: Actor, plan_id: int, reason: str, today: date, now: datetime) -> None:
    """End a plan: nothing is owed any more; what was due until now stays counted."""
    require(actor, Permission.WRITE)
    plan = get(session, plan_id)
    _require_not(plan, DRAFT, CLOSED)
    if not reason.strip():
        raise Invalid("Hãy ghi lý do đóng kế hoạch; lý do được giữ trong nhật ký.", field="reason")
    plan.state, plan.closed_on = CLOSED, min(today, plan.last_date)
    audit.note(session, actor, "plan.closed", f"plan {plan.id}", now, reason=reason.strip())


def reopen(session: Session, actor: Actor, plan_id: int, now: datetime) -> None:
    require(actor, Permission.WRITE)
    plan = get(session, plan_id)
    _require_not(plan, DRAFT, IN_FORCE)
    plan.state, plan.closed_on = IN_FORCE, None
    audit.note(session, actor, "plan.reopened", f"plan {plan.id}", now)


def discard(session: Session, actor: Actor, plan_id: int, now: datetime) -> None:
    """Throw a draft away; the audit trail keeps what it held."""
    require(actor, Permission.WRITE)
    plan = get(session, plan_id)
    _require_not(plan, IN_FORCE, CLOSED)
    audit.note(session, actor, "plan.discarded", f"plan {plan.id}", now, **audit_words(frame_of(plan)))
    plan.people = []
    for topic in list(plan.topics):
        session.delete(topic)
    session.flush()
    session.refresh(plan)
    session.delete(plan)


def copy(session: Session, actor: Actor, plan_id: int, now: datetime) -> Plan:
    """Return a draft for the year after: same topics, quotas as they ended, days a year later, no number."""
    require(actor, Permission.WRITE)
    old = frame_of(get(session, plan_id))
    frame = PlanFrame(
        about=_next_year_in(old.about, old.first_date.year),
        first_date=_a_year_on(old.first_date),
        last_date=_a_year_on(old.last_date),
        issuer=old.issuer,
        topics=tuple(topic for topic in old.topics if topic.amount),
        person_ids=old.person_ids,
    )
    made = write(session, actor, frame, now)
    made.copied_from_id = plan_id
    return made


def _a_year_on(day: date) -> date:
    """The last day of a month stays the last day of that month."""
    is_last = day.day == monthrange(day.year, day.month)[1]
    last = monthrange(day.year + 1, day.month)[1]
    return date(day.year + 1, day.month, last if is_last else min(day.day, last))


def _next_year_in(about: str, year: int) -> str:
    return about.replace(str(year), str(year + 1))


def _require_not(plan: Plan, *states: str) -> None:
    if plan.state in states:
        raise Refused(
            f"{name_of(plan.number)} đang ở trạng thái “{STATES[plan.state]}” nên không làm được việc này; "
            "hãy tải lại trang để xem trạng thái mới nhất."
        )


def _running_since(plan: Plan, topic: PlanTopic, today: date) -> date:
    """Return the first day of the period of `topic` that runs; before the plan its first day."""
    begun = [each.first for each in periods(plan.first_date, plan.last_date, quota_of(topic))]
    return max((first for first in begun if first <= today), default=plan.first_date)


def demand_on(topic: PlanTopic, day: date) -> Quota:
    """Return what is due of `topic` in a period that begins on `day`."""
    return in_force(quota_of(topic), day)
