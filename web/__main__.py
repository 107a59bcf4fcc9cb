"""`python -m web --data DIR`: the web server, a child of the supervisor."""

from __future__ import annotations

import argparse
import http.client
import logging
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from waitress.server import create_server

from broadcaster import lifeline, logs
from broadcaster.settings import Settings, load
from broadcaster.store import Store, pulse
from schedules.clock import clock_from_environment
from web import entrance, listening
from web.app import create_app
from web.entrance import Entrance
from web.security import LARGEST_OF_ALL_BYTES
from web.visitors import Visitors

NAME = "web"
THREADS = 6
MOST_CONNECTIONS = 200
BEAT_S = 3.0
ANSWER_S = 5.0
LAST_ANSWERS_S = 2.0
"""Requests in hand get this long when the station stops."""

logger = logging.getLogger(__name__)


def main() -> int:
    parser = argparse.ArgumentParser(prog="web")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--host")
    parser.add_argument("--port", type=int)
    parser.add_argument("--lan", action="store_const", const=True)
    given = parser.parse_args()
    settings = load(given.data, host=given.host, port=given.port, lan=given.lan)
    logs.set_up(settings.folder, NAME, settings.log_level)
    logging.getLogger("waitress.queue").setLevel(
        logging.ERROR
    )  # it warns of every request that waits a moment
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    lifeline.hold(stopping)
    store = Store(settings.folder, settings.database_url)
    try:
        return serve(settings, store, stopping)
    finally:
        store.close()


def serve(settings: Settings, store: Store, stopping: threading.Event) -> int:
    """Answer until `stopping` is set; return the exit status, 1 when the server ended by itself."""
    clock = clock_from_environment()
    app = create_app(settings, store, clock)
    visitors = Visitors(app)
    try:
        server = _server(visitors, settings)
    except OSError as error:
        logger.error("cannot listen on %s:%s: %s", settings.host, settings.port, error)
        return 1
    port = int(getattr(server, "effective_port", settings.port))
    door = Entrance(settings, store, clock, (own_address(settings.host), port), visitors)
    entrance.install(app, door)
    answering = threading.Thread(target=server.run, name="answering", daemon=True)
    answering.start()
    door.look()
    while not stopping.wait(BEAT_S) and answering.is_alive():
        seen = door.look()
        if answers(settings.host, port):
            pulse.beat(settings.folder, NAME, port=port, lan=seen.is_open, lan_fault=seen.fault)
    door.close()
    server.task_dispatcher.shutdown(timeout=LAST_ANSWERS_S)
    listening.close(app)
    return 0 if stopping.is_set() else 1


def _server(app: Visitors, settings: Settings) -> Any:
    return create_server(
        app,
        host=settings.host,
        port=settings.port,
        threads=THREADS,
        connection_limit=MOST_CONNECTIONS,
        max_request_body_size=2 * LARGEST_OF_ALL_BYTES,  # our own page tells of what is merely too long
        clear_untrusted_proxy_headers=not settings.trusted_proxies,
        ident="",
    )


def own_address(host: str) -> str:
    """Return the address at which this machine reaches what listens on `host`."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1", "localhost": "127.0.0.1"}  # noqa: S104
    return everywhere.get(host, host)


def answers(host: str, port: int) -> bool:
    """Ask ourselves for a small file: a server that runs but does not answer gives no sign of life."""
    connection = http.client.HTTPConnection(own_address(host), port, timeout=ANSWER_S)
    try:
        connection.request("GET", "/static/icon.svg")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException) as error:
        logger.warning("the page does not answer: %s", error)
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
