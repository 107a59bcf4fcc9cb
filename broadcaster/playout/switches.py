"""What turns amplifiers and transmitters on and off: as people set it, as rows keep it, as it is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Invalid, NotFound, Refused
from broadcaster.playout.switch_calls import Call, call_of
from broadcaster.records import audit
from broadcaster.store.models import Output, Switch
from schedules.amplifier import Timing

WAYS = {"http": "Gọi thiết bị qua mạng (HTTP)", "command": "Chạy lệnh của trạm"}
LONGEST_LEAD_IN_S = 120.0
LONGEST_HOLD_S = 3600.0
LONGEST_ON_S = (60.0, 86_400.0)


@dataclass(frozen=True, slots=True)
class SwitchPlan:
    """One switch, ready to be used."""

    switch_id: int
    name: str
    on: Call
    off: Call
    state: Call | None
    expects: str
    """Stands in the answer to `state` while it is on."""
    timing: Timing

    @property
    def key_name(self) -> str:
        return key_name(self.switch_id)


def key_name(switch_id: int) -> str:
    """Return the name of its key (`playout.keys`)."""
    return f"switch-{switch_id}"


def switches(session: Session) -> list[Switch]:
    """Return those in use, by number."""
    return list(session.scalars(select(Switch).where(Switch.is_active).order_by(Switch.id)))


def plan_of(row: Switch) -> SwitchPlan:
    state = row.state_call
    return SwitchPlan(
        switch_id=row.id,
        name=row.name,
        on=call_of(row.way, row.on_call, "on"),
        off=call_of(row.way, row.off_call, "off"),
        state=call_of(row.way, state, "state") if state else None,
        expects=str((state or {}).get("expects", "")),
        timing=Timing(row.lead_in_s, row.hold_s, row.longest_on_s),
    )


def save_switch(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    switch_id: int | None = None,
    name: str,
    way: str,
    on_call: Mapping[str, Any],
    off_call: Mapping[str, Any],
    state_call: Mapping[str, Any] | None = None,
    timing: Timing | None = None,
) -> Switch:
    """Add a switch, or change the one named; needs CONFIGURE. Raises Invalid."""
    require(actor, Permission.CONFIGURE)
    if way not in WAYS:
        raise Invalid("Hãy chọn cách bật tắt trong danh sách.", field="way")
    for field, call in (("on", on_call), ("off", off_call), ("state", state_call)):
        if call is not None:
            call_of(way, call, field)
    if state_call is not None and not str(state_call.get("expects", "")).strip():
        raise Invalid("Hãy ghi chữ mà thiết bị trả lời khi đang bật.", field="expects")
    timing = _checked(timing or Timing())
    switch = _found(session, switch_id) if switch_id else Switch()
    switch.name = _own_name(session, name, switch_id)
    switch.way, switch.on_call, switch.off_call = way, dict(on_call), dict(off_call)
    switch.state_call = dict(state_call) if state_call is not None else None
    switch.lead_in_s, switch.hold_s = timing.lead_in_s, timing.hold_s
    switch.longest_on_s = timing.longest_on_s
    session.add(switch)
    session.flush()
    audit.note(session, actor, "switch.saved", f"switch {switch.id}", now, name=switch.name, way=way)
    return switch


def close_switch(session: Session, actor: Actor, switch_id: int, now: datetime) -> None:
    """Take a switch out of use; refused while an output needs it."""
    require(actor, Permission.CONFIGURE)
    switch = _found(session, switch_id)
    query = select(Output.name).where(Output.switch_id == switch_id, Output.is_active).order_by(Output.id)
    if users := list(session.scalars(query)):
        named = ", ".join(f"“{name}”" for name in users)
        raise Refused(f"“{switch.name}” đang dùng cho đường ra {named}; hãy đổi ở các đường ra đó trước.")
    switch.is_active = False
    audit.note(session, actor, "switch.closed", f"switch {switch.id}", now, name=switch.name)


def _found(session: Session, switch_id: int) -> Switch:
    switch = session.get(Switch, switch_id)
    if switch is None or not switch.is_active:
        raise NotFound("Bộ bật tắt này không còn; hãy tải lại trang.")
    return switch


def _own_name(session: Session, name: str, own_id: int | None) -> str:
    cleaned = " ".join(name.split())
    if not cleaned or len(cleaned) > 80:
        raise Invalid("Hãy đặt tên cho bộ bật tắt, nhiều nhất 80 chữ.", field="name")
    for other in switches(session):
        if other.id != own_id and other.name.casefold() == cleaned.casefold():
            raise Invalid(f"Đã có bộ bật tắt tên “{other.name}”; hãy đặt tên khác.", field="name")
    return cleaned


def _checked(timing: Timing) -> Timing:
    shortest, longest = LONGEST_ON_S
    for field, value, least, most, words in (
        (
            "lead_in_s",
            timing.lead_in_s,
            0.0,
            LONGEST_LEAD_IN_S,
            "Thời gian bật trước phải từ 0 đến 120 giây.",
        ),
        ("hold_s", timing.hold_s, 0.0, LONGEST_HOLD_S, "Thời gian giữ bật phải từ 0 đến 3.600 giây."),
        (
            "longest_on_s",
            timing.longest_on_s,
            shortest,
            longest,
            "Thời gian bật dài nhất phải từ 1 phút đến 24 giờ.",
        ),
    ):
        if not least <= value <= most:
            raise Invalid(words, field=field)
    return timing
