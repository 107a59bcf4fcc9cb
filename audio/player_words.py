"""What the station and a player say to each other; `player_lines` carries it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from audio.outputs.spec import OutputSpec

BUSES = ("emergency", "live", "programme", "relay", "filler")
"""Highest first: what starts on one fades out what plays on those below."""

ATTENTION_S = 3.0
OPENINGS = ("", "attention")
"""What a queue may begin with: nothing, or the attention tone that every player holds in memory."""

LOWEST_GAIN_DB = -60.0
LONGEST_RAMP_S = 60.0

SILENCE_DBFS = -120.0
"""Stands for minus infinity, which JSON cannot write."""

NO_DEVICE_EXIT = 3
"""Exit code of a player whose device did not come back."""

How = Literal["whole", "cut", "failed"]
FaultKind = Literal["no_device", "device_lost", "bad_file", "bad_command", "starved", "not_kept"]
IncidentKind = Literal["relay_lost", "relay_back", "bad_part"]


@dataclass(frozen=True, slots=True)
class Ready:
    """The device is open and takes samples (also said again after it was lost)."""

    is_loudspeaker: bool
    device: str
    latency_s: float


@dataclass(frozen=True, slots=True)
class Armed:
    """The item's file is open and read ahead; `frames` remain to be played (of a queue: its opening)."""

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
class Incident:
    """Something that the history of one item should keep, although it goes on."""

    item: str
    kind: IncidentKind
    text: str


@dataclass(frozen=True, slots=True)
class Relayed:
    """How much of a relay was the stream itself so far, and how much was filled for it."""

    item: str
    stream_s: float
    filler_s: float


@dataclass(frozen=True, slots=True)
class Kept:
    """What the device accepted of `item` lies at `path` (WAV, 48 kHz, mono, 16 bit)."""

    item: str
    path: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Gone:
    """The player process ended. Said by the link, once per process; negative: killed by that signal."""

    exit_code: int


Word = Ready | Armed | Started | Report | Ended | Fault | Incident | Relayed | Kept | Gone


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
class Queue:
    """An item whose parts come while it plays: sentences of an alert, blocks of a live microphone.

    It begins with its opening, else with its first part; a moment in the past means now. Between parts it is
    silent and keeps its bus; it ends when it is finished and the last part has been heard. Seconds accepted
    are those of the opening and the parts, without the pauses.
    """

    item: str
    at_monotonic_s: float
    bus: str
    opening: str
    """One of OPENINGS."""


@dataclass(frozen=True, slots=True)
class Append:
    """One more part for a queue: a WAV like a clip's."""

    item: str
    path: Path


@dataclass(frozen=True, slots=True)
class Finish:
    """No more parts will come."""

    item: str


@dataclass(frozen=True, slots=True)
class Prepare:
    """Open another station's stream ahead of its `Relay`, silently."""

    item: str
    address: str


@dataclass(frozen=True, slots=True)
class Relay:
    """Another station's stream, strictly between two moments; opened when the command comes."""

    item: str
    address: str
    at_monotonic_s: float
    until_monotonic_s: float
    filler: Path | None
    """A clip to repeat while the stream is gone; None: a quiet tone of our own."""
    bus: str


@dataclass(frozen=True, slots=True)
class Gain:
    """How loud everything but the emergency bus is from now on, reached in `ramp_s` (at once in silence)."""

    gain_db: float
    """LOWEST_GAIN_DB to 0."""
    ramp_s: float
    """0 to LONGEST_RAMP_S."""


@dataclass(frozen=True, slots=True)
class Cut:
    item: str | None
    """None: everything."""
    fade_s: float


Command = Open | Arm | Queue | Append | Finish | Prepare | Relay | Gain | Cut
