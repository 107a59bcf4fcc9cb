"""The hours in which this station may sound at all: its own, or the default that keeps clear of the night."""

from __future__ import annotations

from datetime import datetime, time

from sqlalchemy.orm import Session

from broadcaster.errors import Refused
from broadcaster.store import facts
from schedules.limits import AllowedHours, BrokenRule, RuleCode, broken_rules

_WHY = {
    RuleCode.TOO_EARLY: "sớm hơn giờ được phép",
    RuleCode.TOO_LATE: "muộn hơn giờ được phép",
    RuleCode.ENDS_TOO_LATE: "sẽ kết thúc sau giờ được phép",
}


def allowed(session: Session) -> AllowedHours:
    """Return the station's allowed hours, as set on the page."""
    kept = facts.get(session, facts.ALLOWED_HOURS)
    return AllowedHours(*(time.fromisoformat(text) for text in kept)) if kept else AllowedHours()


def refuse_forbidden(session: Session, starts_at: datetime, length_s: float) -> None:
    """Raise Refused for sound at a moment outside the allowed hours (never at 3:15)."""
    hours = allowed(session)
    for broken in broken_rules(starts_at, length_s, (hours,)):
        raise Refused(_sentence(broken, hours))


def _sentence(broken: BrokenRule, hours: AllowedHours) -> str:
    return (
        f"Phát lúc {broken.starts_at:%H:%M} {_WHY[broken.code]} "
        f"({hours.start:%H:%M}–{hours.end:%H:%M}); hãy chọn giờ khác."
    )
