"""What waits to be sent: taken together, so that a bad night is a few messages and not a hundred."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.playout.notify import CHANNELS, wanted_channels
from broadcaster.records import audit
from broadcaster.store.models import Sending

MOST_AN_HOUR = 12
"""Messages by one channel; what comes after goes together into the next."""
RETRY_S = (30.0, 120.0, 600.0, 1800.0, 3600.0)
GIVE_UP = timedelta(hours=24)
_HOUR = timedelta(hours=1)


def ask_test(session: Session, actor: Actor, channel: str, text: str, now: datetime) -> Sending:
    """Have `text` sent as a test by one channel; needs CONFIGURE."""
    require(actor, Permission.CONFIGURE)
    test = Sending(notice_id=None, channel=channel, text=text, state="waiting", attempts=0, try_at=now)
    session.add(test)
    session.flush()
    audit.note(session, actor, "notify.tested", f"channel {channel}", now)
    return test


def latest_test(session: Session, channel: str) -> Sending | None:
    query = select(Sending).where(Sending.channel == channel, Sending.notice_id.is_(None))
    return session.scalar(query.order_by(Sending.id.desc()).limit(1))


def take(session: Session, channel: str, now: datetime) -> list[Sending]:
    """Return what the next message of `channel` is made of: a test alone, else all that is due.

    Empty when nothing is due, or when the channel has sent enough within the hour.
    """
    query = select(Sending).where(
        Sending.channel == channel, Sending.state == "waiting", Sending.try_at <= now
    )
    due = list(session.scalars(query.order_by(Sending.id)))
    tests = [sending for sending in due if sending.notice_id is None]
    if tests:
        return tests[:1]
    return due if not due or _free_at(session, channel, now) <= now else []


def next_at(session: Session, now: datetime) -> datetime | None:
    """Return when something may be sent next; None when nothing waits."""
    query = select(Sending.channel, func.min(Sending.try_at)).where(Sending.state == "waiting")
    moments = [
        max(at, _free_at(session, channel, now))
        for channel, at in session.execute(query.group_by(Sending.channel)).all()
    ]
    return min(moments, default=None)


def note_sent(session: Session, numbers: Iterable[int], now: datetime) -> None:
    """All of one message carry the same moment: it is counted as one."""
    session.execute(
        update(Sending)
        .where(Sending.id.in_(list(numbers)))
        .values(state="sent", sent_at=now, attempts=Sending.attempts + 1, error="")
    )


def note_failed(session: Session, numbers: Iterable[int], why: str, now: datetime) -> None:
    """Try again later, and at last no more; a test is tried once."""
    for sending in session.scalars(select(Sending).where(Sending.id.in_(list(numbers)))):
        pause = RETRY_S[min(sending.attempts, len(RETRY_S) - 1)]
        begun = sending.notice.at if sending.notice else now
        sending.attempts, sending.error = sending.attempts + 1, why
        is_last = sending.notice is None or now - begun > GIVE_UP
        sending.state = "failed" if is_last else "waiting"
        sending.try_at = now + timedelta(seconds=pause)


def drop_unwanted(session: Session) -> None:
    """Let go of what waits for a channel that has been turned off; a test may precede turning it on."""
    for channel in set(CHANNELS) - set(wanted_channels(session)):
        session.execute(
            update(Sending)
            .where(Sending.channel == channel, Sending.state == "waiting", Sending.notice_id.is_not(None))
            .values(state="dropped")
        )


def _free_at(session: Session, channel: str, now: datetime) -> datetime:
    """Return from when on one more message is within the limit."""
    query = (
        select(Sending.sent_at)
        .where(Sending.channel == channel, Sending.sent_at > now - _HOUR, Sending.notice_id.is_not(None))
        .distinct()
        .order_by(Sending.sent_at.desc())
        .limit(MOST_AN_HOUR)
    )
    sent = [moment for moment in session.scalars(query) if moment is not None]
    return sent[-1] + _HOUR if len(sent) == MOST_AN_HOUR else now
