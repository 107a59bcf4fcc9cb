"""The schedule of the next two weeks as a calendar (RFC 5545), behind an address that nobody guesses."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event
from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.playout.day import Block, Item, days_view
from broadcaster.records import audit
from broadcaster.store import facts
from schedules.clock import LOCAL

DAYS = 14
ASK_AGAIN = timedelta(minutes=30)
"""How often a calendar program is asked to look; what it shows between is as old."""
DEFAULT_NAME = "Đài truyền thanh"
SECRET_BYTES = 24


def secret(session: Session) -> str:
    """Return the secret part of the calendar's address; empty until somebody makes one."""
    kept: str = facts.get(session, facts.CALENDAR_SECRET, "")
    return kept


def is_secret(session: Session, guess: str) -> bool:
    """Tell whether `guess` opens the calendar, in a time that tells nothing of the secret."""
    kept = secret(session)
    return bool(kept) and hmac.compare_digest(kept.encode(), guess.encode())


def renew(session: Session, actor: Actor, now: datetime) -> None:
    """Make the calendar's address, or make it anew: the one before opens nothing any more."""
    require(actor, Permission.OPERATE)
    facts.put(session, facts.CALENDAR_SECRET, secrets.token_urlsafe(SECRET_BYTES))
    audit.note(session, actor, "calendar.renewed", "calendar", now)


def close(session: Session, actor: Actor, now: datetime) -> None:
    """Let no address open the calendar."""
    require(actor, Permission.OPERATE)
    facts.put(session, facts.CALENDAR_SECRET, "")
    audit.note(session, actor, "calendar.closed", "calendar", now)


def calendar(session: Session, now: datetime) -> bytes:
    """Return what sounds today and on the 13 days after it, one event for each programme or airing."""
    made = Calendar()
    made.add("prodid", "-//ward-station//schedule//VI")
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", facts.get(session, facts.STATION_NAME, "") or DEFAULT_NAME)
    made.add("x-wr-timezone", "Asia/Ho_Chi_Minh")
    made.add("refresh-interval", ASK_AGAIN, parameters={"VALUE": "DURATION"})
    for view in days_view(session, now.astimezone(LOCAL).date(), DAYS, now):
        for event in _events(view.blocks, now):
            made.add_component(event)
    content: bytes = made.to_ical()
    return content


def _events(blocks: tuple[Block, ...], now: datetime) -> Iterator[Event]:
    for block in blocks:
        if block.items or block.programme_id is not None:
            yield _event(block, now)


def _event(block: Block, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{_key(block)}@ward-station")
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", block.starts_at.astimezone(UTC))
    event.add("dtend", _end(block).astimezone(UTC))
    event.add("summary", block.name or block.items[0].title)
    event.add("location", ", ".join(block.zones))
    event.add("description", block.rests or "\n".join(map(_line, block.items)) or "Chưa có bản tin")
    event.add("status", "CANCELLED" if block.rests else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    return event


def _key(block: Block) -> str:
    if block.programme_id is None:
        return block.items[0].airing_id
    return f"{block.programme_id}-{block.starts_at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def _end(block: Block) -> datetime:
    if block.longest_s is not None:
        return block.starts_at + timedelta(seconds=block.longest_s)
    return max(block.items[0].ends_at, block.starts_at)


def _line(item: Item) -> str:
    unsigned = "" if item.is_approved or item.state.is_final else " (chưa duyệt)"
    return f"{item.starts_at.astimezone(LOCAL):%H:%M} {item.title}{unsigned}"
