"""Prepared orders: emergency bulletins that wait, signed, to be sent with two taps; looked at every day."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Invalid, NotFound, StoreError
from broadcaster.newsroom import approval, bulletins, clips
from broadcaster.playout import notify, zones
from broadcaster.playout.alert_wishes import LASTS_S, REPEAT_EVERY_S, lasting, repeating
from broadcaster.records import audit
from broadcaster.store import Store
from broadcaster.store.models import Bulletin, BulletinState, Kind, PreparedOrder, Zone
from schedules.clock import LOCAL

logger = logging.getLogger(__name__)

CHECK_S = 3600.0
"""How often they are looked at: a broken one is found well within the day."""
LONGEST_NAME = 80
NO_SIGNATURE = "bản tin chưa được duyệt, hoặc đã sửa, rút, hết hạn"
NO_CLIP = "bản thu bị mất hoặc đã thay đổi so với bản được duyệt"
NO_ZONE = "không còn cụm loa nào của lệnh"


def save(
    session: Session,
    actor: Actor,
    now: datetime,
    *,
    order_id: int | None = None,
    name: str,
    bulletin_id: int,
    zone_ids: Sequence[int] = (),
    repeat_every_s: int = REPEAT_EVERY_S,
    lasts_s: int = LASTS_S,
) -> PreparedOrder:
    """Add an order, or change the one named; needs ALERT. `zone_ids` empty: all zones.

    Raises Invalid: a name that is missing or too long, a bulletin that is not of the emergency kind.
    """
    require(actor, Permission.ALERT)
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(f"Hãy đặt tên cho lệnh, dài nhất {LONGEST_NAME} ký tự.", field="name")
    bulletin = bulletins.get(session, bulletin_id)
    if bulletin.kind != Kind.EMERGENCY:
        raise Invalid("Lệnh soạn sẵn phải là bản tin loại khẩn cấp.", field="bulletin_id")
    order = get(session, order_id) if order_id is not None else _new(session, actor, now)
    order.name, order.bulletin_id = name, bulletin.id
    order.zones = zones.chosen(session, zone_ids)
    order.repeat_every_s, order.lasts_s = repeating(repeat_every_s), lasting(lasts_s)
    session.add(order)
    session.flush()
    audit.note(session, actor, "order.saved", f"order {order.id}", now, name=name)
    return order


def _new(session: Session, actor: Actor, now: datetime) -> PreparedOrder:
    last = session.scalar(select(func.max(PreparedOrder.position)))
    return PreparedOrder(created_by=actor.id, created_at=now, position=0 if last is None else last + 1)


def close(session: Session, actor: Actor, order_id: int, now: datetime) -> None:
    """Take an order off the page; its bulletin and what was sent of it stay."""
    require(actor, Permission.ALERT)
    order = get(session, order_id)
    order.is_active = False
    notify.over(session, _key(order), now)
    audit.note(session, actor, "order.closed", f"order {order.id}", now, name=order.name)


def get(session: Session, order_id: int) -> PreparedOrder:
    order = session.get(PreparedOrder, order_id)
    if order is None or not order.is_active:
        raise NotFound("Lệnh soạn sẵn này không còn; hãy tải lại trang.")
    return order


def orders(session: Session) -> list[PreparedOrder]:
    """Return the prepared orders in the sequence in which they are shown."""
    query = select(PreparedOrder).where(PreparedOrder.is_active)
    return list(session.scalars(query.order_by(PreparedOrder.position, PreparedOrder.id)))


def candidates(session: Session) -> list[Bulletin]:
    """Return the emergency bulletins of which orders can be made, signed ones first."""
    living = (BulletinState.DRAFT, BulletinState.SUBMITTED, BulletinState.RETURNED, BulletinState.APPROVED)
    query = select(Bulletin).where(Bulletin.kind == Kind.EMERGENCY, Bulletin.state.in_(living))
    return sorted(session.scalars(query), key=lambda each: (each.state != BulletinState.APPROVED, -each.id))


def trouble(session: Session, order: PreparedOrder, now: datetime) -> str:
    """Return at once why the order could not be sent as it was signed, as far as the rows tell; or empty."""
    if approval.valid_approval(session, order.bulletin_id, now.astimezone(LOCAL).date()) is None:
        return NO_SIGNATURE
    if not any(zone.is_active for zone in order.zones):
        return NO_ZONE
    return order.trouble if order.trouble == NO_CLIP else ""


def look_after(store: Store, now: datetime) -> None:
    """Do what `check_all` does; a store that cannot be used now is no reason to end a station."""
    try:
        check_all(store, now)
    except StoreError as error:
        logger.error("prepared orders were not looked at: %s", error)


def check_all(store: Store, now: datetime) -> list[str]:
    """Look at all orders with their clips, note what is found, and return a sentence for each that is not
    ready. The clips are read outside of any transaction that writes."""
    found = _look(store, now)
    with store.write() as session:
        return [words for order in orders(session) if (words := _note(session, order, found, now))]


def report(store: Store, now: datetime) -> tuple[int, list[str]]:
    """Return how many orders there are, and a sentence for each that is not ready; nothing is noted."""
    found = _look(store, now)
    with store.read() as session:
        names = {order.id: order.name for order in orders(session)}
    return len(found), [sentence(names[number], why) for number, why in found.items() if why]


def _look(store: Store, now: datetime) -> dict[int, str]:
    with store.read() as session:
        return {order.id: _found(session, store.folder, order, now) for order in orders(session)}


def sentence(name: str, why: str) -> str:
    return f"Lệnh soạn sẵn “{name}” chưa sẵn sàng: {why}."


def is_checked(order: PreparedOrder, now: datetime) -> bool:
    """Tell whether the daily look at the order was not missed."""
    return order.checked_at is not None and now - order.checked_at < timedelta(days=1)


def _found(session: Session, folder: Path, order: PreparedOrder, now: datetime) -> str:
    held = approval.valid_approval(session, order.bulletin_id, now.astimezone(LOCAL).date())
    if held is None:
        return NO_SIGNATURE
    if held.clip_sha256 is None or not clips.is_intact(folder, held.clip_sha256):
        return NO_CLIP
    return "" if any(_is_heard(zone) for zone in order.zones) else NO_ZONE


def _is_heard(zone: Zone) -> bool:
    return zone.is_active and zone.output.is_active


def _note(session: Session, order: PreparedOrder, found: dict[int, str], now: datetime) -> str:
    order.checked_at, order.trouble = now, found.get(order.id, order.trouble)
    if not order.trouble:
        notify.over(session, _key(order), now)
        return ""
    words = sentence(order.name, order.trouble)
    notify.tell(session, "alert", words, now, key=_key(order))
    return words


def _key(order: PreparedOrder) -> str:
    return f"order {order.id}"
