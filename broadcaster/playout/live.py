"""Announcements by microphone as rows: asked for, stopped, answered. What sounds is `live_air`'s business."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Invalid, NotFound, NotPermitted, Refused
from broadcaster.newsroom import bulletins
from broadcaster.newsroom.bulletins import LONGEST_TITLE, Draft
from broadcaster.playout import alerts, limits, vouched, zones
from broadcaster.playout.running_order import CLOCK_HOLD, PERSONS_HOLD, RESTORED_HOLD, standing_hold
from broadcaster.records import audit
from broadcaster.store.models import (
    Airing,
    AiringState,
    Bulletin,
    BulletinState,
    Live,
    Person,
    Request,
    Source,
    Zone,
)

ASKED, ON_AIR, OVER = "asked", "on_air", "over"
USUAL_S = 600
SHORTEST_S = 60
BLOCK_S = 0.2
"""A browser sends its sound in pieces of this length."""
PERSON, CLOSED = "person", "closed"
HELD = {
    PERSONS_HOLD: "Đài đang dừng tất cả; hãy bấm “Cho phát lại” ở trang Hôm nay rồi phát trực tiếp.",
    CLOCK_HOLD: "Đồng hồ của máy chưa được xác nhận; hãy xác nhận ở trang Hôm nay rồi phát trực tiếp.",
    RESTORED_HOLD: "Trạm vừa được khôi phục; người quản trị hãy xác nhận ở trang “Lưu giữ, sao lưu” "
    "rồi phát trực tiếp.",
}
"""Why nobody speaks while the station stands still, by the cause of the hold."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What a speaker asks for."""

    title: str
    zone_ids: Sequence[int] = ()
    """Empty: all zones."""
    longest_s: int = USUAL_S
    waits: bool = False
    """Let what sounds there end first, instead of cutting it."""
    override: str = ""
    """Why a limit is broken, where the actor may break it."""


def ask(
    session: Session, actor: Actor, sign_in: str, wish: Wish, now: datetime, *, most_s: int = 3600
) -> Live:
    """Ask for the air; the station answers in the row, within a tenth of a second when it works.

    `sign_in` is the hash of the sign-in from which the sound will come. Raises NotPermitted, Invalid naming
    a field of `Wish`, or Refused: stop-all, an emergency or another announcement in the same zones.
    """
    require(actor, Permission.LIVE)
    title, where = _title(wish.title), zones.chosen(session, wish.zone_ids)
    if not where:
        raise Invalid("Đài chưa có cụm loa nào; hãy thêm ở trang Cài đặt.", field="zones")
    longest_s = min(max(wish.longest_s, SHORTEST_S), most_s)
    refuse_in_the_way(session, where)
    broken = limits.check(session, actor, where, now, longest_s, wish.override)
    live = Live(
        person_id=actor.id,
        sign_in=sign_in,
        title=title,
        zone_ids=[zone.id for zone in where],
        longest_s=longest_s,
        waits=wish.waits,
        overrides=broken,
        state=ASKED,
        asked_at=now,
    )
    session.add(live)
    session.flush()
    vouched.vouch(session, live)
    audit.note(
        session, actor, "live.asked", f"live {live.id}", now,
        title=title, zones=", ".join(zone.name for zone in where), minutes=longest_s // 60,
    )  # fmt: skip
    return live


def stop(session: Session, actor: Actor, live_id: str, now: datetime, how: str = PERSON) -> Live:
    """Have an announcement end; whoever may speak may also end another's. Ending it twice ends it once."""
    require(actor, Permission.LIVE)
    live = get(session, live_id)
    if live.state == OVER or live.stop:
        return live
    live.stop, live.stopped_by = how, actor.id
    if live.state == ASKED:
        end(live, "Đã thôi trước khi lên sóng.", now)
    audit.note(session, actor, "live.stopped", f"live {live.id}", now, title=live.title)
    return live


def end(live: Live, outcome: str, now: datetime) -> None:
    live.state, live.outcome, live.ended_at = OVER, outcome, now


def get(session: Session, live_id: str) -> Live:
    live = session.get(Live, live_id)
    if live is None:
        raise NotFound("Không có lần phát trực tiếp này; hãy tải lại trang.")
    return live


def speaking(session: Session, live_id: str, sign_in: str) -> Live:
    """Return the announcement into which this sign-in may speak; raises NotPermitted for anybody else's."""
    live = get(session, live_id)
    if live.sign_in != sign_in:
        raise NotPermitted("Chỉ trình duyệt đã bắt đầu mới gửi được tiếng cho lần phát trực tiếp này.")
    return live


def standing(session: Session) -> list[Live]:
    """Return what is asked for or on the air, oldest first."""
    query = select(Live).where(Live.state.in_([ASKED, ON_AIR])).order_by(Live.asked_at, Live.id)
    return list(session.scalars(query))


def refuse_in_the_way(session: Session, where: Iterable[Zone], except_id: str = "") -> None:
    """Raise Refused for what a microphone may not interrupt, naming it and what to do."""
    outputs = {zone.output_id for zone in where}
    hold = standing_hold(session)
    if hold is not None:
        raise Refused(HELD.get(hold.cause, HELD[PERSONS_HOLD]))
    for alert in alerts.standing(session):
        if outputs & {zone.output_id for zone in alert.request.zones}:
            what = "diễn tập" if alert.is_drill else "lệnh khẩn cấp"
            raise Refused(f"Đang có {what} “{alert.title}” ở cụm loa đã chọn; hãy đợi kết thúc.")
    for other in standing(session):
        if other.id != except_id and outputs & _outputs(session, other):
            raise Refused(
                f"{other.person.name} đang phát trực tiếp “{other.title}” ở cụm loa đã chọn; "
                "hãy đợi, chọn cụm loa khác, hoặc dừng lần phát đó trước."
            )


def put_on_air(session: Session, live: Live, boot_id: str, now: datetime) -> Airing:
    """Write the rows under which it sounds: a bulletin of its own, and its one airing, started now."""
    person = session.get_one(Person, live.person_id)
    actor = Actor(person.id, person.name, frozenset())
    bulletin = _bulletin(session, live, actor, now)
    where = [session.get_one(Zone, number) for number in live.zone_ids]
    request = Request(
        bulletin=bulletin, way="live", at=now, zones=where, overrides=live.overrides or None,
        created_by=live.person_id, created_at=now, ended_at=now,
    )  # fmt: skip
    airing = Airing(
        request=request, planned_at=now, bulletin=bulletin, deadline=now, state=AiringState.STARTED,
        placed_by=live.person_id, boot_id=boot_id, claimed_at=now, started_at=now, seconds_heard=0.0,
        zones=list(where),
    )  # fmt: skip
    session.add(airing)
    session.flush()
    live.state, live.airing_id = ON_AIR, airing.id
    audit.note(session, actor, "live.started", f"live {live.id}", now, title=live.title)
    return airing


def _bulletin(session: Session, live: Live, actor: Actor, now: datetime) -> Bulletin:
    """Return a bulletin that nobody can edit or play again: what was said lies in the aircheck alone."""
    bulletin = bulletins.begin(session, actor, Draft(live.title, live.title), now)
    bulletin.source, bulletin.state = Source.LIVE, BulletinState.EXPIRED
    return bulletin


def _title(typed: str) -> str:
    title = " ".join(bulletins.plain(typed).split())
    if not title:
        raise Invalid("Hãy ghi ngắn gọn nói về việc gì; dòng này vào nhật ký.", field="title")
    if len(title) > LONGEST_TITLE:
        raise Invalid(f"Dài quá {LONGEST_TITLE} ký tự; hãy rút ngắn.", field="title")
    return title


def _outputs(session: Session, live: Live) -> set[int]:
    return set(session.scalars(select(Zone.output_id).where(Zone.id.in_(live.zone_ids))))
