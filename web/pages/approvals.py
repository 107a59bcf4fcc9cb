"""The approver's desk: what waits, read and heard together, signed or sent back; the next one follows."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from broadcaster.accounts import configuring, signing_in
from broadcaster.newsroom import approval, bulletins, relays
from broadcaster.playout import lengths, planning
from broadcaster.store import facts
from broadcaster.store.models import Bulletin, BulletinState, Source
from web import key_view, recording_view, relay_view, voices
from web.bulletin_view import describe
from web.context import me, now, reading, writing
from web.pages.sign_in import confirmation_page

pages = Blueprint("approvals", __name__, url_prefix="/duyet")


@pages.get("")
def waiting() -> ResponseReturnValue:
    coming = planning.coming(reading(), now())
    return render_template(
        "approvals/waiting.html",
        waiting=[describe_row(bulletin) for bulletin in queue()],
        next_of={airing.bulletin_id: airing.planned_at for airing in reversed(coming)},
    )


@pages.get("/<int:bulletin_id>")
def one(bulletin_id: int) -> ResponseReturnValue:
    bulletin = bulletins.get(reading(), bulletin_id)
    if bulletin.state != BulletinState.SUBMITTED:
        return redirect(url_for("bulletins.show", bulletin_id=bulletin_id))
    if bulletin.source == Source.RECORDING:
        heard = recording_view.describe(reading(), bulletin, now())
        return render_template("approvals/recording.html", view=heard, **_signing(bulletin))
    if bulletin.source == Source.RELAY:
        source, trial = relay_view.describe(reading(), bulletin, now()), request.args.get("thu", "")
        return render_template("relays/approval.html", view=source, trial=trial, **_signing(bulletin))
    view = describe(reading(), bulletin, now())
    return render_template(
        "approvals/one.html",
        view=view,
        open_words=[view.open_word] if view.open_word else [],
        voice_name=voices.chosen_name(reading(), bulletin.voice),
        spoken_by=voices.of_clip(view.rendering),
        **_signing(bulletin),
    )


def _signing(bulletin: Bulletin) -> dict[str, object]:
    """Return what stands on the page of every source: who sent it, when it airs, who may sign."""
    return {
        "bulletin": bulletin,
        "sent": approval.submission(reading(), bulletin.id),
        "coming": planning.coming(reading(), now(), bulletin_id=bulletin.id),
        "steps": bulletins.steps(reading(), bulletin.id),
        "may_sign": may_sign(bulletin),
        "key_waits_for": key_view.waits_for(),
        "others": [other for other in queue() if other.id != bulletin.id],
    }


@pages.post("/<int:bulletin_id>/dong-y")
def approve(bulletin_id: int) -> ResponseReturnValue:
    if signing_in.needs_password(reading(), current_user.token, now()):
        return confirmation_page(request.path)
    with writing() as rows:
        pen = signing_in.pen_for(rows, current_user.token, now())
        relays.require_seen(rows, bulletin_id, request.form.get("seen", 0, type=int))
        heard = request.form.get("heard", 0, type=int)
        comment = request.form.get("comment", "")
        approval.approve(rows, me(), bulletin_id, heard, now(), comment, pen=pen)
        title = bulletins.get(rows, bulletin_id).title
    flash(f"Đã duyệt “{title}”.", "done")
    return _to_next()


@pages.post("/<int:bulletin_id>/tra-lai")
def send_back(bulletin_id: int) -> ResponseReturnValue:
    with writing() as rows:
        approval.send_back(rows, me(), bulletin_id, request.form.get("comment", ""), now())
        title = bulletins.get(rows, bulletin_id).title
    flash(f"Đã trả lại “{title}” cho người soạn.", "done")
    return _to_next()


def queue() -> list[Bulletin]:
    """Return what waits for a signature, the longest waiting first."""
    found = bulletins.find(reading(), state=BulletinState.SUBMITTED, limit=200)
    return sorted(found, key=lambda bulletin: bulletin.changed_at)


def may_sign(bulletin: Bulletin) -> bool:
    return bulletin.author_id != me().id or configuring.fact(reading(), facts.SELF_APPROVAL) is True


def describe_row(bulletin: Bulletin) -> dict[str, object]:
    sent = approval.submission(reading(), bulletin.id)
    seconds = lengths.predicted_seconds(reading(), bulletin)
    return {"bulletin": bulletin, "sent": sent, "seconds": seconds, "may_sign": may_sign(bulletin)}


def _to_next() -> ResponseReturnValue:
    mine = next((bulletin for bulletin in queue() if may_sign(bulletin)), None)
    if mine is None:
        return redirect(url_for("approvals.waiting"), 303)
    return redirect(url_for("approvals.one", bulletin_id=mine.id), 303)
