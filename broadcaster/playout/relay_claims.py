"""What a relay needs at air time: the stream that was signed, and the end of its window."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from broadcaster.newsroom import clips, relays
from broadcaster.playout import slots
from broadcaster.playout.lengths import airing_seconds
from broadcaster.playout.material import RelayMaterial
from broadcaster.store.models import Airing, Approval
from schedules.rundown import GAP_S

logger = logging.getLogger(__name__)

SHORTEST_S = 5.0
"""What would be left of the window is not worth beginning."""
_LOST_FILLER = "Bản thu chờ không còn đúng bản đã duyệt nên dùng tiếng chờ của trạm."


class NotAired(Exception):
    """A signed relay that must not sound, or no longer can: cause and reason for its row."""

    def __init__(self, cause: str, reason: str) -> None:
        super().__init__(reason)
        self.cause = cause
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Window:
    material: RelayMaterial
    ends_by: datetime | None
    """However late it starts; None: it lasts its whole length."""
    incidents: tuple[str, ...] = ()


def window_of(session: Session, folder: Path, airing: Airing, signed: Approval, now: datetime) -> Window:
    """Return what is to be aired under `signed`. Raises NotAired."""
    relay = relays.signed_relay(session, signed)
    if relay is None:
        raise NotAired("relay_changed", "Địa chỉ tiếp âm không còn đúng với bản được duyệt.")
    ends_by = planned_end(session, airing, relay.length_s)
    if ends_by is not None and (ends_by - now).total_seconds() < SHORTEST_S:
        raise NotAired("late", "Đã quá giờ kết thúc của buổi tiếp âm.")
    filler, incidents = _filler(folder, relay.filler_sha256)
    return Window(RelayMaterial(relay.address, relay.length_s, filler), ends_by, incidents)


def planned_end(session: Session, airing: Airing, length_s: float) -> datetime | None:
    """Return when the other station's programme is over by plan; None for what is played at once.

    A late start joins what is live by then, and still ends when it was to end.
    """
    if airing.request.way == "next":
        return None
    before_s = _before_s(session, airing) if airing.programme_id is not None else 0.0
    return airing.planned_at + timedelta(seconds=before_s + length_s)


def _before_s(session: Session, airing: Airing) -> float:
    """Return how long the parts before this one take by plan."""
    rows = slots.airings_between(session, airing.planned_at, airing.planned_at + timedelta(microseconds=1))
    parts = [row for row in rows if slots.group_of(row) == slots.group_of(airing)]
    ahead = parts[: parts.index(airing)] if airing in parts else []
    return sum(seconds + GAP_S for seconds in airing_seconds(session, ahead).values())


def _filler(folder: Path, sha256: str | None) -> tuple[Path | None, tuple[str, ...]]:
    """Return the clip that fills gaps when its bytes are still those signed, else the tone and a word."""
    if sha256 is None:
        return None, ()
    if clips.is_intact(folder, sha256):
        return clips.path_of(folder, sha256), ()
    logger.error("the filler %s is not the one that was signed", sha256)
    return None, (_LOST_FILLER,)
