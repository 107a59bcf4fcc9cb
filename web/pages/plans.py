"""Kế hoạch: what the loudspeakers owe, how it stands, and the next bulletin that pays it off."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue

from broadcaster.accounts import people
from broadcaster.errors import EditedMeanwhile, Invalid, Refused
from broadcaster.newsroom import plan_files, plans
from broadcaster.newsroom.plan_files import Kept
from broadcaster.newsroom.plan_frames import TopicFrame, frame_of
from broadcaster.newsroom.plans import CLOSED, IN_FORCE
from broadcaster.records import audit, plan_progress
from broadcaster.records.plan_progress import name_of
from broadcaster.store.models import Plan
from web import plan_view
from web.context import me, now, reading, today, ward, writing
from web.errors import tell
from web.plan_forms import PlanForm, QuotaForm, values_of

pages = Blueprint("plans", __name__, url_prefix="/ke-hoach")
pages.app_context_processor(plan_view.helpers)

ADD_ROWS = "them-dong"
"""The button that only asks for more rows."""


@pages.get("")
def all_plans() -> ResponseReturnValue:
    standing = {plan.plan_id: plan for plan in plan_progress.in_force_on(reading(), today())}
    found = plans.everything(reading())
    return render_template("plans/all.html", plans=[(plan, standing.get(plan.id)) for plan in found])


@pages.get("/<int:plan_id>")
def show(plan_id: int) -> ResponseReturnValue:
    plan = plans.get(reading(), plan_id)
    progress = plan_progress.of(reading(), plan_id, today())
    return render_template(
        "plans/show.html",
        plan=plan,
        progress=progress,
        owed=plan_view.owed(progress),
        is_ahead=plan.first_date > today(),
        is_over=plan.last_date < today(),
    )


@pages.get("/<int:plan_id>/tep")
def file(plan_id: int) -> ResponseReturnValue:
    """Send the paper as a file to keep, never as a page."""
    plan = plans.get(reading(), plan_id)
    if plan.file_sha256 is None:
        abort(404)
    path = plan_files.path_of(ward().settings.folder, plan.file_sha256).resolve()
    if not path.is_file():
        abort(404)
    kind = plan_files.type_of(plan.file_name)
    return send_file(path, mimetype=kind, as_attachment=True, download_name=plan.file_name)


@pages.route("/them", methods=["GET", "POST"])
def add() -> ResponseReturnValue:
    year = today().year
    form = _form({"first_date": today().replace(year, 1, 1), "last_date": today().replace(year, 12, 31)})
    if _asks_for_rows(form):
        return _edit_page(form)
    if form.is_sent():
        try:
            frame = form.frame()
            kept = _kept(form)
            with writing() as rows:
                made = plans.write(rows, me(), frame, now(), kept)
        except Refused as error:
            tell(_renamed(error), form)
        else:
            flash("Đã lưu bản nháp kế hoạch. Xem lại rồi bấm “Cho thực hiện”.", "done")
            return redirect(url_for("plans.show", plan_id=made.id), 303)
    return _edit_page(form)


@pages.route("/<int:plan_id>/sua", methods=["GET", "POST"])
def edit(plan_id: int) -> ResponseReturnValue:
    seen = audit.last_id(reading())  # before the plan: what is saved in between is told
    plan = plans.get(reading(), plan_id)
    _require_open(plan)
    form = _form({**values_of(frame_of(plan)), "based_on": str(seen)}, plan)
    if _asks_for_rows(form):
        return _edit_page(form, plan)
    if form.is_sent():
        try:
            frame, kept = form.frame(_standing(plan)), _kept(form)
            drops = bool(form.drops_file.data) and kept is None
            with writing() as rows:
                based_on = int(form.based_on.data)
                plans.edit(
                    rows, me(), plan_id, frame, today(), now(),
                    file=kept, drops_file=drops, based_on=based_on,
                )  # fmt: skip
        except EditedMeanwhile as error:
            flash(str(error), "error")
            form.based_on.raw_data, form.based_on.data = None, str(error.newest_number)
            form.add_missing(frame_of(plans.get(reading(), plan_id)).topics)
        except Refused as error:
            tell(_renamed(error), form)
        else:
            flash("Đã lưu kế hoạch.", "done")
            return redirect(url_for("plans.show", plan_id=plan_id), 303)
    return _edit_page(form, plans.get(reading(), plan_id))


@pages.route("/<int:plan_id>/chi-tieu/<int:topic_id>", methods=["GET", "POST"])
def quota(plan_id: int, topic_id: int) -> ResponseReturnValue:
    """Change what is due of one topic from a day on."""
    plan = plans.get(reading(), plan_id)
    _require_open(plan)
    topic = plans.topic_of(plan, topic_id)
    asked = plans.demand_on(topic, today())
    form = QuotaForm(
        data={"from_date": today(), "amount": asked.amount, "unit": asked.unit, "per": asked.per}
    )
    if form.is_sent():
        try:
            with writing() as rows:
                plans.change_quota(rows, me(), plan_id, topic_id, form.quota(), today(), now())
        except Refused as error:
            tell(error, form)
        else:
            flash(f"Đã đổi chỉ tiêu của “{topic.name}”; những kỳ đã qua giữ nguyên.", "done")
            return redirect(url_for("plans.show", plan_id=plan_id, _anchor=f"noi-dung-{topic_id}"), 303)
    return render_template(
        "plans/quota.html", form=form, plan=plan, topic=topic, asked=plan_progress.quota_of(topic)
    )


@pages.post("/<int:plan_id>/thuc-hien")
def put_in_force(plan_id: int) -> ResponseReturnValue:
    try:
        with writing() as rows:
            plans.put_in_force(rows, me(), plan_id, now())
    except Invalid as error:
        flash(str(error), "error")
        return redirect(url_for("plans.edit", plan_id=plan_id), 303)
    flash("Kế hoạch bắt đầu được tính: còn thiếu gì, trang Hôm nay sẽ nhắc.", "done")
    return redirect(url_for("plans.show", plan_id=plan_id), 303)


@pages.post("/<int:plan_id>/dong")
def close(plan_id: int) -> ResponseReturnValue:
    with writing() as rows:
        plans.close(rows, me(), plan_id, request.form.get("reason", ""), today(), now())
    flash("Đã đóng kế hoạch; kết quả đến hôm nay vẫn còn đây.", "done")
    return redirect(url_for("plans.show", plan_id=plan_id), 303)


@pages.post("/<int:plan_id>/mo-lai")
def reopen(plan_id: int) -> ResponseReturnValue:
    with writing() as rows:
        plans.reopen(rows, me(), plan_id, now())
    flash("Đã mở lại kế hoạch.", "done")
    return redirect(url_for("plans.show", plan_id=plan_id), 303)


@pages.post("/<int:plan_id>/bo")
def discard(plan_id: int) -> ResponseReturnValue:
    with writing() as rows:
        plans.discard(rows, me(), plan_id, now())
    flash("Đã bỏ bản nháp kế hoạch.", "done")
    return redirect(url_for("plans.all_plans"), 303)


@pages.post("/<int:plan_id>/sao-chep")
def copy(plan_id: int) -> ResponseReturnValue:
    """Begin the plan of the next year from this one."""
    with writing() as rows:
        made = plans.copy(rows, me(), plan_id, now())
    flash("Đã chép sang năm sau thành bản nháp; hãy ghi số, ngày của văn bản mới.", "done")
    return redirect(url_for("plans.edit", plan_id=made.id), 303)


def _form(values: dict[str, Any], plan: Plan | None = None) -> PlanForm:
    form = PlanForm(data=values)
    chosen = {person.id for person in plan.people} if plan else set()
    known = [each for each in people.everyone(reading()) if each.is_active or each.id in chosen]
    form.people.choices = {person.id: person.name for person in known}
    if plan is not None and not form.is_submitted():
        form.topics.append_entry()
    return form


def _asks_for_rows(form: PlanForm) -> bool:
    """Return whether the form was sent only to have more rows; it has them then."""
    if ADD_ROWS not in request.form:
        return False
    form.add_rows()
    return True


def _standing(plan: Plan) -> dict[int, TopicFrame]:
    """Return the topics whose quota this form does not change."""
    known = frame_of(plan).topics if plan.state == IN_FORCE else ()
    return {topic.number: topic for topic in known if topic.number is not None}


def _kept(form: PlanForm) -> Kept | None:
    sent = form.file.data
    if not sent or not sent.filename:
        return None
    return plan_files.keep(ward().settings.folder, sent.filename, sent.read())


def _renamed(error: Refused) -> Refused:
    return Invalid(str(error), field="topics") if getattr(error, "field", "") == "amount" else error


def _require_open(plan: Plan) -> None:
    if plan.state == CLOSED:
        raise Refused(f"{name_of(plan.number)} đã đóng; hãy bấm “Mở lại” trước khi sửa.")


def _edit_page(form: PlanForm, plan: Plan | None = None) -> str:
    topics = {topic.id: topic for topic in plan.topics} if plan and plan.state == IN_FORCE else {}
    return render_template(
        "plans/edit.html",
        form=form,
        plan=plan,
        standing={str(number): plans.demand_on(topic, today()) for number, topic in topics.items()},
        add_rows=ADD_ROWS,
        taken=",".join(plan_files.TYPES) + ",.jpeg",
    )
