"""What has to be done once before the station's processes start; a process of its own, so that the
supervisor that lives on stays small.

    python -m broadcaster.prepare --data DIR

Brings the tables up to date and, while nobody has an account, prints the secret of a one-time link.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from audio.speech import engines
from audio.speech.engine import SpeechError
from broadcaster import settings
from broadcaster.accounts import key_opening, links, people
from broadcaster.errors import BroadcasterError, SettingsError
from broadcaster.keeping import settling
from broadcaster.newsroom import rendering, signatures
from broadcaster.playout import vouched, zones
from broadcaster.store import Store, start_list, station_key
from broadcaster.store.db import damaged, quick_check
from broadcaster.store.migrate import migrate
from broadcaster.store.models import Person, PersonKey
from schedules.clock import clock_from_environment


def prepare(folder: Path) -> str:
    """Make the store ready; return the secret for the first account's link, empty when there are people.

    Raises StoreDamaged when the database file is, SettingsError for a speech engine that is none.
    """
    known = settings.load(folder)
    _require_engines(known)
    store = Store(folder, known.database_url)
    try:
        migrate(store)
        if damage := quick_check(store):
            raise damaged(damage)
        settling.settle_marked(store)
        with store.write() as session:
            zones.ensure_first_zone(session)
            rendering.note_setup(session, known.engines, known.target_lufs)
            remember_what_was(session, folder)
            if not people.is_nobody_here(session):
                return ""
            return links.first_account(session, clock_from_environment().now())
    finally:
        store.close()


def remember_what_was(session: Session, folder: Path) -> None:
    """List, once in the life of a station, what is to be believed without a key: it was there before keys.

    Where keys have signed already and the list is gone, it is not made again: it would take in what was
    forged since.
    """
    station_key.of(folder)
    have_keys = session.scalar(select(PersonKey.id).limit(1)) is not None
    if start_list.is_made(folder) or have_keys:
        return
    had_password = session.scalars(select(Person).where(Person.password_hash.is_not(None)))
    known = {person.id: key_opening.digest_of(person) for person in had_password}
    start_list.make(folder, signatures.digests(session), known)
    vouched.adopt(session)


def _require_engines(known: settings.Settings) -> None:
    try:
        engines.require_known(known.engines, known.folder)
    except SpeechError as error:
        raise SettingsError(str(error)) from error


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    try:
        sys.stdout.write(prepare(parser.parse_args().data))
    except BroadcasterError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
