"""Whether the seals are those that the station made, and whether the rows still fit them.

The rows alone can be rewritten with every hash in them. Then they fit each other, but no longer the seals.
Who removes or rewrites seals too leaves a note of each in the audit trail and a file in the folder of seals,
and needs the station's key to sign new ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.errors import Invalid
from broadcaster.records import chain, findings, seals
from broadcaster.records.chain import GENESIS
from broadcaster.records.findings import Finding, Kind
from broadcaster.records.row_text import Table
from broadcaster.records.seals import Head, SealText
from broadcaster.store.models import Audit, Seal

_BATCH = 500


@dataclass(frozen=True, slots=True)
class SealFinding:
    """What is wrong with one seal of the station's own."""

    number: int
    day: date | None
    sentence: str


def own_seals(
    session: Session, public: bytes, folder: Path | None = None
) -> tuple[list[SealFinding], list[SealText]]:
    """Return what is wrong with the station's seals, and those that can be believed, oldest first.

    `public` is the station's key; `folder` holds the files of the seals.
    """
    rows = list(session.scalars(select(Seal).order_by(Seal.id)))
    wrong: dict[int, SealFinding] = {}
    believed = []
    digests = {0: GENESIS, **{row.id: row.sha256 for row in rows}}
    for row in rows:
        said = _read(row)
        if sentence := _fault(row, said, digests.get(row.id - 1), public):
            wrong[row.id] = SealFinding(row.id, row.day, sentence)
        elif said is not None:
            believed.append(said)
    noted = {**_in_files(folder), **_in_audit(session)}
    for found in _against_notes(rows, noted):
        wrong.setdefault(found.number, found)
    sound = [said for said in believed if said.number not in wrong]
    return sorted(wrong.values(), key=lambda each: each.number), sound


def against_rows(session: Session, trusted: Sequence[SealText]) -> list[Finding]:
    """Return for each chain the first seal that its rows do not fit any more; `trusted` oldest first."""
    found = (_first_misfit(session, table, trusted) for table in chain.tables())
    return [each for each in found if each is not None]


def _read(row: Seal) -> SealText | None:
    try:
        return seals.read(row.text)
    except Invalid:
        return None


def _fault(row: Seal, said: SealText | None, previous: str | None, public: bytes) -> str:
    """Return what is wrong with one seal by itself, as a sentence; empty when nothing is.

    `previous` is the digest of the seal before; None when that one is gone, which is told of that one.
    """
    name = f"Dấu niêm phong số {row.id}"
    if said is None or (said.number, said.day, said.sha256) != (row.id, row.day, row.sha256):
        return f"{name} đã bị sửa."
    if not said.is_whole:
        return f"{name} đã bị sửa: nội dung không còn khớp chữ ký."
    if said.public != public:
        return f"{name} không do khóa của đài ký: dấu bị làm giả, hoặc khóa của đài đã bị thay."
    if previous is not None and said.previous != previous:
        return f"{name} không nối tiếp dấu trước nó: dấu trước đã bị thay hoặc bị xóa."
    return ""


def _against_notes(rows: Sequence[Seal], noted: dict[int, str]) -> Iterator[SealFinding]:
    """Yield seals of which other marks are left than they bear, or that are gone."""
    kept = {row.id: row for row in rows}
    last = max([*kept, *noted], default=0)
    for number in range(1, last + 1):
        row = kept.get(number)
        if row is None:
            yield SealFinding(number, None, f"Dấu niêm phong số {number} đã bị xóa.")
        elif noted.get(number, row.sha256) != row.sha256:
            words = "đã bị thay bằng dấu khác: mã không khớp với lần lập"
            yield SealFinding(number, row.day, f"Dấu niêm phong số {number} {words}.")


def _in_audit(session: Session) -> dict[int, str]:
    """Return number and digest of every seal that the audit trail knows."""
    rows = session.scalars(select(Audit).where(Audit.act == seals.MADE).order_by(Audit.id))
    found = {}
    for row in rows:
        number = row.subject.removeprefix("seal ")
        if number.isdigit() and isinstance(row.detail, dict):
            found[int(number)] = str(row.detail.get("sha256", ""))
    return found


def _in_files(folder: Path | None) -> dict[int, str]:
    """Return number and digest of every seal whose file lies in `folder`."""
    found = {}
    for file in sorted(folder.glob("*.txt")) if folder is not None and folder.is_dir() else ():
        try:
            said = seals.read(file.read_text(encoding="utf-8"))
        except (Invalid, OSError, UnicodeDecodeError):
            continue
        if said.is_whole:
            found[said.number] = said.sha256
    return found


def _first_misfit(session: Session, table: Table, trusted: Sequence[SealText]) -> Finding | None:
    name = table.__tablename__
    sound_until = 0
    kept = _hashes(session, table, {said.heads[name].id for said in trusted if name in said.heads})
    for said in trusted:
        head = said.heads.get(name)
        if head is None or head.id == 0:
            continue
        if kept.get(head.id) != head.hash:
            return _misfit(session, table, said, head, sound_until)
        sound_until = head.id
    return None


def _misfit(session: Session, table: Table, said: SealText, head: Head, sound_until: int) -> Finding:
    last = session.scalar(select(table.id).order_by(table.id.desc()).limit(1)) or 0
    kind = Kind.CUT_OFF if last < head.id else Kind.REWRITTEN
    first_id = max(last, sound_until) + 1 if kind is Kind.CUT_OFF else sound_until + 1
    days = findings.days_of(session, table, first_id, head.id)
    if kind is Kind.CUT_OFF:
        days = (days[0], said.day)
    return Finding(table.__tablename__, kind, first_id, head.id, *days, seal=said.number)


def _hashes(session: Session, table: Table, ids: Iterable[int]) -> dict[int, str]:
    """Return the hashes that the rows `ids` bear now."""
    wanted = sorted(ids)
    found: dict[int, str] = {}
    for start in range(0, len(wanted), _BATCH):
        some = wanted[start : start + _BATCH]
        rows = session.execute(select(table.id, table.row_hash).where(table.id.in_(some)))
        found.update((row.id, row.row_hash) for row in rows)
    return found
