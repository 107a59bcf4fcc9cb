"""The whole answer to “is everything as it was written?”: chains, seals and a seal kept elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.errors import Invalid
from broadcaster.records import chain, findings, seal_check, seals
from broadcaster.records.chain import CHAIN_NAMES
from broadcaster.records.days import midnight, midnight_after, moment_words
from broadcaster.records.findings import Finding, Kind
from broadcaster.records.history import in_force
from broadcaster.records.reports import numbers
from broadcaster.records.seal_check import SealFinding
from broadcaster.records.seals import SealText
from broadcaster.store.models import History, Seal

_TITLES = 3


@dataclass(frozen=True, slots=True)
class Integrity:
    """What was found, in the order in which a person should read it."""

    rows: dict[str, int]
    """How many rows each chain has."""
    found: tuple[Finding, ...]
    wrong_seals: tuple[SealFinding, ...]
    believed: tuple[SealText, ...]
    """The station's seals that can be trusted, oldest first."""

    @property
    def is_sound(self) -> bool:
        return not self.found and not self.wrong_seals


def examine(session: Session, public: bytes, folder: Path | None = None) -> Integrity:
    """Check every chain, every seal, and the chains against the seals.

    `public` is the station's key, `folder` its data folder. 30 s for a million rows.
    """
    wrong, believed = seal_check.own_seals(session, public, folder / seals.FOLDER if folder else None)
    broken = _broken(session)
    unsealed = [each for each in seal_check.against_rows(session, believed) if not _is_told(each, broken)]
    rows = {name: head.count for name, head in seals.heads(session).items()}
    order = list(CHAIN_NAMES)
    found = sorted([*broken, *unsealed], key=lambda each: (order.index(each.chain), each.row_id))
    return Integrity(rows, tuple(found), tuple(wrong), tuple(believed))


def _broken(session: Session) -> list[Finding]:
    tables = {table.__tablename__: table for table in chain.tables()}
    return [findings.first(session, tables[each.chain], each.row_id) for each in chain.verify(session)]


def _is_told(misfit: Finding, broken: Sequence[Finding]) -> bool:
    """Whether the rows themselves show already what a seal shows."""
    return any(each.chain == misfit.chain and each.row_id <= misfit.last_id for each in broken)


# --- a seal that was kept elsewhere ---


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a seal from outside says about this station."""

    number: int
    is_sound: bool
    sentences: tuple[str, ...]


def against(session: Session, text: str, public: bytes) -> Comparison:
    """Compare the station with the seal in `text`, kept elsewhere: its file, or a mail with its digest.

    Raises Invalid when `text` holds none.
    """
    try:
        said = seals.read(text)
    except Invalid:
        return _against_digest(session, *seals.mentioned(text))
    name = f"Dấu niêm phong số {said.number} ({moment_words(said.sealed_at)})"
    if not said.is_whole:
        return Comparison(said.number, False, (f"{name} trong tệp đã bị sửa: nội dung không khớp chữ ký.",))
    sentences = [_of_row(session, said)]
    if said.public != public:
        sentences.append(
            "Tệp được ký bằng khóa khác với khóa hiện nay của đài: tệp của đài khác, hoặc khóa đã bị thay."
        )
    told = [sentence(session, each) for each in seal_check.against_rows(session, [said])]
    wrong = [*(each for each in sentences if each), *told]
    good = f"{name} khớp: mọi dòng có đến lúc đó còn nguyên như khi niêm phong."
    return Comparison(said.number, not wrong, tuple(wrong) or (good,))


def _of_row(session: Session, said: SealText) -> str:
    row = session.get(Seal, said.number)
    if row is None:
        return f"Trong sổ của đài không có dấu niêm phong số {said.number} như trong tệp: dấu đã bị xóa."
    if row.sha256 != said.sha256:
        return f"Dấu niêm phong số {said.number} trong sổ của đài khác với tệp: dấu trong sổ đã bị thay."
    return ""


def _against_digest(session: Session, number: int, digest: str) -> Comparison:
    row = session.get(Seal, number)
    if row is None:
        return Comparison(number, False, (f"Trong sổ của đài không có dấu niêm phong số {number}.",))
    if row.sha256 != digest:
        words = "khác với mã trong sổ của đài: dấu trong sổ đã bị thay"
        return Comparison(number, False, (f"Mã của dấu niêm phong số {number} {words}.",))
    said = seals.read(row.text)
    return against(session, row.text, said.public)


# --- in words ---


def sentence(session: Session, found: Finding) -> str:
    """Return what was found in one chain: which row, what was done to it, of which day, and what is sound."""
    parts = [_what(found), _when(session, found), _sound(found)]
    return " ".join(part for part in parts if part)


def sentences(session: Session, seen: Integrity) -> list[str]:
    """Return all that is wrong, chains first; empty when everything is as it was written."""
    told = [sentence(session, each) for each in seen.found]
    return told + [each.sentence for each in seen.wrong_seals]


def good_words(seen: Integrity) -> str:
    """Return what was checked, for a station where nothing is wrong."""
    counted = ", ".join(f"{CHAIN_NAMES[name]} {numbers.count(rows)} dòng" for name, rows in seen.rows.items())
    if not seen.believed:
        return f"Đã kiểm tra {counted}. Chưa có dấu niêm phong nào."
    first, last = seen.believed[0], seen.believed[-1]
    by = f"khớp {numbers.count(len(seen.believed))} dấu niêm phong từ ngày {day_words(first.day)}"
    return f"Đã kiểm tra {counted}; {by} đến {moment_words(last.sealed_at)}."


def day_words(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _what(found: Finding) -> str:
    rows = (
        f"Dòng {found.row_id}"
        if found.row_id == found.last_id
        else f"Dòng {found.row_id} đến {found.last_id}"
    )
    of_chain = f"{rows} của {CHAIN_NAMES[found.chain]}"
    by_seal = f" (theo dấu niêm phong số {found.seal})" if found.seal else ""
    match found.kind:
        case Kind.CHANGED:
            return f"{of_chain} đã bị sửa."
        case Kind.REMOVED:
            return f"{of_chain} đã bị xóa."
        case Kind.MOVED:
            return f"{of_chain} đã bị chuyển chỗ, nay đứng ở số {found.moved_to}."
        case Kind.INSERTED:
            return f"{of_chain} đã bị chèn thêm vào."
        case Kind.CUT_OFF:
            return f"{of_chain} đã bị cắt mất ở cuối sổ{by_seal}."
        case Kind.REWRITTEN:
            but = f"khớp nhau nhưng không khớp dấu niêm phong số {found.seal}"
            return f"{of_chain} đã bị viết lại: các dòng {but}."


def _when(session: Session, found: Finding) -> str:
    first, last = found.first_day, found.last_day
    if first is None or last is None:
        return ""
    between = f"ngày {day_words(first)}" if first == last else f"từ {day_words(first)} đến {day_words(last)}"
    aired = f", {_aired(session, first)}" if first == last else ""
    return f"Các dòng đó ghi {between}{aired}." if found.last_id > found.row_id else f"Ghi {between}{aired}."


def _aired(session: Session, day: date) -> str:
    """Return what the history says was aired on `day`: how much, and the first titles."""
    query = select(History.title).where(
        History.planned_at >= midnight(day),
        History.planned_at < midnight_after(day),
        History.seconds_heard > 0,
        in_force(),
    )
    titles = list(session.scalars(query.order_by(History.planned_at, History.id)))
    if not titles:
        return "hôm đó không có lượt phát nào ra tiếng"
    named = ", ".join(f"“{title}”" for title in titles[:_TITLES])
    return f"hôm đó đã phát {len(titles)} lượt: {named}{' …' if len(titles) > _TITLES else ''}"


def _sound(found: Finding) -> str:
    if found.sound_from is not None:
        return f"Từ ngày {day_words(found.sound_from)} đến nay nguyên vẹn."
    if found.kind is Kind.CUT_OFF:
        return f"Trước dòng {found.row_id} còn nguyên vẹn."
    if found.kind is Kind.REWRITTEN:
        return f"Trước dòng {found.row_id} còn khớp các dấu niêm phong." if found.row_id > 1 else ""
    return "Sau đó chưa có ngày nào được chứng tỏ là nguyên vẹn."
