"""Where it can be heard: zones (cụm loa) and the outputs through which they are reached."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Invalid, NotFound
from broadcaster.records import audit
from broadcaster.store.models import Output, Zone

Found = TypeVar("Found", Output, Zone)

KINDS = {"soundcard": "Card âm thanh của máy", "file": "Chỉ ghi ra tệp (không ra loa)"}
"""Kinds of output that this version offers, with the words for them."""


def ensure_first_zone(session: Session) -> None:
    """Give a new station one zone on the machine's own sound card, so that it can sound at once."""
    if session.scalar(select(Output.id).limit(1)) is None:
        output = Output(name="Loa của máy", kind="soundcard", target="", options={}, latency_ms=0.0)
        session.add(output)
        session.flush()
        session.add(Zone(name="Toàn phường", output_id=output.id))


def zones(session: Session, *, include_closed: bool = False) -> list[Zone]:
    """Return the zones in use, by number."""
    query = select(Zone).order_by(Zone.id)
    return list(session.scalars(query if include_closed else query.where(Zone.is_active)))


def outputs(session: Session) -> list[Output]:
    return list(session.scalars(select(Output).where(Output.is_active).order_by(Output.id)))


def chosen(session: Session, zone_ids: Sequence[int]) -> list[Zone]:
    """Return the zones asked for, or all zones in use when none is named; Invalid for an unknown one."""
    known = {zone.id: zone for zone in zones(session)}
    if not zone_ids:
        return list(known.values())
    if missing := [number for number in zone_ids if number not in known]:
        raise Invalid(f"Không có cụm loa số {missing[0]}; hãy chọn lại cụm loa.", field="zones")
    return [known[number] for number in dict.fromkeys(zone_ids)]


def save_output(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    output_id: int | None = None,
    name: str,
    kind: str,
    target: str = "",
    latency_ms: float = 0.0,
) -> Output:
    """Add an output, or change the one named; needs CONFIGURE."""
    require(actor, Permission.CONFIGURE)
    if kind not in KINDS:
        raise Invalid("Hãy chọn loại đường ra trong danh sách.", field="kind")
    if not 0 <= latency_ms <= 30_000:
        raise Invalid("Độ trễ phải từ 0 đến 30.000 mili giây.", field="latency_ms")
    output = _found(session, Output, output_id) if output_id else Output(options={})
    output.name = _name(name, "đường ra")
    output.kind, output.target, output.latency_ms = kind, target.strip(), latency_ms
    session.add(output)
    session.flush()
    audit.note(session, actor, "output.saved", f"output {output.id}", now, name=output.name, kind=kind)
    return output


def save_zone(
    session: Session, actor: Actor, now: datetime, *, zone_id: int | None = None, name: str, output_id: int
) -> Zone:
    """Add a zone, or change the one named; needs CONFIGURE."""
    require(actor, Permission.CONFIGURE)
    zone = _found(session, Zone, zone_id) if zone_id else Zone()
    zone.name = _name(name, "cụm loa")
    zone.output_id = _found(session, Output, output_id).id
    session.add(zone)
    session.flush()
    audit.note(session, actor, "zone.saved", f"zone {zone.id}", now, name=zone.name, output=output_id)
    return zone


def close_zone(session: Session, actor: Actor, zone_id: int, now: datetime) -> None:
    """Take a zone out of use; its past stays. The last zone cannot be closed."""
    require(actor, Permission.CONFIGURE)
    if len(zones(session)) == 1:
        raise Invalid("Đây là cụm loa cuối cùng; hãy thêm cụm loa khác trước khi ngừng dùng cụm này.")
    zone = _found(session, Zone, zone_id)
    zone.is_active = False
    audit.note(session, actor, "zone.closed", f"zone {zone.id}", now, name=zone.name)


def _found(session: Session, table: type[Found], number: int) -> Found:
    row = session.get(table, number)
    if row is None or not row.is_active:
        raise NotFound("Cụm loa hoặc đường ra này không còn; hãy tải lại trang.")
    return row


def _name(name: str, what: str) -> str:
    cleaned = " ".join(name.split())
    if not cleaned:
        raise Invalid(f"Hãy đặt tên cho {what}.", field="name")
    if len(cleaned) > 80:
        raise Invalid(f"Tên {what} dài quá 80 chữ; hãy rút ngắn.", field="name")
    return cleaned
