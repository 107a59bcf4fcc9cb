"""Giới hạn phát and Ngày của đài: when the loudspeakers may not sound, and the days that differ."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import IntegerField
from wtforms.validators import NumberRange, Optional

from broadcaster.accounts.permissions import ROLE_NAMES, Role
from broadcaster.errors import Invalid, Refused
from broadcaster.playout import hours, limit_rules, limit_words, limits, running_order, station_days, zones
from broadcaster.playout.limit_rules import CODE_NAMES, PRESETS, RuleFrame
from broadcaster.store import facts
from schedules.holidays import OwnKind
from schedules.lunar import to_lunar
from web import words
from web.context import me, now, reading, today, writing
from web.errors import tell
from web.forms import Boxes, Day, Form, Hour, pick, text_field
from web.typed import day_of

pages = Blueprint("limits", __name__)

MAY_OVERRIDE = (Role.OPERATOR, Role.APPROVER, Role.ADMIN)
_NUMBER = {"session": "minutes", "sessions": "most", "minutes": "minutes", "least": "minutes"}


class LimitForm(Form):
    code = pick("Loại giới hạn", CODE_NAMES)
    number = IntegerField("Số phút hoặc số buổi", [Optional(), NumberRange(1, 1440, "Từ 1 đến 1440.")])
    start = Hour("Từ giờ")
    end = Hour("Đến giờ")
    days = Boxes(
        "Ngày trong tuần", coerce=int, choices=dict(enumerate(words.WEEKDAYS)), default=list(range(7))
    )
    zone_id = pick("Áp dụng cho", coerce=int, validate_choice=False, default=0)
    effect = pick("Khi vượt", {"forbid": "không cho xếp lịch", "warn": "chỉ nhắc"}, default="forbid")
    overridden_by = pick(
        "Ai được vượt khi ghi lý do",
        {
            "": "không ai",
            **{role.value: ROLE_NAMES[role] for role in (Role.OPERATOR, Role.APPROVER, Role.ADMIN)},
        },
        default="",
    )
    source = text_field("Căn cứ (văn bản, số)", characters=200)
    source_date = Day("Ngày của văn bản")

    def frame(self) -> RuleFrame:
        return RuleFrame(
            code=self.code.data,
            values=self._values(),
            zone_id=self.zone_id.data or None,
            forbids=self.effect.data == "forbid",
            overridden_by=self.overridden_by.data,
            source=self.source.data or "",
            source_date=self.source_date.data,
        )

    def _values(self) -> dict[str, Any]:
        code = self.code.data
        if code in _NUMBER:
            if self.number.data is None:
                raise Invalid("Hãy nhập số phút hoặc số buổi.", field="number")
            return {_NUMBER[code]: self.number.data}
        if code == "days":
            return {"days": self.days.data or []}
        if self.start.data is None or self.end.data is None:
            raise Invalid("Hãy nhập giờ đầu và giờ cuối.", field="start")
        return {"from": f"{self.start.data:%H:%M}", "to": f"{self.end.data:%H:%M}", "days": self.days.data}


class StationForm(Form):
    cancel_delay_s = IntegerField(
        "“Phát ngay” đợi (giây) để còn lấy lại",
        [NumberRange(0, running_order.LONGEST_CANCEL_DELAY_S, "Từ 0 đến 30 giây.")],
    )
    signed_schedule = pick(
        "Chương trình phát đều đặn",
        {"no": "phát ngay khi người vận hành lưu", "yes": "chỉ phát khi người duyệt đã ký"},
    )


class OwnDayForm(Form):
    first_date = Day("Từ ngày", "Hãy nhập ngày đầu.")
    last_date = Day("Đến hết ngày", "Hãy nhập ngày cuối.")
    name = text_field("Tên", "Hãy ghi tên, ví dụ “Thi tốt nghiệp”.", 80)
    kind = pick("Những ngày này", {kind.value: word for kind, word in station_days.KIND_NAMES.items()})


@pages.route("/cai-dat/gioi-han", methods=["GET", "POST"])
def rules() -> ResponseReturnValue:
    form = _limit_form()
    if form.is_sent():
        try:
            with writing() as rows:
                limit_rules.add(rows, me(), form.frame(), now())
        except Refused as error:
            tell(error, form)
        else:
            flash("Đã thêm giới hạn; từ giờ lịch phát được xét theo giới hạn này.", "done")
            return redirect(url_for("limits.rules"), 303)
    return render_template(
        "limits/rules.html",
        form=form,
        station=_station_form(),
        rules=[
            (rule, zone, limit_words.name(limits.limit_of(rule.code, rule.values)))
            for rule, zone in limit_rules.all_rules(reading())
        ],
        hours=hours.allowed(reading()),
        presets=PRESETS,
        roles=ROLE_NAMES,
    )


@pages.post("/cai-dat/gioi-han/mau")
def add_preset() -> ResponseReturnValue:
    with writing() as rows:
        count = limit_rules.add_preset(rows, me(), request.form.get("mau", ""), now())
    flash(f"Đã thêm {count} giới hạn theo mẫu; hãy đối chiếu với quy chế của địa phương.", "done")
    return redirect(url_for("limits.rules"), 303)


@pages.post("/cai-dat/gioi-han/<int:rule_id>/bo")
def end_rule(rule_id: int) -> ResponseReturnValue:
    with writing() as rows:
        limit_rules.end(rows, me(), rule_id, now())
    flash("Đã bỏ giới hạn.", "done")
    return redirect(url_for("limits.rules"), 303)


@pages.post("/cai-dat/gioi-han/cach-xep")
def save_station() -> ResponseReturnValue:
    """How long "play now" waits, and whether programmes need a signature."""
    form = _station_form()
    if form.is_sent():
        with writing() as rows:
            limit_rules.save_manners(
                rows, me(), form.cancel_delay_s.data, form.signed_schedule.data == "yes", now()
            )
        flash("Đã lưu.", "done")
    else:
        flash("Chưa lưu: số giây đợi phải từ 0 đến 30.", "error")
    return redirect(url_for("limits.rules"), 303)


@pages.route("/lich-phat/ngay", methods=["GET", "POST"])
def days() -> ResponseReturnValue:
    first = _month(request.args.get("thang", "")) or today().replace(day=1)
    form = OwnDayForm()
    if form.is_sent():
        try:
            with writing() as rows:
                station_days.add(
                    rows, me(), form.first_date.data, form.last_date.data, form.name.data,
                    OwnKind(form.kind.data), now(),
                )  # fmt: skip
        except Refused as error:
            tell(error, form)
        else:
            flash(f"Đã thêm “{form.name.data}” vào lịch của đài.", "done")
            return redirect(url_for("limits.days"), 303)
    last = _next_month(_next_month(first)) - timedelta(days=1)
    return render_template(
        "limits/days.html",
        form=form,
        days=[(day, to_lunar(day.date)) for day in station_days.calendar(reading(), first, last)],
        own=station_days.declared(reading(), first),
        kinds=station_days.KIND_NAMES,
        first=first,
        before=(first - timedelta(days=1)).replace(day=1),
        after=_next_month(_next_month(first)),
    )


@pages.post("/lich-phat/ngay/<int:day_id>/bo")
def end_day(day_id: int) -> ResponseReturnValue:
    with writing() as rows:
        station_days.end(rows, me(), day_id, now())
    flash("Đã bỏ khỏi lịch của đài.", "done")
    return redirect(url_for("limits.days"), 303)


def _limit_form() -> LimitForm:
    form = LimitForm()
    form.zone_id.choices = {0: "mọi cụm loa", **{zone.id: zone.name for zone in zones.zones(reading())}}
    return form


def _station_form() -> StationForm:
    signed = facts.get(reading(), facts.SIGNED_SCHEDULE, False)
    return StationForm(
        data={
            "cancel_delay_s": running_order.cancel_delay_s(reading()),
            "signed_schedule": "yes" if signed else "no",
        }
    )


def _month(typed: str) -> date | None:
    return day_of(f"{typed}-01")


def _next_month(first: date) -> date:
    return (first + timedelta(days=32)).replace(day=1)
