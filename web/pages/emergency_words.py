"""Words of one's own and drills: what will be said is shown, and can be heard, before it is sent."""

from __future__ import annotations

from hashlib import sha256

from flask import Blueprint, flash, render_template, request
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, HiddenField, TextAreaField

from broadcaster.errors import Invalid, Refused
from broadcaster.newsroom import alert_texts, bulletins
from broadcaster.newsroom.bulletins import RATE_OF_KIND
from broadcaster.playout import alert_orders, alert_wishes, cap_decisions, zones
from broadcaster.playout.alert_wishes import LASTS_S, Wish, overhearing
from broadcaster.store.models import CapMessage, Kind, PreparedOrder
from web import listening
from web.context import now, reading
from web.errors import tell
from web.forms import Boxes, Form, longest, pick, text_field
from web.pages.emergency import LASTS, REPEATS, send

pages = Blueprint("emergency_words", __name__, url_prefix="/khan-cap")


class WordsForm(Form):
    order_id = HiddenField()
    """A prepared order in place of words: to be rehearsed, or sent in other zones than its own."""
    message_id = HiddenField()
    """The warning from outside that these words were taken from."""
    drill = HiddenField()
    seen = HiddenField()
    """A mark of what the person has before their eyes; anything else is shown again before it is sent."""
    title = text_field("Tên lệnh", characters=bulletins.LONGEST_TITLE)
    written = TextAreaField("Lời cần phát", [longest(alert_texts.LONGEST_TEXT)])
    reason = text_field("Vì sao phát", characters=300)
    zones = Boxes("Cụm loa", coerce=int, choices={})
    repeat = pick("Nhắc lại sau mỗi", REPEATS, coerce=int, default=60)
    lasts = pick("Tự dừng sau", LASTS, coerce=int, default=3600)
    may_cut = BooleanField("Cho phép cắt bản tin thông thường đang phát ở các cụm loa này")

    @property
    def is_drill(self) -> bool:
        return bool(self.drill.data)

    @property
    def order(self) -> PreparedOrder | None:
        number = self.order_id.data or ""
        return alert_orders.get(reading(), int(number)) if number.isdecimal() else None

    @property
    def message(self) -> CapMessage | None:
        number = self.message_id.data or ""
        return cap_decisions.open_message(reading(), int(number)) if number.isdecimal() else None

    def wish(self) -> Wish:
        return Wish(
            order_id=self.order.id if self.order else None,
            title=self.title.data or "",
            written=self.written.data or "",
            reason=self.reason.data or "",
            zone_ids=tuple(self.zones.data or ()),
            repeat_every_s=self.repeat.data,
            lasts_s=self.lasts.data,
            is_drill=self.is_drill,
            may_cut=bool(self.may_cut.data),
        )

    def mark(self) -> str:
        """Return a mark of what is said and where; browsers end lines in their own way."""
        said = bulletins.plain(self.written.data or "").strip()
        whole = [self.order_id.data or "", self.is_drill, said, sorted(self.zones.data or ())]
        return sha256(repr(whole).encode()).hexdigest()[:16]


@pages.route("/viet", methods=["GET", "POST"])
def write() -> ResponseReturnValue:
    form = _with_zones(WordsForm(data=_begun()))
    if form.is_sent():
        try:
            if request.form.get("act") == "send" and form.seen.data == form.mark():
                return send(form.wish(), form.message.id if form.message else None)
            _look(form)
        except Refused as error:
            tell(error, form)
    return _page(form)


@pages.get("/nghe.wav")
def hear() -> ResponseReturnValue:
    """Send the sound of words that nobody has sent yet, as the station's built-in voice will say them."""
    _, written = alert_texts.checked("", request.args.get("loi", ""))
    said = alert_texts.spoken(reading(), written)
    lines = [(each.text, each.pause_ms) for each in said.sentences]
    return listening.send(lines, "vi", RATE_OF_KIND[Kind.EMERGENCY])


def _begun() -> dict[str, object]:
    """Return what the address asks the form to begin with: an order, the words of a bulletin, a drill."""
    begun: dict[str, object] = {"drill": "1" if request.args.get("dien-tap") else ""}
    order_id, number = request.args.get("lenh", type=int), request.args.get("ban-tin", type=int)
    message_id = request.args.get("canh-bao", type=int)
    if message_id is not None:
        return _told(cap_decisions.open_message(reading(), message_id))
    if order_id is not None:
        order = alert_orders.get(reading(), order_id)
        begun |= {"order_id": str(order.id), "repeat": order.repeat_every_s}
    elif number is not None:
        bulletin = bulletins.get(reading(), number)
        begun |= {"title": bulletin.title, "written": bulletins.draft_of(bulletin).written}
    return begun


def _told(message: CapMessage) -> dict[str, object]:
    """Return a warning from outside as the form begins with it; an exercise can only be a drill."""
    left_s = cap_decisions.lasting_s(message, now()) or LASTS_S
    return {
        "message_id": str(message.id),
        "drill": "1" if message.status == "Exercise" else "",
        "title": message.headline,
        "written": cap_decisions.words_of(message)[: alert_texts.LONGEST_TEXT],
        "reason": f"{message.event or message.headline} ({message.sender})"[:300],
        "lasts": min(LASTS, key=lambda seconds: abs(seconds - left_s)),
    }


def _with_zones(form: WordsForm) -> WordsForm:
    """What is real begins with all zones; a drill with none, so that somebody chooses them."""
    known = zones.zones(reading())
    form.zones.choices = {zone.id: zone.name for zone in known}
    if not form.is_submitted() and not form.is_drill:
        form.zones.data = [zone.id for zone in known]
    if not form.is_submitted() and form.is_drill:
        form.lasts.data = 300
    if not form.is_submitted() and form.message is not None and not form.is_drill:
        form.seen.data = form.mark()  # the words stand before their eyes: the next press sends them
    return form


def _look(form: WordsForm) -> None:
    """Let the person see what will be said and where; the next press sends it. Raises Invalid."""
    if form.order is None:
        alert_texts.checked("", form.written.data or "")
    if not form.zones.data:
        raise Invalid("Hãy chọn ít nhất một cụm loa.", field="zones")
    if form.is_drill:
        _refuse_drill(form)
    if form.seen.data:
        flash("Lời hoặc cụm loa vừa đổi; hãy xem lại rồi bấm phát lần nữa.", "note")
    form.seen.data = form.mark()


def _refuse_drill(form: WordsForm) -> None:
    """Raise what sending would raise as things stand, so that nothing is promised and then refused."""
    asked = alert_wishes.complete(reading(), form.wish(), now())
    alert_wishes.refuse_overheard(asked)
    alert_wishes.refuse_in_the_way(reading(), asked)


def _page(form: WordsForm) -> ResponseReturnValue:
    is_seen = bool(form.seen.data) and form.seen.data == form.mark() and not form.errors
    known = {zone.id: zone for zone in zones.zones(reading())}
    chosen = [known[number] for number in form.zones.data or () if number in known]
    return render_template(
        "emergency/write.html",
        form=form,
        order=form.order,
        message=form.message,
        is_drill=form.is_drill,
        is_seen=is_seen,
        said=_said(form) if is_seen else "",
        chosen=[zone.name for zone in chosen],
        overhearing=[zone.name for zone in overhearing(chosen)],
        around=(alert_texts.DRILL_BEFORE, alert_texts.DRILL_AFTER) if form.is_drill else None,
    )


def _said(form: WordsForm) -> str:
    if form.order is not None:
        return bulletins.spoken_of(reading(), form.order.bulletin).text
    return alert_texts.spoken(reading(), bulletins.plain(form.written.data or "")).text
