"""`python -m web --data DIR`: the web server, a child of the supervisor."""

from __future__ import annotations

import logging
from pathlib import Path

import click
from waitress import serve

from broadcaster import settings as settings_file
from broadcaster.store import Store
from schedules.clock import clock_from_environment
from web.app import create_app

THREADS = 6


@click.command()
@click.option("--data", type=click.Path(path_type=Path, file_okay=False), required=True)
@click.option("--host", default=None)
@click.option("--port", type=int, default=None)
def main(data: Path, host: str | None, port: int | None) -> None:
    settings = settings_file.load(data, host=host, port=port)
    logging.basicConfig(level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    store = Store(settings.folder, settings.database_url)
    app = create_app(settings, store, clock_from_environment())
    serve(
        app,
        host=settings.host,
        port=settings.port,
        threads=THREADS,
        ident=None,
        clear_untrusted_proxy_headers=False,
    )


if __name__ == "__main__":
    main()
