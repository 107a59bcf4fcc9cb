"""Asking the feeds of warnings: `python -m broadcaster.playout.cap_feeds --data DIR`, one round each.

A process of its own, started by `cap_watch` when there is a feed to ask: what strangers send is parsed far
from the engine, and a round that hangs is killed.
"""

from __future__ import annotations

import argparse
import logging
import sys
from contextlib import closing
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster import logs, settings
from broadcaster.errors import BroadcasterError, Invalid
from broadcaster.newsroom import cap_feed
from broadcaster.newsroom.cap_feed import Unanswered
from broadcaster.playout import cap_intake, cap_sources
from broadcaster.playout.cap_intake import Arrival
from broadcaster.store import Store
from broadcaster.store.models import CapMessage
from schedules.clock import Clock, clock_from_environment

logger = logging.getLogger(__name__)


def ask_all(store: Store, clock: Clock) -> None:
    """Ask every feed once and take in what it has; its trouble stands beside it until it answers."""
    with store.read() as session:
        feeds = [(source.id, source.address) for source in cap_sources.sources(session, only_feeds=True)]
    for source_id, address in feeds:
        trouble = _ask(store, clock, source_id, address)
        with store.write() as session:
            source = cap_sources.get(session, source_id)
            source.asked_at, source.trouble = clock.now(), trouble


def _ask(store: Store, clock: Clock, source_id: int, address: str) -> str:
    """Return what went wrong, in words; empty when the feed was read."""
    with store.read() as session:
        known = _known(session, source_id)
    trouble = ""
    try:
        for origin, content in cap_feed.messages(address, known):
            trouble = _take_in(store, clock, source_id, origin, content) or trouble
    except Unanswered as error:
        return str(error)
    return trouble


def _take_in(store: Store, clock: Clock, source_id: int, origin: str, content: bytes) -> str:
    try:
        with store.write() as session:
            arrival = Arrival(content, origin, cap_sources.get(session, source_id))
            cap_intake.take_in(session, arrival, clock.now())
    except Invalid as error:
        logger.warning("a message of source %s was not taken: %s", source_id, error)
        return str(error)
    return ""


def _known(session: Session, source_id: int) -> frozenset[str]:
    """Return where the messages lay that came from this feed as entries; its own address is asked again."""
    source = cap_sources.get(session, source_id)
    query = select(CapMessage.origin).where(CapMessage.source_id == source_id)
    return frozenset(session.scalars(query)) - {source.address}


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    folder: Path = parser.parse_args().data
    try:
        known = settings.load(folder)
        logs.set_up(folder, "cap_feeds", known.log_level)
        with closing(Store(folder, known.database_url)) as store:
            ask_all(store, clock_from_environment())
    except BroadcasterError as error:
        logger.error("the feeds were not asked: %s", error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
