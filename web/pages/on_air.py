"""What the bar asks for every two seconds: as JSON for the script, as a frame where no script runs."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from web.on_air import bar

pages = Blueprint("on_air", __name__, url_prefix="/trang-thai")


@pages.get("")
def status() -> ResponseReturnValue:
    return bar()


@pages.get("/khung")
def frame() -> ResponseReturnValue:
    return render_template("frame.html")
