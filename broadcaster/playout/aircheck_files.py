"""The files of the airchecks: where they lie, whether they are still what was kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.errors import NotFound
from broadcaster.newsroom import clips
from broadcaster.playout import aircheck_inbox
from broadcaster.store.models import Aircheck
from schedules.clock import LOCAL

_BATCH = 500


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


def damaged(session: Session, folder: Path) -> Iterator[str]:
    """Yield one sentence for each file that is no longer what was kept, and one for all that are missing.

    Reads them all. Backups hold the rows, not these files: of a station that was restored all are missing.
    """
    missing: list[Aircheck] = []
    query = select(Aircheck).where(Aircheck.removed_at.is_(None)).order_by(Aircheck.id)
    for row in session.scalars(query.execution_options(yield_per=_BATCH)):
        try:
            sha256 = clips.hash_of(path_of(folder, row))
        except (NotFound, OSError):
            missing.append(row)
            continue
        if sha256 != row.sha256:
            yield f"{_name(row)} đã bị thay đổi."
    if missing:
        more = f" và {len(missing) - 1} bản khác" if len(missing) > 1 else ""
        yield (
            f"{_name(missing[0])}{more} không còn tệp; nếu vừa khôi phục trạm, hãy chép lại thư mục aircheck."
        )


def _name(row: Aircheck) -> str:
    day = f"{row.began_at.astimezone(LOCAL):%d/%m/%Y}"
    return f"Bản lưu số {row.id} (“{row.title}”, {row.output}, {day})"
