"""Clips to listen to, with HTTP Range, so that a player can jump in them."""

from __future__ import annotations

import re

from flask import Blueprint, abort, send_file
from flask.typing import ResponseReturnValue

from broadcaster.newsroom import clips
from web.context import ward

pages = Blueprint("sounds", __name__, url_prefix="/am-thanh")

_SHA256 = re.compile(r"[0-9a-f]{64}")


@pages.get("/<sha256>.wav")
def clip(sha256: str) -> ResponseReturnValue:
    """Send a clip; its name is its content, so a browser may keep it."""
    if not _SHA256.fullmatch(sha256):
        abort(404)
    path = clips.path_of(ward().settings.folder, sha256).resolve()
    if not path.is_file():
        abort(404)
    answer = send_file(path, mimetype="audio/wav", conditional=True, etag=sha256, max_age=3600)
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer
