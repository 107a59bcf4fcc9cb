"""The second pair of eyes on the schedule: a permitted person signs a programme as it stands.

Where the station asks for it, nothing of a programme sounds whose present definition nobody else signed.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Refused
from broadcaster.playout import planning
from broadcaster.records import audit
from broadcaster.store import facts
from broadcaster.store.models import Programme, ProgrammeSignature


def is_required(session: Session) -> bool:
    return facts.get(session, facts.SIGNED_SCHEDULE, False) is True


def definition(programme: Programme) -> str:
    """Return all that decides when and what `programme` sounds, as canonical JSON."""
    values = {
        "name": programme.name,
        "days": programme.days,
        "starts_at": programme.starts_at.isoformat(),
        "longest_s": programme.longest_s,
        "late_window_s": programme.late_window_s,
        "first_date": programme.first_date and programme.first_date.isoformat(),
        "last_date": programme.last_date and programme.last_date.isoformat(),
        "zones": sorted(zone.id for zone in programme.zones),
        "seasons": [
            [s.first_month, s.first_day, s.last_month, s.last_day, s.starts_at.isoformat()]
            for s in programme.seasons
        ],
        "parts": [[p.kind, p.title, p.bulletin_id, p.longest_s, p.takes] for p in programme.parts],
    }
    return json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def sign(session: Session, actor: Actor, programme_id: int, seen_sha256: str, now: datetime) -> None:
    """Sign a programme as it was seen; refused to who changed it last, and when it changed meanwhile."""
    require(actor, Permission.APPROVE)
    programme = planning.living_programme(session, programme_id)
    words = definition(programme)
    if digest(words) != seen_sha256:
        raise Refused(f"“{programme.name}” vừa được sửa; hãy xem lại rồi ký.")
    changed_by = programme.changed_by or programme.created_by
    if changed_by == actor.id and facts.get(session, facts.SELF_APPROVAL, False) is not True:
        raise Refused(f"Bạn là người sửa “{programme.name}” nên không thể tự ký; hãy nhờ người duyệt khác.")
    signature = ProgrammeSignature(
        programme_id=programme.id,
        definition=words,
        definition_sha256=seen_sha256,
        asked_by=changed_by,
        signed_by=actor.id,
        signed_at=now,
    )
    session.add(signature)
    audit.note(session, actor, "programme.signed", f"programme {programme.id}", now, sha256=seen_sha256)


def is_signed(session: Session, programme: Programme) -> bool:
    """Return whether the newest signature is under the programme as it stands."""
    return newest(session, programme.id) == digest(definition(programme))


def unsigned(session: Session) -> list[Programme]:
    """Return the programmes in use that wait for a signature; none where the station asks for none."""
    if not is_required(session):
        return []
    query = select(Programme).where(Programme.is_active).order_by(Programme.starts_at, Programme.id)
    return [programme for programme in session.scalars(query) if not is_signed(session, programme)]


def newest(session: Session, programme_id: int) -> str | None:
    latest = select(func.max(ProgrammeSignature.id)).where(ProgrammeSignature.programme_id == programme_id)
    query = select(ProgrammeSignature.definition_sha256).where(
        ProgrammeSignature.id == latest.scalar_subquery()
    )
    return session.scalar(query)


def digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()
