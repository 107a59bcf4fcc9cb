"""What fits into one occurrence of a programme, and where what does not fit goes instead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from broadcaster.playout import airings, planning, sections
from broadcaster.playout.lengths import airing_seconds, predicted_seconds
from broadcaster.playout.sections import FIXED_WAYS
from broadcaster.playout.slots import PRIORITIES
from broadcaster.playout.starts import starts, whole_programme
from broadcaster.store.models import Airing, AiringState, Bulletin, Kind, Programme
from schedules.clock import LOCAL
from schedules.filling import Filled, Left, LeftOut, Part, Wish, fill

ONLY = "all"
"""Key of the one part of a programme that has none of its own."""
NEW = "new"
INSTANT = timedelta(microseconds=1)
SETTLED_AHEAD = timedelta(days=2)
"""What does not fit is moved this long before its programme; until then lengths and order still change."""


@dataclass(frozen=True, slots=True)
class Room:
    """An occurrence of a programme that can still take a bulletin."""

    programme: Programme
    at: datetime


def next_rooms(session: Session, bulletin: Bulletin, now: datetime, times: int) -> list[Room]:
    """Return the next occurrences, at most `times`, that take `bulletin`, have room and do not hold it."""
    length_s = predicted_seconds(session, bulletin)
    taken = set(_moments_of(session, bulletin))
    rooms: list[Room] = []
    for at, programme in _occurrences(session, now):
        if len(rooms) == times:
            break
        if (programme.id, at) in taken or not _may_take(programme, bulletin, at):
            continue
        if has_room(session, programme, at, bulletin, length_s):
            rooms.append(Room(programme, at))
    return rooms


def has_room(
    session: Session, programme: Programme, at: datetime, bulletin: Bulletin, length_s: float
) -> bool:
    """Return whether one more bulletin fits behind what stands in the occurrence already."""
    filled = filling(session, programme, at, _wish_for(programme, bulletin, length_s, at))
    return all(left.wish.key != NEW for left in filled.left)


def filling(session: Session, programme: Programme, at: datetime, *more: Wish) -> Filled:
    """Return how the occurrence of `programme` at `at` is filled by what is planned in it."""
    rows = _planned(session, at, at + INSTANT, programme)
    return _filled(programme, rows, airing_seconds(session, rows), *more)


def settle(session: Session, now: datetime) -> int:
    """Move or drop what does not fit into the programmes of the next two days; return how many airings.

    Settling what is settled changes nothing.
    """
    rows = _planned(session, now, now + SETTLED_AHEAD)
    lengths = airing_seconds(session, rows)
    groups: dict[tuple[datetime, int], list[Airing]] = defaultdict(list)
    for row in rows:
        groups[row.planned_at, row.programme_id or 0].append(row)
    return sum(
        _rehouse(session, parts[0].programme, at, left, now)
        for (at, _), parts in sorted(groups.items(), key=lambda item: item[0])
        if parts[0].programme is not None
        for left in _filled(parts[0].programme, parts, lengths).left
    )


def _filled(
    programme: Programme, rows: Sequence[Airing], lengths: Mapping[str, float], *more: Wish
) -> Filled:
    fixed = {row.request.part_id: lengths[row.id] for row in rows if row.request.way in FIXED_WAYS}
    wishes = [_wish(row, lengths[row.id]) for row in rows if row.request.way not in FIXED_WAYS]
    return fill(_parts(programme, fixed), [*wishes, *more], programme.longest_s)


def _rehouse(session: Session, programme: Programme, at: datetime, left: Left, now: datetime) -> bool:
    """Give one airing a later occurrence of its programme, or drop it with the reason."""
    airing = airings.get(session, left.wish.key)
    why = _why(left)
    moment = _next_place(session, programme, at, airing, left.wish.length_s)
    if moment is None:
        return airings.cancel(session, airing, "no_room", f"{why}, và không buổi nào sau đó còn chỗ.", now)
    words = f"{why}, nên chuyển sang buổi {moment.astimezone(LOCAL):%H:%M %d/%m/%Y}."
    if airings.supersede(session, airing, "no_room", words, now):
        planning.add_airing(session, airing.request, moment)
        return True
    return False


def _next_place(
    session: Session, programme: Programme, at: datetime, airing: Airing, length_s: float
) -> datetime | None:
    bulletin = airing.bulletin
    held = set(_moments_of(session, bulletin))
    for moment in starts(programme, at + timedelta(seconds=1), at + planning.HORIZON):
        is_free = (programme.id, moment) not in held and _may_take(programme, bulletin, moment)
        if is_free and has_room(session, programme, moment, bulletin, length_s):
            return moment
    return None


def _why(left: Left) -> str:
    missing = f"{left.missing_s:.0f} giây"
    match left.why:
        case LeftOut.TOO_LONG:
            return f"Dài hơn cả chương trình {missing}"
        case LeftOut.NO_ROOM_IN_PART:
            return f"Phần của chương trình đã đầy, thiếu {missing}"
        case LeftOut.NO_PART:
            return "Chương trình không có phần nào nhận bản tin này"
        case _:
            return f"Không đủ thời lượng chương trình, thiếu {missing}"


def _occurrences(
    session: Session, now: datetime, until: datetime | None = None
) -> Sequence[tuple[datetime, Programme]]:
    query = select(Programme).where(Programme.is_active).options(*whole_programme()).order_by(Programme.id)
    programmes = session.scalars(query).all()
    end = until or now + planning.HORIZON
    found = ((at, programme) for programme in programmes for at in starts(programme, now, end))
    return sorted(found, key=lambda pair: (pair[0], pair[1].id))


def _may_take(programme: Programme, bulletin: Bulletin, at: datetime) -> bool:
    day = at.astimezone(LOCAL).date()
    is_valid = (bulletin.valid_from or day) <= day <= (bulletin.valid_until or day)
    return is_valid and sections.takes(programme, bulletin)


def _moments_of(session: Session, bulletin: Bulletin) -> list[tuple[int | None, datetime]]:
    query = select(Airing).where(Airing.bulletin_id == bulletin.id, Airing.state == AiringState.PLANNED)
    return [(row.programme_id, row.planned_at) for row in session.scalars(query)]


def _planned(
    session: Session, start: datetime, until: datetime, programme: Programme | None = None
) -> list[Airing]:
    """Return what is planned in programmes (or in one) from `start` to before `until`."""
    query = (
        select(Airing)
        .where(Airing.planned_at >= start, Airing.planned_at < until, Airing.state == AiringState.PLANNED)
        .options(joinedload(Airing.request), joinedload(Airing.bulletin))
        .options(*whole_programme(Airing.programme))
    )
    wanted = Airing.programme_id == programme.id if programme else Airing.programme_id.is_not(None)
    return list(session.scalars(query.where(wanted)))


def _parts(programme: Programme, fixed: dict[int | None, float]) -> list[Part]:
    if not programme.parts:
        return [Part(ONLY)]
    return [
        Part(str(part.place), part.longest_s or float("inf"))
        if part.kind == sections.QUEUE
        else Part(str(part.place), fixed.get(part.id, 0.0), is_fixed=True)
        for part in programme.parts
    ]


def _wish(row: Airing, length_s: float) -> Wish:
    priority = PRIORITIES[Kind(row.bulletin.kind)]
    keys = _keys(row.programme, row.bulletin, row.section)
    return Wish(row.id, keys, length_s, priority, row.position, row.request.created_at)


def _wish_for(programme: Programme, bulletin: Bulletin, length_s: float, at: datetime) -> Wish:
    """Return a wish that has its turn after all others of its kind."""
    keys = _keys(programme, bulletin, 0)
    return Wish(NEW, keys, length_s, PRIORITIES[Kind(bulletin.kind)], 1_000_000, at)


def _keys(programme: Programme | None, bulletin: Bulletin, section: int) -> tuple[str, ...]:
    if programme is None or not programme.parts:
        return (ONLY,)
    found = tuple(str(part.place) for part in sections.takers(programme, bulletin))
    return found or (str(section),)
