"""A PostgreSQL of the tests' own: in a temporary folder, on a socket, gone when the tests are done."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from itertools import count
from pathlib import Path

import psycopg

WAIT_S = 30.0
ACCOUNT = "postgres"
"""Who runs it when root runs the tests: PostgreSQL refuses root."""
IN_A_HURRY = (
    "listen_addresses=",
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "shared_buffers=64MB",
    "max_wal_size=4GB",
)
"""What is in it need not outlive a power cut."""


class Cluster:
    """`url()` is a new empty database, `url(like)` a copy of the database at another URL."""

    def __init__(self, *settings: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="ward-pg-"))
        self._numbers = count(1)
        if os.geteuid() == 0:
            shutil.chown(self.folder, ACCOUNT, ACCOUNT)
        data = str(self.folder / "data")
        quick = ("--no-sync", "--no-locale", "--encoding=UTF8", "--auth=trust", "--username=ward")
        subprocess.run([*_as(), _program("initdb"), "-D", data, *quick], check=True, stdout=subprocess.PIPE)
        options = [each for setting in (*IN_A_HURRY, *settings) for each in ("-c", setting)]
        log = (self.folder / "log").open("wb")
        self._process = subprocess.Popen(
            [*_as(), _program("postgres"), "-D", data, "-k", str(self.folder), *options],
            stdout=log,
            stderr=log,
            cwd=self.folder,
        )
        log.close()
        self._wait_until_it_answers()

    def url(self, like: str = "") -> str:
        name = f"ward{next(self._numbers)}"
        template = f" TEMPLATE {_name(like)}" if like else ""
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}{template}".encode())
        return f"postgresql://ward@/{name}?host={self.folder}"

    def drop(self, url: str) -> None:
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {_name(url)} WITH (FORCE)".encode())

    def close(self) -> None:
        self._process.send_signal(signal.SIGINT)
        self._process.wait(WAIT_S)
        shutil.rmtree(self.folder)

    def _address(self, database: str) -> str:
        return f"host={self.folder} user=ward dbname={database}"

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + WAIT_S
        while True:
            try:
                psycopg.connect(self._address("postgres")).close()
            except psycopg.OperationalError:
                assert self._process.poll() is None, (self.folder / "log").read_text()
                assert time.monotonic() < deadline, "PostgreSQL does not answer"
                time.sleep(0.02)
            else:
                return


def _name(url: str) -> str:
    return url.partition("@/")[2].partition("?")[0]


def _as() -> list[str]:
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={ACCOUNT}", f"--regid={ACCOUNT}", "--clear-groups"]


def _program(name: str) -> str:
    """Debian keeps the server's programs out of the path, one folder for each version."""
    found = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest_last = sorted(found, key=lambda file: int(file.parts[4]))
    return str(newest_last[-1]) if newest_last else name
