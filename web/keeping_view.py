"""What the page about backups and keeping shows, put together from the disk and the store."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from broadcaster import nightly
from broadcaster.errors import StoreError
from broadcaster.keeping import places, sets
from broadcaster.playout import nightly_call
from broadcaster.playout.disk import left_text, size_text
from broadcaster.records import nights
from web.context import now, reading, ward

LATE = timedelta(hours=36)
"""A good backup that is older than this: last night's failed."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One backup as a person sees it."""

    name: str
    made_at: datetime
    size: str
    where: str
    damaged: int
    """Files of the station that could not be copied."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where backups lie."""

    name: str
    path: str
    trouble: str
    left: str
    newest: datetime | None
    is_same_disk: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """One task of the night, and how it went the last time."""

    key: str
    name: str
    is_waiting: bool
    """Asked for, and not done yet."""
    is_well: bool | None
    ended_at: datetime | None
    words: str


@dataclass(frozen=True, slots=True)
class Download:
    name: str
    size: str
    made_at: datetime


def copies() -> tuple[list[Place], list[Copy]]:
    """Return the places, and all that lies in them, newest first."""
    folder = ward().store.folder
    first = places.first(folder)
    found = [(Place("Trong máy này", str(first), "", left_text(folder), _newest(first)), first)]
    wanted = places.wishes(reading()).second
    if wanted:
        trouble = ""
        try:
            second = places.second(reading())
        except StoreError as error:
            second, trouble = None, str(error)
        place = second or Path(wanted)
        found.append(
            (
                Place(
                    "Nơi cất thứ hai",
                    wanted,
                    trouble,
                    "" if trouble else left_text(place),
                    None if trouble else _newest(place),
                    is_same_disk=not trouble and places.is_same_disk(place, folder),
                ),
                place,
            )
        )
    made = [
        _copy(each, place.name) for place, path in found if not place.trouble for each in sets.listed(path)
    ]
    return [place for place, _ in found], sorted(made, key=lambda each: each.made_at, reverse=True)


def jobs() -> list[Job]:
    """Return the tasks of the night in their order."""
    asked = nightly_call.asked(ward().store.folder)
    found = []
    for task in nightly.TASKS:
        last = nights.last(reading(), task.key)
        found.append(
            Job(
                task.key,
                task.name,
                task.key in asked,
                last.is_well if last else None,
                last.ended_at if last else None,
                last.words if last else "",
            )
        )
    return found


def is_late(found: list[Place]) -> bool:
    """Return whether the newest backup in this machine is too old, or there is none."""
    newest = found[0].newest
    return newest is None or now() - newest > LATE


def downloads() -> list[Download]:
    """Return the archives that were made to be taken away."""
    found = sorted(places.downloads(ward().store.folder).glob("ward-station-*.zip"), reverse=True)
    return [
        Download(
            file.name,
            size_text(file.stat().st_size),
            datetime.fromtimestamp(file.stat().st_mtime, now().tzinfo),
        )
        for file in found
    ]


def _copy(backup: sets.BackupSet, where: str) -> Copy:
    return Copy(backup.name, backup.made_at, size_text(backup.size_bytes), where, len(backup.damaged))


def _newest(place: Path) -> datetime | None:
    found = sets.listed(place)
    return found[0].made_at if found else None
