"""How people decided that something written is said: for one bulletin, or always at this station."""

from __future__ import annotations

import unicodedata
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

import broadcaster.text as reader
from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Invalid, NotFound, Refused
from broadcaster.records import audit
from broadcaster.store.models import Bulletin, BulletinState, Reading

LONGEST_WRITTEN = 200
LONGEST_SPOKEN = 400
LONGEST_CONTEXT = 400
_OPEN = frozenset({BulletinState.DRAFT, BulletinState.RETURNED})


def decide(
    session: Session,
    actor: Actor,
    bulletin_id: int | None,
    written: str,
    spoken: str,
    context: str | None,
    now: datetime,
) -> Reading:
    """Return the reading now in force for `written`; one decided before for the same place is retired.

    `bulletin_id` None: for every bulletin of the station. `context` None: for every place, else only where
    these written words stand around it. Raises NotPermitted, Invalid (field `written`, `spoken` or
    `context`), or Refused while the bulletin is with its approver or signed.
    """
    require(actor, Permission.WRITE)
    _require_open(session, bulletin_id)
    written, spoken, context = _checked(written, spoken, context)
    for older in _same_place(session, bulletin_id, written, context):
        older.retired_by, older.retired_at = actor.id, now
    reading = Reading(
        bulletin_id=bulletin_id,
        written=written,
        spoken=spoken,
        context=context,
        decided_by=actor.id,
        decided_at=now,
    )
    session.add(reading)
    session.flush()
    audit.note(
        session, actor, "reading_decided", _subject(reading), now,
        written=written, spoken=spoken, context=context,
    )  # fmt: skip
    return reading


def retire(session: Session, actor: Actor, reading_id: int, now: datetime) -> Reading:
    """Take a reading out of force; it stays in the list of changes."""
    require(actor, Permission.WRITE)
    reading = session.get(Reading, reading_id)
    if reading is None:
        raise NotFound(f"Không có cách đọc số {reading_id}.")
    _require_open(session, reading.bulletin_id)
    if reading.retired_at is None:
        reading.retired_by, reading.retired_at = actor.id, now
        audit.note(session, actor, "reading_retired", _subject(reading), now, written=reading.written)
    return reading


def in_force(session: Session, bulletin_id: int | None) -> list[Reading]:
    """Return the readings of one bulletin, or (None) of the station, oldest decision first."""
    return list(session.scalars(_kept(bulletin_id).where(Reading.retired_at.is_(None)).order_by(Reading.id)))


def changes(session: Session, bulletin_id: int | None) -> list[Reading]:
    """Return all readings ever decided there, newest first."""
    return list(session.scalars(_kept(bulletin_id).order_by(Reading.id.desc())))


def lexicon_for(session: Session, bulletin_id: int | None) -> reader.Lexicon:
    """Return the built-in lexicon with the station's readings, then the bulletin's own, which win."""
    kept = in_force(session, None)
    if bulletin_id is not None:
        kept += in_force(session, bulletin_id)
    entries = [reader.ReadingEntry(each.written, each.spoken, each.context) for each in kept]
    return reader.BUILT_IN.with_readings(entries)


def _kept(bulletin_id: int | None) -> Select[Reading]:
    return select(Reading).where(Reading.bulletin_id == bulletin_id)


def _same_place(
    session: Session, bulletin_id: int | None, written: str, context: str | None
) -> list[Reading]:
    return [
        each for each in in_force(session, bulletin_id) if (each.written, each.context) == (written, context)
    ]


def _require_open(session: Session, bulletin_id: int | None) -> None:
    """What an approver hears or has signed must not change its words under them."""
    if bulletin_id is None:
        return
    bulletin = session.get(Bulletin, bulletin_id)
    if bulletin is None:
        raise NotFound(f"Không có bản tin số {bulletin_id}.")
    if bulletin.state not in _OPEN:
        raise Refused(
            f"Bản tin “{bulletin.title}” đã gửi duyệt; hãy thu hồi hoặc sửa bản tin trước khi đổi cách đọc."
        )


def _checked(written: str, spoken: str, context: str | None) -> tuple[str, str, str | None]:
    written, spoken = _tidy(written), _tidy(spoken)
    context = _tidy(context) or None if context is not None else None
    if not written or len(written) > LONGEST_WRITTEN:
        raise Invalid(f"Hãy nhập chữ viết cần đọc, nhiều nhất {LONGEST_WRITTEN} ký tự.", field="written")
    if not spoken or len(spoken) > LONGEST_SPOKEN:
        raise Invalid(f"Hãy nhập cách đọc bằng chữ, nhiều nhất {LONGEST_SPOKEN} ký tự.", field="spoken")
    if context is not None and len(context) > LONGEST_CONTEXT:
        raise Invalid(f"Đoạn chữ xung quanh dài nhất {LONGEST_CONTEXT} ký tự.", field="context")
    objection = reader.guard(spoken)
    if objection is not None:
        raise Invalid(f"Cách đọc “{spoken}” chưa đọc được: {objection}", field="spoken")
    return written, spoken, context


def _tidy(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text.replace("\0", "")).split())


def _subject(reading: Reading) -> str:
    return "lexicon" if reading.bulletin_id is None else f"bulletin {reading.bulletin_id}"
