"""Is the machine fit: room on the disk, a clock that is right, a sound card?"""

from __future__ import annotations

import ctypes
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from broadcaster.doctor.findings import Check, Finding
from broadcaster.playout import disk
from schedules.clock import LOCAL

_UNSYNCHRONISED = 5
"""What the kernel answers (TIME_ERROR of adjtimex(2)) while nothing keeps the clock right."""
_TIMEX_BYTES = 512
"""More than `struct timex` takes; all zero only asks."""


def _disk(folder: Path) -> Iterator[Finding]:
    place = folder if folder.exists() else folder.parent
    free = shutil.disk_usage(place).free
    is_well = free >= disk.LOW_BYTES
    advice = "" if is_well else "Dọn bớt tệp trên ổ đĩa này hoặc chuyển thư mục dữ liệu sang ổ lớn hơn."
    yield Finding("ổ đĩa", is_well, f"còn trống {free / 1e9:.1f} GB".replace(".", ","), advice)


def _clock(_: Path) -> Iterator[Finding]:
    """A station without network is no fault, but somebody must look at its clock now and then."""
    synchronised = is_synchronised()
    if synchronised is None:
        return
    if synchronised:
        yield Finding("đồng hồ", True, "được chỉnh theo mạng")
    else:
        yield Finding("đồng hồ", True, "không được chỉnh theo mạng: hãy so với giờ chuẩn mỗi tuần")


def is_synchronised() -> bool | None:
    """Return whether the kernel knows its clock to be right; None where it cannot be asked."""
    if sys.platform != "linux":
        return None
    with suppress(OSError, AttributeError):
        answer = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES))
        return None if answer < 0 else answer != _UNSYNCHRONISED
    return None


def _time_zone(_: Path) -> Iterator[Finding]:
    """The station keeps its own; another one on the machine misleads who looks at files and logs."""
    now = datetime.now(UTC)
    if now.astimezone().utcoffset() == now.astimezone(LOCAL).utcoffset():
        yield Finding("múi giờ", True, "giờ Việt Nam")
    else:
        offset = f"{now.astimezone():%z}"
        yield Finding("múi giờ", True, f"máy đặt {offset[:3]}:{offset[3:]}; trạm vẫn dùng giờ Việt Nam")


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


CHECKS: dict[str, Check] = {
    "ổ đĩa": _disk,
    "đồng hồ": _clock,
    "múi giờ": _time_zone,
    "card âm thanh": _sound,
}
