"""The lines between the station and a player: one JSON object each, and nothing else is understood."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import Any

from audio.outputs.spec import OutputSpec
from audio.player_words import (
    BUSES,
    LONGEST_RAMP_S,
    LOWEST_GAIN_DB,
    OPENINGS,
    Append,
    Arm,
    Armed,
    Command,
    Cut,
    Ended,
    Fault,
    Finish,
    Gain,
    Incident,
    Kept,
    Open,
    Prepare,
    Queue,
    Ready,
    Relay,
    Relayed,
    Report,
    Started,
    Word,
)

_WORDS: dict[str, type[Word]] = {
    "ready": Ready,
    "armed": Armed,
    "started": Started,
    "report": Report,
    "ended": Ended,
    "fault": Fault,
    "incident": Incident,
    "relayed": Relayed,
    "kept": Kept,
}


class BadLine(ValueError):
    """A line that is no word or command of ours."""


def word_line(word: Word) -> bytes:
    return _line({"word": type(word).__name__.lower(), **asdict(word)})


def read_word(line: bytes) -> Word:
    """Raises BadLine."""
    fields = _fields(line)
    kind = _WORDS.get(str(fields.pop("word", "")))
    if kind is None:
        raise BadLine("no such word")
    try:
        return kind(**fields)
    except TypeError as error:
        raise BadLine(str(error)) from error


def command_line(command: Command) -> bytes:
    match command:
        case Open(spec):
            return _line({"do": "open", **_spec_fields(spec)})
        case Arm() | Append():
            return _line({**_named(command), "path": str(command.path)})
        case Relay(filler=filler):
            return _line({**_named(command), "filler": None if filler is None else str(filler)})
        case Queue() | Finish() | Prepare() | Gain() | Cut():
            return _line(_named(command))


def read_command(line: bytes) -> Command:
    """Raises BadLine."""
    fields = _fields(line)
    read = _READERS.get(str(fields.get("do")))
    if read is None:
        raise BadLine(f"no such command: {fields.get('do')!r:.40}")
    return read(fields)


def _line(fields: dict[str, Any]) -> bytes:
    return json.dumps(fields, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def _fields(line: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadLine(f"not JSON: {error}") from error
    if not isinstance(fields, dict):
        raise BadLine("not an object")
    return fields


def _named(command: Arm | Queue | Append | Finish | Prepare | Relay | Gain | Cut) -> dict[str, Any]:
    return {"do": type(command).__name__.lower(), **asdict(command)}


def _arm(fields: dict[str, Any]) -> Arm:
    at, from_s = _number(fields, "at_monotonic_s"), _seconds(fields, "from_s", 0.0)
    return Arm(_text(fields, "item"), Path(_text(fields, "path")), at, from_s, _bus(fields))


def _cut(fields: dict[str, Any]) -> Cut:
    item = None if fields.get("item") is None else _text(fields, "item")
    return Cut(item, _seconds(fields, "fade_s", 0.1))


def _queue(fields: dict[str, Any]) -> Queue:
    opening = fields.get("opening") or ""
    if opening not in OPENINGS:
        raise BadLine(f"no such opening: {opening!r:.40}")
    return Queue(_text(fields, "item"), _number(fields, "at_monotonic_s"), _bus(fields), opening)


def _gain(fields: dict[str, Any]) -> Gain:
    gain_db, ramp_s = _number(fields, "gain_db"), _number(fields, "ramp_s", 1.0)
    if not LOWEST_GAIN_DB <= gain_db <= 0.0:
        raise BadLine("gain_db is out of range")
    if not 0.0 <= ramp_s <= LONGEST_RAMP_S:
        raise BadLine("ramp_s is out of range")
    return Gain(gain_db, ramp_s)


def _relay(fields: dict[str, Any]) -> Relay:
    at, until = _number(fields, "at_monotonic_s"), _number(fields, "until_monotonic_s")
    filler = None if fields.get("filler") is None else Path(_text(fields, "filler"))
    return Relay(_text(fields, "item"), _text(fields, "address"), at, until, filler, _bus(fields))


def _bus(fields: dict[str, Any]) -> str:
    bus = _text(fields, "bus")
    if bus not in BUSES:
        raise BadLine(f"no such bus: {bus!r:.40}")
    return bus


def _spec_fields(spec: OutputSpec) -> dict[str, Any]:
    folder = None if spec.folder is None else str(spec.folder)
    return {
        "kind": spec.kind,
        "target": spec.target,
        "latency_s": spec.latency_s,
        "folder": folder,
        "options": dict(spec.options),
        "aircheck": None if spec.aircheck is None else str(spec.aircheck),
    }


def _spec(fields: dict[str, Any]) -> OutputSpec:
    folder = fields.get("folder")
    aircheck = fields.get("aircheck")
    options = fields.get("options") or {}
    if not isinstance(options, Mapping):
        raise BadLine("options is not an object")
    return OutputSpec(
        _text(fields, "kind"),
        str(fields.get("target") or ""),
        _number(fields, "latency_s", 0.0),
        Path(folder) if isinstance(folder, str) else None,
        MappingProxyType(dict(options)),
        Path(aircheck) if isinstance(aircheck, str) else None,
    )


def _text(fields: dict[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value or "\0" in value:
        raise BadLine(f"{name} is not a text")
    return value


def _number(fields: dict[str, Any], name: str, default: float | None = None) -> float:
    value = fields.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise BadLine(f"{name} is not a number")
    return float(value)


def _seconds(fields: dict[str, Any], name: str, default: float) -> float:
    value = _number(fields, name, default)
    if not 0.0 <= value <= 86_400.0:
        raise BadLine(f"{name} is out of range")
    return value


_READERS: dict[str, Callable[[dict[str, Any]], Command]] = {
    "open": lambda fields: Open(_spec(fields)),
    "arm": _arm,
    "queue": _queue,
    "append": lambda fields: Append(_text(fields, "item"), Path(_text(fields, "path"))),
    "finish": lambda fields: Finish(_text(fields, "item")),
    "prepare": lambda fields: Prepare(_text(fields, "item"), _text(fields, "address")),
    "relay": _relay,
    "gain": _gain,
    "cut": _cut,
}
