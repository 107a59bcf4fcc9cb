"""Answers of the page for residents: kept by browsers as long as they hold, errors told in its manner."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, current_app, render_template, request, send_file
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from broadcaster.errors import NotFound
from broadcaster.store import facts
from web.context import now, reading
from web.frame import NAMELESS

SOUND_FRESH_S = 3600
ERRORS = {
    404: (
        "Không có trang này",
        "Có thể địa chỉ bị gõ nhầm, hoặc ngày này đã quá lâu nên không còn xem được.",
    ),
    405: ("Trang này không mở theo cách đó", "Hãy về trang đầu rồi đi tiếp từ đó."),
    413: ("Nội dung gửi quá dài", "Hãy quay lại trang trước và viết ngắn hơn, nhiều nhất 2.000 ký tự."),
}


def install(pages: Blueprint) -> None:
    """Have errors of these pages told in their own manner."""
    pages.register_error_handler(HTTPException, _of_http)
    pages.register_error_handler(NotFound, _not_there)


def page(template: str, **shown: Any) -> str:
    name = facts.get(reading(), facts.STATION_NAME, "") or NAMELESS
    return render_template(f"residents/{template}", **shown, station=name)


def never_kept(shown: str, status: int = 200) -> Response:
    """Return a page that is for one person, or for this moment."""
    return Response(shown, status, {"Cache-Control": "no-store"}, mimetype="text/html")


def sound_file(path: Path, kind: str, sha256: str) -> Response:
    """Return a sound of which a player may ask for stretches."""
    if not path.is_file():
        abort(404)
    answer = send_file(path, mimetype=kind, conditional=True, etag=sha256, max_age=SOUND_FRESH_S)
    answer.headers["Cache-Control"] = f"public, max-age={SOUND_FRESH_S}"
    return answer


class _Changes:
    """When the page at an address was first made as it is now; of the last few hundred addresses."""

    MOST = 300

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[str, tuple[str, float]] = {}

    def since(self, address: str, mark: str, moment_s: float) -> float:
        with self._lock:
            known = self._seen.pop(address, None)
            kept = known if known is not None and known[0] == mark else (mark, moment_s)
            self._seen[address] = kept
            if len(self._seen) > self.MOST:
                del self._seen[next(iter(self._seen))]
            return kept[1]


def cacheable(shown: str, fresh_s: int) -> Response:
    """Return a page that anybody may keep for `fresh_s`, and ask again whether it has changed."""
    changes: _Changes = current_app.extensions.setdefault("residents_changes", _Changes())
    answer = Response(shown, mimetype="text/html")
    mark = hashlib.sha256(answer.get_data()).hexdigest()[:32]
    answer.set_etag(mark)
    answer.last_modified = changes.since(request.full_path, mark, now().timestamp())  # type: ignore[assignment]
    answer.headers["Cache-Control"] = f"public, max-age={fresh_s}"
    answer.make_conditional(request)
    return answer


def _of_http(error: HTTPException) -> ResponseReturnValue:
    code = error.code or 500
    if error.response is not None or code < 400:
        return error.get_response()
    title, sentence = ERRORS.get(code, ("Chưa mở được trang", "Hãy đợi ít phút rồi thử lại."))
    return never_kept(page("error.html", title=title, sentence=sentence), code)


def _not_there(_error: NotFound) -> ResponseReturnValue:
    """Say no more than that there is nothing: why, only the station need know."""
    title, sentence = ERRORS[404]
    return never_kept(page("error.html", title=title, sentence=sentence), 404)
