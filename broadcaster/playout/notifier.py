"""The notifier process: `python -m broadcaster.playout.notifier --data DIR` sends what waits, then ends.

Apart from the station, because a mail server may take its time; it is started when something is due.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
import time
from datetime import datetime, timedelta
from pathlib import Path

from broadcaster import lifeline, logs, settings
from broadcaster.errors import BroadcasterError, StoreError
from broadcaster.playout import notify, notify_call, notify_outbox, notify_send, notify_ways
from broadcaster.playout.notify_ways import Email, Webhook
from broadcaster.store import Store, facts, pulse
from broadcaster.store.models import Sending
from schedules.clock import Clock, clock_from_environment

logger = logging.getLogger(__name__)

SEND_S = 60.0
"""The longest that one message may take in all."""
STAY_S = 45.0
"""What is due so soon is waited for; for what comes later the process is started anew."""
DEFAULT_NAME = "Đài truyền thanh"


class Notifier:
    """Sends what is due, channel by channel; `run` returns when nothing is due soon."""

    def __init__(self, store: Store, clock: Clock, stopping: threading.Event) -> None:
        self._store = store
        self._clock = clock
        self._stopping = stopping

    def run(self) -> None:
        self._tell_if_station_is_lost()
        while not self._stopping.is_set():
            pulse.beat(self._store.folder, notify_call.PROCESS)
            for channel in notify.CHANNELS:
                self.send_due(channel)
            wait_s = self._until_next()
            if wait_s is None or wait_s > STAY_S:
                return
            self._stopping.wait(min(1.0, wait_s))

    def send_due(self, channel: str) -> bool:
        """Send one message with all that is due by `channel`; False when nothing was."""
        now = self._clock.now()
        with self._store.read() as session:
            taken = notify_outbox.take(session, channel, now)
            station = facts.get(session, facts.STATION_NAME) or DEFAULT_NAME
            fact = facts.get(session, notify.CHANNELS[channel]) or {}
        if not taken:
            return False
        trouble = self._send(channel, fact, station, taken)
        with self._store.write() as session:
            numbers = [sending.id for sending in taken]
            if trouble:
                logger.warning("%s could not be sent: %s", channel, trouble)
                notify_outbox.note_failed(session, numbers, trouble, self._clock.now())
            else:
                notify_outbox.note_sent(session, numbers, self._clock.now())
        return True

    def _send(self, channel: str, fact: dict[str, object], station: str, taken: list[Sending]) -> str:
        """Return why it could not be sent; empty when it was."""
        try:
            way = _way(channel, fact)
        except BroadcasterError as error:
            return str(error)
        told: list[str] = []
        lines = [sending.text for sending in taken]
        thread = threading.Thread(target=self._try, args=(way, station, lines, told), daemon=True)
        thread.start()
        deadline = time.monotonic() + SEND_S
        while thread.is_alive() and time.monotonic() < deadline:
            pulse.beat(self._store.folder, notify_call.PROCESS)
            thread.join(1.0)
        return told[0] if told else "gửi quá lâu không xong"

    def _try(self, way: Email | Webhook, station: str, lines: list[str], told: list[str]) -> None:
        try:
            notify_send.send(way, self._store.folder, station, lines)
        except (notify_send.SendFailed, BroadcasterError) as error:
            told.append(str(error).rstrip("."))
        except Exception as error:
            # Only its kind: its words may hold an address with a token in it.
            logger.error("sending broke: %s", type(error).__name__)
            told.append("gặp lỗi bất ngờ")
        else:
            told.append("")

    def _tell_if_station_is_lost(self) -> None:
        if not notify_call.take_lost(self._store.folder):
            return
        now = self._clock.now()
        with self._store.write() as session:
            text = (
                "Bộ phát không hoạt động: không lượt phát nào ra loa. Chương trình đang thử chạy lại bộ phát."
            )
            notify.tell(session, "station", text, now, key=notify.STATION_LOST)

    def _until_next(self) -> float | None:
        now = self._clock.now()
        with self._store.write() as session:
            notify_outbox.drop_unwanted(session)
            at = notify_outbox.next_at(session, now)
        if at is None:
            notify_call.clear(self._store.folder)
            return None
        notify_call.call(self._store.folder, _wall(at, now))
        return max(0.0, (at - now).total_seconds())


def _way(channel: str, fact: dict[str, object]) -> Email | Webhook:
    return notify_ways.email(fact) if channel == "email" else notify_ways.webhook(fact)


def _wall(at: datetime, now: datetime) -> float:
    return time.time() + max(timedelta(0), at - now).total_seconds()


def main() -> int:
    parser = argparse.ArgumentParser(prog=f"broadcaster.playout.{notify_call.PROCESS}")
    parser.add_argument("--data", type=Path, required=True)
    known = settings.load(parser.parse_args().data)
    logs.set_up(known.folder, notify_call.PROCESS, known.log_level)
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    lifeline.hold(stopping)
    store = Store(known.folder, known.database_url)
    try:
        Notifier(store, clock_from_environment(), stopping).run()
    except StoreError as error:
        # A full disk: the page says so; what waits is tried again.
        logger.error("the store cannot be used: %s", error)
        return 1
    finally:
        store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
