"""How the outputs are, as people see it: ready or not, on which device, since when wrong, when last heard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from broadcaster.playout import output_tests, zones
from broadcaster.store import pulse
from broadcaster.store.models import Command, Output
from web.context import reading, today, ward
from web.words import Badge, near_text

READY = Badge("sẵn sàng", "check", "green")
OPENING = Badge("đang mở", "clock", "amber")
BROKEN = Badge("có lỗi", "warning", "dark-red")
UNKNOWN = Badge("chưa có tin", "clock", "grey")
SILENT = Badge("không ra loa", "muted", "orange")


@dataclass(frozen=True, slots=True)
class OutputView:
    """One output with what the station tells of it now."""

    output: Output
    kind: str
    where: str
    """Device or address."""
    zones: tuple[str, ...]
    states: tuple[Badge, ...]
    fault: str
    """With since when; empty when all is well."""
    last_heard: str
    test: str
    """What came of the last test, with its hour."""
    is_test_good: bool


def outputs() -> list[OutputView]:
    """Return every output in use, by number."""
    beat = pulse.read(ward().store.folder, "station")
    signs = {row["output_id"]: row for row in beat.detail.get("outputs", [])} if beat is not None else {}
    tests = output_tests.latest(reading())
    return [
        _view(output, signs.get(output.id), tests.get(output.id), today())
        for output in zones.outputs(reading())
    ]


def _view(output: Output, sign: Mapping[str, Any] | None, test: Command | None, day: date) -> OutputView:
    return OutputView(
        output=output,
        kind=zones.KINDS.get(output.kind, output.kind),
        where=_where(output, sign or {}),
        zones=tuple(zone.name for zone in zones.zones_of(output)),
        states=tuple(_states(sign)),
        fault=_fault(sign or {}, day),
        last_heard=_near((sign or {}).get("last_heard"), day),
        test=f"{near_text(test.given_at, day)}: {test.outcome or 'bộ phát chưa trả lời.'}" if test else "",
        is_test_good=output_tests.is_good(test.outcome) if test else False,
    )


def _where(output: Output, sign: Mapping[str, Any]) -> str:
    if output.kind == "soundcard":
        return str(sign.get("device") or output.target or "thiết bị mặc định của máy")
    return output.target


def _states(sign: Mapping[str, Any] | None) -> Sequence[Badge]:
    if sign is None:
        return (UNKNOWN,)
    first = BROKEN if sign["fault"] else READY if sign["is_ready"] else OPENING
    return (first, SILENT) if sign["is_ready"] and not sign["is_loudspeaker"] else (first,)


def _fault(sign: Mapping[str, Any], day: date) -> str:
    if not sign.get("fault"):
        return ""
    since = _near(sign.get("fault_since"), day)
    return (f"từ {since}: " if since else "") + str(sign["fault"]).rstrip(".")


def _near(moment: str | None, day: date) -> str:
    return near_text(datetime.fromisoformat(moment), day) if moment else ""
