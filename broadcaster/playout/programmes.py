"""Recurring broadcasts: the frames (days, start, length, zones) into which bulletins are put."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Invalid
from broadcaster.playout import airings, hours, parts, planning, sections, zones
from broadcaster.playout.starts import starts, whole_programme
from broadcaster.records import audit
from broadcaster.store.models import Programme, ProgrammePart, ProgrammeSeason
from schedules.clock import LOCAL
from schedules.recurrence import Season

LONGEST_S = 4 * 3600
LATEST = timedelta(hours=1)
"""What still waits in its late window is coming too."""
LOOK_AHEAD = timedelta(days=62)
"""Programmes come every week; a season that begins later is no answer to "when next"."""


@dataclass(frozen=True, slots=True)
class SeasonFrame:
    """Another start for a part of every year; (month, day), both ends included."""

    first: tuple[int, int]
    last: tuple[int, int]
    starts_at: time


@dataclass(frozen=True, slots=True)
class PartFrame:
    """One part in the order of a programme."""

    kind: str
    """A key of `sections.PART_KINDS`."""
    title: str
    bulletin_id: int | None = None
    """What a part that is not a queue always sounds."""
    longest_s: int | None = None
    """The most that a queue takes; None: as far as the programme reaches."""
    topics: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    """What a queue takes; empty: everything."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What an officer fills in for a programme."""

    name: str
    days: Sequence[int]
    """0 = Monday."""
    starts_at: time
    """On the station's clock."""
    zone_ids: Sequence[int] = ()
    """None named: all zones."""
    longest_s: int = 1800
    late_window_s: int = 300
    first_date: date | None = None
    last_date: date | None = None
    seasons: Sequence[SeasonFrame] = ()
    parts: Sequence[PartFrame] = ()
    """In order; none: one queue that takes everything."""


def frame_of(programme: Programme) -> Frame:
    """Return `programme` as a form shows it, or as another is copied from."""
    return Frame(
        name=programme.name,
        days=tuple(programme.days),
        starts_at=programme.starts_at,
        zone_ids=tuple(zone.id for zone in programme.zones),
        longest_s=programme.longest_s,
        late_window_s=programme.late_window_s,
        first_date=programme.first_date,
        last_date=programme.last_date,
        seasons=tuple(
            SeasonFrame((s.first_month, s.first_day), (s.last_month, s.last_day), s.starts_at)
            for s in programme.seasons
        ),
        parts=tuple(_part_frame(part) for part in programme.parts),
    )


def all_programmes(session: Session) -> list[Programme]:
    """Return the programmes in use, earliest start first, with their zones."""
    query = select(Programme).where(Programme.is_active).options(*whole_programme())
    return list(session.scalars(query.order_by(Programme.starts_at, Programme.id)))


def next_start(programme: Programme, now: datetime) -> datetime | None:
    """Return when the programme starts next, or None when it does not within `LOOK_AHEAD`."""
    return next(starts(programme, now, now + LOOK_AHEAD), None)


def add(session: Session, actor: Actor, frame: Frame, now: datetime) -> Programme:
    """Make a programme; Invalid names the field, Refused the broken rule."""
    require(actor, Permission.OPERATE)
    _check(frame)
    _refuse_forbidden(session, frame, now)
    programme = Programme(created_by=actor.id, created_at=now)
    _fill(session, programme, frame)
    programme.changed_by = actor.id
    session.add(programme)
    session.flush()
    parts.follow(session, actor, programme, now)
    audit.note(session, actor, "programme.added", f"programme {programme.id}", now, **_words(programme))
    return programme


def edit(session: Session, actor: Actor, programme_id: int, frame: Frame, now: datetime) -> Programme:
    """Change a programme from now on: what it still plans is planned anew, what was aired stays."""
    require(actor, Permission.OPERATE)
    _check(frame)
    _refuse_forbidden(session, frame, now)
    programme = planning.living_programme(session, programme_id)
    _fill(session, programme, frame)
    programme.changed_by = actor.id
    session.flush()
    parts.follow(session, actor, programme, now)
    planning.plan_programme_anew(session, programme, now)
    audit.note(session, actor, "programme.changed", f"programme {programme.id}", now, **_words(programme))
    return programme


def end(session: Session, actor: Actor, programme_id: int, reason: str, now: datetime) -> None:
    """Close a programme for good; its coming airings are cancelled with `reason`."""
    require(actor, Permission.OPERATE)
    if not reason.strip():
        raise Invalid("Hãy ghi lý do kết thúc chương trình.", field="reason")
    programme = planning.living_programme(session, programme_id)
    programme.is_active = False
    for airing in planning.coming(session, now - LATEST, programme_id=programme.id):
        airings.cancel(session, airing, "programme_ended", reason.strip(), now, operator=actor)
    audit.note(session, actor, "programme.ended", f"programme {programme.id}", now, reason=reason.strip())


def _fill(session: Session, programme: Programme, frame: Frame) -> None:
    programme.name = " ".join(frame.name.split())
    programme.days = sorted(set(frame.days))
    programme.starts_at = frame.starts_at.replace(microsecond=0)
    programme.longest_s, programme.late_window_s = frame.longest_s, frame.late_window_s
    programme.first_date, programme.last_date = frame.first_date, frame.last_date
    programme.zones = zones.chosen(session, frame.zone_ids)
    _fill_seasons(programme, frame.seasons)
    _fill_parts(programme, frame.parts)


def _fill_seasons(programme: Programme, seasons: Sequence[SeasonFrame]) -> None:
    programme.seasons = [
        ProgrammeSeason(
            first_month=season.first[0],
            first_day=season.first[1],
            last_month=season.last[0],
            last_day=season.last[1],
            starts_at=season.starts_at.replace(microsecond=0),
        )
        for season in seasons
    ]


def _fill_parts(programme: Programme, frames: Sequence[PartFrame]) -> None:
    """Keep the rows of parts that stay in their place: their requests refer to them."""
    kept = list(programme.parts[: len(frames)])
    kept += [ProgrammePart() for _ in range(len(frames) - len(kept))]
    for place, (part, frame) in enumerate(zip(kept, frames, strict=True)):
        part.place, part.kind, part.title = place, frame.kind, " ".join(frame.title.split())
        part.bulletin_id = frame.bulletin_id if frame.kind != sections.QUEUE else None
        part.longest_s = frame.longest_s if frame.kind == sections.QUEUE else None
        part.takes = {
            "topics": list(frame.topics),
            "kinds": list(frame.kinds),
            "sources": list(frame.sources),
        }
    programme.parts = kept


def _part_frame(part: ProgrammePart) -> PartFrame:
    chosen = {name: tuple(part.takes.get(name) or ()) for name in ("topics", "kinds", "sources")}
    return PartFrame(part.kind, part.title, part.bulletin_id, part.longest_s, **chosen)


def _check(frame: Frame) -> None:
    if not frame.name.strip():
        raise Invalid("Hãy đặt tên cho chương trình.", field="name")
    if not frame.days or not set(frame.days) <= set(range(7)):
        raise Invalid("Hãy chọn ít nhất một ngày trong tuần.", field="days")
    if not 60 <= frame.longest_s <= LONGEST_S:
        raise Invalid("Thời lượng tối đa phải từ 1 phút đến 4 giờ.", field="longest_s")
    if not 0 <= frame.late_window_s <= 3600:
        raise Invalid("Thời gian được phát trễ phải từ 0 đến 60 phút.", field="late_window_s")
    if frame.first_date and frame.last_date and frame.last_date < frame.first_date:
        raise Invalid("Ngày kết thúc phải từ ngày bắt đầu trở đi.", field="last_date")
    for season in frame.seasons:
        _check_season(season)
    for part in frame.parts:
        _check_part(part)


def _check_season(season: SeasonFrame) -> None:
    try:
        Season(season.first, season.last, season.starts_at)
    except ValueError as error:
        raise Invalid("Ngày đầu hoặc ngày cuối của mùa không có trong lịch.", field="seasons") from error


def _check_part(part: PartFrame) -> None:
    if part.kind not in sections.PART_KINDS:
        raise Invalid("Hãy chọn loại cho từng phần của chương trình.", field="parts")
    if not part.title.strip():
        raise Invalid("Hãy đặt tên cho từng phần của chương trình.", field="parts")
    if part.kind != sections.QUEUE and part.bulletin_id is None:
        raise Invalid(f"Phần “{part.title}” chưa có bản tin; hãy chọn bản tin sẽ phát.", field="parts")
    if part.longest_s is not None and not 10 <= part.longest_s <= LONGEST_S:
        raise Invalid(f"Thời lượng của phần “{part.title}” phải từ 10 giây đến 4 giờ.", field="parts")


def _refuse_forbidden(session: Session, frame: Frame, now: datetime) -> None:
    some_day = now.astimezone(LOCAL).date()
    for at in {frame.starts_at, *(season.starts_at for season in frame.seasons)}:
        hours.refuse_forbidden(session, datetime.combine(some_day, at, LOCAL), frame.longest_s)


def _words(programme: Programme) -> dict[str, object]:
    return {
        "name": programme.name,
        "days": programme.days,
        "starts_at": f"{programme.starts_at:%H:%M:%S}",
        "longest_s": programme.longest_s,
        "zones": [zone.id for zone in programme.zones],
        "parts": [part.title for part in programme.parts],
    }
