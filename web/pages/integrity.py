"""Kiểm tra toàn vẹn: whether the books are as they were written, and the seals that prove it."""

from __future__ import annotations

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from broadcaster import nightly, verifying
from broadcaster.accounts import configuring
from broadcaster.errors import Invalid, NotFound
from broadcaster.keeping import sealing
from broadcaster.nightly import VERIFY
from broadcaster.playout import nightly_call, notify
from broadcaster.records import nights, seals
from broadcaster.records.chain import CHAIN_NAMES
from broadcaster.store import facts
from broadcaster.store.models import Seal
from web import on_air
from web.context import me, now, reading, today, ward, writing
from web.words import moment_text

pages = Blueprint("integrity", __name__, url_prefix="/toan-ven")

AT_ONCE = 100_000
"""More rows than this are checked by the nightly process: 3 s here, half a minute for a million."""
LONGEST_SEAL = 20_000


@pages.get("")
def show() -> ResponseReturnValue:
    return _page(None)


@pages.post("")
def check() -> ResponseReturnValue:
    """Check everything now, or have it checked when it is long; damage stands as a fault until mended."""
    folder = ward().store.folder
    if sum(head.count for head in seals.heads(reading()).values()) > AT_ONCE:
        nightly_call.ask(folder, VERIFY.key)
        flash("Đang kiểm tra; sổ dài nên cần chừng một phút. Hãy mở lại trang này để xem kết quả.", "note")
        return redirect(url_for("integrity.show"), 303)
    began = now()
    answer = verifying.verify(reading(), folder)
    words = " ".join(answer.wrong or (*answer.good[:1], *answer.notes))
    with writing() as rows:
        nightly.note(rows, VERIFY, began, now(), not answer.wrong, words)
    on_air.forget()
    return _page(answer)


@pages.post("/doi-chieu")
def compare() -> ResponseReturnValue:
    """Compare the books with a seal that was kept elsewhere."""
    try:
        return _page(verifying.compare(reading(), ward().store.folder, _kept()))
    except Invalid as error:
        flash(str(error), "error")
        return redirect(url_for("integrity.show"), 303)


@pages.post("/niem-phong")
def seal() -> ResponseReturnValue:
    made, misfits = sealing.make(ward().store, now(), me())
    if misfits:
        flash(misfits, "error")
    flash(f"Đã lập dấu niêm phong số {made.id}. Hãy in hoặc cất tệp ở nơi khác.", "done")
    return redirect(url_for("integrity.one", number=made.id), 303)


@pages.post("/gui-thu")
def notices() -> ResponseReturnValue:
    """Have the digest of every daily seal sent to people, or no longer."""
    is_on = request.form.get("on") == "1"
    with writing() as rows:
        configuring.configure(rows, me(), now(), **{facts.SEAL_NOTICES: is_on})
    flash("Từ nay mã niêm phong được gửi mỗi ngày." if is_on else "Đã thôi gửi mã niêm phong.", "done")
    return redirect(url_for("integrity.show"), 303)


@pages.get("/dau/<int:number>")
def one(number: int) -> ResponseReturnValue:
    row = _seal(number)
    said = seals.read(row.text)
    return render_template(
        "history/seal.html", seal=row, said=said, short=seals.short(row.sha256), CHAIN_NAMES=CHAIN_NAMES
    )


@pages.get("/dau/<int:number>.txt")
def seal_file(number: int) -> ResponseReturnValue:
    row = _seal(number)
    answer = Response(row.text.encode(), mimetype="text/plain")
    answer.headers["Content-Disposition"] = f'attachment; filename="{seals.file_name(row)}"'
    return answer


def _page(answer: verifying.Answer | None) -> str:
    before = request.args.get("truoc", type=int)
    rows = seals.latest(reading(), before=before, limit=seals.PAGE + 1)
    return render_template(
        "history/integrity.html",
        answer=answer,
        checked_at=moment_text(now()),
        last=nights.last(reading(), VERIFY.key),
        seals=[(row, seals.short(row.sha256)) for row in rows[: seals.PAGE]],
        older=rows[seals.PAGE - 1].id if len(rows) > seals.PAGE else None,
        is_first=before is None,
        is_sealed_today=bool(rows) and rows[0].day == today(),
        is_told=bool(configuring.fact(reading(), facts.SEAL_NOTICES)),
        can_tell=bool(notify.wanted_channels(reading())),
    )


def _seal(number: int) -> Seal:
    row = reading().get(Seal, number)
    if row is None:
        raise NotFound(f"Đài không có dấu niêm phong số {number}.")
    return row


def _kept() -> str:
    """Return the text of the seal that was chosen as a file, or else typed."""
    file = request.files.get("file")
    content = file.read(LONGEST_SEAL) if file else b""
    return content.decode("utf-8-sig", "replace") or request.form.get("text", "")[:LONGEST_SEAL]
