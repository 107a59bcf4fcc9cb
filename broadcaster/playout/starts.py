"""When a programme starts: its days and seasons, its pauses, and the dates that were changed by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from sqlalchemy.orm import InstrumentedAttribute, joinedload, selectinload
from sqlalchemy.orm.strategy_options import _AbstractLoad as Load

from broadcaster.store.models import Programme, ProgrammeDate
from schedules.clock import LOCAL
from schedules.recurrence import Adjusted, Once, Season, Weekly, occurrences

_DAY = timedelta(days=1)
Path = InstrumentedAttribute[Programme | None]
"""From a row to the programme it belongs to."""


def starts(
    programme: Programme,
    start: datetime,
    until: datetime,
    first_date: date | None = None,
    last_date: date | None = None,
    except_dates: Iterable[date] = (),
) -> Iterator[datetime]:
    """Yield the starts of `programme` in [start, until), in order, narrowed to the dates of a request."""
    changed = changed_dates(programme)
    rule = rule_of(programme, first_date, last_date, (*except_dates, *changed))
    regular = occurrences(rule, start, until)
    left_out = frozenset(except_dates)
    moved = [
        moment
        for on, change in changed.items()
        if change.starts_at is not None and on not in left_out and _is_within(on, first_date, last_date)
        for moment in occurrences(Once(datetime.combine(on, change.starts_at, LOCAL)), start, until)
    ]
    yield from sorted([*regular, *moved]) if moved else regular


def whole_programme(programme: Path | None = None) -> list[Load]:
    """Return how to load programmes of which many starts are asked, here or behind `programme`."""
    names = (Programme.seasons, Programme.pauses, Programme.dates, Programme.parts, Programme.zones)
    if programme is None:
        return [selectinload(each) for each in names]
    return [joinedload(programme).selectinload(each) for each in names]


def starts_on(programme: Programme, on: date) -> list[datetime]:
    """Return the starts of `programme` on one date of the station's calendar."""
    midnight = datetime.combine(on, datetime.min.time(), LOCAL)
    return list(starts(programme, midnight, midnight + _DAY))


def has_start(programme: Programme, moment: datetime) -> bool:
    return any(starts(programme, moment, moment + timedelta(microseconds=1)))


def rests_of(programme: Programme, start: datetime, until: datetime) -> dict[datetime, str]:
    """Return, by moment in [start, until), why a person lets it not sound though its rule says it comes."""
    rule, changed = rule_of(programme), changed_dates(programme)
    first, last = rule.first_date or date.min, rule.last_date or date.max
    found = {}
    on = start.astimezone(LOCAL).date()
    while (moment := datetime.combine(on, rule.at_on(on), LOCAL)) < until:
        why = _why_it_rests(programme, changed.get(on), on)
        if why and moment >= start and first <= on <= last and rule.rule.falls_on(on):
            found[moment] = why
        on += _DAY
    return found


def changed_dates(programme: Programme) -> dict[date, ProgrammeDate]:
    """Return, by date, what holds for the dates of `programme` that a person changed."""
    return {change.on: change for change in programme.dates if change.ended_at is None}


def rule_of(
    programme: Programme,
    first_date: date | None = None,
    last_date: date | None = None,
    except_dates: Iterable[date] = (),
) -> Adjusted:
    """Return when `programme` comes by its own rule, narrowed to the dates of a request if any are given."""
    weekly = Weekly(
        days=frozenset(programme.days),
        at=programme.starts_at,
        first_date=max(filter(None, (programme.first_date, first_date)), default=None),
        last_date=min(filter(None, (programme.last_date, last_date)), default=None),
        except_dates=frozenset(except_dates),
    )
    seasons = (
        Season((each.first_month, each.first_day), (each.last_month, each.last_day), each.starts_at)
        for each in programme.seasons
    )
    pauses = ((each.first_date, each.last_date) for each in programme.pauses if each.ended_at is None)
    return Adjusted(weekly, tuple(seasons), tuple(pauses))


def _why_it_rests(programme: Programme, change: ProgrammeDate | None, on: date) -> str:
    if change is not None:
        return f"Nghỉ buổi này: {change.reason}" if change.starts_at is None else ""
    standing = (each for each in programme.pauses if each.ended_at is None)
    return next((f"Tạm nghỉ: {p.reason}" for p in standing if p.first_date <= on <= p.last_date), "")


def _is_within(on: date, first: date | None, last: date | None) -> bool:
    return (first is None or first <= on) and (last is None or on <= last)
