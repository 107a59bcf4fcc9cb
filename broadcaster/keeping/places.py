"""Where backups lie: in the data folder, and in a second place that a person names.

The second place is a folder on another disk or a share. A mark is written into it when it is named: without
the mark the disk is not plugged in, and nothing may be written into the empty folder that it is mounted on.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path

from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Invalid, StoreError
from broadcaster.keeping.holdings import PLACE_MARK
from broadcaster.records import audit
from broadcaster.store import facts

FOLDER = "backups"
DEFAULT_HOUR = "01:30"
LONGEST_PATH = 400


@dataclass(frozen=True, slots=True)
class Wishes:
    """How backups are made."""

    hour: time
    """Of the station's clock."""
    second: str
    """Path of the second place; empty: none."""
    airchecks: bool
    """Whether what was heard is copied too."""


def first(folder: Path) -> Path:
    """Return the place under the data `folder`."""
    return folder / FOLDER


def downloads(folder: Path) -> Path:
    """Return where archives lie that are made to be taken away."""
    return first(folder) / "tai-ve"


def wishes(session: Session) -> Wishes:
    """Return what is set, or the defaults."""
    kept = facts.get(session, facts.BACKUPS, {})
    hour = time.fromisoformat(facts.get(session, facts.NIGHTLY_HOUR, DEFAULT_HOUR))
    return Wishes(hour, str(kept.get("second", "")), bool(kept.get("airchecks", False)))


def save(session: Session, actor: Actor, wanted: Wishes, now: datetime) -> None:
    """Keep what is wanted, and mark a new second place as ours.

    Raises NotPermitted, and Invalid naming the field when the second place cannot be used.
    """
    require(actor, Permission.CONFIGURE)
    before = wishes(session)
    mark = facts.get(session, facts.BACKUPS, {}).get("mark", "")
    if wanted.second and wanted.second != before.second:
        mark = _marked(wanted.second)
    kept = {"second": wanted.second, "airchecks": wanted.airchecks, "mark": mark if wanted.second else ""}
    facts.put(session, facts.BACKUPS, kept)
    facts.put(session, facts.NIGHTLY_HOUR, f"{wanted.hour:%H:%M}")
    if wanted != before:
        audit.note(
            session,
            actor,
            "backups.configured",
            "backups",
            now,
            hour=f"{wanted.hour:%H:%M}",
            second=wanted.second,
            airchecks=wanted.airchecks,
        )


def second(session: Session) -> Path | None:
    """Return the second place, None when none is named.

    Raises StoreError when it cannot be reached now.
    """
    wanted = wishes(session).second
    if not wanted:
        return None
    place = Path(wanted)
    mark = facts.get(session, facts.BACKUPS, {}).get("mark", "")
    try:
        is_ours = (place / PLACE_MARK).read_text(encoding="ascii").strip() == mark
    except (OSError, UnicodeDecodeError):
        is_ours = False
    if not is_ours:
        raise StoreError(
            f"Không thấy nơi cất thứ hai {place}; hãy cắm ổ đĩa hoặc kiểm tra mạng. Chương trình tự thử lại."
        )
    return place


def is_same_disk(place: Path, folder: Path) -> bool:
    """Return whether a place dies with the disk of the station."""
    try:
        return place.stat().st_dev == folder.stat().st_dev
    except OSError:
        return False


def _marked(text: str) -> str:
    """Return the mark that now lies in the folder `text`; one that lies there already is kept."""
    place = Path(text)
    if len(text) > LONGEST_PATH or not place.is_absolute():
        raise Invalid("Hãy ghi đường dẫn đầy đủ của thư mục, ví dụ /media/usb/sao-luu.", field="second")
    if not place.is_dir():
        raise Invalid(f"Không thấy thư mục {place}; hãy cắm ổ đĩa và tạo thư mục đó trước.", field="second")
    try:
        file = place / PLACE_MARK
        if file.exists():
            return file.read_text(encoding="ascii").strip()
        mark = secrets.token_hex(16)
        file.write_text(mark, encoding="ascii")
        os.chmod(file, 0o600)  # noqa: PTH101
        return mark
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(
            f"Không ghi được vào {place}; hãy kiểm tra quyền của thư mục.", field="second"
        ) from error
