"""A report made from the history: one pass over the rows of its period, and a few small questions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from sqlalchemy import and_, case, distinct, func, select
from sqlalchemy.orm import Session

from broadcaster.records import history, plan_progress, restorations
from broadcaster.records.days import midnight, midnight_after
from broadcaster.records.plan_periods import UNITS
from broadcaster.records.plan_progress import PlanProgress, TopicProgress
from broadcaster.records.reports import breakdown, outages, tally, wording
from broadcaster.records.reports.period import DAY, Period, Unit
from broadcaster.records.reports.report import (
    AlertLine,
    Compared,
    Comparison,
    GoingOn,
    OverrideLine,
    PlanPart,
    PlanTopic,
    Report,
)
from broadcaster.records.reports.tally import OWED, SOUNDED, AlertSums, Tally
from broadcaster.records.tracing import Trace, is_drill, is_kept, is_planned
from broadcaster.store import facts
from broadcaster.store.models import Airing, AiringState, History
from schedules.clock import LOCAL

MOST_OVERRIDES = 50
NAMELESS = "Đài truyền thanh"


def make(session: Session, period: Period, now: datetime) -> Report:
    """Return the report of `period` as the history has it at `now`, worded."""
    today = now.astimezone(LOCAL).date()
    counted = period.until(today)
    found = tally.take(session, counted)
    base = Trace(counted.first, counted.last)
    began = _began(session)
    plans = plan_progress.between(session, period.first, period.last, today)
    report = Report(
        period=period,
        counted=counted,
        made_at=now,
        station=facts.get(session, facts.STATION_NAME, "") or NAMELESS,
        letterhead=wording.NO_LETTERHEAD,
        sections=(),
        heard=found.heard.figures,
        heard_rows=base.but(kept=True),
        sounded_rows=base.but(results=SOUNDED, loud=True),
        outcomes=breakdown.outcomes(found, base, _superseded(session, counted)),
        owed=found.owed,
        owed_rows=base.but(planned=True, results=OWED),
        kept=found.kept,
        kept_rows=base.but(planned=True, kept=True),
        causes=breakdown.causes(found, base),
        groups=breakdown.groups(found, base) + breakdown.by_plan(found, base, plans),
        steps=breakdown.steps(found, counted),
        comparison=_comparison(session, found, period, counted),
        plans=tuple(_plan_part(plan) for plan in plans),
        alerts=tuple(_alert_lines(found.alerts, base)),
        drills=tuple(_alert_lines(found.drills, base.but(drill=True))),
        unheard=found.unheard.figures,
        unheard_rows=base.but(results=(tally.PLAYED,), loud=False),
        silent_days=tuple(_silent_days(found, counted, began, today)),
        outages=outages.longest(session, counted, now),
        overrides=tuple(_overrides(found)),
        override_count=len(found.overrides),
        override_rows=base.but(overridden=True, drill=None),
        notes=(*_gaps(session, counted), *_notes(period, counted, began, now)),
    )
    return wording.put(session, report)


def _began(session: Session) -> date | None:
    """Return the day of the first row of the history; None when there is none."""
    first = session.scalar(select(func.min(History.planned_at)))
    return None if first is None else first.astimezone(LOCAL).date()


def _superseded(session: Session, counted: Period) -> dict[str, int]:
    """Count the airings that others stand for, by cause; the history has no row of them."""
    query = (
        select(Airing.cause, func.count())
        .where(
            Airing.state == AiringState.SUPERSEDED,
            Airing.planned_at >= midnight(counted.first),
            Airing.planned_at < midnight_after(counted.last),
        )
        .group_by(Airing.cause)
    )
    return {row[0]: row[1] for row in session.execute(query)}


# --- beside the period before ---


def _comparison(session: Session, found: Tally, period: Period, counted: Period) -> Comparison:
    before, basis = _compared_with(period, counted)
    items, airings, seconds, owed, kept, rows = _short_count(session, before)
    percent = round(found.kept / found.owed * 100, 1) if found.owed else None
    had_percent = round(kept / owed * 100, 1) if owed else None
    heard = found.heard.figures
    lines = (
        Compared("Tin, bài", "tin", heard.items, items if rows else None),
        Compared("Lượt phát trên loa", "lượt", heard.airings, airings if rows else None),
        Compared("Thời lượng", "phút", heard.minutes, round(seconds / 60, 1) if rows else None),
        Compared("Tỷ lệ phát trọn theo lịch", "%", percent, had_percent),
    )
    return Comparison(before, basis, rows > 0, lines)


def _compared_with(period: Period, counted: Period) -> tuple[Period, str]:
    """Return the period before and its words; while this one still runs, as many first days of that."""
    before = period.before()
    if counted != period:
        short = before.until(before.first + (counted.days - 1) * DAY)
        if short != before:
            return short, f"so với {counted.days} ngày đầu của kỳ trước ({short.dates})"
    if period.unit is Unit.DAYS:
        return before, f"so với {before.days} ngày liền trước ({before.dates})"
    return before, f"so với {before.name}"


def _short_count(session: Session, period: Period) -> tuple[int, int, float, int, int, int]:
    """Return items, airings, seconds, owed, kept and the number of rows of a period."""
    sounded = and_(History.on_loudspeaker, History.result.in_(SOUNDED))
    owed = and_(is_planned(), History.result.in_(OWED))
    query = select(
        func.count(distinct(case((is_kept(), History.bulletin_id)))),
        func.count(case((is_kept(), 1))),
        func.coalesce(func.sum(case((sounded, History.seconds_heard))), 0.0),
        func.count(case((owed, 1))),
        func.count(case((and_(owed, is_kept()), 1))),
        func.count(),
    ).where(
        History.planned_at >= midnight(period.first),
        History.planned_at < midnight_after(period.last),
        ~is_drill(),
        history.in_force(),
    )
    items, airings, seconds, owed_count, kept, rows = session.execute(query).one()
    return items, airings, seconds, owed_count, kept, rows


# --- parts ---


def _plan_part(plan: PlanProgress) -> PlanPart:
    topics = (_plan_topic(topic) for topic in plan.topics)
    return PlanPart(plan.plan_id, plan.name, plan.about, plan.percent, tuple(topics))


def _plan_topic(topic: TopicProgress) -> PlanTopic:
    rows = topic.trace() if topic.heard_as and topic.periods else None
    late = sum(each.missing for each in topic.late)
    return PlanTopic(
        topic.name,
        topic.unit,
        topic.quota,
        topic.done,
        topic.owed,
        late,
        topic.late_words,
        topic.percent,
        rows,
        _going_on(topic),
    )


def _going_on(topic: TopicProgress) -> GoingOn | None:
    going_on = topic.going_on
    if going_on is None:
        return None
    period = going_on.period
    until = "kế hoạch" if period.per == "whole" else period.name
    rows = topic.trace(period) if topic.heard_as else None
    return GoingOn(until, UNITS[period.unit], period.quota, going_on.done, rows)


def _alert_lines(found: dict[int, AlertSums], base: Trace) -> Iterator[AlertLine]:
    for number, sums in sorted(found.items(), key=lambda pair: pair[1].first_at):
        yield AlertLine(
            sums.title, sums.first_at, sums.last_at, sums.turns, round(sums.seconds, 3), sums.why,
            base.but(alert=number),
        )  # fmt: skip


def _silent_days(found: Tally, counted: Period, began: date | None, today: date) -> Iterator[date]:
    """Yield the days that are over on which no loudspeaker sounded; none before the station's first."""
    day = max(counted.first, began) if began else counted.last + DAY
    while day <= min(counted.last, today - DAY):
        if day not in found.days or not found.days[day].seconds:
            yield day
        day += timedelta(days=1)


def _overrides(found: Tally) -> Iterator[OverrideLine]:
    for at, title, row_id, broken in sorted(found.overrides, key=lambda each: each[:3])[:MOST_OVERRIDES]:
        rule, reason, by = (broken.get(name, "") for name in ("rule", "reason", "by"))
        yield OverrideLine(at, title, rule, reason, by, row_id)


def _gaps(session: Session, counted: Period) -> Iterator[str]:
    """Say of which time the books know nothing: the station was made again from a copy."""
    return map(restorations.sentence, restorations.between(session, counted.first, counted.last))


def _notes(period: Period, counted: Period, began: date | None, now: datetime) -> Iterator[str]:
    at = now.astimezone(LOCAL)
    if counted != period:
        yield f"Kỳ báo cáo chưa kết thúc: số liệu tính đến {at:%H:%M} ngày {at:%d/%m/%Y}."
    if began is None:
        yield "Nhật ký phát thanh còn trống."
    elif began > period.first:
        yield f"Nhật ký của đài bắt đầu từ ngày {began:%d/%m/%Y}; trước ngày đó không có số liệu."
    yield from COUNTED_SO


COUNTED_SO = (
    "Kế hoạch: chỉ tiêu của một tháng, quý hoặc năm được tính cả kỳ ấy, vào báo cáo có ngày cuối của kỳ; kỳ "
    "còn kéo dài sau báo cáo chỉ ghi là đang thực hiện và không tính vào tỷ lệ.",
    "Tin, bài: mỗi bản tin tính một lần, dù phát nhiều lượt; vì vậy số tin, bài của các dòng có thể cộng lại "
    "lớn hơn tổng.",
    "Lượt phát: một lần phát trọn trên ít nhất một cụm loa. Lượt chỉ ghi ra tệp (“không ra loa”) và buổi "
    "diễn tập không tính là kết quả.",
    "Thời lượng: thời gian loa kêu của các lượt đã phát và bị cắt; lượt ở nhiều cụm loa tính một lần.",
    "Tỷ lệ theo lịch: lượt phát trọn trên loa so với lượt phải phát, không kể lượt đã hủy hay đã thay; "
    "lệnh khẩn cấp và phát trực tiếp không nằm trong lịch nên không tính vào tỷ lệ.",
)
