"""The duty that has an ear listen at a loudspeaker, when one is set up: was it truly heard?

The ear is a process of its own (`audio.ear`) on a monitor, a line or a microphone; it compares what the
output accepted with what came out. What it heard of an airing goes into the airing's history; when it hears
nothing for ten seconds, that is a fault on every page. It never touches what sounds.
"""

from __future__ import annotations

import logging
import queue
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from audio.ear_link import EarLink
from audio.ear_words import Deaf, Gone, Heard, Listen, Listening
from audio.ear_words import Word as EarWord
from audio.player_words import Word
from broadcaster import settings
from broadcaster.playout import aircheck_inbox
from broadcaster.playout.air import Air
from broadcaster.playout.faults import LASTS_S
from broadcaster.playout.players import Player
from broadcaster.store import Store
from broadcaster.store.models import Command
from schedules.clock import Clock

logger = logging.getLogger(__name__)

LOOK_S = 2.0
UNHEARD_S = 10.0
BEHIND_S = 8.0
"""A word that nothing is heard speaks of what was sent three to eight seconds before."""
AGAIN_S = (2.0, 5.0, 15.0, 60.0)
"""Waits before an ear that keeps ending is started again."""
DEAF_KEY, UNHEARD_KEY = "other ear", "output unheard"
"""The first word is what notices sort them by."""
SILENT_DBFS = -55.0
"""Less than this in all bands together is nothing at all."""


class Ear(Protocol):
    """What the duty needs of an ear; `audio.ear_link.EarLink` is the real one."""

    def close(self) -> None: ...


EarMaker = Callable[[Listen, Callable[[EarWord | Gone], None]], Ear]


@dataclass(slots=True)
class _Report:
    """What the ear heard of one airing so far."""

    compared_s: float = 0.0
    heard_s: float = 0.0
    unheard_since: float | None = None

    def as_details(self) -> dict[str, float]:
        return {"compared_s": round(self.compared_s, 1), "heard_s": round(self.heard_s, 1)}


class EarDuty:
    """Keeps the ear running and writes down what it says."""

    kinds: frozenset[str] = frozenset()

    def __init__(
        self,
        store: Store,
        clock: Clock,
        air: Air,
        boot_id: str,
        known: settings.Settings | None = None,
        make: EarMaker = EarLink,
    ) -> None:
        known = known or settings.load(store.folder)
        self._source, self._output_name = known.ear_device, known.ear_output
        self._folder = store.folder
        self._clock = clock
        self._air = air
        self._make = make
        self._words: queue.SimpleQueue[tuple[int, EarWord | Gone]] = queue.SimpleQueue()
        self._ear: Ear | None = None
        self._births = self._deaths = 0
        self._output: tuple[int, str] | None = None
        self._look_at = clock.monotonic()
        self._start_at = clock.monotonic()
        self._reports: dict[str, _Report] = {}

    def obey(self, session: Session, command: Command, now: datetime) -> str:
        raise AssertionError("no order is about this duty")

    def turn(self, now: datetime) -> None:
        if not self._source:
            return
        while not self._words.empty():
            number, word = self._words.get_nowait()
            if number == self._births:
                self._take_in(word, now)
        if self._clock.monotonic() >= self._look_at:
            self._look_at = self._clock.monotonic() + LOOK_S
            self._reports = {key: each for key, each in self._reports.items() if self._air.get(key)}
            self._keep_listening(now)

    def hear(self, output_id: int, word: Word) -> None:
        pass

    def close(self) -> None:
        if self._ear is not None:
            self._ear.close()
            self._ear = None

    # --- the process ---

    def _keep_listening(self, now: datetime) -> None:
        if not self._air.players.all():
            return  # none has been started yet
        player = self._listened_to()
        if player is None:
            name = f"“{self._output_name}” " if self._output_name else ""
            self._air.faults.note(DEAF_KEY, f"Tai nghe kiểm tra: không có đường ra {name}để nghe", now)
            return
        output = (player.wanted.output_id, player.wanted.name)
        if self._ear is not None and output[0] != (self._output or output)[0]:
            self.close()
        self._output = output
        if self._ear is None and self._clock.monotonic() >= self._start_at:
            self._start(output[0])

    def _listened_to(self) -> Player | None:
        """Return the output whose sound the ear is to hear: the one named, else the first sound card."""
        players = sorted(self._air.players.all(), key=lambda player: player.wanted.output_id)
        if self._output_name:
            return next((each for each in players if each.wanted.name == self._output_name), None)
        return next((each for each in players if each.wanted.spec.kind == "soundcard"), None)

    def _start(self, output_id: int) -> None:
        self._births += 1
        number = self._births
        command = Listen(self._source, aircheck_inbox.incoming(self._folder, output_id))
        try:
            self._ear = self._make(command, lambda word: self._words.put((number, word)))
        except OSError as error:
            logger.error("no ear: %s", error)
            self._note_end()

    def _note_end(self) -> None:
        self.close()
        self._deaths += 1
        self._start_at = self._clock.monotonic() + AGAIN_S[min(self._deaths, len(AGAIN_S)) - 1]

    # --- its words ---

    def _take_in(self, word: EarWord | Gone, now: datetime) -> None:
        match word:
            case Listening(device):
                logger.info("the ear listens to %s", device)
                self._air.faults.clear(DEAF_KEY)
            case Deaf(text):
                self._air.faults.note(DEAF_KEY, f"Tai nghe kiểm tra: {text}", now)
            case Heard():
                self._deaths = 0
                self._note_heard(word, now)
            case Gone():
                self._note_end()

    def _note_heard(self, word: Heard, now: datetime) -> None:
        sounding = self._air.get(word.item)
        if sounding is None:
            return
        report = self._reports.setdefault(word.item, _Report())
        report.compared_s += word.fresh_s
        report.heard_s += word.fresh_s if word.is_same else 0.0
        sounding.details["ear"] = report.as_details()
        if word.is_same:
            report.unheard_since = None
            self._air.faults.clear(UNHEARD_KEY)
            return
        moment = self._clock.monotonic()
        if report.unheard_since is None:
            report.unheard_since = moment - BEHIND_S
        if moment - report.unheard_since >= UNHEARD_S:
            self._tell_unheard(sounding.title, word, now)

    def _tell_unheard(self, title: str, word: Heard, now: datetime) -> None:
        where = self._output[1] if self._output else ""
        what = (
            "không nghe thấy gì"
            if word.level_dbfs < SILENT_DBFS
            else "không nghe thấy bản tin, chỉ có tiếng khác"
        )
        self._air.faults.note(UNHEARD_KEY, f"{where}: {what} ở loa khi đang phát “{title}”", now, LASTS_S)
