"""One way out for sound, as it is described; apart from `output`, so that naming one needs no samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class OutputSpec:
    """One way out, as the station knows it."""

    kind: str
    """`soundcard`, `file`, `icecast`, `rtp` or `snapcast`."""
    target: str = ""
    """Name of the sound card (empty: the machine's default), or the address of a network output."""
    latency_s: float = 0.0
    """Constant from the target second to what is heard, measured on site; 0: the output's own default."""
    folder: Path | None = None
    """Where the file output writes."""
    options: Mapping[str, Any] = field(default_factory=dict)
    aircheck: Path | None = None
    """Where the player keeps what its device accepted, one WAV per item; None: it keeps nothing."""
