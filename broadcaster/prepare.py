"""What has to be done once before the station's processes start; a process of its own, so that the
supervisor that lives on stays small.

    python -m broadcaster.prepare --data DIR

Brings the tables up to date and, while nobody has an account, prints the secret of a one-time link.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from broadcaster import settings
from broadcaster.accounts import links, people
from broadcaster.errors import BroadcasterError
from broadcaster.playout import zones
from broadcaster.store import Store
from broadcaster.store.db import damaged, quick_check
from broadcaster.store.migrate import migrate
from schedules.clock import clock_from_environment


def prepare(folder: Path) -> str:
    """Make the store ready; return the secret for the first account's link, empty when there are people.

    Raises StoreDamaged when the database file is.
    """
    known = settings.load(folder)
    store = Store(folder, known.database_url)
    try:
        migrate(store)
        if damage := quick_check(store):
            raise damaged(damage)
        with store.write() as session:
            zones.ensure_first_zone(session)
            if not people.is_nobody_here(session):
                return ""
            return links.first_account(session, clock_from_environment().now())
    finally:
        store.close()


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
