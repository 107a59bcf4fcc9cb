"""Whose warnings are taken in: feeds that are asked, certificates that prove a sender, who is obeyed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Invalid, NotFound
from broadcaster.playout import vouched, zones
from broadcaster.records import audit
from broadcaster.store.models import CapSource

LONGEST_NAME, LONGEST_ADDRESS = 80, 500


def save(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    source_id: int | None = None,
    name: str,
    address: str = "",
    certificate: str = "",
    is_obeyed: bool = False,
    zone_ids: Sequence[int] = (),
) -> CapSource:
    """Add a source, or change the one named; needs CONFIGURE.

    Whoever lets a source be obeyed answers for what it has said. Raises Invalid naming the field: `name`,
    `address`, `certificate`, `is_obeyed` (without a certificate nobody can be believed) or `zones`.
    """
    require(actor, Permission.CONFIGURE)
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(f"Hãy đặt tên cho nguồn, dài nhất {LONGEST_NAME} ký tự.", field="name")
    certificate = _checked_certificate(certificate)
    if is_obeyed and not certificate:
        raise Invalid("Muốn tự phát theo nguồn này thì phải có chứng thư số của nguồn.", field="is_obeyed")
    source = get(session, source_id) if source_id is not None else CapSource(created_at=now)
    source.name, source.address, source.certificate = name, _checked_address(address), certificate
    source.is_obeyed, source.created_by = is_obeyed, actor.id
    source.zone_ids = [zone.id for zone in zones.chosen(session, zone_ids)] if zone_ids else []
    session.add(source)
    session.flush()
    vouched.vouch(session, source)
    audit.note(session, actor, "cap.source_saved", f"source {source.id}", now, name=name, obeyed=is_obeyed)
    return source


def close(session: Session, actor: Actor, source_id: int, now: datetime) -> None:
    """Ask a source no more; what came from it stays."""
    require(actor, Permission.CONFIGURE)
    source = get(session, source_id)
    source.is_active = False
    vouched.vouch(session, source)
    audit.note(session, actor, "cap.source_closed", f"source {source.id}", now, name=source.name)


def get(session: Session, source_id: int) -> CapSource:
    source = session.get(CapSource, source_id)
    if source is None or not source.is_active:
        raise NotFound("Nguồn cảnh báo này không còn; hãy tải lại trang.")
    return source


def sources(session: Session, *, only_feeds: bool = False) -> list[CapSource]:
    query = select(CapSource).where(CapSource.is_active).order_by(CapSource.id)
    return list(session.scalars(query.where(CapSource.address != "") if only_feeds else query))


def _checked_certificate(text: str) -> str:
    from broadcaster.newsroom import cap_signature  # noqa: PLC0415 - 20 MB that the page seldom needs

    return cap_signature.checked_certificate(text) if text.strip() else ""


def _checked_address(address: str) -> str:
    address = address.strip()
    if not address:
        return ""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or len(address) > LONGEST_ADDRESS:
        raise Invalid("Địa chỉ nguồn phải bắt đầu bằng http:// hoặc https://.", field="address")
    if parts.username or parts.password:
        raise Invalid("Không ghi mật khẩu trong địa chỉ nguồn.", field="address")
    return address
