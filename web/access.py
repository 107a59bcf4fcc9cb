"""Who may open which route: one table, and one gate before every request.

A route that is missing from the table is closed to everybody. The gate also checks the anti-forgery token,
so that nothing is changed without it.
"""

from __future__ import annotations

from enum import Enum

from flask import Flask, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.csrf import CSRFProtect

from broadcaster.accounts.permissions import Permission
from web.context import may
from web.errors import ask_again
from web.pages.sign_in import sign_in_again
from web.security import allow_larger, is_too_large
from web.typed import is_review


class Open(Enum):
    """Routes that ask for no permission."""

    TO_ALL = "to_all"
    TO_SIGNED_IN = "to_signed_in"


P = Permission
Access = Permission | frozenset[Permission] | Open
"""A set of permissions: any one of them is enough."""
COMPLAINTS = frozenset({P.WRITE, P.OPERATE})
ROUTES: dict[str, Access] = {
    "static": Open.TO_ALL,
    "bootstrap.static": Open.TO_ALL,
    "sign_in.sign_in": Open.TO_ALL,
    "sign_in.first_account": Open.TO_ALL,
    "sign_in.set_password": Open.TO_ALL,
    "sign_in.sign_out": Open.TO_SIGNED_IN,
    "sign_in.change_password": Open.TO_SIGNED_IN,
    "sign_in.confirm": P.APPROVE,
    "today.show": P.READ,
    "on_air.status": P.READ,
    "on_air.frame": P.READ,
    "bulletins.all_bulletins": P.READ,
    "bulletins.show": P.READ,
    "bulletins.version": P.READ,
    "bulletins.new": P.WRITE,
    "bulletins.edit": P.WRITE,
    "bulletins.submit": P.WRITE,
    "bulletins.recall": P.WRITE,
    "bulletins.withdraw": P.APPROVE,
    "importing.choose": P.WRITE,
    "importing.make": P.WRITE,
    "importing.trim": P.WRITE,
    "recordings.new": P.WRITE,
    "recordings.show": P.READ,
    "recordings.edit": P.WRITE,
    "recordings.replace": P.WRITE,
    "recordings.cut": P.WRITE,
    "recordings.retry": P.WRITE,
    "recording_files.part": P.WRITE,
    "recording_files.wave": P.READ,
    "recording_files.sound": frozenset({P.WRITE, P.APPROVE}),
    "aloud.decide": P.WRITE,
    "aloud.retire_reading": P.WRITE,
    "aloud.listen": P.WRITE,
    "aloud.sentence": frozenset({P.WRITE, P.APPROVE}),
    "lexicon.entries": P.READ,
    "lexicon.changes": P.READ,
    "lexicon.csv_file": P.READ,
    "lexicon.add": P.WRITE,
    "lexicon.edit": P.WRITE,
    "lexicon.retire": P.WRITE,
    "lexicon.listen": P.WRITE,
    "lexicon.take": P.CONFIGURE,
    "plans.all_plans": P.READ,
    "plans.show": P.READ,
    "plans.file": P.READ,
    "plans.add": P.WRITE,
    "plans.edit": P.WRITE,
    "plans.quota": P.WRITE,
    "plans.put_in_force": P.WRITE,
    "plans.close": P.WRITE,
    "plans.reopen": P.WRITE,
    "plans.discard": P.WRITE,
    "plans.copy": P.WRITE,
    "sounds.clip": P.READ,
    "voices.show": frozenset({P.WRITE, P.CONFIGURE}),
    "voices.hear": frozenset({P.WRITE, P.CONFIGURE}),
    "approvals.waiting": P.APPROVE,
    "approvals.one": P.APPROVE,
    "approvals.approve": P.APPROVE,
    "approvals.send_back": P.APPROVE,
    "relays.all_relays": P.READ,
    "relays.show": P.READ,
    "relays.new": P.WRITE,
    "relays.edit": P.WRITE,
    "relays.listen": frozenset({P.WRITE, P.APPROVE}),
    "relays.trial": frozenset({P.WRITE, P.APPROVE}),
    "relays.trial_sound": frozenset({P.WRITE, P.APPROVE}),
    "schedule.week": P.READ,
    "limits.rules": P.CONFIGURE,
    "limits.add_preset": P.CONFIGURE,
    "limits.end_rule": P.CONFIGURE,
    "limits.save_station": P.CONFIGURE,
    "limits.days": P.READ,
    "limits.end_day": P.OPERATE,
    "programmes.all_programmes": P.READ,
    "programmes.show": P.READ,
    "programmes.add": P.OPERATE,
    "programmes.edit": P.OPERATE,
    "programmes.end": P.OPERATE,
    "programmes.change_date": P.OPERATE,
    "programmes.restore_date": P.OPERATE,
    "programmes.pause": P.OPERATE,
    "programmes.resume": P.OPERATE,
    "programmes.sign": P.APPROVE,
    "placing.place": P.REQUEST,
    "placing.end": P.REQUEST,
    "placing.renew": P.OPERATE,
    "day_sheet.show": P.READ,
    "feed.calendar": Open.TO_ALL,
    "feed.show": P.READ,
    "feed.renew": P.OPERATE,
    "feed.close": P.OPERATE,
    "running_order.move_up": P.OPERATE,
    "running_order.move_down": P.OPERATE,
    "moving.move": P.OPERATE,
    "running_order.remove": P.OPERATE,
    "running_order.play_now": P.OPERATE,
    "running_order.play_again": P.OPERATE,
    "running_order.take_back": P.OPERATE,
    "running_order.undo": P.OPERATE,
    "running_order.cut": P.OPERATE,
    "running_order.stop_programme": P.OPERATE,
    "running_order.stop_all": P.STOP_ALL,
    "running_order.lift": P.STOP_ALL,
    "emergency.show": P.READ,
    "emergency.send_order": P.ALERT,
    "emergency.stand_down": P.ALERT,
    "emergency.prolong": P.ALERT,
    "emergency_words.write": P.ALERT,
    "emergency_words.hear": P.ALERT,
    "emergency_orders.add": P.ALERT,
    "emergency_orders.edit": P.ALERT,
    "emergency_orders.close": P.ALERT,
    "emergency_warnings.messages": P.ALERT,
    "emergency_warnings.dismiss": P.ALERT,
    "emergency_warnings.sources": P.CONFIGURE,
    "emergency_warnings.add_source": P.CONFIGURE,
    "emergency_warnings.edit_source": P.CONFIGURE,
    "emergency_warnings.close_source": P.CONFIGURE,
    "live.show": P.LIVE,
    "live.begin": P.LIVE,
    "live.heard": P.LIVE,
    "live.status": P.LIVE,
    "live.sound": P.LIVE,
    "live.stop": P.LIVE,
    "live.said": P.READ,
    "history.rows": P.READ,
    "history.row": P.READ,
    "history.of_airing": P.READ,
    "history.file": P.READ,
    "corrections.correct": P.CORRECT,
    "integrity.show": P.VERIFY,
    "integrity.check": P.VERIFY,
    "integrity.compare": P.VERIFY,
    "integrity.seal": P.VERIFY,
    "integrity.notices": P.CONFIGURE,
    "integrity.one": P.VERIFY,
    "integrity.seal_file": P.VERIFY,
    "reports.show": P.READ,
    "reports.file": P.READ,
    "reports.words": P.WRITE,
    "reports.drop_words": P.WRITE,
    "reports.edit_template": P.WRITE,
    "records.audit_trail": P.VERIFY,
    "airchecks.rows": P.READ,
    "airchecks.sound": P.READ,
    "airchecks.hold": P.VERIFY,
    "airchecks.release": P.VERIFY,
    "people.all_people": P.MANAGE_PEOPLE,
    "people.add": P.MANAGE_PEOPLE,
    "people.edit": P.MANAGE_PEOPLE,
    "people.invite": P.MANAGE_PEOPLE,
    "people.close": P.MANAGE_PEOPLE,
    "people.reopen": P.MANAGE_PEOPLE,
    "signing_keys.all_keys": frozenset({P.APPROVE, P.MANAGE_PEOPLE}),
    "signing_keys.confirm": P.APPROVE,
    "settings.station": P.CONFIGURE,
    "settings.start": P.CONFIGURE,
    "keeping.show": P.CONFIGURE,
    "keeping.do": P.CONFIGURE,
    "keeping.save_backups": P.CONFIGURE,
    "keeping.save_retention": P.CONFIGURE,
    "keeping.download": P.CONFIGURE,
    "keeping.acknowledge": P.CONFIGURE,
    "zones.all_zones": P.CONFIGURE,
    "zones.output": P.CONFIGURE,
    "zones.close_output": P.CONFIGURE,
    "zones.chime": P.CONFIGURE,
    "zones.zone": P.CONFIGURE,
    "zones.close_zone": P.CONFIGURE,
    "zones.switch": P.CONFIGURE,
    "zones.close_switch": P.CONFIGURE,
    "notices.show": P.READ,
    "notices.ways": P.CONFIGURE,
    "notices.way": P.CONFIGURE,
    "notices.test": P.CONFIGURE,
    "connection.show": P.READ,
    "connection.switch": P.CONFIGURE,
    "connection.authority": P.READ,
    "health.show": P.READ,
    "residents.show": Open.TO_ALL,
    "residents.day": Open.TO_ALL,
    "residents.one": Open.TO_ALL,
    "residents.sound": Open.TO_ALL,
    "residents.clip": Open.TO_ALL,
    "residents.search": Open.TO_ALL,
    "residents.report": Open.TO_ALL,
    "residents.answer": Open.TO_ALL,
    "residents_setup.show": P.CONFIGURE,
    "residents_setup.poster": P.READ,
    "complaints.rows": COMPLAINTS,
    "complaints.one": COMPLAINTS,
    "complaints.answer": COMPLAINTS,
    "complaints.take": COMPLAINTS,
    "complaints.hold": COMPLAINTS,
    "complaints.compose": P.WRITE,
}

WITHOUT_SESSION = frozenset({"residents.report", "residents.answer"})
"""Forms of people without an account: no session to borrow; a signed stamp guards what is kept."""

csrf = CSRFProtect()


def install(app: Flask) -> None:
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False  # the gate asks, after it knows who is there
    csrf.init_app(app)
    app.before_request(gate)


def gate() -> ResponseReturnValue | None:
    """Let the request through, or answer it: sign in first, not permitted, form too old."""
    if request.endpoint is None:
        return None  # no such page: the error page says so
    access = ROUTES.get(request.endpoint)
    if access is None:
        abort(403)
    if access is not Open.TO_ALL:
        if not current_user.is_authenticated:
            return _sign_in_first()
        if not any(may(each) for each in needed(access)) and access is not Open.TO_SIGNED_IN:
            abort(403)
        allow_larger(request)
    if request.endpoint not in WITHOUT_SESSION:
        csrf.protect()
    return _shown_again() if is_review() else None


def _shown_again() -> ResponseReturnValue | None:
    """Say that what was typed is not done yet: in the form itself, or on a page that asks."""
    if not _has_page():
        return ask_again(200, "Làm tiếp việc vừa rồi?", "Chưa có gì thay đổi. Hãy bấm “Làm tiếp” để gửi lại.")
    flash("Chưa lưu. Phần đã gõ vẫn còn: hãy xem lại rồi bấm lại nút vừa bấm.", "error")
    return None


def needed(access: Access) -> frozenset[Permission]:
    """Return the permissions of which one lets a person in."""
    if isinstance(access, Open):
        return frozenset()
    return frozenset({access}) if isinstance(access, Permission) else access


def _has_page() -> bool:
    """Return True when the route can show its form again by itself."""
    rule = request.url_rule
    return rule is not None and "GET" in (rule.methods or ())


def _sign_in_first() -> ResponseReturnValue:
    if request.accept_mimetypes.best == "application/json":
        return {"signed_out": True}, 401
    if request.method == "GET" or is_too_large(request):
        return redirect(url_for("sign_in.sign_in", tiep=request.full_path.rstrip("?")), 302)
    return sign_in_again(request.full_path.rstrip("?"))
