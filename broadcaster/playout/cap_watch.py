"""The station's side of asking the feeds of warnings: when, and no longer than. Nothing is parsed here."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading

from sqlalchemy import select

from broadcaster.errors import StoreError
from broadcaster.store import Store
from broadcaster.store.models import CapSource

logger = logging.getLogger(__name__)

EVERY_S = 60.0
ROUND_S = 50.0
ROUND = "broadcaster.playout.cap_feeds"
"""Started by name, so that the station does not carry what reads XML and signatures."""


class Feeds:
    """The station's side: starts a round when there is a feed to ask, and ends one that takes too long."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._process: subprocess.Popen[bytes] | None = None
        self._is_closed = threading.Event()

    def ask(self) -> None:
        """Have one round done; returns when it is over."""
        if self._is_closed.is_set() or not self._has_feeds():
            return
        command = [sys.executable, "-m", ROUND, "--data", str(self._store.folder)]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        try:
            self._process.wait(ROUND_S)
        except subprocess.TimeoutExpired:
            logger.warning("asking the feeds took too long")
            self._process.kill()
            self._process.wait()

    def close(self) -> None:
        self._is_closed.set()
        if self._process is not None:
            self._process.kill()

    def _has_feeds(self) -> bool:
        feed = select(CapSource.id).where(CapSource.is_active, CapSource.address != "")
        try:
            with self._store.read() as session:
                return session.scalar(feed.limit(1)) is not None
        except StoreError:
            return False
