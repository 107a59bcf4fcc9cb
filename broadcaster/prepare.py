"""What has to be done once before the station's processes start; a process of its own, so that the
supervisor that lives on stays small.

    python -m broadcaster.prepare --data DIR

Brings the tables up to date and, while nobody has an account, prints the secret of a one-time link.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from audio.speech import engines
from audio.speech.engine import SpeechError
from broadcaster import settings
from broadcaster.accounts import links, people
from broadcaster.errors import BroadcasterError, SettingsError
from broadcaster.keeping import settling
from broadcaster.newsroom import rendering
from broadcaster.playout import zones
from broadcaster.store import Store
from broadcaster.store.db import damaged, quick_check
from broadcaster.store.migrate import migrate
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
            if not people.is_nobody_here(session):
                return ""
            return links.first_account(session, clock_from_environment().now())
    finally:
        store.close()


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
