"""A report of one period: all that the page and the files show of it, ready to be written down.

How it is counted (`counting.make`):
- only rows in force count; drills are counted apart and never as results;
- an item (tin, bài) is a distinct bulletin that was played on a loudspeaker, an airing one playing of it;
- seconds are those that loudspeakers accepted of what was played or cut, the most of any of its zones;
- what went to a file only ("không ra loa") is told apart and is no result;
- the percentage is airings played on loudspeakers by those that were planned: alerts and live announcements
  were not planned, and what people took off the plan (cancelled, superseded) was not owed any more.
Every figure names its `rows`: the trace under which the history shows exactly the rows behind it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from broadcaster.records.reports import numbers
from broadcaster.records.reports.period import Period
from broadcaster.records.tracing import Trace


@dataclass(frozen=True, slots=True)
class Figures:
    """What was heard of some rows."""

    items: int = 0
    """Distinct bulletins: those of groups may overlap, so they need not add up."""
    airings: int = 0
    seconds: float = 0.0

    @property
    def minutes(self) -> float:
        return round(self.seconds / 60, 1)


@dataclass(frozen=True, slots=True)
class GroupRow:
    """What was heard of one topic, kind, source, programme or zone."""

    name: str
    heard: Figures
    lost: int
    """Airings that had to be played and were not; of a zone: those of which it heard nothing."""
    rows: Trace
    """Behind `heard.airings` and `heard.items`."""
    heard_rows: Trace
    """Behind `heard.seconds`: also what was cut."""
    lost_rows: Trace


@dataclass(frozen=True, slots=True)
class Group:
    """The whole period, split by one property; largest first."""

    key: str
    """`topic`, `kind`, `source`, `programme`, `zone` or, where there are plans, `plan`."""
    title: str
    """Số liệu theo chủ đề"""
    heading: str
    """Chủ đề"""
    rows: tuple[GroupRow, ...]
    overlaps: bool = False
    """One airing may stand in several rows (zones, plans): nothing adds up to the totals."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many airings ended so."""

    key: str
    """A final `AiringState`, or `unheard`: played, but not on any loudspeaker."""
    name: str
    planned: int
    """Of the running order."""
    at_once: int
    """Alerts and live announcements."""
    rows: Trace | None
    """None where the history has no row (superseded ones)."""

    @property
    def count(self) -> int:
        return self.planned + self.at_once


@dataclass(frozen=True, slots=True)
class Cause:
    """Why airings were not heard whole, most frequent first."""

    outcome: str
    """Its key."""
    outcome_name: str
    """lỡ"""
    name: str
    """máy không hoạt động"""
    count: int
    planned: int
    """Of these, airings of the running order."""
    rows: Trace | None


@dataclass(frozen=True, slots=True)
class Step:
    """One day, or one month where the period is long, for the chart over time."""

    name: str
    """01/11, or 11/2026"""
    first: date
    last: date
    airings: int
    seconds: float
    lost: int
    rows: Trace


@dataclass(frozen=True, slots=True)
class Compared:
    """One figure beside that of the period before."""

    name: str
    """Tin, bài"""
    unit: str
    """tin, lượt, phút, %"""
    now: float | None
    before: float | None

    @property
    def change(self) -> float | None:
        return None if self.now is None or self.before is None else round(self.now - self.before, 1)

    @property
    def change_percent(self) -> float | None:
        """None where there was nothing before, and for percentages: those are compared in points."""
        if not self.before or self.change is None or self.unit == "%":
            return None
        return round(self.change / self.before * 100, 1)


@dataclass(frozen=True, slots=True)
class Comparison:
    period: Period
    basis: str
    """so với quý III năm 2026; so với 30 ngày liền trước (từ ngày … đến ngày …)"""
    has_figures: bool
    """Whether the station has any history of then."""
    lines: tuple[Compared, ...]


@dataclass(frozen=True, slots=True)
class GoingOn:
    """How far a topic is in a period of its plan that ends after the report's: no part of any percentage."""

    until: str
    """“quý IV”, “năm 2026”, “kế hoạch”"""
    unit: str
    quota: int
    done: int
    """By the last day of the report."""
    rows: Trace | None
    """None: nothing was ever aired of it."""

    @property
    def words(self) -> str:
        """“đang thực hiện: 1 trên 2 tin, bài đến hết quý IV”"""
        done, quota = numbers.count(self.done), numbers.count(self.quota)
        return f"đang thực hiện: {done} trên {quota} {self.unit} đến hết {self.until}"


@dataclass(frozen=True, slots=True)
class PlanTopic:
    """One topic of a plan over the plan's periods that end in the report's."""

    name: str
    unit: str
    """What is counted: tin, bài; lượt phát; phút phát."""
    quota: int
    done: int
    """Surplus included."""
    owed: int
    """What the period of the plan that runs still lacks."""
    late: int
    """What periods that are over lack."""
    late_words: str
    """“thiếu tin tháng 2, tháng 5”; empty when nothing is late."""
    percent: int | None
    """None: nothing was due."""
    rows: Trace | None
    """None: nothing was ever aired of it."""
    going_on: GoingOn | None = None
    """The period that is not over with the report's."""

    @property
    def remarks(self) -> str:
        """What is late and what goes on, in words; empty when neither is."""
        return "; ".join(filter(None, (self.late_words, self.going_on.words if self.going_on else "")))


@dataclass(frozen=True, slots=True)
class PlanPart:
    """How far one propaganda plan is in this period."""

    plan_id: int
    name: str
    """Kế hoạch 02/KH-UBND"""
    about: str
    percent: int | None
    """The mean of its topics; None when nothing was due."""
    topics: tuple[PlanTopic, ...]


@dataclass(frozen=True, slots=True)
class AlertLine:
    """One alert or drill that sounded."""

    title: str
    first_at: datetime
    last_at: datetime
    turns: int
    """How often it was said on loudspeakers."""
    seconds: float
    why: str
    rows: Trace


@dataclass(frozen=True, slots=True)
class OverrideLine:
    """A limit that was knowingly broken."""

    at: datetime
    title: str
    rule: str
    reason: str
    by: str
    row_id: int


@dataclass(frozen=True, slots=True)
class OutageLine:
    """The station was off."""

    start: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        return (self.end - self.start).total_seconds()


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the wording."""

    key: str
    """`opening`, `results`, `assessment`, `proposals` or `closing`."""
    heading: str
    """I. KẾT QUẢ HOẠT ĐỘNG; empty for opening and closing."""
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Letterhead:
    """What an administrative report carries around its text (Nghị định 30/2020/NĐ-CP, Phụ lục I)."""

    parent_body: str
    """Cơ quan chủ quản trực tiếp, e.g. ỦY BAN NHÂN DÂN PHƯỜNG …; may be empty."""
    body: str
    """Cơ quan ban hành"""
    number: str
    """Số: …/BC-UBND"""
    place_and_date: str
    """Phường …, ngày 02 tháng 12 năm 2026"""
    title: str
    """BÁO CÁO"""
    subject: str
    """Trích yếu: Kết quả hoạt động truyền thanh cơ sở tháng 11 năm 2026"""
    recipients: tuple[str, ...]
    """Nơi nhận, one line each, without dash."""
    authority: str
    """TM. ỦY BAN NHÂN DÂN; may be empty."""
    position: str
    """KT. CHỦ TỊCH, PHÓ CHỦ TỊCH …; lines are kept."""
    signer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    period: Period
    counted: Period
    """Its days up to today: the period itself once it is over."""
    made_at: datetime
    station: str
    letterhead: Letterhead
    sections: tuple[Section, ...]
    heard: Figures
    heard_rows: Trace
    """Behind the items and airings."""
    sounded_rows: Trace
    """Behind the seconds: what was cut too."""
    outcomes: tuple[Outcome, ...]
    owed: int
    """Airings of the running order that had to be played: all but cancelled and superseded ones."""
    owed_rows: Trace
    kept: int
    """Of these, those played on a loudspeaker."""
    kept_rows: Trace
    causes: tuple[Cause, ...]
    groups: tuple[Group, ...]
    steps: tuple[Step, ...]
    comparison: Comparison
    plans: tuple[PlanPart, ...]
    alerts: tuple[AlertLine, ...]
    drills: tuple[AlertLine, ...]
    unheard: Figures
    """Played, but to a file only: no result."""
    unheard_rows: Trace
    silent_days: tuple[date, ...]
    """On which no loudspeaker said anything."""
    outages: tuple[OutageLine, ...]
    """Longest first."""
    overrides: tuple[OverrideLine, ...]
    override_count: int
    """All of them; `overrides` holds the first."""
    override_rows: Trace
    notes: tuple[str, ...]
    """How it was counted, in words for a reader; and what is missing."""

    @property
    def percent(self) -> float | None:
        """How many of the owed airings were played on a loudspeaker; None when none was owed."""
        return round(self.kept / self.owed * 100, 1) if self.owed else None

    @property
    def is_over(self) -> bool:
        return self.counted == self.period
