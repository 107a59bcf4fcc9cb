"""Trying a restore: the newest set becomes a station in a folder of its own, is looked at, and is removed."""

from __future__ import annotations

import os
import shutil
import tempfile
from datetime import datetime
from pathlib import Path

from broadcaster.errors import StoreError
from broadcaster.keeping import bringing, sets, settling
from broadcaster.keeping.hashing import copy_flushed
from broadcaster.keeping.pool import Pool
from broadcaster.keeping.sets import BackupSet
from broadcaster.records import integrity
from broadcaster.records.days import moment_words
from broadcaster.store import Store, station_key
from broadcaster.store.db import quick_check


def rehearse(place: Path, now: datetime) -> str:
    """Restore the newest set of `place`, verify it, and return in a sentence what was found.

    Raises StoreError naming what is wrong. A file of the pool that is not what it was is let go of, so that
    the next backup brings it again.
    """
    newest = next(iter(sets.listed(place)), None)
    if newest is None:
        raise StoreError(f"Chưa có bản sao lưu nào ở {place} để thử khôi phục; hãy bấm “Sao lưu ngay”.")
    _drop_damaged(newest)
    aside = Path(tempfile.mkdtemp(prefix=".drill-", dir=place))
    try:
        bringing.bring(newest, aside, _link)
        if newest.database.endswith(".db"):
            _look(aside, newest, now)
    except OSError as error:
        raise StoreError(f"Không thử khôi phục được ở {place}: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    made_at, count = moment_words(newest.made_at), len(newest.files)
    return f"Bản sao lưu lúc {made_at} ở {place} khôi phục được: {count} tệp nguyên vẹn."


def sweep(place: Path) -> None:
    """Remove what a drill that was killed has left."""
    for left in place.glob(".drill-*"):
        shutil.rmtree(left, ignore_errors=True)


def _drop_damaged(backup: BackupSet) -> None:
    pool = Pool(backup.place / "pool")
    bad = [each for each in backup.files if not pool.is_intact(each)]
    for each in bad:
        pool.drop(each.sha256)
    if bad:
        raise StoreError(
            f"Bản sao lưu {backup.name} ở {backup.place} có {len(bad)} tệp bị mất hoặc hỏng, "
            f"ví dụ {bad[0].path}; lượt sao lưu tới sẽ chép lại."
        )


def _look(folder: Path, backup: BackupSet, now: datetime) -> None:
    store = Store(folder)
    try:
        settling.settle(store, backup.made_at, backup.name, now)
        if damage := quick_check(store):
            raise StoreError(f"Cơ sở dữ liệu trong bản sao lưu {backup.name} bị hỏng: {damage}.")
        with store.read() as session:
            seen = integrity.examine(session, station_key.of(folder).public, folder)
            broken = integrity.sentences(session, seen)
    finally:
        store.close()
    if broken:
        raise StoreError(f"Trong bản sao lưu {backup.name}: {' '.join(broken)}")


def _link(source: Path, target: Path) -> None:
    """No room is needed for what is only looked at."""
    try:
        os.link(source, target)
    except OSError:
        copy_flushed(source, target)
