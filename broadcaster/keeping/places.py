"""Where backups lie: in the data folder, and in a second place that a person names.

The second place is a folder on another disk or a share. A mark is written into it when it is named: without
the mark the disk is not plugged in, and nothing may be written into the empty folder that it is mounted on.
The mark is signed by the station's key, for copies hold that key too: who can write to the database alone
cannot have the station copied into a folder of his own.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path

from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Invalid, StoreError
from broadcaster.keeping.holdings import PLACE_MARK
from broadcaster.playout import key_notices, notify
from broadcaster.records import audit
from broadcaster.store import facts, start_list, station_key
from broadcaster.store.db import FOLDER as FOLDER_OF

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
    """Keep what is wanted, and mark the second place as ours; one that is out of reach stays as it was.

    Raises NotPermitted, and Invalid naming the field when the second place cannot be used.
    """
    require(actor, Permission.CONFIGURE)
    before = wishes(session)
    _name_second(session, actor, before.second, wanted.second, now)
    facts.put(session, facts.BACKUPS, {"second": wanted.second, "airchecks": wanted.airchecks})
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
    if _is_ours(session, place):
        return place
    if _has_mark(place):
        raise StoreError(
            f"Chưa ai xác nhận {place} là nơi cất thứ hai của trạm này; nếu đúng, hãy mở trang “Lưu giữ, sao "
            "lưu” và lưu lại."
        )
    raise StoreError(
        f"Không thấy nơi cất thứ hai {place}; hãy cắm ổ đĩa hoặc kiểm tra mạng. Chương trình tự thử lại."
    )


def note_download(session: Session, actor: Actor, name: str, now: datetime) -> None:
    """Write down, and tell people, that somebody takes a whole station away."""
    audit.note(session, actor, "backup.downloaded", "backups", now, file=name)
    words = f"{actor.name} đã tải về tệp {name}, trong đó có cả khóa của trạm. {key_notices.ASK}."
    notify.tell(session, "keeping", words, now)


def is_same_disk(place: Path, folder: Path) -> bool:
    """Return whether a place dies with the disk of the station."""
    try:
        return place.stat().st_dev == folder.stat().st_dev
    except OSError:
        return False


def _name_second(session: Session, actor: Actor, before: str, wanted: str, now: datetime) -> None:
    """Mark the second place, and tell people when it was not marked before: the station's keys go there."""
    if not wanted or (wanted == before and not _is_folder(Path(wanted))):
        return
    _require_usable(session, wanted)
    place = Path(wanted)
    is_known = wanted == before and _is_ours(session, place)
    _write_mark(session, place)
    if not is_known:
        words = (
            f"{actor.name} đã đặt {place} làm nơi cất thứ hai: bản sao lưu ở đó có cả khóa của trạm. "
            f"{key_notices.ASK}."
        )
        notify.tell(session, "keeping", words, now)


def _require_usable(session: Session, text: str) -> None:
    place = Path(text)
    if len(text) > LONGEST_PATH or not place.is_absolute():
        raise Invalid("Hãy ghi đường dẫn đầy đủ của thư mục, ví dụ /media/usb/sao-luu.", field="second")
    if not _is_folder(place):
        raise Invalid(f"Không thấy thư mục {place}; hãy cắm ổ đĩa và tạo thư mục đó trước.", field="second")
    if place.resolve().is_relative_to(session.info[FOLDER_OF].resolve()):
        raise Invalid(
            f"{place} nằm trong thư mục dữ liệu của trạm; hãy chọn một thư mục ở ổ đĩa khác.", field="second"
        )


def _write_mark(session: Session, place: Path) -> None:
    try:
        file = place / PLACE_MARK
        file.write_text(station_key.of_session(session).sign(_said(place)).hex(), encoding="ascii")
        os.chmod(file, 0o600)  # noqa: PTH101
    except OSError as error:
        raise Invalid(
            f"Không ghi được vào {place}; hãy kiểm tra quyền của thư mục.", field="second"
        ) from error


def _is_ours(session: Session, place: Path) -> bool:
    """Return whether the mark that lies there is this station's own, for this very path."""
    try:
        mark = bytes.fromhex((place / PLACE_MARK).read_text(encoding="ascii"))
    except (OSError, ValueError):
        return False
    return station_key.of_session(session).vouches(mark, _said(place))


def _said(place: Path) -> bytes:
    return start_list.canonical({"what": "second place of backups", "path": str(place)})


def _has_mark(place: Path) -> bool:
    try:
        return (place / PLACE_MARK).is_file()
    except OSError:
        return False


def _is_folder(place: Path) -> bool:
    try:
        return place.is_dir()
    except OSError:
        return False
