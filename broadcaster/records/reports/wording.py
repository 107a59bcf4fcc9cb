"""A report put into sentences that an office can sign: the station's template, filled from the figures.

Layout and parts: Nghị định 30/2020/NĐ-CP, Phụ lục I and mẫu 1.4 (báo cáo).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.orm import Session

from broadcaster.records.days import moment_words
from broadcaster.records.reports import numbers, template
from broadcaster.records.reports.report import (
    Cause,
    Compared,
    Letterhead,
    OutageLine,
    PlanPart,
    Report,
    Section,
)
from broadcaster.records.reports.template import SECTIONS, Template
from broadcaster.store.models import AiringState
from schedules.clock import LOCAL

NO_LETTERHEAD = Letterhead("", "", "", "", "", "", (), "", "", "")
MOST_NAMED = 6
"""More topics, causes or days than this are summed up."""
GOOD_PERCENT = 95.0
"""Below it the judgement says that not all went well."""
_LOST = (AiringState.MISSED, AiringState.CUT, AiringState.FAILED, "unheard")


def put(session: Session, report: Report) -> Report:
    """Return the report with letterhead and sections; the officer's own words stand before the template's."""
    own = template.own_words(session, report.period)
    return worded(report, template.of_station(session), own.parts)


def worded(report: Report, texts: Template, own: Mapping[str, str] | None = None) -> Report:
    """Return the report worded by `texts`; raises Invalid for an unknown place in them."""
    values = places(report)
    made = made_sections(texts, values)
    sections = tuple(
        Section(key, heading, tuple(own[key].splitlines()) if own and key in own else made[key])
        for key, heading in SECTIONS.items()
    )
    return replace(report, letterhead=_letterhead(texts, values), sections=sections)


def made_sections(texts: Template, values: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the paragraphs of each section as the template words them."""
    return {key: template.paragraphs(getattr(texts, key), values, key) for key in SECTIONS}


def _letterhead(texts: Template, values: Mapping[str, str]) -> Letterhead:
    def line(part: str) -> str:
        return template.fill(getattr(texts, part), values, part)

    return Letterhead(
        parent_body=line("parent_body"),
        body=line("body"),
        number=line("number"),
        place_and_date=f"{line('place')}, {values['ngày ký']}",
        title=line("title"),
        subject=line("subject"),
        recipients=template.paragraphs(texts.recipients, values, "recipients"),
        authority=line("authority"),
        position=line("position"),
        signer=line("signer"),
    )


def places(report: Report) -> dict[str, str]:
    """Return what each place of a template is filled with."""
    return {**_plain(report), **_sentences(report)}


def _plain(report: Report) -> dict[str, str]:
    heard, period = report.heard, report.period
    by_key = {outcome.key: outcome.count for outcome in report.outcomes}
    return {
        "tên đài": report.station,
        "TÊN ĐÀI": report.station.upper(),
        "kỳ": period.name,
        "đầu câu kỳ": f"trong {period.name}" if not period.name.startswith(("từ", "ngày")) else period.name,
        "khoảng ngày": report.counted.dates,
        "từ ngày": f"{period.first:%d/%m/%Y}",
        "đến ngày": f"{period.last:%d/%m/%Y}",
        "năm": str(period.first.year),
        "ngày ký": signing_day(report.made_at.astimezone(LOCAL).date()),
        "số tin": numbers.count(heard.items),
        "số lượt": numbers.count(heard.airings),
        "số phút": numbers.tenths(heard.minutes),
        "thời lượng": numbers.length(heard.seconds),
        "lượt theo lịch": numbers.count(report.owed),
        "lượt đạt": numbers.count(report.kept),
        "tỷ lệ": numbers.percent(report.percent),
        "lượt lỡ": numbers.count(by_key[AiringState.MISSED]),
        "lượt bị cắt": numbers.count(by_key[AiringState.CUT]),
        "lượt hỏng": numbers.count(by_key[AiringState.FAILED]),
        "lượt hủy": numbers.count(by_key[AiringState.CANCELLED]),
        "số lệnh khẩn cấp": numbers.count(len(report.alerts)),
        "số buổi diễn tập": numbers.count(len(report.drills)),
        "số ngày không phát": numbers.count(len(report.silent_days)),
    }


def _sentences(report: Report) -> dict[str, str]:
    return {
        "theo chủ đề": _by_topic(report),
        "nguyên nhân": _causes(report.causes) or "không có",
        "câu lịch phát": _kept(report),
        "câu kế hoạch": " ".join(_plan(plan) for plan in report.plans)
        or "trong kỳ không có kế hoạch nào giao chỉ tiêu trên hệ thống.",
        "câu khẩn cấp": " ".join(_alerts(report)),
        "câu so sánh": _compared(report),
        "câu đánh giá": _judged(report),
        "câu ngừng phát": " ".join(_silence(report)),
        "câu khắc phục": _to_mend(report),
    }


def signing_day(day: date) -> str:
    """ngày 02 tháng 12 năm 2026: days below 10 and the first two months have a zero before them.

    Source: Nghị định 30/2020/NĐ-CP, Phụ lục I, phần I, mục II.4.b.
    """
    month = f"{day.month:02}" if day.month <= 2 else str(day.month)
    return f"ngày {day.day:02} tháng {month} năm {day.year}"


def _by_topic(report: Report) -> str:
    rows = [row for row in report.groups[0].rows if row.heard.airings]
    if not rows:
        return "không có tin, bài nào được phát trên loa"
    said = [
        f"{row.name} {numbers.count(row.heard.items)} tin, bài ({numbers.count(row.heard.airings)} lượt phát)"
        for row in rows[:MOST_NAMED]
    ]
    if len(rows) > MOST_NAMED:
        rest = sum(row.heard.airings for row in rows[MOST_NAMED:])
        said.append(f"{len(rows) - MOST_NAMED} chủ đề khác ({numbers.count(rest)} lượt phát)")
    return "; ".join(said)


def _kept(report: Report) -> str:
    if not report.owed:
        return "trong kỳ không có lượt phát nào theo lịch."
    planned = f"có {numbers.count(report.owed)} lượt phải phát theo lịch; đã phát trọn trên loa"
    share = f"{planned} {numbers.count(report.kept)} lượt, đạt {numbers.percent(report.percent)}."
    if report.kept == report.owed:
        return f"{share} Không có lượt nào bị lỡ, bị cắt hay hỏng."
    lost = ", ".join(
        f"{outcome.name} {numbers.count(outcome.planned)} lượt"
        for outcome in report.outcomes
        if outcome.key in _LOST and outcome.planned
    )
    of_the_plan = tuple(replace(cause, count=cause.planned) for cause in report.causes if cause.planned)
    return f"{share} Chưa đạt: {lost}; nguyên nhân: {_causes(of_the_plan)}."


def _causes(causes: tuple[Cause, ...]) -> str:
    """Return the causes of what was lost, by name, most frequent first."""
    counted: Counter[str] = Counter()
    for cause in causes:
        if cause.outcome in _LOST:
            counted[cause.name] += cause.count
    largest = sorted(counted.items(), key=lambda pair: -pair[1])
    said = [f"{name} ({numbers.count(count)} lượt)" for name, count in largest[:MOST_NAMED]]
    rest = sum(count for _, count in largest[MOST_NAMED:])
    return ", ".join([*said, f"nguyên nhân khác ({numbers.count(rest)} lượt)"] if rest else said)


def _plan(plan: PlanPart) -> str:
    due = [topic for topic in plan.topics if topic.quota]
    going_on = "; ".join(f"{each.name} {each.going_on.words}" for each in plan.topics if each.going_on)
    if not due:
        return f"{plan.name}: trong kỳ không có chỉ tiêu đến hạn{f'; {going_on}' if going_on else ''}."
    topics = "; ".join(
        f"{topic.name} {numbers.count(topic.done)}/{numbers.count(topic.quota)} {topic.unit}"
        + (f" ({topic.late_words})" if topic.late_words else "")
        for topic in due
    )
    later = f" Chưa đến hạn: {going_on}." if going_on else ""
    return f"{plan.name} đạt {numbers.percent(plan.percent)}: {topics}.{later}"


def _alerts(report: Report) -> Iterator[str]:
    if report.alerts:
        named = "; ".join(
            f"“{alert.title}” ngày {_day(alert.first_at)}, {numbers.count(alert.turns)} lượt"
            for alert in report.alerts[:MOST_NAMED]
        )
        yield f"đã phát {numbers.count(len(report.alerts))} lệnh khẩn cấp: {named}."
    else:
        yield "trong kỳ không phải phát lệnh khẩn cấp nào."
    if report.drills:
        yield f"Đã tổ chức {numbers.count(len(report.drills))} buổi diễn tập."


def _compared(report: Report) -> str:
    comparison = report.comparison
    if not comparison.has_figures:
        return f"chưa có số liệu {comparison.basis.removeprefix('so với ')} để so sánh."
    said = "; ".join(words for line in comparison.lines if (words := _change(line)))
    return f"{comparison.basis}, {said}."


def _change(line: Compared) -> str:
    if line.change is None:
        return ""
    name = line.name[:1].lower() + line.name[1:]
    if not line.change:
        return f"{name} không thay đổi"
    way = "tăng" if line.change > 0 else "giảm"
    unit = "điểm phần trăm" if line.unit == "%" else line.unit
    share = "" if line.change_percent is None else f" ({numbers.tenths(abs(line.change_percent))}%)"
    return f"{name} {way} {numbers.tenths(abs(line.change))} {unit}{share}"


def _judged(report: Report) -> str:
    if not report.heard.airings:
        return "Trong kỳ chưa có nội dung nào được phát trên loa."
    checked = "Nội dung được duyệt cùng bản thu trước khi phát; từng lượt phát được ghi nhật ký để đối chiếu."
    if report.percent is not None and report.percent < GOOD_PERCENT:
        return f"Việc phát thanh chưa đều, còn lượt không phát được theo lịch. {checked}"
    return f"Việc phát thanh được duy trì, bám sát lịch phát. {checked}"


def _silence(report: Report) -> Iterator[str]:
    days = report.silent_days
    if days:
        named = ", ".join(f"{day:%d/%m}" for day in days[:MOST_NAMED])
        more = " …" if len(days) > MOST_NAMED else ""
        yield f"Có {numbers.count(len(days))} ngày không có lượt phát nào trên loa ({named}{more})."
    if report.outages:
        yield f"Máy phát ngừng lâu nhất {_outage(report.outages[0])}."


def _outage(line: OutageLine) -> str:
    return f"{numbers.length(line.seconds)}, từ {moment_words(line.start)}"


def _to_mend(report: Report) -> str:
    named = _causes(report.causes)
    return f"Tiếp tục khắc phục các nguyên nhân làm lỡ, cắt hoặc hỏng lượt phát: {named}." if named else ""


def _day(moment: datetime) -> str:
    return f"{moment.astimezone(LOCAL):%d/%m/%Y}"
