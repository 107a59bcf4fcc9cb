"""The limits in force on a zone: the station's hours and the rules it has entered, each with its source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from broadcaster.accounts.permissions import ROLE_NAMES, Actor, Role
from broadcaster.errors import OverLimit
from broadcaster.playout import hours, limit_words
from broadcaster.playout.lengths import airing_seconds
from broadcaster.store.models import Airing, AiringState, LimitRule, Zone
from schedules import limits as pure
from schedules.clock import LOCAL
from schedules.limits import BrokenRule, Limit, Span

SOUNDING = (
    AiringState.PLANNED,
    AiringState.CLAIMED,
    AiringState.STARTED,
    AiringState.PLAYED,
    AiringState.CUT,
)
"""What counts as sound on a zone when a day is measured."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rule:
    """One limit with what the station says about it."""

    limit: Limit
    forbids: bool = True
    overridden_by: str = ""
    source: str = ""
    rule_id: int | None = None
    """None: the station's allowed hours."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that something would break on a zone."""

    zone: str
    rule: Rule
    how: BrokenRule

    @property
    def sentence(self) -> str:
        return limit_words.sentence(self.how, self.zone, self.rule.source)


_READERS: dict[str, Callable[[dict[str, Any]], Limit]] = {
    "allowed_hours": lambda values: pure.AllowedHours(_time(values["from"]), _time(values["to"])),
    "quiet_hours": lambda values: pure.QuietHours(
        _time(values["from"]), _time(values["to"]), frozenset(values.get("days") or range(7))
    ),
    "days": lambda values: pure.DaysOfWeek(frozenset(values["days"])),
    "session": lambda values: pure.LongestSession(float(values["minutes"])),
    "sessions": lambda values: pure.SessionsADay(int(values["most"])),
    "minutes": lambda values: pure.MinutesADay(float(values["minutes"])),
    "least": lambda values: pure.LeastMinutesADay(float(values["minutes"])),
}
CODES = tuple(_READERS)


def limit_of(code: str, values: dict[str, Any]) -> Limit:
    """Return the limit that a row describes. Raises KeyError or ValueError for one that describes none."""
    return _READERS[code](values)


def in_force(session: Session, zone: Zone) -> list[Rule]:
    """Return the rules for a zone: the station's hours first, then those of all zones, then its own."""
    return in_force_on(session, [zone])[zone.id]


def in_force_on(session: Session, zones: Iterable[Zone]) -> dict[int, list[Rule]]:
    """Return the rules for each of `zones` by its number, from one query."""
    query = (
        select(LimitRule)
        .where(LimitRule.ended_at.is_(None))
        .order_by(LimitRule.zone_id.is_not(None), LimitRule.id)
    )
    rules = [
        (
            row.zone_id,
            Rule(limit_of(row.code, row.values), row.forbids, row.overridden_by, row.source, row.id),
        )
        for row in session.scalars(query)
    ]
    everywhere = Rule(hours.allowed(session))
    return {
        zone.id: [everywhere, *(rule for zone_id, rule in rules if zone_id in (None, zone.id))]
        for zone in zones
    }


def broken(
    session: Session,
    zones: Iterable[Zone],
    at: datetime,
    length_s: float,
    beside: Sequence[Span] = (),
    without: frozenset[str] = frozenset(),
) -> list[Broken]:
    """Return what `length_s` seconds of sound at `at` would break on each of `zones`.

    `beside` is other new sound; the airings `without` are looked past (they are being moved).
    """
    found = []
    for zone in zones:
        others = [*spans(session, zone, at.astimezone(LOCAL).date(), without), *beside]
        for rule in in_force(session, zone):
            for how in pure.broken_rules(at, length_s, [rule.limit], others):
                found.append(Broken(zone.name, rule, how))
    return found


def spans(session: Session, zone: Zone, day: date, without: frozenset[str] = frozenset()) -> list[Span]:
    """Return what sounds or will sound on `zone` around `day`, the days before and after included."""
    start = datetime.combine(day - _DAY, time(), LOCAL)
    query = (
        select(Airing)
        .where(
            Airing.planned_at >= start,
            Airing.planned_at < start + 3 * _DAY,
            Airing.state.in_(SOUNDING),
            Airing.zones.any(Zone.id == zone.id),
        )
        .options(selectinload(Airing.bulletin))
    )
    rows = [row for row in session.scalars(query) if row.id not in without]
    lengths = airing_seconds(session, rows)
    return [_span(row, lengths[row.id]) for row in rows]


def check(
    session: Session,
    actor: Actor,
    zones: Iterable[Zone],
    at: datetime,
    length_s: float,
    override: str = "",
    without: frozenset[str] = frozenset(),
) -> list[dict[str, Any]]:
    """Return the rules that are knowingly broken; raises Refused with the sentence of one that forbids.

    A rule may be broken by the role that it names, with `override` as the reason; a rule that only warns is
    no obstacle (`broken` tells of it).
    """
    return _judge(actor, broken(session, zones, at, length_s, without=without), override)


def warnings(
    session: Session,
    zones: Iterable[Zone],
    at: datetime,
    length_s: float,
    without: frozenset[str] = frozenset(),
) -> list[str]:
    """Return the sentences of rules that only warn and would be broken, each once."""
    found = broken(session, zones, at, length_s, without=without)
    return list(dict.fromkeys(each.sentence for each in found if not each.rule.forbids))


def check_all(
    session: Session,
    actor: Actor,
    zones: Sequence[Zone],
    moments: Sequence[datetime],
    length_s: float,
    override: str = "",
) -> list[dict[str, Any]]:
    """Like `check`, for sounds of one length at all of `moments`, each beside the others."""
    length = timedelta(seconds=length_s)
    made = [Span(at, at + length) for at in moments]
    found: dict[str, dict[str, Any]] = {}
    for number, at in enumerate(moments):
        beside = [*made[:number], *made[number + 1 :]]
        for each in _judge(actor, broken(session, zones, at, length_s, beside), override):
            found.setdefault(each["rule"], each)
    return list(found.values())


def _judge(actor: Actor, found: Iterable[Broken], override: str) -> list[dict[str, Any]]:
    knowingly = []
    for each in found:
        if not each.rule.forbids:
            continue
        if not _may_override(actor, each.rule):
            raise OverLimit(
                f"{each.sentence}{limit_words.who_may(each.rule.overridden_by)}", may_override=False
            )
        if not override.strip():
            words = f"{each.sentence} Muốn vẫn phát, hãy ghi lý do vượt giới hạn."
            raise OverLimit(words, may_override=True)
        knowingly.append({"rule": each.sentence, "reason": override.strip(), "by": actor.name})
    return knowingly


def _may_override(actor: Actor, rule: Rule) -> bool:
    return rule.overridden_by in ROLE_NAMES and Role(rule.overridden_by) in actor.roles


def _span(row: Airing, length_s: float) -> Span:
    start = row.started_at or row.planned_at
    end = row.ended_at if row.started_at and row.ended_at else start + timedelta(seconds=length_s)
    return Span(start.astimezone(LOCAL), max(start, end).astimezone(LOCAL))


def _time(text: str) -> time:
    return time.fromisoformat(text)
