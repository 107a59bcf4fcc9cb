"""What the station and a player say to each other: one JSON object per line."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from audio.outputs.spec import OutputSpec

BUSES = ("emergency", "live", "programme", "relay", "filler")
"""Highest first: what starts on one fades out what plays on those below."""

SILENCE_DBFS = -120.0
"""Stands for minus infinity, which JSON cannot write."""

NO_DEVICE_EXIT = 3
"""Exit code of a player whose device did not come back."""

How = Literal["whole", "cut", "failed"]
FaultKind = Literal["no_device", "device_lost", "bad_file", "bad_command", "starved"]


@dataclass(frozen=True, slots=True)
class Ready:
    """The device is open and takes samples (also said again after it was lost)."""

    is_loudspeaker: bool
    device: str
    latency_s: float


@dataclass(frozen=True, slots=True)
class Armed:
    """The item's file is open and read ahead; `frames` remain to be played."""

    item: str
    frames: int


@dataclass(frozen=True, slots=True)
class Started:
    """The first sample is heard at this moment of time.monotonic()."""

    item: str
    at_monotonic_s: float


@dataclass(frozen=True, slots=True)
class Report:
    """What the device accepted so far, and how loud it was since the last report; item None: silence."""

    item: str | None
    position_s: float
    """From the beginning of the file: where to go on after a break."""
    seconds_accepted: float
    rms_dbfs: float
    peak_dbfs: float
    callback_age_s: float
    """Since the device last asked for samples; grows when it is dead."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The item's last word. `text` says why when it was not played whole."""

    item: str
    how: How
    seconds_accepted: float
    level_dbfs: float
    text: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something is wrong that a person should know; the player goes on unless it says Gone."""

    kind: FaultKind
    text: str


@dataclass(frozen=True, slots=True)
class Gone:
    """The player process ended. Said by the link, once per process; negative: killed by that signal."""

    exit_code: int


Word = Ready | Armed | Started | Report | Ended | Fault | Gone
_WORDS: dict[str, type[Word]] = {
    "ready": Ready,
    "armed": Armed,
    "started": Started,
    "report": Report,
    "ended": Ended,
    "fault": Fault,
}


@dataclass(frozen=True, slots=True)
class Open:
    """The first command: which output this player drives."""

    spec: OutputSpec


@dataclass(frozen=True, slots=True)
class Arm:
    item: str
    path: Path
    at_monotonic_s: float
    from_s: float
    bus: str


@dataclass(frozen=True, slots=True)
class Cut:
    item: str | None
    """None: everything."""
    fade_s: float


Command = Open | Arm | Cut


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
        case Arm():
            return _line({"do": "arm", **asdict(command), "path": str(command.path)})
        case Cut():
            return _line({"do": "cut", **asdict(command)})


def read_command(line: bytes) -> Command:
    """Raises BadLine."""
    fields = _fields(line)
    match fields.get("do"):
        case "open":
            return Open(_spec(fields))
        case "arm":
            return _arm(fields)
        case "cut":
            item = None if fields.get("item") is None else _text(fields, "item")
            return Cut(item, _seconds(fields, "fade_s", 0.1))
        case other:
            raise BadLine(f"no such command: {other!r:.40}")


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


def _arm(fields: dict[str, Any]) -> Arm:
    bus = _text(fields, "bus")
    if bus not in BUSES:
        raise BadLine(f"no such bus: {bus!r:.40}")
    at = _number(fields, "at_monotonic_s")
    return Arm(_text(fields, "item"), Path(_text(fields, "path")), at, _seconds(fields, "from_s", 0.0), bus)


def _spec_fields(spec: OutputSpec) -> dict[str, Any]:
    folder = None if spec.folder is None else str(spec.folder)
    return {
        "kind": spec.kind,
        "target": spec.target,
        "latency_s": spec.latency_s,
        "folder": folder,
        "options": dict(spec.options),
    }


def _spec(fields: dict[str, Any]) -> OutputSpec:
    folder = fields.get("folder")
    options = fields.get("options") or {}
    if not isinstance(options, Mapping):
        raise BadLine("options is not an object")
    return OutputSpec(
        _text(fields, "kind"),
        str(fields.get("target") or ""),
        _number(fields, "latency_s", 0.0),
        Path(folder) if isinstance(folder, str) else None,
        MappingProxyType(dict(options)),
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
