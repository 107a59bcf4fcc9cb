"""A second process on a data folder: `python -m tests.broadcaster.store.writer FOLDER KEY TIMES [hold]`.

Says it is ready and waits for a line. Then it reads a fact, adds one and writes it back, TIMES times; with
`hold` it says so inside the transaction and waits for the end of its standard input, or for a kill.
"""

from __future__ import annotations

import sys
from pathlib import Path

from broadcaster.store import Store, facts


def main(folder: str, key: str, times: str, hold: str = "") -> None:
    store = Store(Path(folder))
    print("ready", flush=True)
    sys.stdin.readline()
    for _ in range(int(times)):
        with store.write() as session:
            facts.put(session, key, facts.get(session, key, 0) + 1)
            session.flush()
            if hold:
                print("holding", flush=True)
                sys.stdin.read()
    store.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
