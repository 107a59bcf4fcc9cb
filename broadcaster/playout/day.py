"""One day as people see it: its programmes, what sounds in them, when, and how it went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from broadcaster.playout import programmes, slots, unfolding
from broadcaster.playout.lengths import airing_seconds
from broadcaster.playout.starts import changed_dates, rests_of, starts
from broadcaster.records.causes import CAUSES
from broadcaster.store.models import Airing, AiringState, BulletinState, Programme
from schedules.clock import LOCAL
from schedules.rundown import Dropped, Rundown, Timed, build

SAID_WITH_CAUSE = ("moved", "removed", "programme_ended")
"""Causes whose reason is a person's words or only a name: both are told."""


@dataclass(frozen=True, slots=True)
class Item:
    """One airing in the order of the day."""

    airing_id: str
    bulletin_id: int
    title: str
    kind: str
    topic: str
    state: AiringState
    is_approved: bool
    """False: as things stand it will not sound."""
    starts_at: datetime
    """As it was, or as predicted."""
    ends_at: datetime
    length_s: float
    seconds_heard: float | None
    note: str
    """Why it is later than planned, or why it ended so; empty when all is as planned."""
    planned_at: datetime
    way: str
    """How it was asked for: a value of `Request.way`."""
    zone_ids: tuple[int, ...]
    part: str = ""
    """The name of its part in the programme."""


@dataclass(frozen=True, slots=True)
class Block:
    """A programme of the day with its items (perhaps none yet), or one airing on its own."""

    programme_id: int | None
    name: str
    starts_at: datetime
    longest_s: int | None
    zones: tuple[str, ...]
    items: tuple[Item, ...]
    zone_ids: tuple[int, ...] = ()
    gone: tuple[Item, ...] = ()
    """What was moved away or dropped from here; its note says why."""
    rests: str = ""
    """Why the programme does not sound on this date, although its rule says so; empty: it does."""
    is_changed: bool = False
    """A person changed this date of the programme."""

    @property
    def is_coming(self) -> bool:
        return not self.rests and any(not item.state.is_final for item in self.items)

    @property
    def is_over(self) -> bool:
        return bool(self.items) and all(item.state.is_final for item in self.items)

    @property
    def played(self) -> int:
        """How many of its items sounded to their end."""
        return sum(item.state == AiringState.PLAYED for item in self.items)

    @property
    def seconds(self) -> float:
        return sum(item.length_s for item in self.items)

    @property
    def seconds_heard(self) -> float:
        return sum(item.seconds_heard or 0.0 for item in self.items)


@dataclass(frozen=True, slots=True)
class DayView:
    day: date
    blocks: tuple[Block, ...]


def day_view(session: Session, day: date, now: datetime) -> DayView:
    """Return what sounds, sounded or should have sounded on `day` of the station's calendar."""
    return days_view(session, day, 1, now)[0]


def days_view(session: Session, first: date, count: int, now: datetime) -> list[DayView]:
    """Return `count` days from `first` on, from as many queries as one takes."""
    start = datetime.combine(first, datetime.min.time(), LOCAL)
    end = start + timedelta(days=count)
    known = programmes.all_programmes(session)
    # What an alert says again and again is told by itself: `alert_view.of_day`.
    rows = [row for row in slots.airings_between(session, start, end) if row.alert_id is None]
    gone = _gone(session, start, end)
    waiting = [row for row in rows if row.state == AiringState.PLANNED]
    planned = {row.id for row in waiting}
    lengths = airing_seconds(session, [*rows, *gone])
    made = [slot for slot in slots.slots(rows, lengths) if slot.key in planned]
    plan = Plan(build(made, now, _busy_until(rows, lengths, now)), lengths)
    blocks: dict[date, list[Block]] = defaultdict(list)
    for block in [*_programme_blocks(known, rows, gone, plan, start, end), *_single_blocks(rows, gone, plan)]:
        blocks[block.starts_at.astimezone(LOCAL).date()].append(block)
    days = (first + timedelta(days=number) for number in range(count))
    return [DayView(day, tuple(sorted(blocks[day], key=_by_start))) for day in days]


def _by_start(block: Block) -> tuple[datetime, int]:
    return block.starts_at, block.programme_id or 0


_GONE = (
    select(Airing)
    .where(Airing.planned_at >= bindparam("start"), Airing.planned_at < bindparam("until"))
    .where(or_(Airing.state == AiringState.CANCELLED, Airing.state == AiringState.SUPERSEDED))
    .where(or_(Airing.cause.not_in(unfolding.GAVE_WAY), Airing.reason != ""))
    .options(joinedload(Airing.bulletin), joinedload(Airing.request), joinedload(Airing.programme))
    .options(selectinload(Airing.zones))
    .order_by(Airing.planned_at, Airing.position, Airing.id)
)
"""What left the plan, but for the rows that an edited programme only wrote anew."""


def _gone(session: Session, start: datetime, until: datetime) -> list[Airing]:
    return list(session.scalars(_GONE, {"start": start, "until": until}))


class Plan:
    """A rundown and the lengths it was made with, looked up by airing."""

    def __init__(self, rundown: Rundown, lengths: Mapping[str, float]) -> None:
        self.lengths = lengths
        self.timed: dict[str, Timed] = {timed.slot.key: timed for timed in rundown.timed}
        self.dropped: dict[str, Dropped] = {dropped.slot.key: dropped for dropped in rundown.dropped}


def _busy_until(rows: list[Airing], lengths: Mapping[str, float], now: datetime) -> dict[int, datetime]:
    """Return, for each zone that sounds now, when it should fall silent."""
    busy: dict[int, datetime] = {}
    for row in rows:
        if row.state in (AiringState.CLAIMED, AiringState.STARTED):
            end = (row.started_at or now) + timedelta(seconds=lengths[row.id])
            busy.update({zone.id: max(end, busy.get(zone.id, end)) for zone in row.zones})
    return busy


def _programme_blocks(
    known: list[Programme],
    rows: list[Airing],
    gone: list[Airing],
    plan: Plan,
    start: datetime,
    end: datetime,
) -> list[Block]:
    frames = {
        (programme.id, moment): programme
        for programme in known
        for moment in starts(programme, max(start, programme.created_at), max(end, programme.created_at))
    }
    rests = {
        (programme.id, moment): why
        for programme in known
        for moment, why in rests_of(programme, start, end).items()
    }
    by_id = {programme.id: programme for programme in known}
    frames |= {key: by_id[key[0]] for key in rests if key not in frames}
    parts: dict[tuple[int, datetime], list[Airing]] = defaultdict(list)
    left: dict[tuple[int, datetime], list[Airing]] = defaultdict(list)
    for row, where in [*((row, parts) for row in rows), *((row, left) for row in gone)]:
        if row.programme is not None:
            key = row.programme.id, row.planned_at
            frames.setdefault(key, row.programme)
            where[key].append(row)
    return [
        _block(programme, key[1], parts[key], left[key], plan, rests.get(key, ""))
        for key, programme in frames.items()
    ]


def _single_blocks(rows: list[Airing], gone: list[Airing], plan: Plan) -> Iterator[Block]:
    for row in rows:
        if row.programme is None:
            yield _block(None, row.planned_at, [row], [], plan)
    for row in gone:
        if row.programme is None:
            yield _block(None, row.planned_at, [], [row], plan)


def _block(
    programme: Programme | None,
    moment: datetime,
    rows: list[Airing],
    gone: list[Airing],
    plan: Plan,
    rests: str = "",
) -> Block:
    zones = (rows or gone)[0].zones if rows or gone else programme.zones if programme else []
    return Block(
        programme_id=programme.id if programme else None,
        name=programme.name if programme else "",
        starts_at=moment,
        longest_s=programme.longest_s if programme else None,
        zones=tuple(zone.name for zone in zones),
        items=tuple(_item(row, plan) for row in rows),
        zone_ids=tuple(zone.id for zone in zones),
        gone=tuple(_item(row, plan) for row in gone),
        rests=rests,
        is_changed=programme is not None and moment.astimezone(LOCAL).date() in changed_dates(programme),
    )


def _item(row: Airing, plan: Plan) -> Item:
    length_s = plan.lengths[row.id]
    timed, dropped = plan.timed.get(row.id), plan.dropped.get(row.id)
    starts_at = row.started_at or (timed.starts_at if timed else row.planned_at)
    ends_at = row.ended_at if row.ended_at and row.started_at else starts_at + timedelta(seconds=length_s)
    return Item(
        airing_id=row.id,
        bulletin_id=row.bulletin_id,
        title=row.bulletin.title,
        kind=row.bulletin.kind,
        topic=row.bulletin.topic,
        state=AiringState(row.state),
        is_approved=row.bulletin.state == BulletinState.APPROVED,
        starts_at=starts_at,
        ends_at=ends_at,
        length_s=length_s,
        seconds_heard=row.seconds_heard,
        note=_note(row, timed, dropped),
        planned_at=row.planned_at,
        way=row.request.way,
        zone_ids=tuple(zone.id for zone in row.zones),
        part=_part(row),
    )


def _part(row: Airing) -> str:
    parts = row.programme.parts if row.programme is not None else []
    return next((part.title for part in parts if part.place == row.section), "")


def _note(row: Airing, timed: Timed | None, dropped: Dropped | None) -> str:
    if AiringState(row.state).is_final:
        return _ended(row)
    if dropped is not None:
        return "Không kịp giờ phát: không đủ thời lượng hoặc cụm loa bận"
    if timed is not None and timed.why_shifted and row.programme is None:
        return f"Muộn hơn {_length(timed.shift_s)} so với giờ đã đặt"
    return ""


def _ended(row: Airing) -> str:
    cause = CAUSES.get(row.cause, row.cause)
    if row.cause in SAID_WITH_CAUSE and row.reason:
        return f"{cause}: {row.reason}"
    return row.reason or cause


def _length(seconds: float) -> str:
    """Return a length of time as it is said: `40 giây`, `5 phút`, `5 phút 20 giây`, `1 giờ 5 phút`."""
    minutes, rest_s = divmod(max(1, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    units = ((hours, "giờ"), (minutes, "phút"), (rest_s if not hours else 0, "giây"))
    return " ".join(f"{count} {unit}" for count, unit in units if count)
