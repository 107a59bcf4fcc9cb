"""What is done at night to keep the station: each returns what was done, or raises saying why it was not."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from broadcaster.errors import StoreError
from broadcaster.keeping import drill, making, places, sets
from broadcaster.newsroom import approval_check
from broadcaster.playout import aircheck_files
from broadcaster.records import integrity
from broadcaster.store import Store, station_key

DOWNLOAD_LASTS = timedelta(hours=20)
"""So that it is gone the next night."""


def back_up(store: Store, now: datetime) -> str:
    """Make a set in the first place. Raises StoreError, also when files of the station are damaged."""
    with store.read() as session:
        wanted = places.wishes(session)
    _forget_downloads(store, now)
    made = making.make(store, places.first(store.folder), now, airchecks=wanted.airchecks)
    if made.backup.damaged:
        raise StoreError(
            f"{made.words} Nhưng {len(made.backup.damaged)} tệp của trạm bị hỏng nên không sao lưu được, "
            f"ví dụ {made.backup.damaged[0]}; hãy khôi phục tệp đó từ bản sao lưu cũ hoặc tạo lại bản thu."
        )
    return made.words


def bring_elsewhere(store: Store, now: datetime) -> str:
    """Bring the newest set to the second place. Raises StoreError when that is out of reach or full."""
    with store.read() as session:
        place = places.second(session)
    if place is None:
        return "Chưa đặt nơi cất thứ hai."
    newest = next(iter(sets.listed(places.first(store.folder))), None)
    if newest is None:
        raise StoreError("Chưa có bản sao lưu nào để chép sang nơi cất thứ hai.")
    if any(each.made_at == newest.made_at for each in sets.listed(place)):
        return "Nơi cất thứ hai đã có bản sao lưu mới nhất."
    return making.mirror(newest, place).words


def try_restore(store: Store, now: datetime) -> str:
    """Try to restore the newest set of each place."""
    told = _rehearse(places.first(store.folder), now)
    with store.read() as session:
        second = places.second(session)
    if second is None:
        return told
    if not sets.listed(second):
        return f"{told} Nơi cất thứ hai chưa có bản nào để thử; hãy bấm “Chép sang nơi thứ hai”."
    return f"{told} {_rehearse(second, now)}"


def _rehearse(place: Path, now: datetime) -> str:
    drill.sweep(place)
    return drill.rehearse(place, now)


def verify(store: Store, now: datetime) -> str:
    """Walk every chain to its end, ask every approval, read what was heard.

    Raises StoreError naming what is broken.
    """
    with store.read() as session:
        seen = integrity.examine(session, station_key.of(store.folder).public, store.folder)
        wrong = [*integrity.sentences(session, seen), *approval_check.broken(session)]
    with store.read() as session:
        files = aircheck_files.examine(session, store.folder)
    if wrong or files.wrong:
        raise StoreError(" ".join([*wrong, *files.wrong]))
    return " ".join(["Nhật ký toàn vẹn.", *files.notes])


def _forget_downloads(store: Store, now: datetime) -> None:
    """An archive holds every secret of the station: it is not left lying about."""
    for file in places.downloads(store.folder).glob("*.zip"):
        with suppress(OSError):
            if now.timestamp() - file.stat().st_mtime > DOWNLOAD_LASTS.total_seconds():
                file.unlink()
