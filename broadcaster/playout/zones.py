"""Where it can be heard: zones (cụm loa) and the outputs through which they are reached."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.outputs.spec import OutputSpec
from audio.outputs.ways import NETWORK_KINDS, OPTIONS, BadWay, way_of
from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Invalid, NotFound
from broadcaster.records import audit
from broadcaster.store.models import Output, Zone

Found = TypeVar("Found", Output, Zone)

KINDS = {
    "soundcard": "Card âm thanh của máy",
    "icecast": "Máy chủ Icecast (loa qua internet)",
    "rtp": "Loa mạng RTP (đa hướng)",
    "snapcast": "Snapcast (nhiều loa phát đồng bộ)",
    "file": "Chỉ ghi ra tệp (không ra loa)",
}
"""Kinds of output that this version offers, with the words for them."""
NETWORKED = frozenset(NETWORK_KINDS)
"""Those with an address in place of a device."""


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
    options: Mapping[str, Any] | None = None,
) -> Output:
    """Add an output, or change the one named; needs CONFIGURE.

    Of `options` those of its kind are taken; what is not given stays as it was while the kind stays.
    """
    require(actor, Permission.CONFIGURE)
    if kind not in KINDS:
        raise Invalid("Hãy chọn loại đường ra trong danh sách.", field="kind")
    if not 0 <= latency_ms <= 30_000:
        raise Invalid("Độ trễ phải từ 0 đến 30.000 mili giây.", field="latency_ms")
    output = _found(session, Output, output_id) if output_id else Output(options={})
    target, options = target.strip(), _options(output, kind, options or {})
    _check_way(kind, target, options)
    output.name = _name(name, "đường ra")
    output.kind, output.target, output.latency_ms, output.options = kind, target, latency_ms, options
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


def _options(output: Output, kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    kept = output.options if output.kind == kind else {}
    return {**kept, **{name: given[name] for name in OPTIONS.get(kind, ()) if name in given}}


def _check_way(kind: str, target: str, options: Mapping[str, Any]) -> None:
    if kind not in NETWORKED:
        return
    try:
        way_of(OutputSpec(kind, target, options=options))
    except BadWay as error:
        raise Invalid(str(error), field=error.field) from error


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
