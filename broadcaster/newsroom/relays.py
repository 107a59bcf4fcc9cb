"""Relays: bulletins whose sound is another station's stream. Signed is not the sound, which nobody knows
beforehand, but its description: name, address, length, and what sounds while the stream is gone.

The description is written from the row by one function and by nothing else, so that at air time the row can
be held against what was signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from audio import relay_address
from audio.relay_address import BadAddress, checked_address
from broadcaster.accounts.permissions import Actor
from broadcaster.errors import Invalid, NotFound, Refused
from broadcaster.newsroom import bulletins
from broadcaster.newsroom.bulletins import Draft
from broadcaster.store.models import (
    Approval,
    ApprovalEnd,
    Bulletin,
    BulletinState,
    Clip,
    Kind,
    Relay,
    Source,
    Version,
)

LONGEST_MINUTES = 180
LONGEST_ADDRESS = relay_address.LONGEST_ADDRESS
_SHARED = ("title", "kind", "topic", "valid_from", "valid_until")


@dataclass(frozen=True, slots=True)
class RelayDraft:
    """What an officer fills in."""

    title: str
    address: str
    minutes: int
    filler_sha256: str = ""
    """One of `fillers`; empty: the station's own quiet tone."""
    kind: str = Kind.ROUTINE
    topic: str = ""
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class FillerChoice:
    """A signed clip that may sound while a stream is gone."""

    sha256: str
    title: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Signed:
    """A relay as it was signed, ready to be aired."""

    address: str
    length_s: float
    filler_sha256: str | None


def write(session: Session, actor: Actor, draft: RelayDraft, now: datetime) -> Bulletin:
    """Return a new relay in draft. Raises NotPermitted or Invalid (`field` is a field of RelayDraft)."""
    row = _row(session, draft)
    bulletin = bulletins.write(session, actor, _bulletin_draft(draft, row), now)
    bulletin.source = Source.RELAY
    _keep(session, bulletin, row)
    return bulletin


def edit(
    session: Session, actor: Actor, bulletin_id: int, draft: RelayDraft, based_on: int, now: datetime
) -> Bulletin:
    """Save a new version; voids the approval like any edit. Raises what `bulletins.edit` raises."""
    bulletin = get(session, bulletin_id)
    row, before = _row(session, draft, of_version(session, bulletin.version_id)), bulletin.version_id
    bulletins.edit(session, actor, bulletin_id, _bulletin_draft(draft, row), based_on, now)
    if bulletin.version_id != before:
        _keep(session, bulletin, row)
    return bulletin


def get(session: Session, bulletin_id: int) -> Bulletin:
    """Raises NotFound, also for a bulletin that is no relay."""
    bulletin = bulletins.get(session, bulletin_id)
    if bulletin.source != Source.RELAY:
        raise NotFound(f"Bản tin số {bulletin_id} không phải tiếp âm.")
    return bulletin


def all_relays(session: Session) -> list[Bulletin]:
    """Return every relay, last changed first."""
    query = select(Bulletin).where(Bulletin.source == Source.RELAY)
    return list(session.scalars(query.order_by(Bulletin.changed_at.desc(), Bulletin.id.desc())))


def of_version(session: Session, version_id: int | None) -> Relay | None:
    return session.get(Relay, version_id) if version_id is not None else None


def draft_of(session: Session, bulletin: Bulletin) -> RelayDraft:
    """Return the relay as its form shows it."""
    row = of_version(session, bulletin.version_id)
    if row is None:
        raise NotFound(f"Bản tin số {bulletin.id} không có địa chỉ tiếp âm.")
    shared = {name: getattr(bulletin, name) for name in _SHARED}
    return RelayDraft(
        address=row.address, minutes=row.minutes, filler_sha256=row.filler_sha256 or "", **shared
    )


def fillers(session: Session) -> list[FillerChoice]:
    """Return the recordings whose signature stands, music first: any of them may fill a gap."""
    query = (
        select(Bulletin, Clip)
        .join(Approval, Approval.bulletin_id == Bulletin.id)
        .join(Clip, Clip.sha256 == Approval.clip_sha256)
        .where(
            Bulletin.source == Source.RECORDING,
            Bulletin.state == BulletinState.APPROVED,
            Approval.version_id == Bulletin.version_id,
            Approval.id.not_in(select(ApprovalEnd.approval_id)),
        )
        .order_by(Bulletin.is_music.desc(), Bulletin.title)
    )
    found = {
        clip.sha256: FillerChoice(clip.sha256, each.title, clip.seconds)
        for each, clip in session.execute(query)
    }
    return list(found.values())


def description(title: str, row: Relay) -> str:
    """Return the text that is signed: everything that decides what will sound, and nothing else."""
    filler = "tiếng chờ của trạm"
    if row.filler_sha256 is not None:
        filler = f"phát lặp lại “{row.filler_title}” (bản thu {row.filler_sha256})"
    return "\n".join(
        (
            f"Tiếp âm: {title}",
            f"Địa chỉ nguồn: {row.address}",
            f"Thời lượng: {row.minutes} phút",
            f"Khi mất nguồn: {filler}",
        )
    )


# --- what is signed, what is aired ---


def require_seen(session: Session, bulletin_id: int, version_number: int) -> None:
    """Raise Refused unless the relay that waits is the one that the approver had before them.

    A clip is named by the form that signs it; a relay has none, so its version stands in for it.
    """
    bulletin = bulletins.get(session, bulletin_id)
    is_relay = bulletin.source == Source.RELAY
    if is_relay and (bulletin.version is None or bulletin.version.number != version_number):
        raise Refused(
            f"“{bulletin.title}” đã được sửa sau khi bạn mở trang này; hãy tải lại trang, xem lại rồi duyệt."
        )


def ready(session: Session, bulletin: Bulletin) -> None:
    """There is no clip to hear; raises Refused while the description is not that of the stream."""
    row = of_version(session, bulletin.version_id)
    written = bulletin.version.written if bulletin.version is not None else ""
    if row is None or written != description(bulletin.title, row):
        raise Refused(f"“{bulletin.title}” chưa có địa chỉ tiếp âm; hãy sửa ở trang Tiếp âm rồi gửi duyệt.")


def says(_session: Session, _bulletin: Bulletin) -> str:
    """No words of ours are said."""
    return ""


def signed_relay(session: Session, approval: Approval) -> Signed | None:
    """Return what may be aired under `approval`; None when the row no longer says what was signed."""
    version = session.get(Version, approval.version_id)
    row = of_version(session, approval.version_id)
    if version is None or row is None:
        return None
    is_as_signed = bulletins.sha256_of(description(version.title, row)) == approval.written_sha256
    return Signed(row.address, row.minutes * 60.0, row.filler_sha256) if is_as_signed else None


# --- what a draft may hold ---


def _row(session: Session, draft: RelayDraft, before: Relay | None = None) -> Relay:
    """Return the row of a version to come; raises Invalid."""
    try:
        address = checked_address(draft.address)
    except BadAddress as error:
        raise Invalid(str(error), field="address") from error
    if not 1 <= draft.minutes <= LONGEST_MINUTES:
        raise Invalid(f"Thời lượng từ 1 đến {LONGEST_MINUTES} phút.", field="minutes")
    if draft.kind == Kind.EMERGENCY:
        raise Invalid("Tiếp âm là tin thông thường hoặc ưu tiên; tin khẩn cấp có trang riêng.", field="kind")
    sha256, title = _filler(session, draft, before)
    return Relay(address=address, minutes=draft.minutes, filler_sha256=sha256, filler_title=title)


def _filler(session: Session, draft: RelayDraft, before: Relay | None) -> tuple[str | None, str]:
    if not draft.filler_sha256:
        return None, ""
    if before is not None and before.filler_sha256 == draft.filler_sha256:
        return before.filler_sha256, before.filler_title
    for choice in fillers(session):
        if choice.sha256 == draft.filler_sha256:
            return choice.sha256, choice.title
    raise Invalid("Bản thu chờ đã chọn không còn chữ ký duyệt; hãy chọn bản khác.", field="filler_sha256")


def _bulletin_draft(draft: RelayDraft, row: Relay) -> Draft:
    shared = {name: getattr(draft, name) for name in _SHARED}
    title = bulletins.checked(Draft(written="", **shared)).title
    return Draft(written=description(title, row), **shared)


def _keep(session: Session, bulletin: Bulletin, row: Relay) -> None:
    if bulletin.version_id is None:
        raise NotFound(f"Bản tin số {bulletin.id} không có nội dung.")
    row.version_id = bulletin.version_id
    session.add(row)
    session.flush()
