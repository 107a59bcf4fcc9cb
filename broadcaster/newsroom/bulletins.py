"""Bulletins before they are signed: written, edited, found. Every text that was ever saved is kept."""

from __future__ import annotations

import hashlib
import unicodedata
from dataclasses import dataclass, fields
from datetime import date, datetime
from functools import lru_cache

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

import broadcaster.text as reader
from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import EditedMeanwhile, Invalid, NotFound
from broadcaster.newsroom import readings, workflow
from broadcaster.newsroom.languages import LANGUAGES, VIETNAMESE
from broadcaster.newsroom.workflow import Action
from broadcaster.records.fold import fold, like_patterns
from broadcaster.store.models import Bulletin, BulletinState, BulletinStep, Kind, Source, Version
from schedules.clock import LOCAL

LONGEST_TITLE = 200
LONGEST_TEXT = 50_000
LONGEST_TOPIC = 100
RATES = (0.5, 2.0)
MOST_REPEATS = 5
RATE_OF_KIND = {Kind.ROUTINE: 1.0, Kind.PRIORITY: 1.0, Kind.EMERGENCY: 0.85}
"""Unless somebody chooses: an order that is heard once must be followed word by word."""
PAGE = 50


@dataclass(frozen=True, slots=True)
class Draft:
    """What an officer fills in."""

    title: str
    written: str
    kind: str = Kind.ROUTINE
    topic: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    """Both inclusive, on the station's calendar."""
    voice: str = ""
    """Empty: the station's voice."""
    rate: float = 1.0
    repeats: int = 1
    language: str = VIETNAMESE
    """A key of `newsroom.languages.LANGUAGES`."""
    is_music: bool = False


def write(session: Session, actor: Actor, draft: Draft, now: datetime) -> Bulletin:
    """Return a new bulletin in draft. Raises NotPermitted or Invalid (`field` is a field of Draft)."""
    require(actor, Permission.WRITE)
    return begin(session, actor, draft, now)


def begin(session: Session, actor: Actor, draft: Draft, now: datetime) -> Bulletin:
    """Do what `write` does for who has been asked already: the words of an alert, a live announcement."""
    draft = checked(draft)
    bulletin = Bulletin(title=draft.title, author_id=actor.id, created_at=now, changed_at=now)
    bulletin.state = BulletinState.DRAFT
    session.add(bulletin)
    session.flush()
    _put(session, bulletin, draft, actor, number=1, now=now)
    workflow.record(session, bulletin, Action.WRITE, actor, now, before="")
    return bulletin


def edit(
    session: Session, actor: Actor, bulletin_id: int, draft: Draft, based_on: int, now: datetime
) -> Bulletin:
    """Save a new version, made from version `based_on`; voids the approval and goes back to draft.

    Saving what is there already changes nothing. Raises NotPermitted, Invalid, or EditedMeanwhile when
    another version came between; nothing is then saved, and the caller still holds `draft`.
    """
    require(actor, Permission.WRITE)
    bulletin, draft = get(session, bulletin_id), checked(draft)
    if draft == draft_of(bulletin):
        return bulletin
    newest = _newest(bulletin)
    if newest.number != based_on:
        raise _edited_meanwhile(bulletin, newest)
    before, bulletin.state = bulletin.state, workflow.require_step(bulletin, Action.EDIT, actor)
    workflow.end_approval(session, bulletin, "edited", actor, now)
    _put(session, bulletin, draft, actor, number=newest.number + 1, now=now)
    workflow.record(session, bulletin, Action.EDIT, actor, now, before=before)
    return bulletin


def get(session: Session, bulletin_id: int) -> Bulletin:
    """Raises NotFound."""
    bulletin = session.get(Bulletin, bulletin_id)
    if bulletin is None:
        raise NotFound(f"Không có bản tin số {bulletin_id}.")
    return bulletin


def draft_of(bulletin: Bulletin) -> Draft:
    """Return the bulletin as its form shows it."""
    version = _newest(bulletin)
    values = {each.name: getattr(bulletin, each.name) for each in fields(Draft) if each.name != "written"}
    return Draft(written=version.written, **values)


def versions(session: Session, bulletin_id: int) -> list[Version]:
    """Return every text of the bulletin, newest first."""
    mine = select(Version).where(Version.bulletin_id == bulletin_id)
    return list(session.scalars(mine.order_by(Version.number.desc())))


def steps(session: Session, bulletin_id: int) -> list[BulletinStep]:
    """Return what happened to the bulletin, newest first."""
    mine = select(BulletinStep).where(BulletinStep.bulletin_id == bulletin_id)
    return list(session.scalars(mine.order_by(BulletinStep.id.desc())))


def spoken_of(session: Session, bulletin: Bulletin) -> reader.Spoken:
    """Return the words as they will be said, with the readings of the station and of this bulletin."""
    return _said(_newest(bulletin).written, readings.lexicon_for(session, bulletin.id))


@lru_cache(maxsize=8)
def _said(written: str, lexicon: reader.Lexicon) -> reader.Spoken:
    """Remembered from the page that showed it, so that submitting holds no transaction for reading aloud."""
    return reader.to_spoken(written, lexicon)


def sha256_of(text: str) -> str:
    """Return the fingerprint under which a written or spoken text is signed."""
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


# --- finding ---


def find(
    session: Session,
    words: str = "",
    state: str = "",
    kind: str = "",
    topic: str = "",
    limit: int = PAGE,
    offset: int = 0,
    *,
    valid_on: date | None = None,
) -> list[Bulletin]:
    """Return bulletins whose title or text holds all of `words`, diacritics or not; last changed first."""
    found = select(Bulletin).where(*_conditions(words, state, kind, topic, valid_on))
    newest_first = found.order_by(Bulletin.changed_at.desc(), Bulletin.id.desc())
    return list(session.scalars(newest_first.limit(limit).offset(offset)))


def count(
    session: Session,
    words: str = "",
    state: str = "",
    kind: str = "",
    topic: str = "",
    *,
    valid_on: date | None = None,
) -> int:
    """Return how many `find` would give in all."""
    counted = select(func.count(Bulletin.id)).where(*_conditions(words, state, kind, topic, valid_on))
    return session.scalar(counted) or 0


def topics(session: Session) -> list[str]:
    """Return the topics in use, for the filter and for completing what is typed."""
    return list(
        session.scalars(select(Bulletin.topic).where(Bulletin.topic != "").distinct().order_by("topic"))
    )


def _conditions(
    words: str, state: str, kind: str, topic: str, valid_on: date | None
) -> list[ColumnElement[bool]]:
    exact = ((Bulletin.state, state), (Bulletin.kind, kind), (Bulletin.topic, topic))
    conditions: list[ColumnElement[bool]] = [column == wanted for column, wanted in exact if wanted]
    conditions.append(Bulletin.source != Source.LIVE)  # said once into a microphone; the history has it
    conditions += [Bulletin.folded.like(each, escape="\\") for each in like_patterns(words)]
    if valid_on is not None:
        conditions.append(or_(Bulletin.valid_from.is_(None), Bulletin.valid_from <= valid_on))
        conditions.append(or_(Bulletin.valid_until.is_(None), Bulletin.valid_until >= valid_on))
    return conditions


# --- what a draft may hold ---


def checked(draft: Draft) -> Draft:
    """Return `draft` in NFC with plain line ends; raises Invalid naming the field and what it takes."""
    clean = Draft(
        title=" ".join(plain(draft.title).split()),
        written=plain(draft.written),
        kind=str(draft.kind),
        topic=" ".join(plain(draft.topic).split()),
        valid_from=draft.valid_from,
        valid_until=draft.valid_until,
        voice=draft.voice.strip(),
        rate=float(draft.rate),
        repeats=draft.repeats,
        language=draft.language,
        is_music=draft.is_music,
    )
    for holds, field, sentence in _rules(clean):
        if not holds:
            raise Invalid(sentence, field=field)
    return clean


def _rules(draft: Draft) -> tuple[tuple[bool, str, str], ...]:
    period_is_ordered = (draft.valid_from or date.min) <= (draft.valid_until or date.max)
    return (
        (bool(draft.title), "title", "Hãy nhập tiêu đề bản tin."),
        (len(draft.title) <= LONGEST_TITLE, "title", f"Tiêu đề dài nhất {LONGEST_TITLE} ký tự."),
        (
            len(draft.written) <= LONGEST_TEXT,
            "written",
            f"Nội dung dài {_grouped(len(draft.written))} ký tự, nhiều nhất là {_grouped(LONGEST_TEXT)}; "
            "hãy tách thành nhiều bản tin.",
        ),
        (draft.kind in set(Kind), "kind", "Hãy chọn loại tin: thông thường, ưu tiên hoặc khẩn cấp."),
        (len(draft.topic) <= LONGEST_TOPIC, "topic", f"Chủ đề dài nhất {LONGEST_TOPIC} ký tự."),
        (period_is_ordered, "valid_until", "Ngày hết hiệu lực phải từ ngày bắt đầu hiệu lực trở đi."),
        (RATES[0] <= draft.rate <= RATES[1], "rate", "Tốc độ đọc từ 0,5 đến 2 lần bình thường."),
        (1 <= draft.repeats <= MOST_REPEATS, "repeats", f"Số lần đọc từ 1 đến {MOST_REPEATS}."),
        (draft.language in LANGUAGES, "language", "Hãy chọn ngôn ngữ trong danh sách."),
    )


def plain(text: str) -> str:
    """Return `text` in NFC, lines ended by one character, without characters no database or engine takes."""
    joined = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return unicodedata.normalize("NFC", joined.encode("utf-8", "ignore").decode("utf-8"))


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", ".")


# --- versions ---


def _put(
    session: Session, bulletin: Bulletin, draft: Draft, actor: Actor, *, number: int, now: datetime
) -> None:
    """Add the version and let the bulletin show it."""
    version = Version(
        bulletin_id=bulletin.id,
        number=number,
        title=draft.title,
        written=draft.written,
        written_sha256=sha256_of(draft.written),
        author_id=actor.id,
        created_at=now,
    )
    session.add(version)
    for each in fields(Draft):
        if each.name != "written":
            setattr(bulletin, each.name, getattr(draft, each.name))
    bulletin.author_id, bulletin.changed_at, bulletin.version = actor.id, now, version
    bulletin.folded = fold(f"{draft.title} {draft.written}")
    session.flush()


def _newest(bulletin: Bulletin) -> Version:
    if bulletin.version is None:
        raise NotFound(f"Bản tin số {bulletin.id} không có nội dung.")
    return bulletin.version


def _edited_meanwhile(bulletin: Bulletin, newest: Version) -> EditedMeanwhile:
    at = newest.created_at.astimezone(LOCAL)
    return EditedMeanwhile(
        f"{bulletin.author.name} đã lưu phiên bản {newest.number} của “{bulletin.title}” lúc {at:%H:%M} "
        f"ngày {at:%d/%m/%Y}; nội dung bạn vừa nhập chưa được lưu nhưng vẫn còn đây, "
        "hãy so với phiên bản mới rồi lưu lại.",
        newest.number,
    )
