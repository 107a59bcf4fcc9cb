"""One day as people see it: its programmes, what sounds in them, when, and how it went."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from broadcaster.playout import programmes, slots
from broadcaster.playout.airings import CAUSES
from broadcaster.playout.lengths import airing_seconds
from broadcaster.playout.starts import starts
from broadcaster.store.models import Airing, AiringState, BulletinState, Programme
from schedules.clock import LOCAL
from schedules.rundown import Dropped, Rundown, Timed, build


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


@dataclass(frozen=True, slots=True)
class Block:
    """A programme of the day with its items (perhaps none yet), or one airing on its own."""

    programme_id: int | None
    name: str
    starts_at: datetime
    longest_s: int | None
    zones: tuple[str, ...]
    items: tuple[Item, ...]

    @property
    def seconds(self) -> float:
        return sum(item.length_s for item in self.items)


@dataclass(frozen=True, slots=True)
class DayView:
    day: date
    blocks: tuple[Block, ...]


def day_view(session: Session, day: date, now: datetime) -> DayView:
    """Return what sounds, sounded or should have sounded on `day` of the station's calendar."""
    start = datetime.combine(day, datetime.min.time(), LOCAL)
    end = start + timedelta(days=1)
    rows = slots.airings_between(session, start, end)
    waiting = [row for row in rows if row.state == AiringState.PLANNED]
    planned = {row.id for row in waiting}
    lengths = airing_seconds(session, rows)
    made = [slot for slot in slots.slots(rows, lengths) if slot.key in planned]
    plan = Plan(build(made, now, _busy_until(rows, lengths, now)), lengths)
    blocks = _programme_blocks(session, rows, plan, start, end) + _single_blocks(rows, plan)
    return DayView(day, tuple(sorted(blocks, key=lambda block: block.starts_at)))


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
    session: Session, rows: list[Airing], plan: Plan, start: datetime, end: datetime
) -> list[Block]:
    frames = {
        (programme.id, moment): programme
        for programme in programmes.all_programmes(session)
        for moment in starts(programme, start, end)
    }
    parts: dict[tuple[int, datetime], list[Airing]] = {}
    for row in rows:
        if row.programme is not None:
            frames.setdefault((row.programme.id, row.planned_at), row.programme)
            parts.setdefault((row.programme.id, row.planned_at), []).append(row)
    return [_block(programme, key[1], parts.get(key, []), plan) for key, programme in frames.items()]


def _single_blocks(rows: list[Airing], plan: Plan) -> list[Block]:
    return [_block(None, row.planned_at, [row], plan) for row in rows if row.programme is None]


def _block(programme: Programme | None, moment: datetime, rows: list[Airing], plan: Plan) -> Block:
    zones = rows[0].zones if rows else programme.zones if programme else []
    return Block(
        programme_id=programme.id if programme else None,
        name=programme.name if programme else "",
        starts_at=moment,
        longest_s=programme.longest_s if programme else None,
        zones=tuple(zone.name for zone in zones),
        items=tuple(_item(row, plan) for row in rows),
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
    )


def _note(row: Airing, timed: Timed | None, dropped: Dropped | None) -> str:
    if AiringState(row.state).is_final:
        return row.reason or CAUSES.get(row.cause, row.cause)
    if dropped is not None:
        return "Không kịp giờ phát: không đủ thời lượng hoặc cụm loa bận"
    if timed is not None and timed.why_shifted and row.programme is None:
        return f"Muộn hơn {_length(timed.shift_s)} so với giờ đã đặt"
    return ""


def _length(seconds: float) -> str:
    """Return a length of time as it is said: `40 giây`, `5 phút`, `5 phút 20 giây`, `1 giờ 5 phút`."""
    minutes, rest_s = divmod(max(1, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    units = ((hours, "giờ"), (minutes, "phút"), (rest_s if not hours else 0, "giây"))
    return " ".join(f"{count} {unit}" for count, unit in units if count)
