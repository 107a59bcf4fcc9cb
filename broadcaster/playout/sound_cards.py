"""The sound cards of this machine, for the page to choose from."""

from __future__ import annotations

from audio.outputs import cards


def names(wait_s: float = 4.0) -> list[str]:
    """Return the names under which an output may name its device; none when they cannot be listed."""
    return [card.name for card in cards.devices(wait_s)]
