"""Would the station outlive this machine: backups, second place, pool, seals, checks, gaps?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from broadcaster import nightly
from broadcaster.doctor.findings import Check, Finding, has_station, open_store
from broadcaster.errors import StoreError
from broadcaster.keeping import places, sets
from broadcaster.playout.disk import size_text
from broadcaster.records import nights, restorations, seals
from broadcaster.records.days import moment_words
from schedules.clock import LOCAL

LATE = timedelta(hours=36)
"""Last night's did not come about."""
SEALED_LATE = timedelta(days=2)
PAGE = "Mở trang “Lưu giữ, sao lưu”"


def _backups(folder: Path) -> Iterator[Finding]:
    if not has_station(folder):
        return
    place = places.first(folder)
    found = sets.listed(place)
    if not found:
        with open_store(folder) as store, store.read() as session:
            since = nights.since(session)
        is_new = since is None or datetime.now(UTC) - since < LATE
        words = "chưa có bản nào" + (" (trạm mới: đêm nay làm)" if is_new else "")
        yield Finding("sao lưu", is_new, words, "" if is_new else f"{PAGE}, bấm “Sao lưu ngay”.")
        return
    newest = found[0]
    is_well = datetime.now(UTC) - newest.made_at < LATE
    words = f"bản gần nhất lúc {moment_words(newest.made_at)}, {size_text(newest.size_bytes)}"
    advice = "" if is_well else f"{PAGE}, xem vì sao đêm qua không sao lưu được rồi bấm “Sao lưu ngay”."
    yield Finding("sao lưu", is_well, words, advice)
    yield from _pool(newest)


def _pool(newest: sets.BackupSet) -> Iterator[Finding]:
    """Is every file there at its length; the weekly drill reads every byte."""
    trouble = sets.check(newest, contents=False)
    advice = f"{PAGE}, bấm “Sao lưu ngay” để chép lại." if trouble else ""
    yield Finding("kho sao lưu", not trouble, trouble or f"đủ {len(newest.files)} tệp", advice)


def _second(folder: Path) -> Iterator[Finding]:
    if not has_station(folder):
        return
    with open_store(folder) as store, store.read() as session:
        try:
            place = places.second(session)
        except StoreError as error:
            yield Finding("nơi cất thứ hai", False, str(error), "Làm theo câu trên; chương trình tự thử lại.")
            return
    if place is None:
        yield Finding("nơi cất thứ hai", True, "chưa đặt: ổ đĩa này hỏng thì bản sao lưu cũng mất")
        return
    found = sets.listed(place)
    is_well = bool(found) and datetime.now(UTC) - found[0].made_at < LATE
    words = f"bản gần nhất lúc {moment_words(found[0].made_at)}" if found else f"chưa có bản nào ở {place}"
    yield Finding(
        "nơi cất thứ hai", is_well, words, "" if is_well else f"{PAGE}, bấm “Chép sang nơi thứ hai”."
    )
    if places.is_same_disk(place, folder):
        advice = f"{PAGE}, chọn một thư mục ở ổ đĩa khác."
        yield Finding("nơi cất thứ hai", False, "cùng ổ đĩa với trạm: hỏng thì mất cả hai", advice)


def _nights(folder: Path) -> Iterator[Finding]:
    """How each task of the night went the last time."""
    if not has_station(folder):
        return
    with open_store(folder) as store, store.read() as session:
        for task in nightly.TASKS:
            last = nights.last(session, task.key)
            if last is not None:
                said = f"{last.words} ({moment_words(last.ended_at)})"
                advice = (
                    "" if last.is_well else f"Làm theo câu trên, rồi thử lại: {PAGE[0].lower()}{PAGE[1:]}."
                )
                yield Finding(task.name, last.is_well, said, advice)


def _seals(folder: Path) -> Iterator[Finding]:
    if not has_station(folder):
        return
    with open_store(folder) as store, store.read() as session:
        newest = next(iter(seals.latest(session, limit=1)), None)
        since = nights.since(session)
    if newest is None:
        is_well = since is None or datetime.now(UTC) - since < SEALED_LATE
        yield Finding("niêm phong", is_well, "chưa có dấu nào", "" if is_well else "Để trạm chạy qua đêm.")
        return
    is_well = datetime.now(LOCAL).date() - newest.day <= SEALED_LATE
    words = f"dấu gần nhất ngày {newest.day:%d/%m/%Y}"
    yield Finding(
        "niêm phong", is_well, words, "" if is_well else "Để trạm chạy qua đêm, hoặc niêm phong ngay."
    )


def _gaps(folder: Path) -> Iterator[Finding]:
    if not has_station(folder):
        return
    with open_store(folder) as store, store.read() as session:
        for gap in _open_gaps(session):
            yield Finding("khoảng trống", False, gap, f"{PAGE}, xem lại rồi xác nhận.")


def _open_gaps(session: Session) -> list[str]:
    return [restorations.sentence(gap) for gap in restorations.open_ones(session)]


CHECKS: dict[str, Check] = {
    "sao lưu": _backups,
    "nơi cất thứ hai": _second,
    "việc hằng đêm": _nights,
    "niêm phong": _seals,
    "khoảng trống": _gaps,
}
