"""A plan as its form holds it: what may stand in it, what it must have, and how the audit trail tells it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from broadcaster.errors import Invalid
from broadcaster.newsroom.bulletins import LONGEST_TOPIC
from broadcaster.records.fold import fold
from broadcaster.records.plan_periods import PERS, UNITS, Quota
from broadcaster.store.models import Plan, PlanTopic

MOST_TOPICS = 40
MOST_DUE = 100_000
LONGEST_YEARS = 10


@dataclass(frozen=True, slots=True)
class TopicFrame:
    """One thing that the plan wants to be heard of; `number` None: a new one."""

    name: str
    topics: tuple[str, ...] = ()
    """Bulletin topics that count; none: the one that is called as this."""
    amount: int = 1
    unit: str = "items"
    per: str = "month"
    number: int | None = None


@dataclass(frozen=True, slots=True)
class PlanFrame:
    """What an officer fills in."""

    about: str
    first_date: date
    last_date: date
    """Both inclusive, on the station's calendar."""
    number: str = ""
    issued_on: date | None = None
    issuer: str = ""
    topics: tuple[TopicFrame, ...] = ()
    person_ids: tuple[int, ...] = ()


PLAIN = ("about", "first_date", "last_date", "number", "issued_on", "issuer")


def frame_of(plan: Plan) -> PlanFrame:
    """Return the plan as its form shows it, each topic with its newest quota."""
    return PlanFrame(
        **{name: getattr(plan, name) for name in PLAIN},
        topics=tuple(_topic_frame(topic) for topic in plan.topics),
        person_ids=tuple(person.id for person in plan.people),
    )


def _topic_frame(topic: PlanTopic) -> TopicFrame:
    newest = topic.quotas[-1]
    return TopicFrame(
        topic.name, tuple(topic.topics), newest.amount, newest.unit, newest.per, number=topic.id
    )


def checked(frame: PlanFrame) -> PlanFrame:
    """Return `frame` with topics that name what they count; raises Invalid naming the field."""
    for holds, field, sentence in _rules(frame):
        if not holds:
            raise Invalid(sentence, field=field)
    for topic in frame.topics:
        _require_topic(topic)
    topics = tuple(_counting(topic) for topic in frame.topics)
    values = {each.name: getattr(frame, each.name) for each in fields(PlanFrame)}
    return PlanFrame(**values | {"topics": topics, "about": frame.about.strip()})


def _rules(frame: PlanFrame) -> tuple[tuple[bool, str, str], ...]:
    names = [fold(topic.name) for topic in frame.topics]
    return (
        (bool(frame.about.strip()), "about", "Hãy ghi kế hoạch về việc gì."),
        (frame.first_date <= frame.last_date, "last_date", "Ngày cuối phải từ ngày đầu trở đi."),
        (
            frame.last_date.year - frame.first_date.year <= LONGEST_YEARS,
            "last_date",
            f"Một kế hoạch dài nhất {LONGEST_YEARS} năm.",
        ),
        (len(names) <= MOST_TOPICS, "topics", f"Một kế hoạch có nhiều nhất {MOST_TOPICS} nội dung."),
        (len(set(names)) == len(names), "topics", "Có hai nội dung trùng tên; hãy gộp lại hoặc đổi tên."),
    )


def _require_topic(topic: TopicFrame) -> None:
    if not topic.name.strip():
        raise Invalid("Có một nội dung chưa có tên; hãy ghi tên hoặc bỏ trống cả dòng.", field="topics")
    too_long = next((name for name in (topic.name, *topic.topics) if len(name) > LONGEST_TOPIC), None)
    if too_long is not None:
        raise Invalid(f"“{too_long[:40]}…” dài quá {LONGEST_TOPIC} ký tự; hãy rút ngắn.", field="topics")
    require_quota(topic.amount, topic.unit, topic.per, least=0 if topic.number else 1)


def require_quota(amount: int, unit: str, per: str, least: int) -> None:
    if not least <= amount <= MOST_DUE:
        raise Invalid(f"Chỉ tiêu là một số từ {least} đến {MOST_DUE}.", field="amount")
    if unit not in UNITS or per not in PERS:
        raise Invalid("Hãy chọn đơn vị và kỳ của chỉ tiêu trong danh sách.", field="amount")


def _counting(topic: TopicFrame) -> TopicFrame:
    named = {fold(name): " ".join(name.split()) for name in reversed(topic.topics) if name.strip()}
    name = " ".join(topic.name.split())
    topics = tuple(reversed(named.values())) or (name,)
    return TopicFrame(name, topics, topic.amount, topic.unit, topic.per, topic.number)


def require_whole(frame: PlanFrame) -> None:
    if not frame.number.strip():
        raise Invalid(
            "Kế hoạch chưa có số; hãy ghi số trên văn bản, ví dụ 02/KH-UBND, rồi cho thực hiện.",
            field="number",
        )
    if not frame.topics:
        raise Invalid("Kế hoạch chưa có nội dung nào để tính; hãy thêm ít nhất một.", field="topics")


def audit_words(frame: PlanFrame) -> dict[str, Any]:
    """Return the plan for the audit trail."""
    days: Iterable[tuple[str, date | None]] = (
        ("first_date", frame.first_date), ("last_date", frame.last_date), ("issued_on", frame.issued_on)
    )  # fmt: skip
    return {
        "plan_number": frame.number,
        "about": frame.about,
        "issuer": frame.issuer,
        **{name: day.isoformat() if day else None for name, day in days},
        "topics": [_topic_words(topic) for topic in frame.topics],
        "people": list(frame.person_ids),
    }


def _topic_words(topic: TopicFrame) -> str:
    """E.g. “CCHC: ít nhất 1 tin, bài mỗi tháng (Cải cách hành chính, CCHC)”."""
    quota = Quota(date.min, topic.amount, topic.unit, topic.per)
    return f"{topic.name}: {quota.words} ({', '.join(topic.topics)})"
