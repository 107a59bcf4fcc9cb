"""Reports: choose a period, see it counted and worded, change the words, take it away as a file."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, TextAreaField

from broadcaster.errors import EditedMeanwhile, Invalid, Refused
from broadcaster.newsroom import reporting
from broadcaster.records import audit
from broadcaster.records.reports import counting, csv_file, files, numbers, template, wording
from broadcaster.records.reports.period import Period, Unit, between, unit_of
from broadcaster.records.reports.report import Report
from broadcaster.records.reports.template import LABELS, SECTIONS, Template
from broadcaster.records.tracing import Trace
from web import charts, report_files
from web.context import me, now, reading, today, ward, writing
from web.errors import tell
from web.forms import Day, Form, longest, row_number

pages = Blueprint("reports", __name__, url_prefix="/bao-cao")
FORMS = {"docx": "Word", "xlsx": "Excel", "pdf": "PDF", "csv": "CSV"}
_LONG_PARTS = (*SECTIONS, "recipients", "position")


class PeriodForm(Form):
    class Meta:
        csrf = False  # it only looks

    first = Day("Từ ngày", name="tu")
    last = Day("Đến hết ngày", name="den")


class WordsForm(Form):
    """The text of one report."""

    based_on = HiddenField(filters=[row_number])


class TemplateForm(Form):
    """The station's template."""

    based_on = HiddenField(filters=[row_number])


for _name in LABELS:
    _rows = {"rows": 8 if _name == "results" else 3}
    _limit = longest(template.LONGEST)
    setattr(TemplateForm, _name, TextAreaField(LABELS[_name], [_limit], render_kw=_rows))
for _name in SECTIONS:
    _rows = {"rows": 14 if _name == "results" else 5}
    setattr(WordsForm, _name, TextAreaField(LABELS[_name], [longest(template.LONGEST)], render_kw=_rows))


@pages.get("")
def show() -> ResponseReturnValue:
    form, period = _chosen()
    report = counting.make(reading(), period, now())
    return render_template(
        "reports/show.html",
        form=form,
        report=report,
        chart=charts.over_time(report.steps),
        remarks=[note for note in report.notes if note not in counting.COUNTED_SO],
        own=template.own_words(reading(), period),
        period=period,
        has_next=period.after().first <= today(),
        quick=_quick(),
        forms=FORMS,
        address=_address,
        rows=_rows_of,
        length=numbers.length,
        tenths=numbers.tenths,
        percent=numbers.percent,
        most={
            group.key: max((row.heard.airings for row in group.rows), default=0) for group in report.groups
        },
    )


@pages.get("/tai-ve.<form>")
def file(form: str) -> ResponseReturnValue:
    """Send the report as a file; what is heavy is written by another process."""
    _, period = _chosen()
    if form not in FORMS:
        raise Invalid("Báo cáo có các dạng Word, Excel, PDF và CSV; hãy chọn một dạng trên trang báo cáo.")
    if form == "csv":
        content = "".join(csv_file.lines(counting.make(reading(), period, now()))).encode()
    else:
        try:
            content = report_files.write(ward().store.folder, period, form)
        except Refused as error:
            flash(str(error), "error")
            return redirect(_address("reports.show", period), 303)
    answer = Response(content, mimetype=files.TYPES[form].partition(";")[0])
    answer.headers["Content-Disposition"] = f'attachment; filename="bao-cao-{period.key}.{form}"'
    return answer


@pages.route("/loi-van", methods=["GET", "POST"])
def words() -> ResponseReturnValue:
    """Change the text of one report; what is left as it was goes on being worded by the template."""
    _, period = _chosen()
    seen = str(audit.last_id(reading()))
    report = counting.make(reading(), period, now())
    made = wording.made_sections(template.of_station(reading()), wording.places(report))
    own = template.own_words(reading(), period)
    shown = {section.key: "\n".join(section.paragraphs) for section in report.sections}
    form = WordsForm(data={**shown, "based_on": seen})
    if form.is_sent():
        typed = {key: form[key].data or "" for key in SECTIONS}
        parts, based_on = template.written(typed, made), int(form.based_on.data)
        try:
            with writing() as rows:
                reporting.keep_words(rows, me(), period, parts, now(), based_on)
        except EditedMeanwhile as error:
            _tell_meanwhile(error, form)
        else:
            flash("Đã lưu lời văn của báo cáo này.", "done")
            return redirect(_address("reports.show", period, "loi-van"), 303)
    return render_template(
        "reports/words.html", form=form, period=period, own=own, parts=tuple(SECTIONS), address=_address
    )


@pages.post("/loi-van/bo")
def drop_words() -> ResponseReturnValue:
    """Let the template word this report again."""
    _, period = _chosen()
    with writing() as rows:
        reporting.keep_words(rows, me(), period, {}, now())
    flash("Lời văn của báo cáo này lại theo mẫu của đài.", "done")
    return redirect(_address("reports.show", period, "loi-van"), 303)


@pages.route("/mau", methods=["GET", "POST"])
def edit_template() -> ResponseReturnValue:
    """The station's template, with the last month as an example."""
    report = counting.make(reading(), unit_of(Unit.MONTH, today().replace(day=1)).before(), now())
    seen = str(audit.last_id(reading()))
    form = TemplateForm(data={**asdict(template.of_station(reading())), "based_on": seen})
    shown = None
    if form.is_sent():
        texts = Template(**{name: _tidied(form[name].data) for name in LABELS})
        try:
            shown = wording.worded(report, texts)
            if "luu" in request.form:
                return _save_template(texts, report, int(form.based_on.data))
        except EditedMeanwhile as error:
            _tell_meanwhile(error, form)
        except Refused as error:
            tell(error, form)
    return render_template(
        "reports/template.html",
        form=form,
        shown=shown,
        places=wording.places(report),
        parts=tuple(LABELS),
        long_parts=_LONG_PARTS,
        example=report.period,
    )


def _tell_meanwhile(error: EditedMeanwhile, form: WordsForm | TemplateForm) -> None:
    """Say what somebody else saved; saving again takes what is typed."""
    flash(str(error), "error")
    form.based_on.raw_data, form.based_on.data = None, str(error.newest_number)


def _save_template(texts: Template, report: Report, based_on: int) -> ResponseReturnValue:
    with writing() as rows:
        reporting.save_template(rows, me(), texts, wording.places(report), now(), based_on)
    flash("Đã lưu mẫu báo cáo; các báo cáo từ giờ theo mẫu này.", "done")
    return redirect(url_for("reports.edit_template"), 303)


def _tidied(text: str | None) -> str:
    lines = ((line.strip()) for line in (text or "").strip().splitlines())
    return "\n".join(lines)


# --- periods ---


def _chosen() -> tuple[PeriodForm, Period]:
    """Return the period that the address names; this month when it names none that can be."""
    form = PeriodForm(formdata=request.args)
    this_month = unit_of(Unit.MONTH, today())
    if form.validate() and form.first.data and form.last.data:
        try:
            return _filled(_begun(between(form.first.data, form.last.data)))
        except Invalid as error:
            form.last.errors = [str(error)]
    return (form, this_month) if form.errors else _filled(this_month)


def _begun(period: Period) -> Period:
    """Return `period`; Invalid when nothing of it can have been heard yet."""
    if period.first > today():
        raise Invalid("Kỳ này chưa bắt đầu; hãy chọn ngày từ hôm nay trở về trước.")
    return period


def _filled(period: Period) -> tuple[PeriodForm, Period]:
    """Return the form with the days of `period` as people write them, however the address did."""
    return PeriodForm(formdata=None, data={"first": period.first, "last": period.last}), period


def _quick() -> list[tuple[str, Period]]:
    day = today()
    month, quarter, half, year = (unit_of(unit, day) for unit in _UNITS)
    return [
        ("Tháng này", month),
        ("Tháng trước", month.before()),
        ("Quý này", quarter),
        ("Quý trước", quarter.before()),
        (half.name.removesuffix(f" năm {day.year}").capitalize(), half),
        ("Năm nay", year),
        ("Năm trước", year.before()),
    ]


_UNITS = (Unit.MONTH, Unit.QUARTER, Unit.HALF, Unit.YEAR)


def _address(endpoint: str, period: Period, anchor: str | None = None, **more: Any) -> str:
    first, last = (day.isoformat() for day in (period.first, period.last))
    return url_for(endpoint, tu=first, den=last, _anchor=anchor, **more)


def _rows_of(trace: Trace) -> str:
    """Return where the rows behind a figure are shown."""
    named: dict[str, Any] = dict(trace.args())
    return url_for("history.rows", **named)
