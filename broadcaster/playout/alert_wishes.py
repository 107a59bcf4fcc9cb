"""What is asked for when somebody raises an alert, made complete and checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.errors import Invalid, NotFound, Refused
from broadcaster.newsroom import alert_texts, approval, bulletins
from broadcaster.playout import zones
from broadcaster.store.models import Airing, AiringState, Approval, Kind, PreparedOrder, Zone
from schedules.clock import LOCAL

REPEAT_EVERY_S = 60
LASTS_S = 3600
DRILL_LASTS_S = 600
SHORTEST_REPEAT_S, LONGEST_REPEAT_S = 10, 3600
LONGEST_S = 24 * 3600
"""Without a person who renews it no alert goes on for longer."""
LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to be sent: a prepared order by its number, or words of their own."""

    order_id: int | None = None
    title: str = ""
    written: str = ""
    reason: str = ""
    zone_ids: Sequence[int] = ()
    """Empty: the zones of the order, or all; a drill must name its own."""
    repeat_every_s: int | None = None
    lasts_s: int | None = None
    is_drill: bool = False
    may_cut: bool = False
    """For a drill: whether it may cut a routine bulletin."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A wish with everything it left open."""

    order: PreparedOrder | None
    signed: Approval | None
    """Of the order; None: whoever sends `written` signs it."""
    title: str
    written: str
    reason: str
    zones: tuple[Zone, ...]
    repeat_every_s: int
    lasts_s: int
    is_drill: bool
    may_cut: bool


def complete(session: Session, wish: Wish, now: datetime) -> Asked:
    """Return what `wish` means. Raises Invalid naming a field of it, NotFound, or Refused."""
    order, signed = _ready_order(session, wish.order_id, now)
    title, written = (order.name, "") if order else alert_texts.checked(wish.title, wish.written)
    usual_s = DRILL_LASTS_S if wish.is_drill else order.lasts_s if order else LASTS_S
    return Asked(
        order=order,
        signed=signed,
        title=title,
        written=written,
        # An emergency does not wait for a reason to be typed.
        reason=short(wish.reason) or title,
        zones=tuple(_where(session, wish, order)),
        repeat_every_s=repeating(wish.repeat_every_s or (order.repeat_every_s if order else REPEAT_EVERY_S)),
        lasts_s=lasting(wish.lasts_s or usual_s),
        is_drill=wish.is_drill,
        may_cut=wish.may_cut or not wish.is_drill,
    )


def repeating(every_s: int) -> int:
    """Return `every_s`, or raise Invalid, field `repeat`."""
    if not SHORTEST_REPEAT_S <= every_s <= LONGEST_REPEAT_S:
        raise Invalid("Khoảng nhắc lại từ 10 giây đến 60 phút.", field="repeat")
    return every_s


def lasting(lasts_s: int) -> int:
    """Return `lasts_s`, or raise Invalid, field `lasts`."""
    if not 0 < lasts_s <= LONGEST_S:
        raise Invalid("Lệnh có hiệu lực nhiều nhất 24 giờ; hết giờ có thể gia hạn.", field="lasts")
    return lasts_s


def short(words: str) -> str:
    """Return a reason on one line; raises Invalid, field `reason`."""
    words = " ".join(bulletins.plain(words).split())
    if len(words) > LONGEST_REASON:
        raise Invalid(f"Lý do dài nhất {LONGEST_REASON} ký tự.", field="reason")
    return words


def overhearing(where: Iterable[Zone]) -> list[Zone]:
    """Return the zones that hear what sounds in `where` because they share an output with one of them."""
    asked = {zone.id: zone for zone in where}
    outputs = {zone.output_id: zone.output for zone in asked.values()}
    heard_by = (zone for output in outputs.values() for zone in zones.zones_of(output))
    return [zone for zone in heard_by if zone.id not in asked]


def refuse_overheard(drill: Asked) -> None:
    """Raise Invalid where a drill would be heard in a zone that nobody chose."""
    others = overhearing(drill.zones)
    if others:
        raise Invalid(
            f"“{others[0].name}” dùng chung đường ra với cụm loa đã chọn nên cũng nghe thấy; hãy chọn cả "
            "hai, hoặc diễn tập ở cụm loa có đường ra riêng.",
            field="zones",
        )


def refuse_in_the_way(session: Session, drill: Asked) -> None:
    """Raise Refused or Invalid where a drill would cut more than a routine bulletin, or one unasked."""
    for airing in _sounding(session, drill.zones):
        if airing.bulletin.kind != Kind.ROUTINE:
            raise Refused(
                f"“{airing.bulletin.title}” đang phát và không phải tin thông thường; "
                "hãy diễn tập sau khi phát xong."
            )
        if not drill.may_cut:
            raise Invalid(
                f"“{airing.bulletin.title}” đang phát tại cụm loa đã chọn; hãy chờ phát xong, "
                "hoặc đánh dấu cho phép cắt.",
                field="may_cut",
            )


def _sounding(session: Session, where: Sequence[Zone]) -> list[Airing]:
    outputs = {zone.output_id for zone in where}
    query = select(Airing).where(
        Airing.state == AiringState.STARTED, Airing.zones.any(Zone.output_id.in_(outputs))
    )
    return list(session.scalars(query))


def _where(session: Session, wish: Wish, order: PreparedOrder | None) -> list[Zone]:
    if wish.is_drill and not wish.zone_ids:
        raise Invalid("Hãy chọn cụm loa cho buổi diễn tập.", field="zones")
    if wish.zone_ids or order is None:
        return zones.chosen(session, wish.zone_ids)
    return [zone for zone in order.zones if zone.is_active] or zones.chosen(session, ())


def _ready_order(
    session: Session, order_id: int | None, now: datetime
) -> tuple[PreparedOrder | None, Approval | None]:
    if order_id is None:
        return None, None
    order = session.get(PreparedOrder, order_id)
    if order is None or not order.is_active:
        raise NotFound("Lệnh soạn sẵn này không còn; hãy tải lại trang.")
    signed = approval.valid_approval(session, order.bulletin_id, now.astimezone(LOCAL).date())
    if signed is None:
        raise Refused(
            f"Lệnh “{order.name}” không còn chữ ký duyệt; hãy bấm “Dùng lời này” để tự ký và phát ngay."
        )
    return order, signed
