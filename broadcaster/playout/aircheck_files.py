"""The files of the airchecks: where they lie, whether they are still what was kept."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.errors import NotFound
from broadcaster.newsroom import clips
from broadcaster.playout import aircheck_inbox
from broadcaster.records import airchecks
from broadcaster.store.models import Aircheck
from schedules.clock import LOCAL

_BATCH = 500


@dataclass(frozen=True, slots=True)
class Seen:
    """Sentences about the files: what is damage, and what is missing for a reason that is known."""

    wrong: tuple[str, ...]
    notes: tuple[str, ...] = ()


def path_of(folder: Path, row: Aircheck) -> Path:
    """Return the file to listen to. Raises NotFound, saying why, when there is none."""
    if row.removed_at is not None:
        raise NotFound(
            f"Bản lưu này đã được xóa theo hạn lưu ngày {row.removed_at.astimezone(LOCAL):%d/%m/%Y}."
        )
    path = (folder / row.file).resolve()
    if not path.is_relative_to((folder / aircheck_inbox.FOLDER).resolve()) or not path.is_file():
        raise NotFound("Tệp của bản lưu này không còn trên máy; hãy tìm trong bản sao thư mục aircheck.")
    return path


def examine(session: Session, folder: Path) -> Seen:
    """Say which files are no longer what was kept, and which are missing. Reads them all.

    Backups hold the rows, and these files only where the station wants it: what did not come with the copy
    from which the station was restored is no damage.
    """
    changed: list[str] = []
    missing: list[Aircheck] = []
    query = select(Aircheck).where(Aircheck.removed_at.is_(None)).order_by(Aircheck.id)
    for row in session.scalars(query.execution_options(yield_per=_BATCH)):
        try:
            sha256 = clips.hash_of(path_of(folder, row))
        except (NotFound, OSError):
            missing.append(row)
            continue
        if sha256 != row.sha256:
            changed.append(f"{_name(row)} đã bị thay đổi.")
    left = airchecks.left_behind(session)
    lost = [row for row in missing if row.id not in left]
    return Seen((*changed, *_lost_words(lost)), _left_words(len(missing) - len(lost)))


def missing(session: Session, folder: Path) -> list[int]:
    """Return the numbers of the rows whose file should lie there and does not."""
    query = select(Aircheck).where(Aircheck.removed_at.is_(None)).order_by(Aircheck.id)
    rows = session.scalars(query.execution_options(yield_per=_BATCH))
    return [row.id for row in rows if not _is_there(folder, row)]


def _is_there(folder: Path, row: Aircheck) -> bool:
    try:
        return path_of(folder, row).is_file()
    except (NotFound, OSError):
        return False


def _lost_words(lost: list[Aircheck]) -> tuple[str, ...]:
    if not lost:
        return ()
    more = f" và {len(lost) - 1} bản khác" if len(lost) > 1 else ""
    return (f"{_name(lost[0])}{more} không còn tệp; hãy tìm trong bản sao thư mục aircheck.",)


def _left_words(count: int) -> tuple[str, ...]:
    if not count:
        return ()
    return (
        f"{count} bản lưu phát sóng trước lần khôi phục trạm không có trong bản sao lưu; "
        "nếu còn thư mục aircheck của máy cũ, hãy chép lại.",
    )


def _name(row: Aircheck) -> str:
    day = f"{row.began_at.astimezone(LOCAL):%d/%m/%Y}"
    return f"Bản lưu số {row.id} (“{row.title}”, {row.output}, {day})"
