"""How people decided that something written is said: for one bulletin, or always at this station."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session

import broadcaster.text as reader
from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Invalid, NotFound, Refused
from broadcaster.records import audit
from broadcaster.records.fold import fold
from broadcaster.store.models import Bulletin, BulletinState, Reading
from broadcaster.text.clean import clean

LONGEST_WRITTEN = 200
LONGEST_SPOKEN = 400
LONGEST_CONTEXT = 400
_OPEN = frozenset({BulletinState.DRAFT, BulletinState.RETURNED})
_LEFT_OUT_KINDS = frozenset({"url", "mail", "email"})
"""Kinds of token of which the reader asks whether to say them at all."""


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
    these written words stand around it. `spoken` empty: nothing is said, where the reader offers that.
    Raises NotPermitted, Invalid (field `written`, `spoken` or `context`), or Refused while the bulletin is
    with its approver or signed.
    """
    require(actor, Permission.WRITE)
    _require_open(session, bulletin_id)
    written, spoken, context = checked(written, spoken, context, _text_of(session, bulletin_id))
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


def entries(session: Session, words: str = "") -> list[Reading]:
    """Return the station's readings in force that hold all of `words`, diacritics or not."""
    wanted = fold(words).split()
    found = [each for each in in_force(session, None) if _holds(each, wanted)]
    return sorted(found, key=lambda each: (fold(each.written), each.written, each.context or ""))


def lexicon_for(session: Session, bulletin_id: int | None, as_of: datetime | None = None) -> reader.Lexicon:
    """Return the built-in lexicon with the station's readings, then the bulletin's own, which win.

    `as_of`: what was in force just after that moment, to compare with the version that a signature names.
    """
    kept = _at(session, None, as_of)
    if bulletin_id is not None:
        kept += _at(session, bulletin_id, as_of)
    return reader.BUILT_IN.with_readings(_entry(each) for each in kept)


def version(session: Session, bulletin_id: int | None = None) -> str:
    """Return the label of the readings in force, the same that an approval keeps."""
    return lexicon_for(session, bulletin_id).version


def tried(
    session: Session, bulletin_id: int | None, written: str, spoken: str, example: str = ""
) -> reader.Spoken:
    """Return `example` (or `written` alone) as it would be said with this reading: to hear it before saving.

    Raises Invalid as `decide` does; saves nothing.
    """
    text = example or written
    written, spoken, _ = checked(written, spoken, None, text)
    lexicon = lexicon_for(session, bulletin_id).with_readings([reader.ReadingEntry(written, spoken)])
    return reader.to_spoken(text, lexicon)


def checked(written: str, spoken: str, context: str | None, text: str = "") -> tuple[str, str, str | None]:
    """Return the three as they are kept; raises Invalid (field `written`, `spoken` or `context`).

    `text`: where `written` stands, which decides whether it may be left unsaid.
    """
    written, spoken = _as_read(written), _tidy(spoken)
    context = _tidy(_as_read(context)) or None if context is not None else None
    if not written or len(written) > LONGEST_WRITTEN:
        raise Invalid(f"Hãy nhập chữ viết cần đọc, nhiều nhất {LONGEST_WRITTEN} ký tự.", field="written")
    if len(spoken) > LONGEST_SPOKEN or not (spoken or _may_be_unsaid(written, text)):
        raise Invalid(f"Hãy nhập cách đọc bằng chữ, nhiều nhất {LONGEST_SPOKEN} ký tự.", field="spoken")
    if context is not None and len(context) > LONGEST_CONTEXT:
        raise Invalid(f"Đoạn chữ xung quanh dài nhất {LONGEST_CONTEXT} ký tự.", field="context")
    objection = reader.guard(spoken)
    if objection is not None:
        raise Invalid(f"Cách đọc “{spoken}” chưa đọc được: {objection}", field="spoken")
    return written, spoken, context


def _entry(reading: Reading) -> reader.ReadingEntry:
    return reader.ReadingEntry(reading.written, reading.spoken, reading.context)


def _at(session: Session, bulletin_id: int | None, as_of: datetime | None) -> list[Reading]:
    if as_of is None:
        return in_force(session, bulletin_id)
    still = or_(Reading.retired_at.is_(None), Reading.retired_at > as_of)
    known = _kept(bulletin_id).where(Reading.decided_at <= as_of, still)
    return list(session.scalars(known.order_by(Reading.id)))


def _holds(reading: Reading, wanted: Iterable[str]) -> bool:
    held = fold(f"{reading.written} {reading.spoken} {reading.context or ''}")
    return all(word in held for word in wanted)


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


def _text_of(session: Session, bulletin_id: int | None) -> str:
    bulletin = session.get(Bulletin, bulletin_id) if bulletin_id is not None else None
    return bulletin.version.written if bulletin is not None and bulletin.version is not None else ""


def _may_be_unsaid(written: str, text: str) -> bool:
    """Tell whether the reader, asked without anybody's decisions, offers to say nothing for `written`."""
    return any(
        "" in token.choices or token.kind in _LEFT_OUT_KINDS or not token.spoken
        for place in (written, text)
        for token in reader.to_spoken(place).tokens
        if _as_read(token.written) == written
    )


def _as_read(written: str) -> str:
    """Return `written` as the reader compares it: inner blanks and all, or a decision would find no place."""
    return clean(unicodedata.normalize("NFC", written.replace("\0", ""))).text.strip()


def _tidy(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text.replace("\0", "")).split())


def _subject(reading: Reading) -> str:
    return "lexicon" if reading.bulletin_id is None else f"bulletin {reading.bulletin_id}"
