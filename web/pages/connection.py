"""Kết nối an toàn: opening the page to phones and other machines, and why their browsers first warn."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from broadcaster.accounts import configuring
from broadcaster.errors import NotFound
from broadcaster.store import facts
from web import entrance
from web.context import me, now, writing
from web.typed import came_from

pages = Blueprint("connection", __name__, url_prefix="/cai-dat/ket-noi")

FILE_NAME = "tram-truyen-thanh.crt"


@pages.get("")
def show() -> ResponseReturnValue:
    seen = entrance.view()
    authority = _authority(seen)
    return render_template(
        "settings/connection.html",
        view=seen,
        is_set=entrance.is_set(),
        is_proxied=entrance.is_proxied(),
        is_exposed=entrance.is_exposed(),
        is_secure=request.is_secure,
        authority_sha256=_fingerprint(authority) if authority else "",
    )


@pages.post("")
def switch() -> ResponseReturnValue:
    """Open or shut the page to other machines; it holds across restarts."""
    is_open = request.form.get("open") == "1"
    with writing() as rows:
        configuring.configure(rows, me(), now(), **{facts.LAN: is_open})
    seen = entrance.look()
    if is_open and not seen.is_open:
        flash(seen.fault or "Đã ghi nhận; trang mở cho máy khác trong ít giây.", "note")
    else:
        flash("Đã mở trang cho máy khác trong mạng." if is_open else "Đã đóng trang với máy khác.", "done")
    return redirect(came_from(url_for("connection.show")), 303)


@pages.get(f"/{FILE_NAME}", endpoint="authority")
def authority_file() -> ResponseReturnValue:
    """The file that a phone or a PC installs, so that its browser knows the station."""
    file = _authority(entrance.view())
    if file is None:
        raise NotFound("Đài chưa mở cho máy khác, hoặc dùng chứng chỉ được cấp nên không cần cài gì.")
    return send_file(
        file, mimetype="application/x-x509-ca-cert", as_attachment=True, download_name=FILE_NAME, max_age=0
    )


def _fingerprint(authority: Path) -> str:
    from broadcaster import certificates  # noqa: PLC0415 - 19 MB that a closed station does not need

    return certificates.fingerprint_of(authority)


def _authority(seen: entrance.View) -> Path | None:
    return seen.certificate.authority if seen.certificate is not None else None
