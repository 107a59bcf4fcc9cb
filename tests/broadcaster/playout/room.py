"""A whole playout with a clock and players that only a test moves: everything but the sound is real."""

from __future__ import annotations

import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select

from audio.outputs.spec import OutputSpec
from audio.player_words import (
    LONGEST_RAMP_S,
    LOWEST_GAIN_DB,
    NO_DEVICE_EXIT,
    OPENINGS,
    SILENCE_DBFS,
    Armed,
    Ended,
    Fault,
    Gone,
    Incident,
    Ready,
    Relayed,
    Report,
    Started,
    Word,
)
from broadcaster.newsroom import bulletins
from broadcaster.playout import boot
from broadcaster.playout.air import Air
from broadcaster.playout.duty import DutyMaker
from broadcaster.playout.engine import Engine
from broadcaster.playout.players import Players, Wanted
from broadcaster.store import Store
from broadcaster.store.models import (
    Airing,
    Bulletin,
    History,
    Output,
    Zone,
)
from tests.clocks import FakeClock
from tests.desk import Desk

STEP_S = 0.25
TONE_S = 3.0
ENDLESS_S = 86_400.0


@dataclass
class FakeQueue:
    """What a queue holds, and how much of it was heard: the pauses between its parts do not count."""

    holds_s: float
    heard_s: float = 0.0
    seen_at: float = 0.0
    is_finished: bool = False

    @property
    def is_over(self) -> bool:
        return self.is_finished and self.heard_s >= self.holds_s

    def play_until(self, now: float) -> None:
        self.heard_s = min(self.holds_s, self.heard_s + now - self.seen_at)
        self.seen_at = now


class Window(NamedTuple):
    """One relay as a player was told to play it."""

    item: str
    address: str
    at: float
    until: float
    filler: Path | None


@dataclass
class FakePlayer:
    """A player without sound that keeps time by the test's clock and holds what was heard.

    Asserts what a real one relies on: one start at a time, WAV files that are there.
    """

    name: str
    spec: OutputSpec
    hear: Callable[[str, Word], None]
    clock: FakeClock
    is_alive: bool = False
    is_deaf: bool = False
    is_loudspeaker: bool = True
    cards: set[str] = field(default_factory=set)
    """Sound cards that are not there now, by the name that an output asks for; shared by all players."""
    items: dict[str, tuple[float, float, float]] = field(default_factory=dict)
    """Armed items: (start, from_s, length_s)."""
    begun: set[str] = field(default_factory=set)
    queues: dict[str, FakeQueue] = field(default_factory=dict)
    queue_names: set[str] = field(default_factory=set)
    gains: list[float] = field(default_factory=list)
    buses: dict[str, str] = field(default_factory=dict)
    """On which bus each clip was armed last."""
    prepared: list[tuple[str, str]] = field(default_factory=list)
    """Streams that were opened ahead: (item, address)."""
    windows: list[Window] = field(default_factory=list)
    """Relays asked for."""
    relay_gap_s: float = 0.0
    """How much of each relay is filled instead of received."""
    ticked_at: float = 0.0
    heard: list[tuple[str, float, float]] = field(default_factory=list)
    """(item, from second, to second) in the order heard."""

    @property
    def last_word_age_s(self) -> float:
        return 99.0 if self.is_deaf else 0.0

    def start(self) -> None:
        assert not self.is_alive
        self.is_alive = True
        self.is_loudspeaker = self.spec.kind == "soundcard"
        if self.is_loudspeaker and self.spec.target in self.cards:
            self.hear(self.name, Fault("no_device", "Không mở được card âm thanh."))
            if "reopen_tries" not in self.spec.options:
                self.die(NO_DEVICE_EXIT)
            return
        self.hear(self.name, Ready(self.is_loudspeaker, "test", 0.0))

    def arm(
        self, item: str, path: Path, at_monotonic_s: float, from_s: float = 0.0, bus: str = "programme"
    ) -> None:
        with wave.open(str(path)) as clip:
            length_s = clip.getnframes() / clip.getframerate()
        self.items[item], self.buses[item] = (at_monotonic_s, from_s, length_s), bus
        self.hear(self.name, Armed(item, round(length_s * 48000)))

    def begin_queue(self, item: str, at_monotonic_s: float, bus: str, opening: str = "") -> None:
        assert opening in OPENINGS
        self.items[item] = (at_monotonic_s, 0.0, ENDLESS_S)
        self.queues[item] = FakeQueue(TONE_S if opening else 0.0)
        self.queue_names.add(item)
        self.hear(self.name, Armed(item, round(self.queues[item].holds_s * 48000)))

    def append(self, item: str, path: Path) -> None:
        queue = self._queue(item)
        if queue is None or queue.is_finished:
            return
        try:
            with wave.open(str(path)) as clip:
                queue.holds_s += clip.getnframes() / clip.getframerate()
        except (OSError, EOFError, wave.Error):
            self.hear(self.name, Incident(item, "bad_part", f"Không mở được tệp âm thanh {path.name}."))

    def finish(self, item: str) -> None:
        if (queue := self._queue(item)) is not None:
            queue.is_finished = True

    def prepare(self, item: str, address: str) -> None:
        self.prepared.append((item, address))

    def relay(
        self,
        item: str,
        address: str,
        at_monotonic_s: float,
        until_monotonic_s: float,
        filler: Path | None = None,
        bus: str = "relay",
    ) -> None:
        assert until_monotonic_s > at_monotonic_s and bus == "relay"
        self.items[item] = (at_monotonic_s, 0.0, until_monotonic_s - at_monotonic_s)
        self.windows.append(Window(item, address, at_monotonic_s, until_monotonic_s, filler))
        self.hear(self.name, Armed(item, 0))

    def gain(self, gain_db: float, ramp_s: float = 1.0) -> None:
        assert LOWEST_GAIN_DB <= gain_db <= 0.0 and 0.0 <= ramp_s <= LONGEST_RAMP_S
        self.gains.append(gain_db)

    def cut(self, item: str | None = None, fade_s: float = 0.1) -> None:
        for name in list(self.items) if item is None else [item] if item in self.items else []:
            self._end(name, "cut")

    def kill(self) -> None:
        self.die(-9)

    def close(self, wait_s: float = 2.0) -> None:
        self.die(0)

    def die(self, exit_code: int) -> None:
        if self.is_alive:
            for item in list(self.items):
                self._keep(item)
            self.items.clear()
            self.queues.clear()
            self.begun.clear()
            self.is_alive = False
            self.hear(self.name, Gone(exit_code))

    def ends(self) -> list[float]:
        """Return the monotonic moments at which what is armed will be over."""
        return [start + length_s - from_s for start, from_s, length_s in self.items.values()]

    def tick(self) -> None:
        """Play until now: start what is due, report, end what is over."""
        if "reopen_tries" in self.spec.options and self.spec.target not in self.cards:
            self.hear(self.name, Ready(True, "test", 0.0))
        self._tick()
        self.ticked_at = self.clock.monotonic()

    def _tick(self) -> None:
        for item, (start, from_s, length_s) in list(self.items.items()):
            now = self.clock.monotonic()
            if now < start:
                continue
            if item in self.queues:
                self._play_queue(item, start, now)
                continue
            if item not in self.begun:
                self.begun.add(item)
                self.hear(self.name, Started(item, start))
            if now - start >= length_s - from_s:
                self._end(item, "whole")
            else:
                self.hear(self.name, Report(item, from_s + now - start, now - start, -18.0, -3.0, 0.01))

    def _queue(self, item: str) -> FakeQueue | None:
        """Return None for one that is over: a real player does nothing then. Strangers are a fault."""
        assert item in self.queue_names, f"no queue {item} was begun"
        return self.queues.get(item)

    def _play_queue(self, item: str, start: float, now: float) -> None:
        """A queue begins with its first sound, pauses while it has none, and ends once it is finished."""
        queue = self.queues[item]
        if item not in self.begun and not queue.holds_s and not queue.is_finished:
            return
        if item not in self.begun:
            self.begun.add(item)
            queue.seen_at = max(start, self.ticked_at)
            self.hear(self.name, Started(item, queue.seen_at))
        before_s = queue.heard_s
        queue.play_until(now)
        if queue.is_over:
            self._end(item, "whole")
        elif queue.heard_s:
            level_dbfs = -18.0 if queue.heard_s > before_s else SILENCE_DBFS
            self.hear(self.name, Report(item, queue.heard_s, queue.heard_s, level_dbfs, level_dbfs, 0.01))

    def _seconds(self, item: str) -> float:
        if item in self.queues:
            return self.queues[item].heard_s
        start, from_s, length_s = self.items[item]
        return min(max(0.0, self.clock.monotonic() - start), length_s - from_s)

    def _keep(self, item: str) -> float:
        seconds, from_s = self._seconds(item), self.items[item][1]
        if seconds > 0:
            self.heard.append((item, from_s, from_s + seconds))
        return seconds

    def _end(self, item: str, how: str) -> None:
        seconds = self._keep(item)
        del self.items[item]
        self.queues.pop(item, None)
        self.begun.discard(item)
        if any(window.item == item for window in self.windows):
            gap_s = min(self.relay_gap_s, seconds)
            self.hear(self.name, Relayed(item, seconds - gap_s, gap_s))
        self.hear(self.name, Ended(item, how, seconds, -18.0 if seconds else -120.0))  # type: ignore[arg-type]


class Room(Desk):
    """A station in a test: `run(seconds)` lets time pass, `rows()` are its airings."""

    def __init__(self, folder: Path, clock: FakeClock, duties: Sequence[DutyMaker] = ()) -> None:
        super().__init__(Store(folder), clock)
        self.duties = duties
        self.clock: FakeClock = clock
        self.players: list[FakePlayer] = []
        self.heard_before: list[tuple[str, float, float]] = []
        self.cards_gone: set[str] = set()
        self.engine: Engine | None = None

    # --- the station ---

    def add_zone(self, name: str) -> int:
        """Add a zone with a sound card of its own; return its number."""
        with self.store.write() as session:
            output = Output(name=f"Card {name}", kind="soundcard", target=name, options={}, latency_ms=0)
            session.add(output)
            session.flush()
            zone = Zone(name=name, output_id=output.id)
            session.add(zone)
            session.flush()
            return zone.id

    def boot(self) -> None:
        """Start a station, as after a power cut if one ran before."""
        with self.store.write() as session:
            life, outage = boot.begin(session, self.clock.now())
        self.boot_id = life.id
        players = Players(self.store.folder / "heard", self._hear, self.clock.monotonic, self._link)
        air = self.air = Air(players, self.clock)
        self.engine = Engine(self.store, self.clock, air, life.id, outage, self._wanted, self.duties)
        self.turn()

    def unplug(self, card: str = "") -> None:
        """Take a sound card away: its player goes, and no other finds it."""
        self.cards_gone.add(card)
        for player in self.players:
            if player.is_alive and (player.spec.kind, player.spec.target) == ("soundcard", card):
                player.die(NO_DEVICE_EXIT)

    def plug_in(self, card: str = "") -> None:
        self.cards_gone.discard(card)

    def pull_the_plug(self) -> None:
        """The machine is dead: nothing is written, the players fall silent."""
        self.engine = None
        for player in self.players:
            player.hear = lambda *_: None
            player.die(-9)
        self.heard_before += self.heard_now
        self.players = [player for player in self.players if player.is_alive]

    def turn(self, times: int = 2) -> None:
        """Let the players play until now and the engine have `times` turns: the next sees what one did."""
        assert self.engine is not None
        for player in self.players:
            if player.is_alive:
                player.tick()
        for _ in range(times):
            self.engine.turn(wait_s=0)

    def run(self, seconds: float, step_s: float = STEP_S) -> None:
        for _ in range(round(seconds / step_s)):
            self.clock.advance(step_s)
            self.turn()

    def run_to(self, moment: datetime) -> None:
        self.run((moment - self.clock.now()).total_seconds())

    def at(self, seconds: float) -> datetime:
        return self.clock.now() + timedelta(seconds=seconds)

    @property
    def player(self) -> FakePlayer:
        """The newest one that plays; one that only looks for its card does not count."""
        return [p for p in self.players if p.is_alive and "reopen_tries" not in p.spec.options][-1]

    @property
    def heard_now(self) -> list[tuple[str, float, float]]:
        return [each for player in self.players for each in player.heard]

    @property
    def heard(self) -> list[tuple[str, float, float]]:
        """Return all that was ever heard, also before the plug was pulled."""
        return [*self.heard_before, *self.heard_now]

    # --- what the store says ---

    def row(self, airing_id: str) -> Airing:
        with self.store.read() as session:
            airing = session.get(Airing, airing_id)
            assert airing is not None
            return airing

    def history(self) -> list[History]:
        with self.store.read() as session:
            return list(session.scalars(select(History).order_by(History.id)))

    def bulletin(self, number: int) -> Bulletin:
        with self.store.read() as session:
            return bulletins.get(session, number)

    def _hear(self, name: str, word: Word) -> None:
        if self.engine is not None:
            self.engine.hear(name, word)
        else:
            self._early = (name, word)

    def _link(self, name: str, spec: OutputSpec, hear: Callable[[str, Word], None]) -> FakePlayer:
        player = FakePlayer(name, spec, hear, self.clock, cards=self.cards_gone)
        self.players.append(player)
        return player

    def _wanted(self, session: object) -> list[Wanted]:
        rows = session.scalars(select(Output).where(Output.is_active))  # type: ignore[attr-defined]
        return [Wanted(row.id, row.name, OutputSpec(row.kind, row.target)) for row in rows]
