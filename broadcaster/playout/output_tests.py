"""The duty that tries an output with a chime that says what it is: a test, never an airing.

It leaves no history row; who asked for it and what came of it stand in the audit trail and on the page.
"""

from __future__ import annotations

import logging
import threading
import wave
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.player_words import Ended, Gone, Word
from broadcaster.playout import chime_file
from broadcaster.playout.air import Air
from broadcaster.playout.players import Player
from broadcaster.playout.running_order import standing_hold
from broadcaster.records import audit
from broadcaster.store import Store
from broadcaster.store.models import Command
from schedules.clock import Clock

logger = logging.getLogger(__name__)

KIND = "chime"
BUS = "filler"
"""Anything real goes before a test."""
SOON_S = 0.2
LATE_S = 20.0
"""Longer than this after it should have ended nothing is heard of it any more."""
PLAYING = "Đang phát chuông thử."
HEARD = "Chuông thử đã ra loa"


@dataclass(slots=True)
class _Test:
    """One chime on its way."""

    command_id: int
    output_id: int
    armed_at: float | None = None
    give_up_at: float = 0.0
    verdict: str = ""
    heard_s: float = 0.0

    @property
    def item(self) -> str:
        return f"{KIND}-{self.command_id}"


class OutputTests:
    """At most one test for each output at a time."""

    kinds = frozenset({KIND})

    def __init__(self, store: Store, clock: Clock, air: Air, boot_id: str) -> None:
        self._store = store
        self._clock = clock
        self._air = air
        self._tests: dict[int, _Test] = {}
        self._maker: threading.Thread | None = None

    def obey(self, session: Session, command: Command, now: datetime) -> str:
        output_id = command.output_id or 0
        if standing_hold(session) is not None:
            return "Đang dừng tất cả nên không phát chuông thử."
        player = self._air.players.get(output_id)
        if player is None or not player.is_ready:
            return f"Chưa phát được chuông thử: {_why_not(player)}."
        if output_id in self._air.busy_outputs() or output_id in self._tests:
            # It would wait in the player for its turn, and sound even after a stop-all.
            return "Đường ra này đang phát; hãy thử chuông khi phát xong."
        self._tests[output_id] = _Test(command.id, output_id, give_up_at=self._clock.monotonic() + LATE_S)
        self._arm_what_can_be()
        return "Đang chuẩn bị chuông thử." if self._tests[output_id].armed_at is None else PLAYING

    def turn(self, now: datetime) -> None:
        if not self._tests:
            return
        if self._is_held():
            self._stop()
        self._arm_what_can_be()
        for test in tuple(self._tests.values()):
            if not test.verdict and self._clock.monotonic() > test.give_up_at:
                test.verdict = "Không thấy đường ra báo lại; hãy thử lại sau ít phút."
            if test.verdict:
                self._write(test, now)
                del self._tests[test.output_id]
                self._air.tests.pop(test.output_id, None)

    def hear(self, output_id: int, word: Word) -> None:
        test = self._tests.get(output_id)
        if test is None or test.armed_at is None:
            return
        player = self._air.players.get(output_id)
        match word:
            case Ended(item=item) if item == test.item:
                test.heard_s, test.verdict = word.seconds_accepted, _verdict(word, player)
            case Gone():
                test.verdict = "Đường ra bị mất khi đang phát chuông thử; hãy kiểm tra thiết bị."
            case _:
                pass

    def close(self) -> None:
        pass

    def _arm_what_can_be(self) -> None:
        waiting = [test for test in self._tests.values() if test.armed_at is None and not test.verdict]
        if not waiting:
            return
        sound = chime_file.ready(self._store.folder)
        if sound is None:
            self._have_it_made()
            return
        for test in waiting:
            self._arm(test, sound)

    def _arm(self, test: _Test, sound: Path) -> None:
        player = self._air.players.get(test.output_id)
        if player is None or not player.is_ready:
            test.verdict = f"Chưa phát được chuông thử: {_why_not(player)}."
            return
        now = self._clock.monotonic()
        test.armed_at = max(now + SOON_S, self._air.warm_at(test.output_id, now))
        ends_at = test.armed_at + _seconds(sound)
        test.give_up_at = ends_at + LATE_S
        self._air.tests[test.output_id] = (test.armed_at, ends_at)
        player.link.arm(test.item, sound, test.armed_at, 0.0, BUS)

    def _is_held(self) -> bool:
        with self._store.read() as session:
            return standing_hold(session) is not None

    def _stop(self) -> None:
        """A stop-all silences a test too, also one that waits for its amplifier."""
        for test in self._tests.values():
            test.verdict = "Đã dừng chuông thử vì có lệnh dừng tất cả."
            player = self._air.players.get(test.output_id)
            if player is not None and test.armed_at is not None:
                player.link.cut(test.item)

    def _have_it_made(self) -> None:
        if self._maker is None or not self._maker.is_alive():
            self._maker = threading.Thread(target=self._make, name="chime", daemon=True)
            self._maker.start()

    def _make(self) -> None:
        try:
            chime_file.make(self._store.folder)
        except Exception:
            # A test that cannot sound must not end the station; it is given up in time.
            logger.exception("the test chime cannot be made")

    def _write(self, test: _Test, now: datetime) -> None:
        with self._store.write() as session:
            command = session.get_one(Command, test.command_id)
            command.outcome = test.verdict
            subject, heard_s = f"output {test.output_id}", round(test.heard_s, 1)
            audit.note(session, None, "output.test_ended", subject, now, result=test.verdict, heard_s=heard_s)


def latest(session: Session) -> dict[int, Command]:
    """Return the newest test of each output, whatever came of it."""
    query = select(Command).where(Command.kind == KIND).order_by(Command.id.desc()).limit(200)
    found: dict[int, Command] = {}
    for command in session.scalars(query):
        found.setdefault(command.output_id or 0, command)
    return found


def is_good(outcome: str | None) -> bool:
    """Return whether it sounds or has sounded from a loudspeaker."""
    return bool(outcome) and str(outcome).startswith((PLAYING, HEARD))


def _verdict(word: Ended, player: Player | None) -> str:
    if word.how != "whole":
        return f"Chuông thử không phát trọn{': ' + word.text.rstrip('.') if word.text else ''}."
    if player is None or not player.is_loudspeaker:
        return "Không ra loa: chuông thử chỉ được ghi vào tệp."
    seconds = f"{word.seconds_accepted:.1f}".replace(".", ",")
    return (
        f"{HEARD} qua {player.device} trong {seconds} giây. "
        "Nếu không nghe thấy, hãy kiểm tra dây loa, âm ly và âm lượng."
    )


def _why_not(player: Player | None) -> str:
    return player.fault.rstrip(".") if player is not None and player.fault else "đường ra chưa sẵn sàng"


def _seconds(sound: Path) -> float:
    with wave.open(str(sound)) as clip:
        return float(clip.getnframes() / clip.getframerate())
