"""Taking an airing in hand: nobody else plays it, its signature holds, its clip is the one signed."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.newsroom import approval, clips, signatures
from broadcaster.newsroom.approval import require_clip
from broadcaster.playout import airings
from broadcaster.playout.airings import Ending
from broadcaster.playout.material import ClipMaterial, Material, RelayMaterial
from broadcaster.playout.relay_claims import NotAired, window_of
from broadcaster.playout.relay_share import RelayShare
from broadcaster.playout.sounding import Lane
from broadcaster.store import Store
from broadcaster.store.models import Airing, AiringState, Approval, Kind, Source, Zone
from schedules.clock import LOCAL

logger = logging.getLogger(__name__)

BAD_SIGNATURE = "bad_signature"
NOT_AIRED = "Không phát; hãy kiểm tra bản tin, gửi duyệt lại và báo người quản trị."


@dataclass(frozen=True, slots=True)
class Claim:
    """An airing that is ours, and what it needs to be heard."""

    airing_id: str
    title: str
    material: Material
    length_s: float
    lanes: dict[int, Lane]
    """By output."""
    relay: RelayShare | None = None
    ends_by: datetime | None = None
    """It ends then, however late it starts."""
    incidents: tuple[str, ...] = ()

    def starting(self, at: datetime) -> Claim:
        """Return it as it is when it starts at `at`: a relay that is late loses its beginning."""
        if self.ends_by is None or not isinstance(self.material, RelayMaterial):
            return self
        length_s = max(0.0, min(self.length_s, (self.ends_by - at).total_seconds()))
        return replace(self, length_s=length_s, material=replace(self.material, length_s=length_s))


def claim(store: Store, airing_id: str, boot_id: str, now: datetime) -> Claim | None:
    """Bind an airing to this station and to its approval; None when it must not or cannot sound.

    Then its row says why: no signature that holds, or a clip whose bytes are no longer those signed.
    """
    signed = _sign_for(store, airing_id, boot_id, now)
    if signed is None:
        return None
    held, sha256 = signed
    if not sha256 or clips.is_intact(store.folder, sha256):
        return held
    logger.error("the clip of airing %s is not the one that was signed", airing_id)
    reason = "Bản thu bị mất hoặc đã thay đổi so với bản được duyệt."
    with store.write() as session:
        ending = Ending(AiringState.FAILED, "clip_changed", reason, now)
        airings.finish(session, airings.get(session, airing_id), AiringState.CLAIMED, ending)
    return None


def begin(store: Store, airing_id: str, at: datetime) -> bool:
    """Commit that an airing starts at `at`, before its first sample; False when it was taken away."""
    with store.write() as session:
        return airings.step(
            session, airing_id, AiringState.CLAIMED, AiringState.STARTED, started_at=at, seconds_heard=0.0
        )


def give_back(store: Store, boot_id: str) -> None:
    """Put back on the plan what this station claimed and then could not begin, the store having failed."""
    query = select(Airing.id).where(Airing.state == AiringState.CLAIMED, Airing.boot_id == boot_id)
    with store.read() as session:
        stranded = session.scalars(query).all()
    for airing_id in stranded:
        logger.warning("airing %s goes back on the plan: it was claimed and never begun", airing_id)
        with store.write() as session:
            airings.step(session, airing_id, AiringState.CLAIMED, AiringState.PLANNED, boot_id=None)


def _sign_for(store: Store, airing_id: str, boot_id: str, now: datetime) -> tuple[Claim, str] | None:
    """Return the claim and the SHA-256 of its clip, empty for a relay, which has none."""
    with store.write() as session:
        airing = airings.get(session, airing_id)
        signed = approval.standing_approval(session, airing.bulletin_id, now.astimezone(LOCAL).date())
        if signed is None:
            reason = "Không có chữ ký duyệt còn hiệu lực cho đúng bản này."
            airings.miss(session, airing, "not_approved", reason, now)
            return None
        if trouble := signatures.trouble(session, signed):
            logger.error("the signature under airing %s does not hold: %s", airing_id, trouble)
            ending = Ending(AiringState.FAILED, BAD_SIGNATURE, f"{trouble} {NOT_AIRED}", now)
            airings.finish(session, airing, AiringState.PLANNED, ending)
            return None
        try:
            held, sha256 = _held(session, store, airing, signed, now)
        except NotAired as error:
            airings.miss(session, airing, error.cause, error.reason, now)
            return None
        is_ours = airings.step(
            session,
            airing_id,
            AiringState.PLANNED,
            AiringState.CLAIMED,
            claimed_at=now,
            boot_id=boot_id,
            approval_id=signed.id,
        )
        return (held, sha256) if is_ours else None


def _held(
    session: Session, store: Store, airing: Airing, signed: Approval, now: datetime
) -> tuple[Claim, str]:
    """Return what would be aired under `signed`. Raises NotAired."""
    title, lanes = airing.bulletin.title, lanes_of(airing.zones)
    if airing.bulletin.source == Source.RELAY:
        window = window_of(session, store.folder, airing, signed, now)
        length_s, more = window.material.length_s, (RelayShare(), window.ends_by, window.incidents)
        return Claim(airing.id, title, window.material, length_s, lanes, *more), ""
    clip = require_clip(signed)
    # On the programme's bus it would be as quiet as the quieter hours of its zones.
    bus = "emergency" if airing.bulletin.kind == Kind.EMERGENCY else "programme"
    material = ClipMaterial(clips.path_of(store.folder, clip.sha256), bus)
    return Claim(airing.id, title, material, clip.seconds, lanes), clip.sha256


def lanes_of(zones: Iterable[Zone]) -> dict[int, Lane]:
    """Return one lane for each output that reaches one of `zones` that is still in use.

    All zones on one output hear one sound: it waits for the one with the longest delay.
    """
    lanes: dict[int, Lane] = {}
    for zone in (zone for zone in zones if zone.is_active):
        lane = lanes.setdefault(zone.output_id, Lane(zone.output_id, zone.output.name, ()))
        lane.zones = (*lane.zones, zone.name)
        lane.delay_s = max(each.delay_ms for each in zone.output.zones if each.is_active) / 1000
    return lanes
