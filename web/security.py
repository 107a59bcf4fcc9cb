"""What every answer carries and every request must have: headers, known hosts, limits, cookies."""

from __future__ import annotations

import ipaddress
import socket
from datetime import timedelta

from flask import Flask, Request, Response, abort, g, make_response, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from werkzeug.middleware.proxy_fix import ProxyFix

from broadcaster.settings import Settings, session_secret

SIGNED_IN_H = 12
LARGEST_REQUEST_BYTES = 2 * 1024 * 1024
LARGER_REQUESTS_BYTES = {
    "importing.choose": 21 * 1000 * 1000,
    "lexicon.take": 6 * 1000 * 1000,
    "plans.add": 21 * 1000 * 1000,
    "plans.edit": 21 * 1000 * 1000,
    "recordings.new": 41 * 1000 * 1000,
    "recordings.replace": 41 * 1000 * 1000,
    "recording_files.part": 9 * 1000 * 1000,
}
"""Routes that take files, their form around the file included; for who is signed in and permitted."""
LARGEST_OF_ALL_BYTES = max(LARGER_REQUESTS_BYTES.values())
CONTENT_SECURITY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # Bootstrap draws the arrow of a list as a data: image
        "media-src 'self'",
        "connect-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
        "base-uri 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY,
    "X-Frame-Options": "SAMEORIGIN",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class _Cookies(SecureCookieSessionInterface):
    """A cookie that came by https never leaves by http, and one set by http is none of an https page's."""

    def get_cookie_secure(self, app: Flask) -> bool:
        return bool(app.config["SESSION_COOKIE_SECURE"]) or request.is_secure

    def get_cookie_name(self, app: Flask) -> str:
        """Browsers take `__Host-…` only when it is Secure and of this very host (RFC 6265bis, 4.1.3.2)."""
        name: str = app.config["SESSION_COOKIE_NAME"]
        return f"__Host-{name}" if self.get_cookie_secure(app) else name

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """The page for residents knows nobody: it neither sets a cookie nor depends on one."""
        if not g.get("without_cookies"):
            super().save_session(app, session, response)


def install(app: Flask, settings: Settings) -> None:
    app.config.update(
        SECRET_KEY=session_secret(settings.folder),
        SESSION_COOKIE_NAME="phien",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.https,  # else as the request came: see _Cookies
        PERMANENT_SESSION_LIFETIME=timedelta(hours=SIGNED_IN_H),
        PREFERRED_URL_SCHEME="https" if settings.https else "http",
        MAX_CONTENT_LENGTH=LARGEST_REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=LARGEST_REQUEST_BYTES,
        MAX_FORM_PARTS=500,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the sign-in
    )
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    app.session_interface = _Cookies()
    names = known_names(settings)
    app.before_request(lambda: _refuse_foreign_host(names))
    app.after_request(_add_headers)


def allow_larger(asked: Request) -> None:
    """Let the route of this request take as much as it needs, and no more, before any of it is read.

    To be asked once it is known who is there.
    """
    bytes_allowed = LARGER_REQUESTS_BYTES.get(asked.endpoint or "")
    if (asked.content_length or 0) > (bytes_allowed or LARGEST_REQUEST_BYTES):
        abort(413)
    if bytes_allowed is not None:
        asked.max_content_length = asked.max_form_memory_size = bytes_allowed


def may_record(page: str) -> Response:
    """Return a page that may use the microphone, and play what it recorded before that is sent."""
    answer = make_response(page)
    answer.headers["Permissions-Policy"] = HEADERS["Permissions-Policy"].replace("phone=()", "phone=(self)")
    own, and_recorded = "media-src 'self'", "media-src 'self' blob:"
    answer.headers["Content-Security-Policy"] = CONTENT_SECURITY.replace(own, and_recorded)
    return answer


def is_too_large(asked: Request) -> bool:
    return (asked.content_length or 0) > LARGEST_REQUEST_BYTES


def known_names(settings: Settings) -> frozenset[str]:
    """Return the names under which the page may be asked for, besides plain addresses."""
    own = socket.gethostname().lower()
    return frozenset({"localhost", own, f"{own}.local", *(name.lower() for name in settings.hosts)})


def is_known_host(host: str, names: frozenset[str]) -> bool:
    """Return True for one of our names or a bare IP address.

    A foreign name that is made to point here (DNS rebinding) is refused; an address cannot be rebound.
    """
    name = _without_port(host)
    if name in names:
        return True
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def is_only_here(host: str) -> bool:
    """Tell whether an address with this host leads back to the machine that opens it."""
    name = _without_port(host)
    try:
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _without_port(host: str) -> str:
    name = host.rsplit(":", 1)[0] if host.count(":") == 1 or "]" in host else host
    return name.strip("[]").lower().rstrip(".")


def _refuse_foreign_host(names: frozenset[str]) -> None:
    if not is_known_host(request.host, names):
        abort(400, "host")


def _add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    if request.endpoint not in ("static", "bootstrap.static"):
        response.headers.setdefault("Cache-Control", "no-store")
    return response
