"""The station's sign of life: what sounds, how far, how loud, and how the outputs are; for every page."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from broadcaster.playout.air import Air
from broadcaster.playout.players import Player
from broadcaster.playout.sounding import Sounding
from broadcaster.store import pulse

NAME = "station"


def show(folder: Path, air: Air, boot_id: str, now: datetime) -> None:
    pulse.beat(folder, NAME, **of(air, boot_id, now))


def of(air: Air, boot_id: str, now: datetime) -> dict[str, Any]:
    """Return what the station tells of itself."""
    return {
        "boot": boot_id,
        "now": now.isoformat(),
        "on_air": [_sounding(sounding) for sounding in air],
        "outputs": [_output(player, air) for player in air.players.all()],
        "faults": [fault.as_sign() for fault in air.faults.standing(now)],
        **air.more_signs,
    }


def _sounding(sounding: Sounding) -> dict[str, object]:
    lanes = sounding.lanes.values()
    levels = [lane.recent_dbfs for lane in lanes if lane.recent_dbfs is not None]
    return {
        "airing_id": sounding.airing_id,
        "title": sounding.title,
        "zones": [zone for lane in lanes for zone in lane.zones],
        "at": sounding.at.isoformat(),
        "has_sounded": sounding.has_sounded,
        "seconds": round(sounding.seconds, 2),
        "length_s": round(sounding.length_s, 2),
        "level_dbfs": max(levels, default=None),
        "faults": [lane.fault for lane in lanes if lane.fault],
    }


def _output(player: Player, air: Air) -> dict[str, object]:
    return {
        "output_id": player.wanted.output_id,
        "name": player.wanted.name,
        "is_ready": player.is_ready,
        "is_loudspeaker": player.is_loudspeaker,
        "device": player.device,
        "fault": player.fault,
        "fault_since": _moment(air, player.fault_since),
        "last_heard": _moment(air, player.heard_at),
    }


def _moment(air: Air, monotonic_s: float | None) -> str | None:
    return None if monotonic_s is None else air.moment_of(monotonic_s).isoformat()
