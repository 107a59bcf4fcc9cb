"""The sound cards of this machine, listed without loading anything that plays."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from dataclasses import dataclass

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Device:
    """A sound card of this machine."""

    name: str
    is_default: bool


def devices(wait_s: float = 4.0) -> list[Device]:
    """Return the sound cards of this machine; none when there is no card or the sound server hangs.

    Asked by a process of its own, because a frozen sound server would hold the caller for ever.
    """
    try:
        asked = subprocess.run(
            (sys.executable, "-m", "audio.player", "--devices"),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=wait_s,
            check=True,
        )
        return [Device(**card) for card in json.loads(asked.stdout)]
    except (OSError, subprocess.SubprocessError, ValueError, TypeError) as error:
        logger.warning("the sound cards of this machine cannot be listed: %s", error)
        return []
