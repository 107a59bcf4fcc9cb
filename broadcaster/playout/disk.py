"""Whether the disk on which the station lies has room, in the words of every page."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

LOW_BYTES = 2_000_000_000
"""About 5 hours of clips; with less a busy week may fill the disk."""
FULL_BYTES = 50_000_000
"""The store needs room to turn around in; with less its writes begin to fail."""
_FULL = "Ổ đĩa đầy"
FreeBytes = Callable[[Path], int]


def free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def trouble(folder: Path, free: FreeBytes = free_bytes) -> str:
    """Return what people should know about the disk under `folder`; empty while there is room."""
    try:
        left = free(folder)
    except OSError:
        return "Không xem được ổ đĩa của trạm còn trống bao nhiêu"
    if left < FULL_BYTES:
        return f"{_FULL} (còn {size_text(left)}): không lưu thêm được bản tin, nhật ký; hãy dọn ổ đĩa ngay"
    if left < LOW_BYTES:
        return f"Ổ đĩa sắp đầy: còn trống {size_text(left)}; hãy dọn bớt hoặc chuyển sang ổ lớn hơn"
    return ""


def is_full(trouble: str) -> bool:
    """Return whether what `trouble` tells is that nothing more can be kept."""
    return trouble.startswith(_FULL)


def left_text(folder: Path, free: FreeBytes = free_bytes) -> str:
    """Return how much is left, for a person; empty when it cannot be known."""
    try:
        return size_text(free(folder))
    except OSError:
        return ""


def size_text(count: int) -> str:
    """1,4 GB, 380 MB, 40 KB"""
    if count >= 1_000_000_000:
        return f"{count / 1e9:.1f} GB".replace(".", ",")
    if 0 < count < 1_000_000:
        return f"{max(1, count // 1000)} KB"
    return f"{count // 1_000_000} MB"
