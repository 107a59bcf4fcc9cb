"""The files of a set, brought back into a folder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from broadcaster.errors import StoreError
from broadcaster.keeping import sets
from broadcaster.keeping.hashing import copy_flushed, hash_of
from broadcaster.keeping.pool import Pool


def bring(
    backup: sets.BackupSet, folder: Path, copy: Callable[[Path, Path], None] = copy_flushed
) -> datetime:
    """Write every file of a set into `folder`; return when the set was made.

    Raises StoreError for the first file that is not what it was.
    """
    if trouble := sets.check(backup, contents=False):
        raise StoreError(trouble)
    pool = Pool(backup.place / "pool")
    copy_flushed(backup.folder / backup.database, folder / backup.database)
    for each in backup.files:
        target = folder / each.path
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        copy(pool.path_of(each.sha256), target)
        if hash_of(target) != each.sha256:
            raise StoreError(f"Trong bản sao lưu {backup.name}, tệp {each.path} bị hỏng.")
    return backup.made_at
