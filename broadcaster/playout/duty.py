"""What the engine does besides the running order: alerts, a live microphone, loudness by the hour …"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from audio.player_words import Word
from broadcaster.playout.air import Air
from broadcaster.store import Store
from broadcaster.store.models import Command
from schedules.clock import Clock


class Duty(Protocol):
    """One such concern. Everything here is called by the engine's thread and must return at once."""

    kinds: frozenset[str]
    """The kinds of command (`store.models.Command`) that it obeys."""

    def obey(self, session: Session, command: Command, now: datetime) -> str:
        """Obey inside the write transaction that marks the command as taken; return what came of it."""

    def turn(self, now: datetime) -> None:
        """Called some twenty times a second."""

    def hear(self, output_id: int, word: Word) -> None:
        """Called for each word of a player, after the running order has taken it in."""

    def close(self) -> None:
        """The station is being stopped in order."""


DutyMaker = Callable[[Store, Clock, Air, str], Duty]
"""Called once at the start, with the number of this life of the station (`store.models.Boot.id`)."""
