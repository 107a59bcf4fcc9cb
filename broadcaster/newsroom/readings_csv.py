"""The station's lexicon as a table for a spreadsheet, out and in; what comes in is shown before it holds."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Invalid, Refused
from broadcaster.newsroom import readings
from broadcaster.newsroom.importing.encoding import decode
from broadcaster.newsroom.importing.values import Unreadable
from broadcaster.newsroom.readings_history import Act
from broadcaster.records import audit
from broadcaster.records.fold import fold
from broadcaster.store.models import Person, Reading
from schedules.clock import LOCAL

BYTE_ORDER_MARK = "\ufeff"
"""Without it spreadsheets read UTF-8 as something else."""
UNSAID = "(không đọc)"
HEADINGS = ("Chữ viết", "Cách đọc", "Chỉ khi đứng giữa", "Người quyết định", "Thời điểm")
MOST_ROWS = 5_000
LARGEST_BYTES = 2_000_000
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
"""A cell that begins so may be run as a formula (OWASP, CSV Injection); a quote in front prevents it."""
_DELIMITERS = ";\t,"

_Key = tuple[str, str]
"""(Writing, context or an empty text)."""


@dataclass(frozen=True, slots=True)
class RowChange:
    """What one row of the file would do. `line` 0: the file does not name the reading."""

    line: int
    act: Act
    written: str
    context: str | None
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class RefusedRow:
    line: int
    written: str
    reason: str
    """One Vietnamese sentence."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would change; nothing is saved yet."""

    added: tuple[RowChange, ...] = ()
    changed: tuple[RowChange, ...] = ()
    removed: tuple[RowChange, ...] = ()
    refused: tuple[RefusedRow, ...] = ()
    unchanged: int = 0
    based_on: str = ""
    """The version of the lexicon that it was compared with; `apply` wants it back."""

    @property
    def changes(self) -> tuple[RowChange, ...]:
        return (*self.added, *self.changed, *self.removed)


def csv_lines(session: Session) -> Iterator[str]:
    """Yield the station's lexicon line by line, headings first; write it as UTF-8 with `newline=""`."""
    yield BYTE_ORDER_MARK + _line(HEADINGS)
    names = {person.id: person.name for person in session.query(Person)}
    for each in readings.entries(session):
        decided = f"{each.decided_at.astimezone(LOCAL):%d/%m/%Y %H:%M}"
        cells = (each.written, each.spoken or UNSAID, each.context or "", names.get(each.decided_by, ""))
        yield _line([*map(_safe, cells), decided])


def preview(session: Session, content: bytes, *, is_whole: bool = False) -> Preview:
    """Return what importing this file would change.

    `is_whole`: the file is the whole lexicon, so that readings it does not name are taken out of force.
    Raises Invalid (field `file`) when the file is no such table; a row that cannot be taken is only refused.
    """
    kept = {_key(each.written, each.context): each.spoken for each in readings.in_force(session, None)}
    rows = _Rows(kept)
    for line, cells in _table(content):
        rows.take(line, cells)
    return rows.preview(readings.version(session), is_whole=is_whole)


def apply(
    session: Session, actor: Actor, content: bytes, based_on: str, now: datetime, *, is_whole: bool = False
) -> Preview:
    """Import the file as its preview showed, all in the caller's transaction; refused rows are left out.

    Raises NotPermitted, Invalid as `preview` does, or Refused when the lexicon is no longer `based_on`.
    """
    require(actor, Permission.CONFIGURE)
    shown = preview(session, content, is_whole=is_whole)
    if shown.based_on != based_on:
        raise Refused("Từ điển đã thay đổi sau khi bạn xem trước; hãy xem lại những thay đổi rồi nhập lại.")
    ended = {_key(each.written, each.context) for each in (*shown.changed, *shown.removed)}
    for reading in readings.in_force(session, None):
        if _key(reading.written, reading.context) in ended:
            reading.retired_by, reading.retired_at = actor.id, now
    session.add_all(_reading(each, actor, now) for each in (*shown.added, *shown.changed))
    session.flush()
    if shown.changes:
        _note(session, actor, shown, content, now)
    return shown


def _note(session: Session, actor: Actor, shown: Preview, content: bytes, now: datetime) -> None:
    counts = {act.value: len(getattr(shown, act.value)) for act in Act}
    sha256 = hashlib.sha256(content).hexdigest()
    audit.note(
        session,
        actor,
        "lexicon_imported",
        "lexicon",
        now,
        **counts,
        refused=len(shown.refused),
        sha256=sha256,
    )


def _reading(change: RowChange, actor: Actor, now: datetime) -> Reading:
    return Reading(
        written=change.written,
        spoken=change.after or "",
        context=change.context,
        decided_by=actor.id,
        decided_at=now,
    )


@dataclass(slots=True)
class _Rows:
    """The rows of a file against the readings in force."""

    kept: dict[_Key, str]
    named: dict[_Key, int] = field(default_factory=dict)
    """Where each place was first named in the file."""
    changes: list[RowChange] = field(default_factory=list)
    refused: list[RefusedRow] = field(default_factory=list)
    unchanged: int = 0

    def take(self, line: int, cells: tuple[str, str, str]) -> None:
        try:
            self._compare(line, *_checked(*cells))
        except Invalid as error:
            self.refused.append(RefusedRow(line, " ".join(cells[0].split())[:80], str(error)))

    def _compare(self, line: int, written: str, spoken: str, context: str | None) -> None:
        key = _key(written, context)
        if key in self.named:
            raise Invalid(f"“{written}” đã có ở dòng {self.named[key]} của tệp; hãy chỉ giữ một dòng.")
        self.named[key] = line
        before = self.kept.get(key)
        if before == spoken:
            self.unchanged += 1
            return
        act = Act.ADDED if before is None else Act.CHANGED
        self.changes.append(RowChange(line, act, written, context, before, spoken))

    def preview(self, based_on: str, *, is_whole: bool) -> Preview:
        gone = [
            RowChange(0, Act.REMOVED, written, context or None, spoken, None)
            for (written, context), spoken in self.kept.items()
            if is_whole and (written, context) not in self.named
        ]
        by_act = {act: tuple(each for each in [*self.changes, *gone] if each.act is act) for act in Act}
        return Preview(
            added=by_act[Act.ADDED],
            changed=by_act[Act.CHANGED],
            removed=by_act[Act.REMOVED],
            refused=tuple(self.refused),
            unchanged=self.unchanged,
            based_on=based_on,
        )


def _checked(written: str, spoken: str, context: str) -> tuple[str, str, str | None]:
    spoken = _bare(spoken)
    if not spoken:
        raise Invalid(f"Chưa có cách đọc; nếu muốn bỏ không đọc, hãy ghi {UNSAID}.")
    return readings.checked(_bare(written), "" if spoken == UNSAID else spoken, _bare(context) or None)


# --- the table ---


def _table(content: bytes) -> Iterator[tuple[int, tuple[str, str, str]]]:
    """Yield (line, (writing, reading, context)) for every row that is not empty."""
    if len(content) > LARGEST_BYTES:
        raise Invalid(
            f"Tệp nặng hơn {LARGEST_BYTES // 1_000_000} MB; hãy tách thành nhiều tệp.", field="file"
        )
    try:
        text = decode(content).replace("\0", "")
        rows = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
        columns = _columns(next(rows, []))
        for count, row in enumerate(rows, 1):
            if count > MOST_ROWS:
                raise Invalid(f"Tệp có hơn {MOST_ROWS:,} dòng; hãy tách nhỏ.".replace(",", "."), field="file")
            cells = [row[column] if 0 <= column < len(row) else "" for column in columns]
            if any(cell.strip() for cell in cells):
                yield rows.line_num, (cells[0], cells[1], cells[2])
    except (csv.Error, Unreadable) as error:
        raise Invalid(
            "Tệp này không phải bảng CSV đọc được; hãy xuất từ điển để lấy mẫu, "
            "sửa trong đó rồi lưu dạng CSV UTF-8.",
            field="file",
        ) from error


def _delimiter(text: str) -> str:
    """Return what parts the cells: spreadsheets of a Vietnamese system write semicolons, or tabs."""
    first = text.split("\n", 1)[0]
    return max(_DELIMITERS, key=first.count)


def _columns(headings: list[str]) -> list[int]:
    """Return where writing, reading and context stand; -1 for a context that the file does not have."""
    folded = [fold(each) for each in headings]
    wanted = [fold(each) for each in HEADINGS[:3]]
    if not set(wanted[:2]) <= set(folded):
        raise Invalid(
            f"Dòng đầu của tệp phải có hai cột “{HEADINGS[0]}” và “{HEADINGS[1]}”; "
            "hãy xuất từ điển để lấy mẫu.",
            field="file",
        )
    return [folded.index(each) if each in folded else -1 for each in wanted]


def _line(cells: tuple[str, ...] | list[str]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()


def _safe(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _bare(cell: str) -> str:
    """Return the cell as it was before `_safe`; spreadsheets may have added blanks."""
    shown = cell.strip(" \n\u00a0")
    return shown[1:] if shown.startswith("'") and _FORMULA.match(shown) else shown


def _key(written: str, context: str | None) -> _Key:
    return written, context or ""
