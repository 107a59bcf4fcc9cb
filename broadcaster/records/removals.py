"""How long each kind of thing is kept, and what was removed when its time was over.

History, the audit trail and approvals are never removed, so no number of days is offered for them. Their rows
are chained: each hash covers the row before, and a report, a complaint or an inspector may point at any of
them years later. Cutting the beginning off would leave a chain that nobody can tell from a forged one; ten
years of a busy ward are about 1 GB, which costs less than that doubt.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.records import audit
from broadcaster.store import facts
from broadcaster.store.models import Removal


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of thing that is not kept for ever."""

    name: str
    stays: str
    """What of it is never removed, whatever its age."""
    days: int
    """How long it is kept unless somebody wants otherwise."""
    least: int
    most: int = 3650


KINDS: dict[str, Kind] = {
    "airchecks": Kind(
        "Bản lưu phát sóng",
        "Bản lưu đã được đánh dấu giữ lại thì không xóa; dòng trong sổ vẫn còn.",
        days=180,
        least=30,
    ),
    "clips": Kind(
        "Âm thanh của bản nháp chưa từng duyệt",
        "Âm thanh đã có người ký duyệt thì không xóa; bản nháp được đọc lại khi cần.",
        days=60,
        least=7,
    ),
    "drafts": Kind(
        "Bản nháp bỏ dở",
        "Bản tin đã gửi duyệt, đã có lịch phát hoặc thuộc kế hoạch thì không xóa.",
        days=730,
        least=90,
    ),
    "notices": Kind("Thông báo và lượt gửi thông báo", "Lỗi chưa hết thì còn hiện.", days=90, least=7),
    "sign_ins": Kind(
        "Phiên đăng nhập, liên kết một lần đã hết hạn",
        "Việc đã làm vẫn còn trong nhật ký thao tác.",
        days=90,
        least=7,
    ),
    "checks": Kind("Lượt kiểm tra trước giờ phát", "Kết quả phát vẫn còn trong nhật ký.", days=90, least=7),
}
"""In the order in which a person sees them."""


def days(session: Session, kind: str) -> int:
    """Return for how many days `kind` is kept."""
    if kind == "airchecks":
        return int(facts.get(session, facts.AIRCHECK_DAYS, KINDS[kind].days))
    return int(facts.get(session, facts.RETENTION, {}).get(kind, KINDS[kind].days))


@dataclass(frozen=True, slots=True)
class Removed:
    """How much of one kind goes, or went."""

    count: int = 0
    size_bytes: int = 0
    oldest: datetime | None = None
    newest: datetime | None = None

    def with_one(self, at: datetime, size_bytes: int = 0) -> Removed:
        return Removed(
            self.count + 1,
            self.size_bytes + size_bytes,
            min(at, self.oldest or at),
            max(at, self.newest or at),
        )


def note(session: Session, kind: str, kept_days: int, removed: Removed, now: datetime) -> None:
    """Write down what went, in the audit trail too; nothing when nothing did."""
    if not removed.count:
        return
    keep(session, kind, kept_days, removed, now)
    detail = {"days": kept_days, "count": removed.count, "bytes": removed.size_bytes}
    ends = {"oldest": removed.oldest, "newest": removed.newest}
    dates = {key: moment.isoformat() for key, moment in ends.items() if moment}
    audit.note(session, None, "retention.removed", kind, now, **detail, **dates)


def keep(session: Session, kind: str, kept_days: int, removed: Removed, now: datetime) -> None:
    """Write the line of the log, for what the audit trail tells elsewhere; nothing when nothing went."""
    if not removed.count:
        return
    session.add(
        Removal(
            at=now,
            kind=kind,
            days=kept_days,
            count=removed.count,
            size_bytes=removed.size_bytes,
            oldest=removed.oldest,
            newest=removed.newest,
        )
    )


def latest(session: Session, limit: int = 30) -> list[Removal]:
    return list(session.scalars(select(Removal).order_by(Removal.id.desc()).limit(limit)))
