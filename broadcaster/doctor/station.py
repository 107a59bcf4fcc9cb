"""Does the station itself work: settings, tables, chains, prepared orders, processes, the door for others?"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from broadcaster import settings
from broadcaster.doctor.findings import Check, Finding, has_station, open_store
from broadcaster.records import chain
from broadcaster.store import pulse
from broadcaster.store.db import quick_check
from broadcaster.store.migrate import newest_revision, present_revision

PROCESSES = {"station": "bộ phát", "renderer": "bộ đọc", "web": "trang web"}
LATE_S = 15.0


def _settings(folder: Path) -> Iterator[Finding]:
    settings.load(folder)
    yield Finding("cài đặt", True, f"đọc được ({folder})")


def _database(folder: Path) -> Iterator[Finding]:
    yield Finding("SQLite", True, f"phiên bản {sqlite3.sqlite_version}")
    if not has_station(folder):
        yield Finding("dữ liệu", False, "chưa có trạm trong thư mục này", "Chạy: broadcaster run")
        return
    with open_store(folder) as store:
        damage = quick_check(store)
    advice = "Dừng trạm rồi khôi phục bản sao lưu: broadcaster restore TỆP" if damage else ""
    yield Finding("dữ liệu", damage is None, damage or "tệp dữ liệu nguyên vẹn", advice)


def _tables(folder: Path) -> Iterator[Finding]:
    if not has_station(folder):
        return
    with open_store(folder) as store:
        present, newest = present_revision(store), newest_revision()
    if present == newest:
        yield Finding("bảng dữ liệu", True, f"đúng phiên bản {newest}")
    elif present > newest:
        advice = "Cài lại bản chương trình mới hơn, đúng bản đã chạy trạm này."
        yield Finding("bảng dữ liệu", False, f"phiên bản {present}, mới hơn chương trình ({newest})", advice)
    else:
        yield Finding(
            "bảng dữ liệu", False, f"còn ở phiên bản {present or 0}", "Chạy trạm một lần: broadcaster run"
        )


def _chains(folder: Path) -> Iterator[Finding]:
    if not has_station(folder):
        return
    with open_store(folder) as store, store.read() as session:
        breaks = chain.verify(session)
    for each in breaks:
        yield Finding(
            "nhật ký", False, each.sentence, "Giữ nguyên tệp, đối chiếu với bản sao lưu và báo cáo."
        )
    if not breaks:
        yield Finding("nhật ký", True, "chuỗi nhật ký toàn vẹn")


def _orders(folder: Path) -> Iterator[Finding]:
    """Look at the prepared orders with their clips, as the station does every hour."""
    from broadcaster.playout import alert_orders  # noqa: PLC0415 - only here

    if not has_station(folder):
        return
    with open_store(folder) as store:
        count, broken = alert_orders.report(store, datetime.now(UTC))
    for words in broken:
        yield Finding("lệnh soạn sẵn", False, words, "Mở trang Khẩn cấp, bấm “Sửa” ở lệnh này.")
    if count and not broken:
        yield Finding("lệnh soạn sẵn", True, f"{count} lệnh sẵn sàng")


def _processes(folder: Path) -> Iterator[Finding]:
    for name, words in PROCESSES.items():
        beat = pulse.read(folder, name)
        if beat is None:
            continue
        is_well = abs(beat.age_s) < LATE_S
        said = "đang chạy" if is_well else f"không có dấu hiệu sống từ {beat.age_s:.0f} giây trước"
        yield Finding(words, is_well, said, "" if is_well else "Khởi động lại trạm: broadcaster run")


def _lan(folder: Path) -> Iterator[Finding]:
    """What keeps other machines out although somebody wants them in; well when nobody does."""
    beat = pulse.read(folder, "web")
    if beat is None or not (beat.detail.get("lan") or beat.detail.get("lan_fault")):
        return
    fault = str(beat.detail.get("lan_fault") or "")
    advice = "Xem trang Kết nối an toàn." if fault else ""
    yield Finding("máy khác", not fault, fault or "mở được trang bằng kết nối an toàn", advice)


CHECKS: dict[str, Check] = {
    "cài đặt": _settings,
    "dữ liệu": _database,
    "bảng dữ liệu": _tables,
    "nhật ký": _chains,
    "lệnh soạn sẵn": _orders,
    "tiến trình": _processes,
    "máy khác": _lan,
}
