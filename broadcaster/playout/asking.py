"""What may not be asked of the schedule: days on which a bulletin does not hold, the same thing twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from broadcaster.errors import Invalid, Refused
from broadcaster.newsroom import bulletins
from broadcaster.playout import station_days
from broadcaster.store.models import Airing, AiringState, Bulletin, BulletinState, Request
from schedules.clock import LOCAL

LIVING = (BulletinState.DRAFT, BulletinState.SUBMITTED, BulletinState.RETURNED, BulletinState.APPROVED)


def airable(session: Session, bulletin_id: int) -> Bulletin:
    """Return the bulletin when it may still be heard; raises Refused for one withdrawn or expired."""
    bulletin = bulletins.get(session, bulletin_id)
    if bulletin.state not in LIVING:
        raise Refused(f"Bản tin “{bulletin.title}” đã bị rút hoặc hết hạn; hãy sửa và gửi duyệt lại.")
    return bulletin


def refuse_outside_validity(bulletin: Bulletin, first: date, last: date, field: str) -> None:
    """Raise Invalid when the bulletin would have to sound on a day on which it does not hold."""
    if bulletin.valid_until is not None and last > bulletin.valid_until:
        raise Invalid(
            f"Bản tin này chỉ có hiệu lực đến hết ngày {bulletin.valid_until:%d/%m/%Y}; hãy chọn ngày "
            "sớm hơn hoặc sửa ngày hết hiệu lực.",
            field,
        )
    if bulletin.valid_from is not None and first < bulletin.valid_from:
        raise Invalid(
            f"Bản tin này có hiệu lực từ ngày {bulletin.valid_from:%d/%m/%Y}; hãy chọn ngày muộn hơn.", field
        )


def refuse_nothing_new(added: Sequence[Airing], starts: Sequence[datetime], until: datetime) -> None:
    """Raise Invalid when every occurrence up to `until` had the bulletin already: a button pressed twice."""
    if not added and starts[0] < until:
        raise Invalid(
            "Bản tin này đã có trong chương trình vào những ngày đã chọn; muốn đọc nhiều lần liền nhau, "
            "hãy sửa số lần đọc của bản tin.",
            "first_date",
        )


def refuse_on_own_day(session: Session, bulletin: Bulletin, on: date) -> None:
    """Raise Refused when the station's own calendar keeps the bulletin from sounding on that date."""
    why = station_days.why_withheld(station_days.own_days(session, on, on), bulletin, on)
    if why:
        raise Refused(f"Ngày {on:%d/%m/%Y} là {why}; hãy chọn ngày khác.")


def refuse_second_at(session: Session, bulletin: Bulletin, at: datetime) -> None:
    if session.scalar(_standing(bulletin).where(Airing.planned_at == at).limit(1)) is not None:
        moment = f"{at.astimezone(LOCAL):%H:%M %d/%m/%Y}"
        raise Invalid(f"Bản tin này đã có trong lịch phát lúc {moment}; hãy chọn giờ khác.", "at")


def refuse_second_next(session: Session, bulletin: Bulletin) -> None:
    waiting = _standing(bulletin).join(Request).where(Request.way == "next")
    if session.scalar(waiting.limit(1)) is not None:
        raise Refused(f"Bản tin “{bulletin.title}” đang chờ phát ngay rồi; hãy xem trang Hôm nay.")


def _standing(bulletin: Bulletin) -> Select[Airing]:
    return select(Airing).where(Airing.bulletin_id == bulletin.id, Airing.state == AiringState.PLANNED)
