"""What is wrong with this station, and what to do: one finding for each thing that can be."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from broadcaster import settings
from broadcaster.errors import BroadcasterError
from broadcaster.playout import disk
from broadcaster.records import chain
from broadcaster.store import Store, pulse
from broadcaster.store.db import quick_check

if TYPE_CHECKING:
    from broadcaster.newsroom.voice_list import Engine

Check = Callable[[Path], Iterator["Finding"]]
PROCESSES = {"station": "bộ phát", "renderer": "bộ đọc", "web": "trang web"}
LATE_S = 15.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `advice` is empty when it is well."""

    name: str
    is_well: bool
    words: str
    advice: str = ""


def examine(folder: Path) -> list[Finding]:
    """Look at everything without changing anything; a check that cannot run is a finding too."""
    return [finding for name, check in CHECKS.items() for finding in _guarded(name, check, folder)]


def as_text(findings: list[Finding]) -> str:
    lines = []
    for finding in findings:
        lines.append(f"{'ổn ' if finding.is_well else 'HỎNG'}  {finding.name}: {finding.words}")
        if finding.advice:
            lines.append(f"      → {finding.advice}")
    return "\n".join(lines)


def as_json(findings: list[Finding]) -> str:
    return json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=1)


def _guarded(name: str, check: Check, folder: Path) -> list[Finding]:
    try:
        return list(check(folder))
    except (BroadcasterError, OSError) as error:
        return [Finding(name, False, str(error), "Xem câu báo lỗi và sửa theo đó.")]


def _settings(folder: Path) -> Iterator[Finding]:
    settings.load(folder)
    yield Finding("cài đặt", True, f"đọc được ({folder})")


def _database(folder: Path) -> Iterator[Finding]:
    yield Finding("SQLite", True, f"phiên bản {sqlite3.sqlite_version}")
    if not _has_station(folder):
        yield Finding("dữ liệu", False, "chưa có trạm trong thư mục này", "Chạy: broadcaster run")
        return
    with _open(folder) as store:
        damage = quick_check(store)
    advice = "Dừng trạm rồi khôi phục bản sao lưu: broadcaster restore TỆP" if damage else ""
    yield Finding("dữ liệu", damage is None, damage or "tệp dữ liệu nguyên vẹn", advice)


def _chains(folder: Path) -> Iterator[Finding]:
    if not _has_station(folder):
        return
    with _open(folder) as store, store.read() as session:
        breaks = chain.verify(session)
    for each in breaks:
        yield Finding(
            "nhật ký", False, each.sentence, "Giữ nguyên tệp, đối chiếu với bản sao lưu và báo cáo."
        )
    if not breaks:
        yield Finding("nhật ký", True, "chuỗi nhật ký toàn vẹn")


def _disk(folder: Path) -> Iterator[Finding]:
    place = folder if folder.exists() else folder.parent
    free = shutil.disk_usage(place).free
    is_well = free >= disk.LOW_BYTES
    advice = "" if is_well else "Dọn bớt tệp trên ổ đĩa này hoặc chuyển thư mục dữ liệu sang ổ lớn hơn."
    yield Finding("ổ đĩa", is_well, f"còn trống {free / 1e9:.1f} GB".replace(".", ","), advice)


def _secret(folder: Path) -> Iterator[Finding]:
    key = folder / settings.SECRET_FILE
    if not key.exists() or os.name != "posix":
        return
    is_well = key.stat().st_mode & 0o077 == 0
    advice = "" if is_well else f"Chạy: chmod 600 {key}"
    yield Finding("khóa phiên", is_well, "chỉ chủ tệp đọc được" if is_well else "người khác đọc được", advice)


def _voices(folder: Path) -> Iterator[Finding]:
    """The engines of the settings; one that cannot speak is no fault while another can."""
    from audio.speech import engines  # noqa: PLC0415 - only here
    from audio.speech.engine import SpeechError  # noqa: PLC0415
    from broadcaster.newsroom import voice_list  # noqa: PLC0415

    chosen = settings.load(folder).engines
    try:
        engines.require_known(chosen, folder)
    except SpeechError as error:
        yield Finding("giọng đọc", False, str(error), f"Sửa mục “engines” trong {folder / 'settings.toml'}.")
        return
    for engine in voice_list.offered(folder, chosen):
        words = f"{engine.title}: {engine.wrong or f'sẵn sàng, {len(engine.voices)} giọng'}"
        yield Finding("giọng đọc", not engine.wrong, words, _advice(engine))
    for wrong in voice_list.broken_own(folder):
        yield Finding("giọng của đài", False, wrong, "Sửa tệp giọng rồi thử lại bằng: broadcaster voices")


def _advice(engine: Engine) -> str:
    if not engine.wrong:
        return ""
    if engine.name == "espeak":
        return "Cài lại chương trình bằng: make run"
    return "Làm theo câu trên, hoặc bỏ bộ đọc này khỏi mục “engines”; bản tin do bộ đọc kế tiếp đọc."


def _keys(folder: Path) -> Iterator[Finding]:
    """The file with keys to speech services, if there is one: nobody else may read it."""
    from audio.speech.services import KEYS_FILE  # noqa: PLC0415 - only here

    file = folder / KEYS_FILE
    if not file.exists() or os.name != "posix":
        return
    is_well = file.stat().st_mode & 0o077 == 0
    words = "chỉ chủ tệp đọc được" if is_well else "người khác đọc được"
    yield Finding("khóa giọng đọc", is_well, words, "" if is_well else f"Chạy: chmod 600 {file}")


def _orders(folder: Path) -> Iterator[Finding]:
    """Look at the prepared orders with their clips, as the station does every hour."""
    from broadcaster.playout import alert_orders  # noqa: PLC0415 - only here

    if not _has_station(folder):
        return
    with _open(folder) as store:
        count, broken = alert_orders.report(store, datetime.now(UTC))
    for words in broken:
        yield Finding("lệnh soạn sẵn", False, words, "Mở trang Khẩn cấp, bấm “Sửa” ở lệnh này.")
    if count and not broken:
        yield Finding("lệnh soạn sẵn", True, f"{count} lệnh sẵn sàng")


def _sound(_: Path) -> Iterator[Finding]:
    from broadcaster.playout import sound_cards  # noqa: PLC0415 - only here

    cards = sound_cards.names()
    if cards:
        yield Finding("card âm thanh", True, ", ".join(cards))
    else:
        yield Finding(
            "card âm thanh",
            False,
            "không thấy card nào: âm thanh chỉ ghi ra tệp (không ra loa)",
            "Cắm loa hoặc card âm thanh, kiểm tra dịch vụ âm thanh của máy, rồi khởi động lại trạm.",
        )


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


def _has_station(folder: Path) -> bool:
    return bool(settings.load(folder).database_url) or (folder / "station.db").exists()


def _open(folder: Path) -> closing[Store]:
    return closing(Store(folder, settings.load(folder).database_url))


CHECKS: dict[str, Check] = {
    "cài đặt": _settings,
    "dữ liệu": _database,
    "nhật ký": _chains,
    "ổ đĩa": _disk,
    "khóa phiên": _secret,
    "giọng đọc": _voices,
    "khóa giọng đọc": _keys,
    "card âm thanh": _sound,
    "lệnh soạn sẵn": _orders,
    "tiến trình": _processes,
    "máy khác": _lan,
}
"""In the order in which they are told; the name stands for a check that could not run."""
