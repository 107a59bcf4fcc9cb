"""The station's word under orders that nobody has time to sign: it took them from somebody who may give them.

An emergency asks for no password, so it carries no person's signature. The process that took the order signs
its row with the station's key; a row that was put into the database by hand, or changed there, is not obeyed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.newsroom import signatures
from broadcaster.store import station_key
from broadcaster.store.models import Alert, CapSource, Live
from broadcaster.store.start_list import canonical

Row = Alert | CapSource | Live
NOT_OURS = "không do trạm này nhận từ người có quyền, hoặc đã bị sửa trong dữ liệu"


def vouch(session: Session, row: Row) -> None:
    """Put the station's word under `row` as it is now; it must have its number already."""
    row.vouched = station_key.of_session(session).sign(_said(row))


def holds(session: Session, row: Row) -> bool:
    """Return whether the station took `row`, and it is what it was then."""
    return row.vouched is not None and station_key.of_session(session).vouches(row.vouched, _said(row))


def trouble(session: Session, alert: Alert) -> str:
    """Return why `alert` must not sound, one sentence; empty when nothing is against it.

    A prepared order stands on its approver's signature besides.
    """
    if not holds(session, alert):
        return f"Lệnh khẩn cấp “{alert.title}” {NOT_OURS}; không phát. Hãy báo người quản trị."
    if alert.order_id is None or not (why := signatures.trouble(session, alert.approval)):
        return ""
    return f"Lệnh khẩn cấp “{alert.title}” không phát: {why}"


def adopt(session: Session) -> None:
    """Vouch for what stood before rows were vouched for: done once, when the list of that time is made."""
    for alert in session.scalars(select(Alert).where(Alert.ended_at.is_(None), Alert.vouched.is_(None))):
        vouch(session, alert)
    for source in session.scalars(select(CapSource).where(CapSource.vouched.is_(None))):
        vouch(session, source)


def _said(row: Row) -> bytes:
    if isinstance(row, Alert):
        return canonical({"what": "alert 1", **_alert(row)})
    if isinstance(row, Live):
        return canonical({"what": "live 1", **_live(row)})
    return canonical({"what": "cap source 1", **_source(row)})


def _alert(row: Alert) -> dict[str, Any]:
    return {
        "id": row.id,
        "source": row.source,
        "order": row.order_id,
        "bulletin": row.bulletin_id,
        "request": row.request_id,
        "approval": row.approval_id,
        "title": row.title,
        "reason": row.reason,
        "clip": row.clip_sha256,
        "script": row.script,
        "voice": [row.voice, row.rate],
        "is_drill": row.is_drill,
        "may_cut": row.may_cut,
        "repeat_every_s": row.repeat_every_s,
        "zones": sorted(zone.id for zone in row.request.zones),
        "raised": [row.raised_by, _moment(row.raised_at)],
        "expires_at": _moment(row.expires_at),
        "ended": [_moment(row.ended_at), row.ended_by, row.end_cause, row.end_reason],
        "says_all_clear": row.says_all_clear,
    }


def _live(row: Live) -> dict[str, Any]:
    return {
        "id": row.id,
        "person": row.person_id,
        "sign_in": row.sign_in,
        "title": row.title,
        "zones": row.zone_ids,
        "longest_s": row.longest_s,
        "waits": row.waits,
        "asked_at": _moment(row.asked_at),
    }


def _source(row: CapSource) -> dict[str, Any]:
    return {
        "id": row.id,
        "certificate": row.certificate,
        "is_obeyed": row.is_obeyed,
        "zones": row.zone_ids,
        "is_active": row.is_active,
        "by": row.created_by,
    }


def _moment(moment: datetime | None) -> str:
    return moment.astimezone(UTC).isoformat() if moment is not None else ""
