"""Correcting the history: never a changed row, always a new one that points at the old and says why.

What a machine measured or a person signed is no matter of opinion: times, lengths, levels, results, names,
texts and sound stand as they were written. A person may put right the words that describe an airing, add a
remark, and say that loudspeakers were silent although the outputs accepted the sound: less was heard, never
more. Nobody can make an airing out of a missed one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Invalid, NotFound, Refused
from broadcaster.records import audit, chain, search
from broadcaster.store.models import Approval, History, Kind

SILENT = "người phụ trách xác nhận loa không có tiếng"
"""The fault of a zone of which a person says that it was not heard."""
LONGEST_REASON = 300
LONGEST_TITLE = 200
_KEPT = frozenset({"id", "written_at", "previous_hash", "row_hash", "words_id", "corrects_id"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How the row should read; what is as it was is no correction."""

    title: str
    topic: str
    kind: str
    silent: frozenset[str]
    """Names of the zones that were not heard although their outputs accepted the sound."""
    remark: str
    reason: str


def now_reads(row: History) -> Wanted:
    """Return how `row` reads, for a form to begin with; the reason is empty."""
    return Wanted(
        title=row.title,
        topic=row.topic,
        kind=row.kind,
        silent=frozenset(zone["zone"] for zone in row.zones if zone.get("fault") == SILENT),
        remark=str(told(row).get("remark", "")),
        reason="",
    )


def correct(session: Session, actor: Actor, row_id: int, wanted: Wanted, now: datetime) -> History:
    """Write a row that stands in the place of row `row_id`, inside a write transaction.

    Raises NotPermitted, NotFound, Invalid naming the field, Refused when nothing would change or the row was
    corrected already.
    """
    require(actor, Permission.CORRECT)
    row = session.get(History, row_id)
    if row is None:
        raise NotFound(f"Nhật ký không có dòng số {row_id}.")
    _refuse_second(session, row)
    _check(row, wanted)
    changes = _changes(row, wanted)
    if not changes:
        raise Refused("Chưa có gì khác với dòng đang có; hãy sửa chỗ cần đính chính rồi gửi lại.")
    new = _corrected(session, row, wanted, actor, changes)
    new.written_at = now
    chain.link(session, new)
    subject = f"history {new.id}"
    audit.note(session, actor, "history.corrected", subject, now, row=row.id, reason=wanted.reason)
    return new


def told(row: History) -> Mapping[str, Any]:
    """Return who corrected with `row` what, and why; empty for a row that corrects nothing."""
    return (row.details or {}).get("correction", {}) if row.corrects_id is not None else {}


def by_row(session: Session, row_ids: list[int]) -> dict[int, int]:
    """Return the number of the correcting row for those of `row_ids` that are corrected."""
    query = select(History.corrects_id, History.id).where(History.corrects_id.in_(row_ids))
    return {old: new for old, new in session.execute(query) if old is not None}


def may_be_silent(row: History) -> list[str]:
    """Return the zones of which a person may say that they were not heard: those that a machine says were."""
    was_loud = row.on_loudspeaker or any(zone.get("fault") == SILENT for zone in row.zones)
    return [
        zone["zone"] for zone in row.zones if was_loud and (zone["seconds_heard"] or "measured_s" in zone)
    ]


def _refuse_second(session: Session, row: History) -> None:
    later = by_row(session, [row.id]).get(row.id)
    if later is not None:
        raise Refused(f"Dòng {row.id} đã được đính chính bằng dòng {later}; hãy đính chính dòng {later}.")


def _check(row: History, wanted: Wanted) -> None:
    if not 3 <= len(wanted.reason) <= LONGEST_REASON:
        raise Invalid("Hãy ghi lý do đính chính, từ 3 đến 300 ký tự.", field="reason")
    if not 1 <= len(wanted.title) <= LONGEST_TITLE:
        raise Invalid("Hãy ghi tiêu đề, nhiều nhất 200 ký tự.", field="title")
    if wanted.kind not in set(Kind) or (row.source == "alert" and wanted.kind != row.kind):
        raise Invalid("Loại tin của lượt phát này không đổi được như vậy.", field="kind")
    if not wanted.silent <= set(may_be_silent(row)):
        raise Invalid(
            "Chỉ cụm loa mà máy đã ghi là có phát mới xác nhận được là không nghe thấy.", field="silent"
        )


def _changes(row: History, wanted: Wanted) -> dict[str, Any]:
    """Return what was there before, by field, of all that `wanted` changes."""
    before, after = asdict(now_reads(row)), asdict(wanted)
    changed = {name for name in after if name != "reason" and before[name] != after[name]}
    return {name: sorted(before[name]) if name == "silent" else before[name] for name in sorted(changed)}


def _corrected(
    session: Session, row: History, wanted: Wanted, actor: Actor, changes: dict[str, Any]
) -> History:
    values = {
        column.key: getattr(row, column.key)
        for column in History.__table__.columns
        if column.key not in _KEPT
    }
    zones = [_zone(zone, wanted.silent) for zone in row.zones]
    is_loud = any(zone["seconds_heard"] for zone in zones) if may_be_silent(row) else row.on_loudspeaker
    correction = {"by": actor.name, "reason": wanted.reason, "remark": wanted.remark, "before": changes}
    return History(
        **values
        | {
            "title": wanted.title,
            "topic": wanted.topic,
            "kind": wanted.kind,
            "zones": zones,
            "on_loudspeaker": is_loud,
            "details": {**(row.details or {}), "correction": correction},
            "words_id": _words(session, row, wanted.title),
            "corrects_id": row.id,
        }
    )


def _zone(zone: Mapping[str, Any], silent: frozenset[str]) -> dict[str, Any]:
    """Return `zone` as silent or as it was measured; what was measured stays in it."""
    measured_s = zone.get("measured_s", zone["seconds_heard"])
    if zone["zone"] in silent:
        return {**zone, "seconds_heard": 0.0, "measured_s": measured_s, "fault": SILENT}
    if zone.get("fault") != SILENT:
        return dict(zone)
    return {
        **{key: value for key, value in zone.items() if key != "measured_s"},
        "seconds_heard": measured_s,
        "fault": "",
    }


def _words(session: Session, row: History, title: str) -> int:
    approval = session.get(Approval, row.approval_id) if row.approval_id is not None else None
    return search.keep(session, f"{title} {approval.spoken if approval else ''}")
