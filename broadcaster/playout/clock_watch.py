"""Living with a wall clock that somebody or something sets while the station runs.

A step of up to `BIG_STEP_S` is believed: what it jumped over is late or missed with that cause. A larger one
(a battery that died, a year mistyped) is not: nothing more is started and nothing is marked missed until the
clock has come back or a person has confirmed it. What sounds already goes on: it needs no wall clock.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.playout.outages import ClockGap, Outage
from broadcaster.playout.running_order import CLOCK_HOLD
from broadcaster.records import audit
from broadcaster.store import Store
from broadcaster.store.models import Hold
from schedules.clock import LOCAL, Clock, ClockGuard, Step

logger = logging.getLogger(__name__)

BIG_STEP_S = 12 * 3600.0
BACK_WITHIN_S = 120.0
"""A clock this near to where it would be without the steps has come back."""


class ClockWatch:
    """Asked at every turn of the engine, before anything is decided."""

    def __init__(self, store: Store, clock: Clock, outage: Outage | None) -> None:
        self._store = store
        self._clock = clock
        self._guard = ClockGuard()
        self._guard.check(clock.now(), clock.monotonic())
        self._astray_s = 0.0
        """How far the doubted steps have led the clock away."""
        self.gaps: list[Outage] = [outage] if outage else []

    def look(self) -> bool:
        """Notice a step and act on it; True when there was one."""
        now = self._clock.now()
        step = self._guard.check(now, self._clock.monotonic())
        if step is None:
            return False
        logger.warning("the wall clock was set by %+.1f s", step.by_s)
        if self._astray_s or abs(step.by_s) > BIG_STEP_S:
            self._doubt(step, now)
        elif step.by_s > 0:
            self.gaps.append(ClockGap(now - timedelta(seconds=step.by_s), now))
        return True

    def _doubt(self, step: Step, now: datetime) -> None:
        self._astray_s += step.by_s
        if abs(self._astray_s) <= BACK_WITHIN_S:
            self._astray_s = 0.0
            with self._store.write() as session:
                lift_clock_hold(session, "Đồng hồ đã trở lại đúng.", now)
            return
        before = now - timedelta(seconds=step.by_s)
        reason = (
            f"Đồng hồ máy bị chỉnh từ {before.astimezone(LOCAL):%H:%M %d/%m/%Y} sang "
            f"{now.astimezone(LOCAL):%H:%M %d/%m/%Y}; hãy kiểm tra ngày giờ rồi cho phép phát lại."
        )
        with self._store.write() as session:
            place_clock_hold(session, reason, now)


def is_doubted(session: Session) -> bool:
    """Return whether the station stands because its clock cannot be trusted."""
    return _standing(session) is not None


def place_clock_hold(session: Session, reason: str, now: datetime) -> None:
    """Let nothing new sound, and mark nothing missed, until a person has confirmed the clock."""
    if _standing(session) is None:
        session.add(Hold(placed_at=now, reason=reason, cause=CLOCK_HOLD))
        audit.note(session, None, "hold.placed", "clock", now, reason=reason)


def lift_clock_hold(session: Session, reason: str, now: datetime) -> None:
    hold = _standing(session)
    if hold is not None:
        hold.lifted_at, hold.lift_reason = now, reason
        audit.note(session, None, "hold.lifted", "clock", now, reason=reason)


def _standing(session: Session) -> Hold | None:
    return session.scalar(select(Hold).where(Hold.lifted_at.is_(None), Hold.cause == CLOCK_HOLD).limit(1))
