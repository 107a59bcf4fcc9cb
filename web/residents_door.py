"""The door to the page for residents: shut while it is off, narrow for who asks too often, without cookies.

Whoever comes has no session, so a form cannot be bound to one. It carries a signed stamp instead: made here,
not long ago and not just now, for this airing, good for one complaint. A forged request from another site
gains nothing, for there is no cookie whose rights it could borrow.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
from collections import Counter
from dataclasses import dataclass

from flask import Flask, Response, abort, current_app, g, request
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, Signer

from broadcaster.accounts import lockout
from broadcaster.errors import Refused
from broadcaster.records import residents
from web.context import now, reading, ward
from web.errors import not_there

PREFIX = "/nguoi-dan"
LARGEST_FORM_BYTES = 64_000
"""A complaint of 2,000 letters is 18,000 bytes at most; what is a little longer is told so kindly."""
LEAST_S = 2
"""Nobody fills the form sooner than this; programs do."""
MOST_S = 24 * 3600
_SALT = "residents"
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without I, L, O and U, which are misread (Crockford's Base32)."""
CODE_LETTERS = 16
"""80 bits; with 60 tries in ten minutes nobody finds one in the age of the universe."""


class Turnstile:
    """Lets so many requests through in a window of time: of one visitor, of all. Any thread may ask it."""

    def __init__(self, of_one: int, of_all: int, window_s: float) -> None:
        self._of_one, self._of_all, self.window_s = of_one, of_all, window_s
        self._lock = threading.Lock()
        self._window = -1
        self._counts: Counter[str] = Counter()
        self._total = 0

    def lets(self, who: str, now_s: float) -> bool:
        window = int(now_s // self.window_s)
        with self._lock:
            if window != self._window:
                self._window, self._total = window, 0
                self._counts.clear()
            if self._counts[who] >= self._of_one or self._total >= self._of_all:
                return False
            self._counts[who] += 1
            self._total += 1
            return True


@dataclass(frozen=True, slots=True)
class _Turnstiles:
    pages: Turnstile
    codes: Turnstile


def install(app: Flask) -> None:
    """Stand before every other question, so that while the page is off nothing tells that there is one."""
    app.extensions["residents"] = _Turnstiles(
        pages=Turnstile(of_one=240, of_all=1800, window_s=60), codes=Turnstile(10, 60, 600)
    )
    app.before_request(_gate)


def _gate() -> ResponseReturnValue | None:
    if request.path != PREFIX and not request.path.startswith(f"{PREFIX}/"):
        return None
    if not residents.is_on(reading()):
        return not_there()
    g.without_cookies = True
    request.max_content_length = request.max_form_memory_size = LARGEST_FORM_BYTES
    if not _lets(_turnstiles().pages):
        return _later(_turnstiles().pages)
    if (request.content_length or 0) > LARGEST_FORM_BYTES:
        abort(413)
    return None


def may_try_a_code() -> bool:
    return _lets(_turnstiles().codes)


def _later(turnstile: Turnstile) -> Response:
    sentence = "Có quá nhiều yêu cầu cùng lúc; hãy đợi một phút rồi mở lại trang."
    headers = {"Retry-After": f"{turnstile.window_s:.0f}", "Cache-Control": "no-store"}
    return Response(sentence, 429, headers, mimetype="text/plain")


def _turnstiles() -> _Turnstiles:
    found: _Turnstiles = current_app.extensions["residents"]
    return found


def _lets(turnstile: Turnstile) -> bool:
    return turnstile.lets(_visitor(), ward().clock.monotonic())


def _visitor() -> str:
    return lockout.subjects("", request.remote_addr or "")[1]


def sender_mark() -> str:
    """Return what tells this visitor's complaints of today from others', and tells nobody who it was."""
    return _keyed("sender", f"{now():%Y-%m-%d} {_visitor()}").hex()


# --- the stamp in a form ---


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a form proves of itself."""

    text: str
    airing_id: str | None


def stamp_for(airing_id: str | None) -> str:
    """Return a new stamp for a complaint about this airing."""
    return _signer().sign(f"{int(now().timestamp())}.{secrets.token_hex(12)}.{airing_id or ''}").decode()


def stamp_again(text: str, airing_id: str | None) -> str:
    """Return the stamp of a form that is shown again: its own if it may still be used, else a new one."""
    found = _unsigned(text)
    is_good = found is not None and found[0].airing_id == airing_id and found[1] < MOST_S / 2
    return text if is_good else stamp_for(airing_id)


def read_stamp(text: str) -> Stamp:
    """Return what a stamp says. Raises Refused, with the next step, for any that does not hold now."""
    found = _unsigned(text)
    if found is None:
        raise Refused("Chưa gửi được; hãy xem lại rồi bấm “Gửi phản ánh” lần nữa.")
    stamp, age_s = found
    if age_s < LEAST_S:
        raise Refused("Trang chưa kịp nhận; hãy đợi vài giây rồi bấm “Gửi phản ánh” lần nữa.")
    if age_s > MOST_S:
        raise Refused("Trang mở đã lâu; hãy xem lại rồi bấm “Gửi phản ánh” lần nữa.")
    return stamp


def _unsigned(text: str) -> tuple[Stamp, float] | None:
    """Return a stamp of ours and its age in seconds; None for any other."""
    try:
        made_at, _, airing_id = _signer().unsign(text[:300]).decode().split(".")
        return Stamp(text, airing_id or None), now().timestamp() - int(made_at)
    except (BadSignature, ValueError):
        return None


def code_of(stamp: Stamp) -> str:
    """Return the code for the answer, e.g. `K7QF-2M9D-4XTP-8HBW`: the same for a form that is sent again."""
    bits = int.from_bytes(_keyed("code", stamp.text))
    letters = "".join(_ALPHABET[bits >> 5 * place & 31] for place in range(CODE_LETTERS))
    return "-".join(letters[start : start + 4] for start in range(0, CODE_LETTERS, 4))


def _signer() -> Signer:
    return Signer(_key(), salt=_SALT, digest_method=hashlib.sha256)


def _keyed(purpose: str, text: str) -> bytes:
    return hmac.digest(_key(), f"{_SALT} {purpose} {text}".encode(), "sha256")


def _key() -> bytes:
    key: bytes = current_app.config["SECRET_KEY"]
    return key
