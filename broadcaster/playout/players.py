"""The station's players: one process per output, killed when it hangs, started again, never waited for.

A sound card that is not there is stood in for by a file, which the page and every row say ("không ra loa"),
and is looked for again from time to time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from audio.outputs.spec import OutputSpec
from audio.player_link import NO_DEVICE_EXIT, PlayerLink
from audio.player_words import Fault, Gone, Ready, Report, Word
from broadcaster.playout.link import Link, LinkMaker

logger = logging.getLogger(__name__)

DEAF_S = 2.0
"""A player reports every second at most; one that says nothing for this long hangs."""
START_S = 8.0
"""A new process gets this long to say its first word."""
PAUSES_S = (0.2, 0.5, 1.0, 2.0, 5.0)
"""Waits before the first, second … restart of a player that keeps dying."""
NO_CARD = "Không thấy card âm thanh"
STOPPED = "Đường ra bị dừng đột ngột; đang mở lại"
STEADY_S = 30.0
"""Alive for this long: its next death counts as a first one."""
SEARCH_S = 20.0
"""How often a missing sound card is looked for."""
GRACE_S = 15.0
"""A sound card that worked until now is waited for so long (a sound server starts anew) before a file stands
in for it: what was cut off goes on when it comes back."""
MISSED_S = 600.0
"""A card that worked is looked for without a pause for so long after it went."""
SEARCH_TRIES = 120
"""A searching process looks twice a second, for a minute."""
AUDIBLE_DBFS = -60.0
DEVICE_FAULTS = frozenset({"no_device", "device_lost"})
"""Those that last until the player is ready again; the others are about one item, whose row tells them."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """One output as the store describes it."""

    output_id: int
    name: str
    spec: OutputSpec


@dataclass(slots=True)
class Player:
    """One output with its process."""

    wanted: Wanted
    link: Link
    started_at: float
    is_ready: bool = False
    is_loudspeaker: bool = False
    stands_in: bool = False
    """Writing to a file because the sound card is not there."""
    device: str = ""
    gain_db: float = 0.0
    """What it was last told; its reports of loudness are after it."""
    fault: str = ""
    fault_since: float | None = None
    heard_at: float | None = None
    """When people last could hear something from it; None: not in this life of the station."""
    lost_at: float | None = None
    """When it stopped to work, of one that had worked."""
    deaths: int = 0
    restart_at: float | None = None
    search: Link | None = field(default=None, repr=False)
    """A second process that looks whether the sound card is back."""
    search_at: float = 0.0
    is_found: bool = False

    def show(self, fault: str, now: float) -> None:
        """Show `fault` from now on, or that there is none; in other words it is still the same fault."""
        if not fault:
            self.fault_since = None
        elif self.fault_since is None:
            self.fault_since = now
        self.fault = fault


class Players:
    """All outputs of the station. Called from the engine's thread only; `hear` from the links' threads."""

    def __init__(
        self,
        folder: Path,
        post: Callable[[str, Word], None],
        monotonic: Callable[[], float],
        make_link: LinkMaker = PlayerLink,
    ) -> None:
        """`folder` takes what is written instead of heard; `post(link name, word)` must be thread-safe."""
        self._folder = folder
        self._post = post
        self._now = monotonic
        self._make_link = make_link
        self._players: dict[int, Player] = {}
        self._births = 0

    def all(self) -> tuple[Player, ...]:
        return tuple(self._players.values())

    def get(self, output_id: int) -> Player | None:
        return self._players.get(output_id)

    def want(self, outputs: Iterable[Wanted]) -> tuple[int, ...]:
        """Start players for new outputs, replace changed ones, close those no longer wanted.

        Returns the outputs whose player was ended; nothing more is heard of what it played.
        """
        wanted = {output.output_id: output for output in outputs}
        ended = tuple(
            number for number, player in self._players.items() if wanted.get(number) != player.wanted
        )
        for number in ended:
            self._forget(number)
        for number, output in wanted.items():
            if number not in self._players:
                self._players[number] = Player(output, self._born(output, output.spec), self._now())
        return ended

    def note(self, name: str, word: Word) -> int | None:
        """Take in a player's word; return the output it is about, None when it no longer matters."""
        number = int(name.partition(":")[0])
        player = self._players.get(number)
        if player is None:
            return None
        if name.endswith(":search"):
            self._note_search(player, word)
            return None
        if getattr(player.link, "name", name) != name:
            return None
        self._note_own(player, word)
        return number

    def tend(self, busy: Container[int] = ()) -> None:
        """Kill what hangs, restart what died, look for missing sound cards; `busy` outputs are left alone."""
        now = self._now()
        for number, player in self._players.items():
            patience = DEAF_S if player.is_ready else START_S
            if player.link.is_alive and player.link.last_word_age_s > patience:
                logger.error("player of output %s says nothing; killing it", player.wanted.output_id)
                player.link.kill()
            if player.restart_at is not None and now >= player.restart_at:
                self._restart(player, now)
            if player.is_found and number not in busy:
                self._swap(player)
            if player.stands_in and player.search is None and now >= player.search_at:
                self._start_search(player)

    def close(self) -> None:
        for number in list(self._players):
            self._forget(number)

    def _note_own(self, player: Player, word: Word) -> None:
        now = self._now()
        match word:
            case Ready():
                player.is_ready, player.device = True, word.device
                player.is_loudspeaker = word.is_loudspeaker
                player.lost_at = player.lost_at if player.stands_in else None
                player.show(NO_CARD if player.stands_in else "", now)
            case Fault(kind, text) if kind in DEVICE_FAULTS:
                self._note_loss(player, now)
                player.show(text, now)
            case Report(item=str(), rms_dbfs=level) if level > AUDIBLE_DBFS and player.is_loudspeaker:
                player.heard_at = now
            case Gone():
                self._note_death(player, word, now)
            case _:
                pass

    def _note_loss(self, player: Player, now: float) -> None:
        if player.is_ready and player.is_loudspeaker and player.lost_at is None:
            player.lost_at = now

    def _note_death(self, player: Player, word: Gone, now: float) -> None:
        self._note_loss(player, now)
        player.deaths = 1 if now - player.started_at > STEADY_S else player.deaths + 1
        player.is_ready = False
        pause = PAUSES_S[min(player.deaths, len(PAUSES_S)) - 1]
        has_no_card = word.exit_code == NO_DEVICE_EXIT and player.wanted.spec.kind == "soundcard"
        if has_no_card and not player.stands_in:
            pause = PAUSES_S[0] if self._may_return(player, now) else self._stand_in(player, now)
        else:
            logger.warning("player of output %s ended (%s)", player.wanted.output_id, word.exit_code)
        if word.exit_code and not player.fault:
            player.show(STOPPED, now)
        player.restart_at = now + pause

    def _may_return(self, player: Player, now: float) -> bool:
        return player.lost_at is not None and now - player.lost_at < GRACE_S

    def _stand_in(self, player: Player, now: float) -> float:
        """Let a file stand in for the card; return the pause before it does."""
        logger.info("output %s has no sound card; its sound goes to a file", player.wanted.output_id)
        player.stands_in, player.deaths = True, 0
        player.search_at = now + self._search_pause(player, now)
        return 0.0

    def _search_pause(self, player: Player, now: float) -> float:
        is_missed = player.lost_at is not None and now - player.lost_at < MISSED_S
        return PAUSES_S[0] if is_missed else SEARCH_S

    def _restart(self, player: Player, now: float) -> None:
        spec = player.wanted.spec
        if player.stands_in:
            spec = OutputSpec(kind="file", folder=self._folder, aircheck=spec.aircheck)
        try:
            player.link = self._born(player.wanted, spec)
        except OSError:
            # No memory or no process left: the other outputs go on, this one is tried again.
            logger.exception("no player for output %s", player.wanted.output_id)
            player.restart_at = now + PAUSES_S[-1]
            return
        player.started_at, player.restart_at = now, None

    def _start_search(self, player: Player) -> None:
        """Look with a process of its own; it keeps nothing, the stand-in has that folder meanwhile."""
        name, spec = f"{player.wanted.output_id}:search", player.wanted.spec
        patient = replace(spec, options={**spec.options, "reopen_tries": SEARCH_TRIES}, aircheck=None)
        search = self._make_link(name, patient, self._post)
        try:
            search.start()
        except OSError:
            logger.exception("no process to look for the card of output %s", player.wanted.output_id)
            player.search_at = self._now() + SEARCH_S
        else:
            player.search = search

    def _note_search(self, player: Player, word: Word) -> None:
        if isinstance(word, Gone):
            now = self._now()
            player.search, player.search_at = None, now + self._search_pause(player, now)
        elif isinstance(word, Ready) and word.is_loudspeaker:
            player.is_found = True

    def _swap(self, player: Player) -> None:
        """End the stand-in; the process that follows is the sound card again."""
        logger.info("sound card of output %s is back", player.wanted.output_id)
        if player.search is not None:
            player.search.kill()
        player.stands_in = player.is_found = False
        player.deaths, player.search, player.lost_at = 0, None, None
        player.show("", self._now())
        player.link.close(wait_s=0.5)

    def _born(self, wanted: Wanted, spec: OutputSpec) -> Link:
        self._births += 1
        link = self._make_link(f"{wanted.output_id}:{self._births}", spec, self._post)
        link.start()
        return link

    def _forget(self, number: int) -> None:
        player = self._players.pop(number)
        player.link.close(wait_s=0.5)
        if player.search is not None:
            player.search.kill()
