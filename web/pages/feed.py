"""The schedule in people's own calendars: an address without a sign-in, for reading only."""

from __future__ import annotations

import threading
from hashlib import sha256

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from broadcaster.playout import feed
from web.context import me, now, reading, ward, writing

pages = Blueprint("feed", __name__)

FRESH_S = 60.0
"""However many calendars ask, the schedule is read once in this time."""
MOST_A_MINUTE = 120
"""More questions than this within a minute are answered with “later”; calendars ask a few times an hour."""


class _Kept:
    """The calendar as last made, for its address only, and how often it was asked for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._content = b""
        self._secret = ""
        self._made_at_s = 0.0
        self._minute = -1
        self._asked = 0

    def is_asked_too_often(self) -> bool:
        minute = int(ward().clock.monotonic() // 60)
        with self._lock:
            self._asked = self._asked + 1 if minute == self._minute else 1
            self._minute = minute
            return self._asked > MOST_A_MINUTE

    def content(self, secret: str) -> bytes:
        with self._lock:
            age_s = ward().clock.monotonic() - self._made_at_s
            if not self._content or secret != self._secret or age_s > FRESH_S:
                self._content, self._secret = feed.calendar(reading(), now()), secret
                self._made_at_s = ward().clock.monotonic()
            return self._content


@pages.get("/lich/<secret>.ics")
def calendar(secret: str) -> ResponseReturnValue:
    kept: _Kept = current_app.extensions.setdefault("calendar", _Kept())
    if kept.is_asked_too_often():
        return Response("", 429, {"Retry-After": "60"})
    if not feed.is_secret(reading(), secret):
        abort(404)
    answer = Response(kept.content(secret), mimetype="text/calendar")
    answer.set_etag(sha256(answer.get_data()).hexdigest()[:32])
    answer.headers["Cache-Control"] = f"private, max-age={round(FRESH_S)}"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.make_conditional(request)
    return answer


@pages.get("/lich-phat/lich-dien-tu")
def show() -> ResponseReturnValue:
    secret = feed.secret(reading())
    address = url_for("feed.calendar", secret=secret, _external=True) if secret else ""
    return render_template("schedule/feed.html", address=address)


@pages.post("/lich-phat/lich-dien-tu/doi")
def renew() -> ResponseReturnValue:
    with writing() as rows:
        had_one = bool(feed.secret(rows))
        feed.renew(rows, me(), now())
    told = "Đã đổi địa chỉ; địa chỉ cũ không mở được lịch nữa." if had_one else "Đã tạo địa chỉ của lịch."
    flash(told, "done")
    return redirect(url_for("feed.show"), 303)


@pages.post("/lich-phat/lich-dien-tu/dong")
def close() -> ResponseReturnValue:
    with writing() as rows:
        feed.close(rows, me(), now())
    flash("Đã đóng lịch điện tử; không địa chỉ nào mở được nữa.", "done")
    return redirect(url_for("feed.show"), 303)
