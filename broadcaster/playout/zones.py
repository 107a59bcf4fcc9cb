"""Where it can be heard: zones (cụm loa) and the outputs through which they are reached."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from audio.outputs.spec import OutputSpec
from audio.outputs.ways import NETWORK_KINDS, OPTIONS, BadWay, way_of
from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Invalid, NotFound, Refused
from broadcaster.playout import zone_levels
from broadcaster.records import audit
from broadcaster.store import facts
from broadcaster.store.models import Airing, AiringState, Output, Switch, Zone

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
SOUND_KINDS = {
    "horn": "Loa nén ngoài trời",
    "column": "Loa cột",
    "indoor": "Loa hộp trong nhà",
    "fm": "Máy phát FM",
    "stream": "Loa thông minh, loa qua mạng",
    "plain": "Loại khác (giữ nguyên âm thanh)",
}
"""What makes the sound in a zone: decides how recordings are made ready for it."""
SURROUNDINGS = {
    "homes": "Khu dân cư",
    "school": "Trường học",
    "hospital": "Bệnh viện, trạm y tế",
    "worship": "Nơi thờ tự",
    "office": "Trụ sở, cơ quan",
    "market": "Chợ, bến xe",
    "open": "Nơi trống, ít người ở",
}
"""Who hears it: decides the hours of quiet, whatever makes the sound."""
LONGEST_DELAY_MS = 10_000
LONGEST_LATENCY_MS = 30_000


def ensure_first_zone(session: Session) -> None:
    """Give a new station one zone on the machine's own sound card, so that it can sound at once."""
    if session.scalar(select(Output.id).limit(1)) is None:
        output = Output(name="Loa của máy", kind="soundcard", target="", options={}, latency_ms=0.0)
        session.add(output)
        session.flush()
        session.add(Zone(name="Toàn phường", output_id=output.id, sound_kind="plain"))


def zones(session: Session, *, include_closed: bool = False) -> list[Zone]:
    """Return the zones in use, by number."""
    query = select(Zone).order_by(Zone.id)
    return list(session.scalars(query if include_closed else query.where(Zone.is_active)))


def outputs(session: Session) -> list[Output]:
    """Return the outputs in use, by number, with their zones at hand."""
    query = select(Output).where(Output.is_active).order_by(Output.id)
    return list(session.scalars(query.options(selectinload(Output.zones))))


def zones_of(output: Output) -> list[Zone]:
    """Return the zones in use that `output` reaches."""
    return [zone for zone in output.zones if zone.is_active]


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
    switch_id: int | None = None,
) -> Output:
    """Add an output, or change the one named; needs CONFIGURE.

    Of `options` those of its kind are taken; what is not given stays as it was while the kind stays.
    `switch_id` names what turns on the amplifier behind it, None when that is always on.
    """
    require(actor, Permission.CONFIGURE)
    if kind not in KINDS:
        raise Invalid("Hãy chọn loại đường ra trong danh sách.", field="kind")
    if not 0 <= latency_ms <= LONGEST_LATENCY_MS:
        raise Invalid("Độ trễ phải từ 0 đến 30.000 mili giây.", field="latency_ms")
    output = _found(session, Output, output_id) if output_id else Output(options={})
    target, options = target.strip(), _options(output, kind, options or {})
    _check_way(kind, target, options)
    output.name = _own_name(name, "đường ra", outputs(session), output_id)
    output.kind, output.target, output.latency_ms, output.options = kind, target, latency_ms, options
    output.switch_id = _switch(session, switch_id)
    session.add(output)
    session.flush()
    audit.note(session, actor, "output.saved", f"output {output.id}", now, name=output.name, kind=kind)
    return output


def close_output(
    session: Session, actor: Actor, output_id: int, now: datetime, *, move_to: int | None = None
) -> None:
    """Take an output out of use; its past stays.

    Zones that use it go to the output `move_to`; without one it is refused, naming them.
    """
    require(actor, Permission.CONFIGURE)
    output = _found(session, Output, output_id)
    if _is_sounding(session, output):
        raise Refused(f"Đang phát qua đường ra “{output.name}”; hãy đợi phát xong hoặc dừng rồi làm lại.")
    users = zones_of(output)
    if users and move_to is None:
        raise Refused(
            f"Đường ra “{output.name}” đang dùng cho {_names(users)}; "
            "hãy chọn đường ra khác cho các cụm loa đó trước."
        )
    for zone in users:
        zone.output_id = _other(session, output, move_to).id
    output.is_active = False
    if facts.get(session, facts.DEFAULT_OUTPUT) == output.id:
        facts.put(session, facts.DEFAULT_OUTPUT, None)
    session.flush()
    moved = [zone.id for zone in users]
    audit.note(
        session, actor, "output.closed", f"output {output.id}", now, name=output.name, moved=moved, to=move_to
    )


def save_zone(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    zone_id: int | None = None,
    name: str,
    output_id: int,
    sound_kind: str = "horn",
    surroundings: str = "homes",
    levels: Iterable[Mapping[str, Any]] = (),
    delay_ms: int = 0,
) -> Zone:
    """Add a zone, or change the one named; needs CONFIGURE."""
    require(actor, Permission.CONFIGURE)
    for field, value, known in (
        ("sound_kind", sound_kind, SOUND_KINDS),
        ("surroundings", surroundings, SURROUNDINGS),
    ):
        if value not in known:
            raise Invalid("Hãy chọn một mục trong danh sách.", field=field)
    if not 0 <= delay_ms <= LONGEST_DELAY_MS:
        raise Invalid("Độ trễ phải từ 0 đến 10.000 phần nghìn giây.", field="delay_ms")
    zone = _found(session, Zone, zone_id) if zone_id else Zone()
    zone.name = _own_name(name, "cụm loa", zones(session), zone_id)
    zone.output_id = _found(session, Output, output_id).id
    zone.sound_kind, zone.surroundings, zone.delay_ms = sound_kind, surroundings, delay_ms
    zone.levels = zone_levels.checked(levels)
    session.add(zone)
    session.flush()
    settings = {"sound_kind": sound_kind, "surroundings": surroundings, "delay_ms": delay_ms}
    audit.note(
        session, actor, "zone.saved", f"zone {zone.id}", now,
        name=zone.name, output=output_id, levels=zone.levels, **settings,
    )  # fmt: skip
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


def _switch(session: Session, switch_id: int | None) -> int | None:
    switch = session.get(Switch, switch_id) if switch_id else None
    if switch_id and (switch is None or not switch.is_active):
        raise Invalid("Bộ bật tắt này không còn; hãy chọn lại.", field="switch_id")
    return switch.id if switch else None


def _is_sounding(session: Session, output: Output) -> bool:
    query = select(Airing.id).where(Airing.state.in_([AiringState.CLAIMED, AiringState.STARTED]))
    return session.scalar(query.where(Airing.zones.any(Zone.output_id == output.id)).limit(1)) is not None


def _other(session: Session, output: Output, move_to: int | None) -> Output:
    other = _found(session, Output, move_to or 0)
    if other.id == output.id:
        raise Invalid("Hãy chọn một đường ra khác với đường ra sắp ngừng dùng.", field="move_to")
    return other


def _found(session: Session, table: type[Found], number: int) -> Found:
    row = session.get(table, number)
    if row is None or not row.is_active:
        raise NotFound("Cụm loa hoặc đường ra này không còn; hãy tải lại trang.")
    return row


def _own_name(name: str, what: str, others: Sequence[Output | Zone], own_id: int | None) -> str:
    """Return the name tidied; Invalid when it is empty, too long or another's, however it is capitalised."""
    cleaned = _tidy(name)
    if not cleaned:
        raise Invalid(f"Hãy đặt tên cho {what}.", field="name")
    if len(cleaned) > 80:
        raise Invalid(f"Tên {what} dài quá 80 chữ; hãy rút ngắn.", field="name")
    for other in others:
        if other.id != own_id and _tidy(other.name).casefold() == cleaned.casefold():
            raise Invalid(f"Đã có {what} tên “{other.name}”; hãy đặt tên khác.", field="name")
    return cleaned


def _tidy(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split())


def _names(users: Sequence[Zone]) -> str:
    return "cụm loa " + ", ".join(f"“{zone.name}”" for zone in users)
