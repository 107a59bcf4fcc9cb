"""The station's limits as it enters them: a place's published rules or its own, each with its source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import ROLE_NAMES, Actor, Permission, require
from broadcaster.errors import Invalid, NotFound
from broadcaster.playout.limits import CODES, limit_of
from broadcaster.playout.running_order import LONGEST_CANCEL_DELAY_S
from broadcaster.records import audit
from broadcaster.store import facts
from broadcaster.store.models import LimitRule, Zone

CODE_NAMES = {
    "session": "Mỗi buổi dài nhất (phút)",
    "sessions": "Số buổi mỗi ngày",
    "minutes": "Tổng số phút mỗi ngày",
    "least": "Ít nhất số phút mỗi ngày",
    "days": "Chỉ phát vào các ngày",
    "quiet_hours": "Giờ yên tĩnh",
    "allowed_hours": "Chỉ phát trong giờ",
}
LONGEST_SOURCE = 200


@dataclass(frozen=True, slots=True)
class RuleFrame:
    """What is filled in for one limit."""

    code: str
    values: Mapping[str, Any]
    zone_id: int | None = None
    """None: every zone."""
    forbids: bool = True
    overridden_by: str = ""
    source: str = ""
    source_date: date | None = None


@dataclass(frozen=True, slots=True)
class Preset:
    """Limits that a place has published, to start from; the station's own regulation comes first."""

    name: str
    note: str
    rules: tuple[RuleFrame, ...]
    zone_kinds: frozenset[str] = field(default_factory=frozenset)
    """Surroundings of the zones it is for; empty: all zones."""


def _published(source: str, on: date | None, *limits: tuple[str, Mapping[str, Any]]) -> tuple[RuleFrame, ...]:
    return tuple(RuleFrame(code, values, source=source, source_date=on) for code, values in limits)


_NIGHT = {"from": "21:00", "to": "06:00"}
PRESETS: dict[str, Preset] = {
    "ha_noi_quan": Preset(
        "Hà Nội, các quận: 2 buổi mỗi ngày, mỗi buổi 15 phút, nghỉ thứ bảy và chủ nhật",
        "Quyết định 1246/QĐ-UBND ngày 12/3/2021 của UBND thành phố Hà Nội.",
        _published(
            "QĐ 1246/QĐ-UBND Hà Nội",
            date(2021, 3, 12),
            ("sessions", {"most": 2}),
            ("session", {"minutes": 15}),
            ("days", {"days": [0, 1, 2, 3, 4]}),
        ),
    ),
    "ha_noi_huyen": Preset(
        "Hà Nội, các huyện, thị xã: mỗi buổi 45 phút kể cả tiếp âm",
        "Quyết định 1246/QĐ-UBND ngày 12/3/2021 của UBND thành phố Hà Nội.",
        _published("QĐ 1246/QĐ-UBND Hà Nội", date(2021, 3, 12), ("session", {"minutes": 45})),
    ),
    "vinh_phuc": Preset(
        "Vĩnh Phúc: 3 buổi mỗi ngày, mỗi buổi 45 phút kể cả tiếp âm",
        "Hướng dẫn tháng 12/2022 của tỉnh Vĩnh Phúc.",
        _published(
            "hướng dẫn của tỉnh Vĩnh Phúc, 12/2022",
            None,
            ("sessions", {"most": 3}),
            ("session", {"minutes": 45}),
        ),
    ),
    "lang_son": Preset(
        "Lạng Sơn: ít nhất 2 giờ mỗi ngày",
        "Công văn 532/UBND-KGVX ngày 13/6/2018 của UBND tỉnh Lạng Sơn.",
        _published("CV 532/UBND-KGVX Lạng Sơn", date(2018, 6, 13), ("least", {"minutes": 120})),
    ),
    "ban_dem": Preset(
        "Ban đêm yên tĩnh 21:00–6:00 ở trường học, cơ sở y tế",
        "Khung giờ đêm của QCVN 26:2010/BTNMT. Quy chuẩn này đã được thay bằng QCVN 26:2025/BNNMT; "
        "hãy đối chiếu bản đang có hiệu lực.",
        _published("QCVN 26:2010/BTNMT", date(2010, 12, 16), ("quiet_hours", _NIGHT)),
        frozenset({"school", "hospital"}),
    ),
    "gio_hoc": Preset(
        "Trường học yên tĩnh trong giờ học (7:00–11:00 và 13:30–16:30, thứ hai đến thứ sáu)",
        "Quy ước của đài với nhà trường; hãy sửa theo giờ học tại địa phương.",
        _published(
            "quy ước với nhà trường",
            None,
            ("quiet_hours", {"from": "07:00", "to": "11:00", "days": [0, 1, 2, 3, 4]}),
            ("quiet_hours", {"from": "13:30", "to": "16:30", "days": [0, 1, 2, 3, 4]}),
        ),
        frozenset({"school"}),
    ),
}


def all_rules(session: Session) -> list[tuple[LimitRule, str]]:
    """Return the limits in force with the names of their zones (empty: every zone), in order of entry."""
    query = (
        select(LimitRule, Zone.name)
        .outerjoin(Zone, Zone.id == LimitRule.zone_id)
        .where(LimitRule.ended_at.is_(None))
        .order_by(LimitRule.id)
    )
    return [(rule, zone or "") for rule, zone in session.execute(query)]


def add(session: Session, actor: Actor, frame: RuleFrame, now: datetime) -> LimitRule:
    """Put a limit in force; Invalid names the field that cannot be."""
    require(actor, Permission.CONFIGURE)
    _check(session, frame)
    rule = LimitRule(
        zone_id=frame.zone_id,
        code=frame.code,
        values=dict(frame.values),
        forbids=frame.forbids,
        overridden_by=frame.overridden_by,
        source=" ".join(frame.source.split()),
        source_date=frame.source_date,
        created_by=actor.id,
        created_at=now,
    )
    session.add(rule)
    session.flush()
    audit.note(
        session, actor, "limit.added", f"limit {rule.id}", now, code=rule.code, values=rule.values,
        source=rule.source,
    )  # fmt: skip
    return rule


def add_preset(session: Session, actor: Actor, key: str, now: datetime) -> int:
    """Put the limits of a preset in force where they belong; return how many that were."""
    preset = PRESETS.get(key)
    if preset is None:
        raise NotFound("Không có mẫu giới hạn này; hãy tải lại trang.")
    zone_ids: Iterable[int | None] = [None]
    if preset.zone_kinds:
        zone_ids = _zones_among(session, preset.zone_kinds)
        if not zone_ids:
            raise Invalid("Chưa có cụm loa nào ở nơi như vậy; hãy khai báo nơi đặt loa của cụm loa trước.")
    frames = [
        RuleFrame(f.code, f.values, zone_id, f.forbids, f.overridden_by, f.source, f.source_date)
        for zone_id in zone_ids
        for f in preset.rules
    ]
    for frame in frames:
        add(session, actor, frame, now)
    return len(frames)


def end(session: Session, actor: Actor, rule_id: int, now: datetime) -> None:
    """Take a limit out of force; it stays in the audit trail."""
    require(actor, Permission.CONFIGURE)
    rule = session.get(LimitRule, rule_id)
    if rule is None or rule.ended_at is not None:
        raise NotFound("Giới hạn này không còn; hãy tải lại trang.")
    rule.ended_at = now
    audit.note(session, actor, "limit.ended", f"limit {rule.id}", now, code=rule.code, source=rule.source)


def save_manners(session: Session, actor: Actor, cancel_delay_s: int, is_signed: bool, now: datetime) -> None:
    """Set how long "play now" can be taken back, and whether programmes need a second person's signature."""
    require(actor, Permission.CONFIGURE)
    if not 0 <= cancel_delay_s <= LONGEST_CANCEL_DELAY_S:
        raise Invalid(f"Thời gian đợi từ 0 đến {LONGEST_CANCEL_DELAY_S} giây.", field="cancel_delay_s")
    facts.put(session, facts.CANCEL_DELAY, cancel_delay_s)
    facts.put(session, facts.SIGNED_SCHEDULE, is_signed)
    audit.note(session, actor, "configured", "station", now, cancel_delay_s=cancel_delay_s,
               signed_schedule=is_signed)  # fmt: skip


def _zones_among(session: Session, kinds: frozenset[str]) -> list[int]:
    query = select(Zone.id).where(Zone.is_active, Zone.surroundings.in_(kinds)).order_by(Zone.id)
    return list(session.scalars(query))


def _check(session: Session, frame: RuleFrame) -> None:
    if frame.code not in CODES:
        raise Invalid("Hãy chọn loại giới hạn.", field="code")
    try:
        limit_of(frame.code, dict(frame.values))
    except (KeyError, TypeError, ValueError) as error:
        raise Invalid("Giá trị của giới hạn chưa đúng; hãy nhập lại.", field="value") from error
    if frame.overridden_by and frame.overridden_by not in ROLE_NAMES:
        raise Invalid("Hãy chọn vai trò được vượt giới hạn.", field="overridden_by")
    if frame.zone_id is not None and session.get(Zone, frame.zone_id) is None:
        raise Invalid("Cụm loa này không còn; hãy chọn lại.", field="zone_id")
    if len(frame.source) > LONGEST_SOURCE:
        raise Invalid(f"Căn cứ dài nhất {LONGEST_SOURCE} ký tự.", field="source")
