"""The sound cards of this machine, for the page to choose from, without loading anything that plays."""

from __future__ import annotations

import json
import logging
import subprocess
import sys

logger = logging.getLogger(__name__)


def names(wait_s: float = 4.0) -> list[str]:
    """Return the names under which an output may name its device; none when they cannot be listed.

    A process of its own is asked: a frozen sound server would hold the caller, and the page stays small.
    """
    try:
        asked = subprocess.run(
            (sys.executable, "-m", "audio.player", "--devices"),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=wait_s,
            check=True,
        )
        return [str(card["name"]) for card in json.loads(asked.stdout)]
    except (OSError, subprocess.SubprocessError, ValueError, KeyError, TypeError) as error:
        logger.warning("the sound cards of this machine cannot be listed: %s", error)
        return []
