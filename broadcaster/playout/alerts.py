"""Emergency orders as rows: raised, prolonged, stood down. What sounds is the business of `emergency`.

The row is the order: it stands until it is ended, whatever happens to the processes, and the station says it
again after a restart. It overrides everything but stop-all.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Invalid, NotFound, Refused
from broadcaster.newsroom import alert_texts, bulletins
from broadcaster.playout import alert_wishes, notify, vouched
from broadcaster.playout.alert_wishes import Asked, Wish
from broadcaster.playout.running_order import PERSONS_HOLD, standing_hold
from broadcaster.records import audit
from broadcaster.store import facts
from broadcaster.store.models import Alert, Approval, Hold, Person, Request
from schedules.clock import LOCAL

__all__ = ["ENDS", "Wish", "expire", "get", "give", "prolong", "raise_alert", "stand_down", "standing"]

ENDS = {
    "": "đang hiệu lực",
    "stood_down": "đã dừng",
    "expired": "hết giờ",
    "stop_all": "dừng vì dừng tất cả",
    "real_alert": "nhường cho lệnh thật",
    "restored": "dừng vì trạm được khôi phục",
}
"""Why an alert no longer stands; the words for a person."""


def raise_alert(session: Session, actor: Actor, wish: Wish, now: datetime) -> Alert:
    """Give an emergency order; it sounds as soon as this is committed.

    The same order given twice stands once. Raises NotPermitted; Invalid naming a field of `Wish`; Refused
    under stop-all, for an order that is not ready, and for a drill that would be in the way.
    """
    require(actor, Permission.ALERT)
    return give(session, actor, wish, now, source="person")


def give(session: Session, actor: Actor, wish: Wish, now: datetime, *, source: str) -> Alert:
    """Do what `raise_alert` does, for whoever was asked already; `actor` signs for it."""
    refuse_while_held(session)
    asked = alert_wishes.complete(session, wish, now)
    same = next((alert for alert in standing(session) if _is_same(alert, asked)), None)
    if same is not None:
        return same
    if asked.is_drill:
        _refuse_beside_real(session)
        alert_wishes.refuse_overheard(asked)
        alert_wishes.refuse_in_the_way(session, asked)
    else:
        _end_drills(session, now)
    alert = _alert(session, actor, asked, now)
    alert.source, alert.raised_by = source, actor.id if source == "person" else None
    session.add(alert)
    session.flush()
    vouched.vouch(session, alert)
    _tell(session, actor, alert, now)
    return alert


def stand_down(
    session: Session, actor: Actor, alert_id: int, reason: str, now: datetime, *, says_all_clear: bool = False
) -> Alert:
    """End an alert at once, with a name and a reason; `says_all_clear` has its end announced."""
    require(actor, Permission.ALERT)
    alert = get(session, alert_id)
    if alert.ended_at is not None:
        raise Refused(f"“{alert.title}” đã kết thúc lúc {_hour(alert.ended_at)}; không còn gì để dừng.")
    words = alert_wishes.short(reason)
    if not words:
        raise Invalid("Hãy ghi lý do dừng lệnh.", field="reason")
    _end(session, alert, "stood_down", words, now, actor, says_all_clear=says_all_clear)
    notify.tell(session, "alert", f"{actor.name} đã dừng {kind_words(alert)} “{alert.title}”: {words}.", now)
    return alert


def prolong(session: Session, actor: Actor, alert_id: int, lasts_s: int, now: datetime) -> Alert:
    """Let an alert stand for `lasts_s` from now on."""
    require(actor, Permission.ALERT)
    alert = get(session, alert_id)
    if alert.ended_at is not None:
        raise Refused(f"“{alert.title}” đã kết thúc; muốn phát tiếp hãy phát lại lệnh.")
    if trouble := vouched.trouble(session, alert):
        raise Refused(trouble)
    # A clock that was set back since must not end it at once.
    alert.expires_at = max(now, alert.raised_at) + timedelta(seconds=alert_wishes.lasting(lasts_s))
    vouched.vouch(session, alert)
    until = alert.expires_at.isoformat()
    audit.note(session, actor, "alert.prolonged", f"alert {alert.id}", now, title=alert.title, until=until)
    return alert


def call_off(session: Session, alert_id: int, reason: str, now: datetime) -> None:
    """End an alert in the name of the sender whose order it was; nothing happens when it is over."""
    alert = get(session, alert_id)
    if alert.ended_at is None:
        _end(session, alert, "stood_down", reason, now, None)
        notify.tell(session, "alert", f"Đã dừng {kind_words(alert)} “{alert.title}”: {reason}.", now)


def expire(session: Session, alert_id: int, expires_at: datetime, now: datetime) -> bool:
    """End an alert whose time, as it was known, is over; False when somebody has prolonged it meanwhile."""
    alert = get(session, alert_id)
    if alert.expires_at != expires_at:
        return False
    if alert.ended_at is None:
        _end(session, alert, "expired", "Hết thời gian đã đặt.", now, None)
    return True


def end_by_hold(session: Session, hold: Hold, now: datetime) -> None:
    """End everything that stands: somebody stopped all, and nothing may come back by surprise."""
    person = session.get(Person, hold.placed_by) if hold.placed_by is not None else None
    for alert in standing(session):
        _end(session, alert, "stop_all", hold.reason or "Dừng tất cả", now, person)


def end_by_restore(session: Session, now: datetime) -> None:
    """End what stood in a copy of which the station was made again: it may have been stood down since."""
    for alert in standing(session):
        _end(session, alert, "restored", "Trạm được khôi phục từ bản sao lưu.", now, None)


def get(session: Session, alert_id: int) -> Alert:
    alert = session.get(Alert, alert_id)
    if alert is None:
        raise NotFound("Không có lệnh khẩn cấp này; hãy tải lại trang.")
    return alert


def standing(session: Session) -> list[Alert]:
    """Return the alerts and drills that stand, newest first."""
    query = select(Alert).where(Alert.ended_at.is_(None)).order_by(Alert.id.desc())
    return list(session.scalars(query))


def stop_all_hold(session: Session) -> Hold | None:
    """Return the stop-all under which the station stands; a hold of the program silences no emergency."""
    hold = standing_hold(session)
    return hold if hold is not None and hold.cause == PERSONS_HOLD else None


def refuse_while_held(session: Session) -> None:
    """Raise Refused while a person's stop-all stands: it names who placed it and how to go on."""
    hold = stop_all_hold(session)
    if hold is None:
        return
    person = session.get(Person, hold.placed_by) if hold.placed_by is not None else None
    who = person.name if person is not None else "Một người"
    raise Refused(
        f"{who} đã dừng tất cả lúc {_hour(hold.placed_at)} nên chưa phát được lệnh khẩn cấp; hãy bấm "
        "“Cho phát lại” (người duyệt, người vận hành và người quản trị đều được), rồi phát lệnh."
    )


def kind_words(alert: Alert) -> str:
    return "buổi diễn tập" if alert.is_drill else "lệnh khẩn cấp"


def _is_same(alert: Alert, asked: Asked) -> bool:
    """Tell whether `alert` is what a button that was pressed twice asks for again."""
    has_zones = {zone.id for zone in asked.zones} <= {zone.id for zone in alert.request.zones}
    if alert.is_drill != asked.is_drill or not has_zones:
        return False
    if asked.order is not None:
        return alert.order_id == asked.order.id
    version = alert.bulletin.version
    return alert.order_id is None and version is not None and version.written == asked.written


def _refuse_beside_real(session: Session) -> None:
    real = next((alert for alert in standing(session) if not alert.is_drill), None)
    if real is not None:
        raise Refused(f"Đang có lệnh khẩn cấp thật “{real.title}”; không diễn tập lúc này.")


def _end_drills(session: Session, now: datetime) -> None:
    for alert in standing(session):
        if alert.is_drill:
            _end(session, alert, "real_alert", "Có lệnh khẩn cấp thật.", now, None)


def _alert(session: Session, actor: Actor, asked: Asked, now: datetime) -> Alert:
    signed = asked.signed or alert_texts.sign_by_sending(session, actor, asked.title, asked.written, now)
    bulletin = bulletins.get(session, signed.bulletin_id)
    return Alert(
        order_id=asked.order.id if asked.order else None,
        bulletin_id=bulletin.id,
        request=_request(signed, asked, actor, now),
        approval_id=signed.id,
        title=asked.title,
        reason=asked.reason,
        clip_sha256=signed.clip_sha256,
        script=alert_texts.signed_script(session, bulletin, signed),
        voice=bulletin.voice or facts.get(session, facts.VOICE, ""),
        rate=bulletin.rate,
        is_drill=asked.is_drill,
        may_cut=asked.may_cut,
        repeat_every_s=asked.repeat_every_s,
        raised_at=now,
        expires_at=now + timedelta(seconds=asked.lasts_s),
    )


def _request(signed: Approval, asked: Asked, actor: Actor, now: datetime) -> Request:
    return Request(
        bulletin_id=signed.bulletin_id,
        way="alert",
        at=now,
        zones=list(asked.zones),
        created_by=actor.id,
        created_at=now,
        ended_at=now,
    )


def _end(
    session: Session, alert: Alert, cause: str, reason: str, now: datetime, person: audit.Named | None,
    *, says_all_clear: bool = False,
) -> None:  # fmt: skip
    """A forged row can be ended by anybody who may end one; the station's word it does not get by that."""
    is_ours = vouched.holds(session, alert)
    alert.ended_at, alert.end_cause, alert.end_reason = now, cause, reason
    alert.ended_by = (person.id or None) if person is not None else None
    alert.says_all_clear = says_all_clear
    if is_ours:
        vouched.vouch(session, alert)
    session.flush()
    audit.note(session, person, f"alert.{cause}", f"alert {alert.id}", now, title=alert.title, reason=reason)


def _tell(session: Session, actor: Actor, alert: Alert, now: datetime) -> None:
    where = ", ".join(zone.name for zone in alert.request.zones)
    by = actor if alert.source == "person" else None
    audit.note(
        session, by, "alert.drill" if alert.is_drill else "alert.raised", f"alert {alert.id}", now,
        title=alert.title, reason=alert.reason, zones=where, until=alert.expires_at.isoformat(),
    )  # fmt: skip
    who = by.name if by is not None else "Nguồn cảnh báo tin cậy"
    notify.tell(session, "alert", f"{who} đã phát {kind_words(alert)} “{alert.title}” tại: {where}.", now)


def _hour(moment: datetime) -> str:
    return f"{moment.astimezone(LOCAL):%H:%M %d/%m/%Y}"
