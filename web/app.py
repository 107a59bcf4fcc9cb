"""Building the web server: settings, guards, pages. Nothing here knows what a page shows."""

from __future__ import annotations

from flask import Flask
from flask_bootstrap import Bootstrap5

from broadcaster.settings import Settings
from broadcaster.store import Store
from schedules.clock import Clock
from web import access, context, errors, frame, listening, security, signed_in
from web.pages import BLUEPRINTS


def create_app(settings: Settings, store: Store, clock: Clock) -> Flask:
    """Return the page of the station whose rows are in `store`."""
    app = Flask("web")
    app.config.update(BOOTSTRAP_SERVE_LOCAL=True, SEND_FILE_MAX_AGE_DEFAULT=3600)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    Bootstrap5(app)
    context.install(app, context.Ward(settings, store, clock))
    security.install(app, settings)
    signed_in.install(app)
    access.install(app)
    errors.install(app)
    frame.install(app)
    listening.install(app, settings)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    return app
