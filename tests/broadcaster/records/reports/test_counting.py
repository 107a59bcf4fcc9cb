"""What a report says, against the plainest count of what was put in; and each figure against its rows."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from broadcaster.records import history, tracing
from broadcaster.records.history import HistoryFilter
from broadcaster.records.reports import contents, counting, csv_file, excel_file
from broadcaster.records.reports.period import Unit, between, unit_of
from broadcaster.records.reports.pieces import Table
from broadcaster.store.models import History, Plan, PlanQuota, PlanTopic, Restoration
from schedules.clock import LOCAL
from tests.broadcaster.records.reports.happened import AFTER, YEAR, ZONES, fill

WHOLE = unit_of(Unit.YEAR, date(YEAR, 7, 1))
ONE_DAY = datetime(YEAR, 7, 1, 3, tzinfo=UTC)
PERIODS = [
    WHOLE,
    unit_of(Unit.QUARTER, date(YEAR, 2, 1)),
    unit_of(Unit.HALF, date(YEAR, 9, 1)),
    unit_of(Unit.MONTH, date(YEAR, 9, 1)),
    between(date(YEAR, 3, 7), date(YEAR, 9, 9)),
]


def plain(rows):
    """Count as a clerk would with a pencil."""
    real = [row for row in rows if not (row["details"] or {}).get("drill")]
    kept = [row for row in real if row["result"] == "played" and row["on_loudspeaker"]]
    sounded = [row for row in real if row["result"] in ("played", "cut") and row["on_loudspeaker"]]
    planned = [row for row in real if row["source"] not in ("alert", "live")]
    owed = [row for row in planned if row["result"] != "cancelled"]
    return real, kept, sounded, planned, owed


@pytest.mark.parametrize("period", PERIODS, ids=lambda period: period.name)
def test_totals_agree_with_a_plain_count(period, report_of, happened):
    report = report_of(period)
    _, kept, sounded, _, owed = plain(happened.between(period.first, period.last))
    assert report.heard.items == len({row["bulletin_id"] for row in kept})
    assert report.heard.airings == len(kept)
    assert report.heard.seconds == pytest.approx(sum(row["seconds_heard"] for row in sounded))
    assert report.owed == len(owed)
    assert report.kept == sum(row in kept for row in owed)


@pytest.mark.parametrize("period", PERIODS, ids=lambda period: period.name)
def test_outcomes_and_causes_agree_with_a_plain_count(period, report_of, happened):
    report = report_of(period)
    real = plain(happened.between(period.first, period.last))[0]
    ends = Counter(
        "unheard" if row["result"] == "played" and not row["on_loudspeaker"] else row["result"]
        for row in real
    )
    told = {outcome.key: outcome.count for outcome in report.outcomes if outcome.key != "superseded"}
    assert {key: count for key, count in told.items() if count} == dict(ends)
    causes = Counter(row["cause"] for row in real if row["result"] != "played")
    said = Counter()
    for cause in report.causes:
        if cause.outcome not in ("played", "unheard"):
            said[cause.rows.cause] += cause.count
    assert said == causes


def test_every_final_state_is_in_the_year(report_of, happened):
    report = report_of(WHOLE)
    assert all(outcome.count for outcome in report.outcomes), report.outcomes
    assert report.outcomes[-1].count == happened.superseded


@pytest.mark.parametrize("key", ["topic", "kind", "source", "programme"])
def test_groups_add_up_and_agree_with_a_plain_count(key, report_of, happened):
    report = report_of(WHOLE)
    (group,) = [group for group in report.groups if group.key == key]
    assert sum(row.heard.airings for row in group.rows) == report.heard.airings
    assert sum(row.heard.seconds for row in group.rows) == pytest.approx(report.heard.seconds)
    assert sum(row.lost for row in group.rows) == report.owed - report.kept
    kept = plain(happened.between(WHOLE.first, WHOLE.last))[1]
    by_name = Counter((row[key] or "").casefold() for row in kept)
    assert sorted(by_name.values()) == sorted(row.heard.airings for row in group.rows if row.heard.airings)


def test_zones_agree_with_a_plain_count(report_of, happened):
    (group,) = [group for group in report_of(WHOLE).groups if group.key == "zone"]
    _, kept, sounded, _, owed = plain(happened.between(WHOLE.first, WHOLE.last))
    assert {row.name for row in group.rows} == set(ZONES)
    for row in group.rows:
        in_zone = [(each, zone) for each in kept for zone in each["zones"] if zone["zone"] == row.name]
        heard = [each for each, zone in in_zone if zone["seconds_heard"]]
        assert row.heard.airings == len(heard)
        assert row.heard.items == len({each["bulletin_id"] for each in heard})
        seconds = (z["seconds_heard"] for each in sounded for z in each["zones"] if z["zone"] == row.name)
        assert row.heard.seconds == pytest.approx(sum(seconds))
        lost = [z for each in owed for z in each["zones"] if z["zone"] == row.name and not z["seconds_heard"]]
        assert row.lost == len(lost)


def figures(report) -> Iterator[tuple[str, int, tracing.Trace]]:
    """Yield every figure of the report that has rows behind it."""
    yield "airings", report.heard.airings, report.heard_rows
    yield "owed", report.owed, report.owed_rows
    yield "kept", report.kept, report.kept_rows
    yield "unheard", report.unheard.airings, report.unheard_rows
    for outcome in report.outcomes[:-1]:
        yield outcome.key, outcome.count, outcome.rows
        yield f"{outcome.key} planned", outcome.planned, outcome.rows.but(planned=True)
        yield f"{outcome.key} at once", outcome.at_once, outcome.rows.but(planned=False)
    for cause in report.causes:
        yield cause.name, cause.count, cause.rows
        yield f"{cause.name} planned", cause.planned, cause.rows.but(planned=True)
    for group in report.groups:
        for row in group.rows:
            yield f"{group.key} {row.name}", row.heard.airings, row.rows
            yield f"{group.key} {row.name} lost", row.lost, row.lost_rows
    for step in report.steps:
        yield step.name, step.airings, step.rows
    yield "overrides", report.override_count, report.override_rows


@pytest.mark.parametrize("period", PERIODS, ids=lambda period: period.name)
def test_every_figure_opens_exactly_the_rows_that_it_counts(period, report_of, reading):
    for name, count, trace in figures(report_of(period)):
        read = tracing.of(trace.args())
        assert read == trace, name
        assert len(history.find(reading, HistoryFilter(trace=read), limit=10_000)) == count, name


def test_minutes_and_items_open_the_rows_that_they_count(report_of, reading):
    report = report_of(WHOLE)
    for group in report.groups:
        for row in group.rows:
            played = history.find(reading, HistoryFilter(trace=row.rows), limit=10_000)
            assert len({each.bulletin_id for each in played}) == row.heard.items
            if group.key != "zone":
                sounded = history.find(reading, HistoryFilter(trace=row.heard_rows), limit=10_000)
                assert sum(each.seconds_heard for each in sounded) == pytest.approx(row.heard.seconds)


def test_alerts_are_named_and_drills_are_no_result(report_of):
    report = report_of(WHOLE)
    (alert,) = report.alerts
    assert (alert.title, alert.turns, alert.seconds) == ("Sơ tán vùng trũng", 3, 160.0)
    (drill,) = report.drills
    assert drill.title == "Báo cháy"
    assert "Diễn tập: Báo cháy" not in str(report.groups)


def test_a_corrected_row_counts_as_its_correction_says(report_of, reading):
    report = report_of(WHOLE)
    everything = reading.scalar(select(func.count()).select_from(History))
    in_force = reading.scalar(select(func.count()).select_from(History).where(history.in_force()))
    assert everything == in_force + 1
    assert sum(outcome.count for outcome in report.outcomes[:-1]) < in_force


def test_steps_of_time_add_up(report_of):
    for period in PERIODS:
        report = report_of(period)
        assert sum(step.airings for step in report.steps) == report.heard.airings
        assert report.steps[0].first == period.first
        assert report.steps[-1].last == period.last


def test_the_period_before_is_the_calendar_unit_before(report_of):
    report = report_of(unit_of(Unit.QUARTER, date(YEAR, 6, 1)))
    before = report_of(report.comparison.period)
    assert report.comparison.period.name == "quý I năm 2026"
    assert report.comparison.basis == "so với quý I năm 2026"
    assert [line.before for line in report.comparison.lines] == [
        before.heard.items, before.heard.airings, before.heard.minutes, before.percent,
    ]  # fmt: skip


def test_any_days_are_compared_with_as_many_days_before(report_of):
    period = between(date(YEAR, 3, 7), date(YEAR, 3, 20))
    assert report_of(period).comparison.period == between(date(YEAR, 2, 21), date(YEAR, 3, 6))


def test_a_running_month_is_compared_with_the_first_days_of_the_last_one(reading, happened):
    now = datetime(YEAR, 9, 10, 5, tzinfo=UTC)
    report = counting.make(reading, unit_of(Unit.MONTH, date(YEAR, 9, 1)), now)
    assert not report.is_over
    assert report.counted.last == date(YEAR, 9, 10)
    assert report.comparison.period == between(date(YEAR, 8, 1), date(YEAR, 8, 10))
    assert report.notes[0] == "Kỳ báo cáo chưa kết thúc: số liệu tính đến 12:00 ngày 10/09/2026."


def test_plans_are_told_with_their_rows(session, add_row):
    happened = fill(session, add_row, rows=60)
    topics = ("Y tế", "An ninh", "Nông nghiệp")
    add_plan(session, "02/KH-UBND", *topics)
    report = counting.make(session, WHOLE, AFTER)
    kept = plain(happened.between(WHOLE.first, WHOLE.last))[1]
    heard = {
        name: {row["bulletin_id"] for row in kept if row["topic"].casefold() == name.casefold()}
        for name in topics
    }
    (part,) = report.plans
    assert [topic.done for topic in part.topics] == [len(heard[name]) for name in topics]
    assert [topic.late for topic in part.topics] == [max(0, 2 - len(heard[name])) for name in topics]
    assert [topic.rows is None for topic in part.topics] == [False, False, True]
    of_plan, outside = report.groups[-1].rows
    assert of_plan.heard.items == len(set().union(*heard.values()))
    assert of_plan.heard.airings + outside.heard.airings == report.heard.airings
    for row in (of_plan, outside):
        found = history.find(session, HistoryFilter(trace=row.rows), limit=10_000)
        assert len(found) == row.heard.airings


def test_drills_stand_neither_in_the_figures_of_a_plan_nor_behind_them(session, add_row):
    add_plan(session, "02/KH-UBND", "Y tế")
    add_row(planned_at=ONE_DAY, topic="Y tế")
    add_row(planned_at=ONE_DAY, topic="Y tế", details={"alert": 1, "drill": True})
    (topic,) = counting.make(session, WHOLE, AFTER).plans[0].topics
    assert topic.rows is not None
    assert topic.done == len(history.find(session, HistoryFilter(trace=topic.rows))) == 1


@pytest.fixture
def one_of_two(session, add_row):
    """A plan that wants two items a year, of which one was aired."""
    add_plan(session, "02/KH-UBND", "Y tế")
    add_row(planned_at=ONE_DAY, topic="Y tế")


def test_what_is_due_after_a_report_is_told_as_progress_in_every_form(session, one_of_two):
    month = unit_of(Unit.MONTH, ONE_DAY.date())
    report = counting.make(session, month, AFTER)
    (part,) = report.plans
    words = "đang thực hiện: 1 trên 2 tin, bài đến hết năm 2026"
    assert (part.percent, part.topics[0].quota, part.topics[0].going_on.words) == (None, 0, words)
    text = " ".join(report.sections[1].paragraphs)
    assert f"Kế hoạch 02/KH-UBND: trong kỳ không có chỉ tiêu đến hạn; Y tế {words}." in text
    tables = [piece for piece in contents.annex(report) if isinstance(piece, Table)]
    assert any(("Y tế", "–", "–", "–", words, "–") in table.rows for table in tables)
    line = next(each for each in csv_file.lines(report) if "đang thực hiện" in each)
    assert line == 'Kế hoạch 02/KH-UBND,"Y tế (tin, bài), đang thực hiện đến hết năm 2026",1,,,,,2,\r\n'
    written = io.BytesIO()
    excel_file.write(session, report, written)
    sheet = load_workbook(written)["Kế hoạch"].iter_rows(values_only=True)
    assert ("Y tế", "tin, bài", None, None, None, None, words) in list(sheet)
    found = history.find(session, HistoryFilter(trace=part.topics[0].going_on.rows))
    assert len(found) == 1


def test_a_year_plan_is_judged_by_the_year(session, one_of_two):
    report = counting.make(session, WHOLE, AFTER)
    assert (report.plans[0].percent, report.plans[0].topics[0].going_on) == (50, None)
    assert "Kế hoạch 02/KH-UBND đạt 50%: Y tế 1/2 tin, bài" in " ".join(report.sections[1].paragraphs)


def test_two_plans_without_a_number_are_two(session, add_row):
    add_plan(session, "", "Y tế")
    add_plan(session, "", "An ninh")
    add_row(planned_at=ONE_DAY, topic="Y tế")
    add_row(planned_at=ONE_DAY, topic="An ninh")
    group = counting.make(session, WHOLE, AFTER).groups[-1]
    assert [row.heard.airings for row in group.rows] == [1, 1]


def add_plan(session, number, *topics):
    """Put a plan of the whole year in force that wants two items of each topic."""
    plan = Plan(number=number, about="Tuyên truyền", first_date=WHOLE.first, last_date=WHOLE.last,
                state="in_force", created_by=1, created_at=AFTER)  # fmt: skip
    session.add(plan)
    session.flush()
    for place, name in enumerate(topics):
        demand = PlanQuota(
            from_date=WHOLE.first, amount=2, unit="items", per="year", created_by=1, created_at=AFTER
        )
        session.add(PlanTopic(plan_id=plan.id, place=place, name=name, topics=[name], quotas=[demand]))
    session.flush()


def test_silent_days_and_outages_are_told(report_of, happened):
    june = unit_of(Unit.MONTH, date(YEAR, 6, 1))
    report = report_of(june)
    sounded = plain(happened.between(june.first, june.last))[2]
    days = {row["planned_at"].astimezone(LOCAL).date() for row in sounded}
    assert len(report.silent_days) == 30 - len(days)
    assert not days & set(report.silent_days)
    (outage,) = report.outages
    assert outage.seconds == 11 * 3600


def test_an_empty_history_is_a_report_too(session):
    report = counting.make(session, WHOLE, datetime(2027, 1, 4, tzinfo=UTC))
    assert report.heard.airings == 0
    assert report.percent is None
    assert report.silent_days == ()
    assert "trong kỳ không có lượt phát nào theo lịch" in report.sections[1].paragraphs[2]


def test_a_time_that_the_books_do_not_hold_is_told(session):
    moments = datetime(2026, 11, 3, tzinfo=UTC), datetime(2026, 11, 4, tzinfo=UTC)
    session.add(Restoration(copied_at=moments[0], restored_at=moments[1], source="x"))
    session.flush()
    told = [
        "không có trong sổ" in " ".join(counting.make(session, unit_of(Unit.MONTH, day), moments[1]).notes)
        for day in (date(2026, 11, 1), date(2026, 10, 1))
    ]
    assert told == [True, False]
