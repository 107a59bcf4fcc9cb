"""The life of one airing: planned, claimed, started, and the one end it comes to.

Every step is one conditional UPDATE (`WHERE id = … AND state = …`): the caller whose update changed a row
owns the step, so nothing sounds twice, whoever else believes it is in charge. The end and its history row
are one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session, joinedload, selectinload

from broadcaster.accounts.permissions import Actor
from broadcaster.errors import NotFound
from broadcaster.newsroom.languages import VIETNAMESE
from broadcaster.records import history
from broadcaster.records.history import HistoryEntry
from broadcaster.store.models import Airing, AiringState, Approval, Bulletin, Person, Zone


@dataclass(frozen=True, slots=True)
class Ending:
    """How one airing ended, as far as the outputs can tell."""

    state: AiringState
    cause: str
    reason: str
    ended_at: datetime
    started_at: datetime | None = None
    """When the first sample was accepted; None when nothing was heard."""
    seconds_heard: float = 0.0
    level_dbfs: float | None = None
    on_loudspeaker: bool = False
    zones: Sequence[dict[str, Any]] = ()
    seconds_planned: float = 0.0
    """Of what has no clip: a relay, a live microphone, an alert."""
    source: str = ""
    """`alert` for an alert; empty: that of the bulletin."""
    details: Mapping[str, Any] = field(default_factory=dict)


def get(session: Session, airing_id: str) -> Airing:
    airing = session.get(Airing, airing_id)
    if airing is None:
        raise NotFound("Lượt phát này không còn; hãy tải lại trang.")
    return airing


def step(session: Session, airing_id: str, before: AiringState, after: AiringState, **values: Any) -> bool:
    """Move an airing from `before` to `after`; False when somebody else was first."""
    changed = session.execute(
        update(Airing).where(Airing.id == airing_id, Airing.state == before).values(state=after, **values)
    )
    return isinstance(changed, CursorResult) and changed.rowcount == 1


def finish(session: Session, airing: Airing, before: AiringState, ending: Ending) -> bool:
    """End an airing and write its history row; False, and no row, when it was no longer in `before`."""
    owned = step(
        session,
        airing.id,
        before,
        ending.state,
        cause=ending.cause,
        reason=ending.reason,
        ended_at=ending.ended_at,
        seconds_heard=ending.seconds_heard,
        on_loudspeaker=ending.on_loudspeaker,
    )
    if owned:
        history.add(
            session,
            entry(session, session.scalars(_WHOLE, {"airing_id": airing.id}).one(), ending),
            ending.ended_at,
        )
    return owned


_WHOLE = (
    select(Airing)
    .where(Airing.id == bindparam("airing_id"))
    .options(
        joinedload(Airing.bulletin).joinedload(Bulletin.author),
        joinedload(Airing.approval).options(
            joinedload(Approval.clip), joinedload(Approval.author), joinedload(Approval.approver)
        ),
        joinedload(Airing.programme),
        joinedload(Airing.request),
        joinedload(Airing.alert),
        selectinload(Airing.zones).joinedload(Zone.output),
    )
    .execution_options(populate_existing=True)
)
"""An airing as it is now, with all that its history row names; built once, for it is asked very often."""


def cancel(
    session: Session, airing: Airing, cause: str, reason: str, now: datetime, *, operator: Actor | None = None
) -> bool:
    """Take a coming airing off the plan for good; the history keeps who and why."""
    words = f"{reason} ({operator.name})" if operator and reason else reason
    return finish(session, airing, AiringState.PLANNED, Ending(AiringState.CANCELLED, cause, words, now))


def supersede(session: Session, airing: Airing, cause: str, reason: str, now: datetime) -> bool:
    """Replace a coming airing by another one: a moved or re-planned occurrence is not an end of its own."""
    return step(
        session,
        airing.id,
        AiringState.PLANNED,
        AiringState.SUPERSEDED,
        cause=cause,
        reason=reason,
        ended_at=now,
        seconds_heard=0.0,
    )


def miss(session: Session, airing: Airing, cause: str, reason: str, now: datetime) -> bool:
    """Write down that a coming airing did not sound, and why; False when a person was quicker."""
    return finish(session, airing, AiringState.PLANNED, Ending(AiringState.MISSED, cause, reason, now))


def entry(session: Session, airing: Airing, ending: Ending) -> HistoryEntry:
    """Return what the history keeps of `airing`: names and hashes as they are now, not links."""
    bulletin, approval = airing.bulletin, airing.approval
    return HistoryEntry(
        airing_id=airing.id,
        result=ending.state.value,
        cause=ending.cause,
        reason=ending.reason,
        planned_at=airing.planned_at,
        started_at=ending.started_at,
        ended_at=ending.ended_at,
        seconds_planned=_seconds_planned(approval, ending),
        seconds_heard=round(ending.seconds_heard, 3),
        level_dbfs=None if ending.level_dbfs is None else round(ending.level_dbfs, 2),
        on_loudspeaker=ending.on_loudspeaker,
        zones=list(ending.zones) or [_unheard(zone.name, zone.output.name) for zone in airing.zones],
        programme=airing.programme.name if airing.programme else "",
        bulletin_id=bulletin.id,
        title=_title(airing, ending),
        kind=bulletin.kind,
        topic=bulletin.topic,
        is_self_approved=approval.is_self_approved if approval else False,
        operator=_name(session, airing.placed_by),
        source=ending.source or ("alert" if airing.alert else bulletin.source),
        details={**_said_in(bulletin), **_overrides(airing), **_of_alert(airing), **ending.details} or None,
        **{**_signed(approval, bulletin.author.name), **_said_live(ending)},
    )


def _title(airing: Airing, ending: Ending) -> str:
    title = airing.bulletin.title
    if airing.alert is not None and airing.alert.is_drill:
        title = f"Diễn tập: {title}"
    return f"Báo kết thúc: {title}" if "all_clear" in ending.details else title


def _of_alert(airing: Airing) -> dict[str, Any]:
    """Return what the history keeps of the alert that was said, and how often it had been by then."""
    alert = airing.alert
    if alert is None:
        return {}
    about = {"alert": alert.id, "turn": airing.part, "why": alert.reason}
    return {**about, "drill": True} if alert.is_drill else about


def _said_live(ending: Ending) -> dict[str, Any]:
    """Return who spoke where it was not the signed clip that sounded."""
    live = ending.details.get("live_voice")
    return {"clip_sha256": None, "engine": live["engine"], "voice": live["voice"]} if live else {}


def _overrides(airing: Airing) -> dict[str, Any]:
    """Return the limits that were broken knowingly for this airing, each with who and why."""
    return {"overrides": airing.request.overrides} if airing.request.overrides else {}


def _said_in(bulletin: Bulletin) -> dict[str, str]:
    """Name the language where it is not Vietnamese: broadcasts in minority languages are counted."""
    return {"language": bulletin.language} if bulletin.language != VIETNAMESE else {}


def _signed(approval: Approval | None, author: str) -> dict[str, Any]:
    if approval is None:
        return {
            "written_sha256": None,
            "spoken_sha256": None,
            "clip_sha256": None,
            "engine": "",
            "voice": "",
            "lexicon": "",
            "author": author,
            "approver": "",
            "approved_at": None,
            "approval_id": None,
            "spoken": "",
        }
    return {
        "written_sha256": approval.written_sha256,
        "spoken_sha256": approval.spoken_sha256,
        "clip_sha256": approval.clip_sha256,
        "engine": approval.clip.engine if approval.clip else "",
        "voice": approval.clip.voice if approval.clip else "",
        "lexicon": approval.lexicon,
        "author": approval.author.name,
        "approver": approval.approver.name,
        "approved_at": approval.approved_at,
        "approval_id": approval.id,
        "spoken": approval.spoken,
    }


def _seconds_planned(approval: Approval | None, ending: Ending) -> float:
    if approval is not None and approval.clip is not None:
        return approval.clip.seconds
    return ending.seconds_planned


def _unheard(zone: str, output: str) -> dict[str, Any]:
    return {"zone": zone, "output": output, "seconds_heard": 0.0, "level_dbfs": None, "fault": ""}


def _name(session: Session, person_id: int | None) -> str:
    person = session.get(Person, person_id) if person_id is not None else None
    return person.name if person else ""
