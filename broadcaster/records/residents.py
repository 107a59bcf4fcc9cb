"""What of the broadcasts anybody may read and hear: rows in force of what people really heard.

Never shown: what did not sound or went to a file only, drills, corrected rows, bulletins that were withdrawn,
and names of people. The text is the one that was signed and aired, whatever became of the bulletin since.
Sound of other stations and music is not offered: the right to it is not the ward's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Row, Select, and_, or_, select
from sqlalchemy.orm import Session

from broadcaster.records import search
from broadcaster.records.days import midnight, midnight_after
from broadcaster.records.history import in_force
from broadcaster.store import facts
from broadcaster.store.models import (
    Aircheck,
    Airing,
    AiringState,
    Approval,
    Bulletin,
    BulletinState,
    History,
    Source,
    Version,
)
from schedules.clock import LOCAL

PAST_DAYS = 30
MOST_PAST_DAYS = 365
MOST_FOUND = 40
LONGEST_SEARCH = 80
VIETNAMESE = "vi"
_Found = Row[History, bool, str, str]
NOT_OURS = (Source.RELAY,)
"""Sources of which neither the words (an address) nor the sound are shown."""


@dataclass(frozen=True, slots=True)
class Aired:
    """One broadcast that was heard, as residents see it."""

    airing_id: str
    title: str
    programme: str
    kind: str
    source: str
    language: str
    day: date
    """Of the running order in which it stood."""
    began_at: datetime
    seconds: float
    zones: tuple[str, ...]
    """Where something was heard."""
    text: str
    """As it was signed; empty where there is none: a microphone, another station."""
    clip_sha256: str | None
    """The signed sound, where it may be offered."""
    is_ours: bool
    """The sound may be offered."""
    times: int = 1
    """How often it was said that day; more than once only for an alert."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an airing ended, for whoever waited for it."""

    title: str
    was_heard: bool
    result: str


def is_on(session: Session) -> bool:
    """Return True when the station shows itself to residents."""
    return facts.get(session, facts.RESIDENTS, False) is True


def past_days(session: Session) -> int:
    return int(facts.get(session, facts.RESIDENTS_DAYS, PAST_DAYS))


def first_day(session: Session, today: date) -> date:
    """Return the oldest day that is shown."""
    return today - timedelta(days=past_days(session))


def of_day(session: Session, day: date, today: date) -> list[Aired]:
    """Return what was heard on `day` of the station's calendar, in order; nothing beyond what is shown."""
    if not first_day(session, today) <= day <= today:
        return []
    rows = session.execute(_query().where(*_between(day, day)).order_by(History.planned_at, History.id))
    return _once_an_alert(rows.all())


def get(session: Session, airing_id: str, today: date) -> Aired | None:
    """Return one broadcast; None unless it is shown."""
    window = _between(first_day(session, today), today)
    row = session.execute(_query().where(History.airing_id == airing_id, *window)).first()
    return None if row is None else _aired(row)


def found(session: Session, words: str, today: date) -> list[Aired]:
    """Return at most `MOST_FOUND` broadcasts that hold all of `words`, newest first, diacritics or not.

    Each bulletin stands there once, however often it was aired.
    """
    said = search.said(session, words[:LONGEST_SEARCH])
    if said is None:
        return []
    window = _between(first_day(session, today), today)
    newest_first = _query().where(said, *window).order_by(History.planned_at.desc(), History.id.desc())
    firsts: dict[tuple[int, str | None], Aired] = {}
    for row in session.execute(newest_first.limit(MOST_FOUND * 5)):
        firsts.setdefault((row.History.bulletin_id, row.History.written_sha256), _aired(row))
    return list(firsts.values())[:MOST_FOUND]


def outcomes(session: Session, airing_ids: Iterable[str]) -> dict[str, Outcome]:
    """Return how those airings ended that may be spoken of in public: signed, no drill, not withdrawn."""
    query = (
        select(History.airing_id, History.title, History.result, _was_heard().label("was_heard"))
        .join(Bulletin, Bulletin.id == History.bulletin_id)
        .where(History.airing_id.in_(list(airing_ids)), _is_public())
    )
    return {
        row.airing_id: Outcome(row.title, bool(row.was_heard), row.result) for row in session.execute(query)
    }


def sounds(session: Session, aired: Aired) -> list[Aircheck]:
    """Return what is still kept of it, in the order heard: of the one output that was heard longest."""
    if not aired.is_ours:
        return []
    query = select(Aircheck).where(Aircheck.airing_id == aired.airing_id, Aircheck.removed_at.is_(None))
    kept = session.scalars(query.order_by(Aircheck.began_at, Aircheck.id)).all()
    lengths: dict[int, float] = {}
    for row in kept:
        lengths[row.output_id] = lengths.get(row.output_id, 0.0) + row.seconds
    longest = max(lengths, key=lambda output: (lengths[output], -output), default=0)
    return [row for row in kept if row.output_id == longest]


# --- what is shown ---


def _is_public() -> ColumnElement[bool]:
    """Return what must hold for anything to be told of an airing's end."""
    was_signed = or_(
        History.approval_id.is_not(None),
        Bulletin.state == BulletinState.APPROVED,
        History.source == Source.LIVE,
    )
    is_drill = History.details["drill"].as_boolean()
    return and_(in_force(), is_drill.is_not(True), Bulletin.state != BulletinState.WITHDRAWN, was_signed)


def _is_shown() -> ColumnElement[bool]:
    return and_(_is_public(), _was_heard())


def _was_heard() -> ColumnElement[bool]:
    return and_(
        History.result == AiringState.PLAYED,
        History.on_loudspeaker,
        History.seconds_heard > 0,
        History.started_at.is_not(None),
    )


def _between(first: date, last: date) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return History.planned_at >= midnight(first), History.planned_at < midnight_after(last)


def _query() -> Select[History, bool, str, str]:
    return (
        select(History, Bulletin.is_music, Bulletin.language, Version.written)
        .join(Bulletin, Bulletin.id == History.bulletin_id)
        .outerjoin(Approval, Approval.id == History.approval_id)
        .outerjoin(
            Version,
            and_(Version.id == Approval.version_id, Version.written_sha256 == History.written_sha256),
        )
        .where(_is_shown())
    )


def _aired(row: _Found, times: int = 1) -> Aired:
    heard, is_music, language, written = row
    is_ours = heard.source not in NOT_OURS and not is_music
    said = (heard.details or {}).get("said", "")
    return Aired(
        airing_id=heard.airing_id,
        title=heard.title,
        programme=heard.programme,
        kind=heard.kind,
        source=heard.source or Source.TEXT,
        language=language,
        day=heard.planned_at.astimezone(LOCAL).date(),
        began_at=heard.started_at or heard.planned_at,
        seconds=heard.seconds_heard,
        zones=tuple(str(zone["zone"]) for zone in heard.zones if zone.get("seconds_heard")),
        text=str(said or written or "") if heard.source not in NOT_OURS else "",
        clip_sha256=heard.clip_sha256 if is_ours else None,
        is_ours=is_ours,
        times=times,
    )


def _once_an_alert(rows: Sequence[_Found]) -> list[Aired]:
    """Return each row, but of an alert that was said again and again only its first time."""
    firsts: dict[object, list[_Found]] = {}
    for row in rows:
        about = row.History.details or {}
        key = (about["alert"], bool(about.get("all_clear"))) if "alert" in about else row.History.airing_id
        firsts.setdefault(key, []).append(row)
    return [_aired(same[0], len(same)) for same in firsts.values()]


def is_reportable(session: Session, airing_id: str, now: datetime) -> bool:
    """Tell whether a resident may report something of this airing: it was to sound on a day that is shown."""
    airing = session.get(Airing, airing_id)
    if airing is None:
        return False
    today = now.astimezone(LOCAL).date()
    if not first_day(session, today) <= airing.planned_at.astimezone(LOCAL).date() <= today:
        return False
    if AiringState(airing.state) in (AiringState.CLAIMED, AiringState.STARTED):
        return airing.alert is None or not airing.alert.is_drill
    return airing_id in outcomes(session, [airing_id])
