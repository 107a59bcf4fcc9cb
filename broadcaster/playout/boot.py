"""Taking up work again: what the station does with what an earlier life left behind.

`started` becomes `cut` at the last known second (what was heard is never repeated by itself); `claimed`
goes back to the plan (nothing of it was heard); what fell into the time the station was off is missed with
that cause.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broadcaster.playout import airings
from broadcaster.playout.airings import Ending
from broadcaster.playout.clock_watch import place_clock_hold
from broadcaster.playout.lengths import airing_seconds
from broadcaster.playout.outages import Outage, RestoredGap
from broadcaster.records import audit, restorations
from broadcaster.store import facts
from broadcaster.store.models import Airing, AiringState, Boot

logger = logging.getLogger(__name__)

LAST_BOOT = "last_boot"
"""Key of the fact that names the life before this one: by order, not by a clock that may have been wrong."""
ALIVE_S = 30.0
SHORT_STOP = timedelta(seconds=2 * ALIVE_S)
"""A station away for less than this was restarted; for longer, the machine was off."""
SMALL_STEP = timedelta(seconds=60)
"""NTP may set a clock back by this much without anybody having to look at it."""
LONG_OFF = timedelta(days=7)
"""After this long without a life sign the clock may have lost its battery: a person must look at it."""
SYNCHRONISED = (Path("/run/systemd/timesync/synchronized"),)


def begin(session: Session, now: datetime) -> tuple[Boot, Outage | None]:
    """Open a new life of the station; return it with the time since the last sign of the one before."""
    last = session.get(Boot, facts.get(session, LAST_BOOT, ""))
    boot = Boot(started_at=now, alive_at=now)
    session.add(boot)
    session.flush()
    facts.put(session, LAST_BOOT, boot.id)
    if last is None:
        return boot, None
    if reason := _doubt(last.alive_at, now):
        place_clock_hold(session, reason, now)
    restored = restorations.newest(session)
    if restored is not None and restored.restored_at >= last.alive_at:
        outage: Outage = RestoredGap(restored.copied_at, now)
    else:
        outage = Outage(last.ended_at or last.alive_at, now)
    if last.ended_at is None and outage.cause != RestoredGap.cause:
        audit.note(session, None, "station.died", f"boot {last.id}", now, last_sign=last.alive_at.isoformat())
    _close_left_behind(session, outage, now)
    return boot, outage


def still_alive(session: Session, boot_id: str, now: datetime) -> None:
    session.execute(update(Boot).where(Boot.id == boot_id).values(alive_at=now))


def end(session: Session, boot_id: str, now: datetime) -> None:
    """Mark an orderly stop."""
    session.execute(update(Boot).where(Boot.id == boot_id).values(alive_at=now, ended_at=now))


def _doubt(last_sign: datetime, now: datetime) -> str:
    """Return why the clock cannot be trusted after this boot; empty when it can."""
    if any(path.exists() for path in SYNCHRONISED):
        return ""
    if now < last_sign - SMALL_STEP:
        return "Đồng hồ máy chạy lùi so với lần chạy trước; hãy kiểm tra ngày giờ rồi cho phép phát lại."
    if now - last_sign > LONG_OFF:
        return "Máy đã tắt hơn bảy ngày; hãy kiểm tra ngày giờ rồi cho phép phát lại."
    return ""


def _close_left_behind(session: Session, outage: Outage, now: datetime) -> None:
    query = select(Airing).where(Airing.state.in_([AiringState.CLAIMED, AiringState.STARTED]))
    for airing in session.scalars(query).all():
        logger.warning("airing %s was %s when the station stopped", airing.id, airing.state)
        if airing.state == AiringState.CLAIMED:
            airings.step(session, airing.id, AiringState.CLAIMED, AiringState.PLANNED, boot_id=None)
        else:
            airings.finish(session, airing, AiringState.STARTED, _cut_off(session, airing, outage, now))


def _cut_off(session: Session, airing: Airing, outage: Outage, now: datetime) -> Ending:
    """Say what is known of an airing during which the station died: the last second the store was told."""
    heard = min(airing.seconds_heard or 0.0, airing_seconds(session, [airing])[airing.id])
    was_off = outage.end - outage.start > SHORT_STOP or outage.cause == RestoredGap.cause
    return Ending(
        state=AiringState.CUT,
        cause=outage.cause if was_off else "station_stopped",
        reason=f"{outage.words() if was_off else 'Trạm dừng đột ngột trong lúc phát.'} "
        f"Nghe được ít nhất {heard:.0f} giây.",
        ended_at=min(now, (airing.started_at or now) + timedelta(seconds=heard)) if heard else now,
        started_at=airing.started_at if heard else None,
        seconds_heard=heard,
        on_loudspeaker=airing.on_loudspeaker,
        zones=[
            {
                "zone": zone.name,
                "output": zone.output.name,
                "seconds_heard": heard,
                "level_dbfs": None,
                "fault": "",
            }
            for zone in airing.zones
        ],
    )
