"""A playout room in which emergencies are raised: the announcer works when the test lets it."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from audio.speech.engine import Transient
from broadcaster.playout import alert_orders, alerts
from broadcaster.playout.air import Air
from broadcaster.playout.alerts import Wish
from broadcaster.playout.duty import Duty
from broadcaster.playout.emergency import AlertDuty
from broadcaster.playout.emergency_voice import Announcer
from broadcaster.playout.warm_voice import Voice
from broadcaster.store import Store
from broadcaster.store.models import Alert
from schedules.clock import Clock
from tests.broadcaster.playout.room import Room
from tests.clocks import FakeClock

SENTENCE_S = 2.0


class FakeVoice:
    """Says everything in two seconds; `is_dumb` is a machine on which no voice starts."""

    def __init__(self) -> None:
        self.said: list[str] = []
        self.is_dumb = False
        self.rests = 0

    def check(self) -> None:
        pass

    def say(self, text: str, pause_ms: int, voice: Voice, path: Path, *, with_chime: bool = False) -> None:
        if self.is_dumb:
            raise Transient("giọng đọc không mở được.")
        with wave.open(str(path), "wb") as clip:
            clip.setnchannels(1)
            clip.setsampwidth(2)
            clip.setframerate(48_000)
            clip.writeframes(bytes(round(SENTENCE_S * 48_000) * 2))
        self.said.append(text)

    def rest(self) -> None:
        self.rests += 1

    def close(self) -> None:
        pass


class HandAnnouncer(Announcer):
    """An announcer without a thread of its own."""

    def start(self) -> None:
        pass


class AlarmRoom(Room):
    """`alarm` raises, `speak` lets the announcer work, `stand_down` ends."""

    def __init__(self, folder: Path, clock: FakeClock) -> None:
        super().__init__(folder, clock, (self._duty,))
        self.voice = FakeVoice()
        self.is_patient = False
        """True: the announcer does nothing until `speak`."""

    def _duty(self, store: Store, clock: Clock, air: Air, boot_id: str) -> Duty:
        self._announcer = HandAnnouncer(store.folder, self.voice)
        return AlertDuty(store, clock, air, boot_id, self._announcer)

    def turn(self) -> None:
        super().turn()
        if not self.is_patient and self.speak():
            super().turn()

    def speak(self, most: int = 20) -> bool:
        """Let the announcer work, as far as it can; tell whether there was anything to do."""
        worked = [self._announcer.work(0) for _ in range(most)]
        return any(each is not None for each in worked)

    def run(self, seconds: float, step_s: float = 0.5) -> None:
        super().run(seconds, step_s)

    def alarm(self, **wish: Any) -> int:
        """Raise an alert, by default in words of the operator's own, and let the station notice."""
        wish = {"title": "Nước lên", **wish} if "order_id" in wish else {"written": "Nước đang lên.", **wish}
        with self.store.write() as session:
            alert = alerts.raise_alert(session, self.operator, Wish(**wish), self.clock.now())
            number = alert.id
        self.turn()
        return number

    def stand_down(self, number: int, reason: str = "Nước đã rút", **more: Any) -> None:
        with self.store.write() as session:
            alerts.stand_down(session, self.operator, number, reason, self.clock.now(), **more)
        self.turn()

    def order(self, title: str = "Sơ tán", seconds: float = 8.0, **more: Any) -> int:
        """Return the number of a prepared order whose clip two people have signed."""
        bulletin = self.approved(title, seconds, kind="emergency")
        with self.store.write() as session:
            order = alert_orders.save(
                session, self.operator, self.clock.now(), name=title, bulletin_id=bulletin, **more
            )
            return order.id

    def alert(self, number: int) -> Alert:
        with self.store.read() as session:
            return alerts.get(session, number)

    @property
    def said(self) -> str:
        return " ".join(self.voice.said)


def alarm_room(folder: Path, database: Path) -> Iterator[AlarmRoom]:
    """A furnished room that runs; `database` is an empty one to be copied."""
    (folder / "station.db").write_bytes(database.read_bytes())
    room = AlarmRoom(folder, FakeClock())
    room.furnish()
    room.boot()
    yield room
    room.store.close()
