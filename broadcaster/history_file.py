"""The history as a file, written by a process of its own: no page waits for it but the one that asked.

    python -m broadcaster.history_file --data DIR --format xlsx < asked.json > history.xlsx

What is asked comes by standard input: the words people search for are nothing for a list of processes.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import fields
from datetime import date
from pathlib import Path

from broadcaster import settings
from broadcaster.errors import BroadcasterError
from broadcaster.records import history_files, streaming, tracing
from broadcaster.records.history import HistoryFilter
from broadcaster.store import Store


def asked(filters: HistoryFilter) -> str:
    """Return `filters` as text; `understood` reads it again."""
    said = {each.name: getattr(filters, each.name) for each in fields(filters)}
    said["results"] = sorted(filters.results)
    said["trace"] = filters.trace.args() if filters.trace is not None else {}
    return json.dumps(said, default=date.isoformat)


def understood(text: str) -> HistoryFilter:
    said = json.loads(text)
    for name in ("first_date", "last_date"):
        said[name] = date.fromisoformat(said[name]) if said[name] else None
    said["results"], said["trace"] = frozenset(said["results"]), tracing.of(said["trace"])
    return HistoryFilter(**said)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--format", dest="form", choices=history_files.FORMS, required=True)
    given = parser.parse_args()
    streaming.look_for_rubbish_less()
    filters = understood(sys.stdin.buffer.read().decode())
    store = Store(given.data, settings.load(given.data).database_url)
    try:
        with store.read() as session:
            history_files.write(session, filters, given.form, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except BroadcasterError as error:
        sys.stderr.buffer.write(f"{error}\n".encode())
        return 1
    finally:
        store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
