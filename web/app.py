"""Building the web server: settings, guards, pages. Nothing here knows what a page shows."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_bootstrap import Bootstrap5
from werkzeug.routing import IntegerConverter, Map

from broadcaster.settings import Settings
from broadcaster.store import Store
from schedules.clock import Clock
from web import access, context, errors, frame, listening, residents_door, security, signed_in
from web.pages import BLUEPRINTS


class RowNumber(IntegerConverter):
    """A number in an address; one that no table can hold is an address that is not there."""

    def __init__(self, url_map: Map, *given: Any, **more: Any) -> None:
        super().__init__(url_map, *given, **({"max": 2**63 - 1} | more))


def create_app(settings: Settings, store: Store, clock: Clock) -> Flask:
    """Return the page of the station whose rows are in `store`."""
    app = Flask("web")
    app.config.update(BOOTSTRAP_SERVE_LOCAL=True, SEND_FILE_MAX_AGE_DEFAULT=3600)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.url_map.converters["int"] = RowNumber
    Bootstrap5(app)
    context.install(app, context.Ward(settings, store, clock))
    security.install(app, settings)
    signed_in.install(app)
    residents_door.install(app)
    access.install(app)
    errors.install(app)
    frame.install(app)
    listening.install(app, settings)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app
