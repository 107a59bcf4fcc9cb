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
        raise NotFound("Tệp của bản lưu này không còn trên máy; hãy tìm trong bản sao lưu.")
    return path


def damaged(session: Session, folder: Path) -> Iterator[str]:
    """Yield one sentence for each file that is missing or no longer what was kept; reads them all."""
    query = select(Aircheck).where(Aircheck.removed_at.is_(None)).order_by(Aircheck.id)
    for row in session.scalars(query.execution_options(yield_per=_BATCH)):
        name = f"Bản lưu số {row.id} (“{row.title}”, {row.output}, {row.began_at.astimezone(LOCAL):%d/%m/%Y})"
        try:
            sha256 = clips.hash_of(path_of(folder, row))
        except (NotFound, OSError):
            yield f"{name} không còn trên máy."
            continue
        if sha256 != row.sha256:
            yield f"{name} đã bị thay đổi."
