"""The duty that sees to it that what is heard is kept, and says so when it is not."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from audio.player_words import Ended, Fault, Gone, Kept, Word
from broadcaster.playout import aircheck_inbox
from broadcaster.playout.air import Air
from broadcaster.playout.faults import LASTS_S
from broadcaster.store import Store, pulse
from broadcaster.store.models import Command
from schedules.clock import Clock

LOOK_S = 10.0
KEPT_WITHIN_S = 60.0
"""From the end of an item to the word that its file is complete: an hour of it goes to a slow disk."""
SHORTEST_S = 0.5
OVERDUE_S = 3600.0
ARCHIVIST_KEY = "disk archivist"
NOT_KEPT = "không lưu lại được tiếng đã phát; hãy kiểm tra ổ đĩa"


@dataclass(frozen=True, slots=True)
class _Expected:
    title: str
    until: float


class AircheckWatch:
    """Listens for the word that an item was kept; looks at the archivist."""

    kinds: frozenset[str] = frozenset()

    def __init__(
        self,
        store: Store,
        clock: Clock,
        air: Air,
        boot_id: str,
    ) -> None:
        self._folder = store.folder
        self._clock = clock
        self._air = air
        self._expected: dict[tuple[int, str], _Expected] = {}
        self._look_at = clock.monotonic()

    def obey(self, session: Session, command: Command, now: datetime) -> str:
        raise AssertionError("no order is about this duty")

    def turn(self, now: datetime) -> None:
        if self._clock.monotonic() < self._look_at:
            return
        self._look_at = self._clock.monotonic() + LOOK_S
        self._tell_lost(now)
        if trouble := self._archivist():
            self._air.faults.note(ARCHIVIST_KEY, trouble, now)
        else:
            self._air.faults.clear(ARCHIVIST_KEY)

    def hear(self, output_id: int, word: Word) -> None:
        match word:
            case Ended(item=item, seconds_accepted=seconds) if seconds >= SHORTEST_S and self._keeps(
                output_id
            ):
                sounding = self._air.get(item)
                title = sounding.title if sounding else "âm thanh thử"
                self._expected[output_id, item] = _Expected(title, self._clock.monotonic() + KEPT_WITHIN_S)
            case Kept(item=item):
                self._expected.pop((output_id, item), None)
                self._air.faults.clear(_key(output_id))
            case Fault(kind="not_kept"):
                self._drop(output_id)
                self._note_lost(output_id, NOT_KEPT, self._clock.now())
            case Gone():
                # The process that follows completes what this one left behind, and says so.
                self._drop(output_id)
            case _:
                pass

    def close(self) -> None:
        pass

    def _keeps(self, output_id: int) -> bool:
        player = self._air.players.get(output_id)
        return player is not None and player.wanted.spec.aircheck is not None

    def _drop(self, output_id: int) -> None:
        self._expected = {key: each for key, each in self._expected.items() if key[0] != output_id}

    def _tell_lost(self, now: datetime) -> None:
        for (output_id, item), each in tuple(self._expected.items()):
            if self._clock.monotonic() > each.until:
                del self._expected[output_id, item]
                self._note_lost(output_id, f"không lưu lại được tiếng đã phát của “{each.title}”", now)

    def _note_lost(self, output_id: int, text: str, now: datetime) -> None:
        player = self._air.players.get(output_id)
        name = player.wanted.name if player else f"Đường ra số {output_id}"
        self._air.faults.note(_key(output_id), f"{name}: {text}", now, LASTS_S)

    def _archivist(self) -> str:
        """Return why what was kept is not taken in, by its own word or because it has waited for too long."""
        last = pulse.read(self._folder, aircheck_inbox.PROCESS)
        if (
            last is not None
            and abs(last.age_s) < OVERDUE_S
            and (trouble := str(last.detail.get("trouble", "")))
        ):
            return trouble
        try:
            ages_s = [
                time.time() - each.path.stat().st_mtime for each in aircheck_inbox.arrived(self._folder)
            ]
        except OSError:
            return ""
        return (
            "Bản lưu phát sóng chờ cất đã lâu: hãy khởi động lại trạm"
            if max(ages_s, default=0) > OVERDUE_S
            else ""
        )


def _key(output_id: int) -> str:
    """Return under which key it stands; the first word is what notices sort it by."""
    return f"disk not_kept {output_id}"
