"""Taking in what the players kept: WAV to Opus, a row for it, and only then is the WAV let go.

May be killed at any moment: the Opus file is named by what it holds and written aside first, the row is one
transaction, and a WAV whose row stands already is only let go of. Files leave by the retention, no other way.
"""

from __future__ import annotations

import errno
import functools
import hashlib
import logging
import math
import re
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from audio import compare, opus
from audio.formats import BadSound
from audio.opus import Encoded, KeptSound
from broadcaster.accounts import configuring
from broadcaster.errors import StoreError
from broadcaster.newsroom import clips
from broadcaster.playout import aircheck_about, aircheck_inbox
from broadcaster.playout.aircheck_inbox import Arrived
from broadcaster.records import airchecks, removals
from broadcaster.records.airchecks import NewAircheck
from broadcaster.records.removals import Removed
from broadcaster.store import Store, facts, pulse
from broadcaster.store.models import Aircheck
from schedules.clock import LOCAL, Clock

logger = logging.getLogger(__name__)

LOOK_S = 1.0
IDLE_S = 3.0
AGAIN_S = 30.0
"""After a disk or a store that refused."""
BEAT_S = 1.0
UNREADABLE = "unreadable"
SWEPT_AT = "airchecks_swept_at"
FORGET_AFTER = timedelta(days=30)
"""A file marked as removed is looked for again for so long: the machine may have been off in between."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
NO_ROOM = "Ổ đĩa đã đầy nên chưa cất được bản lưu phát sóng; hãy dọn ổ đĩa, bản lưu sẽ được cất sau"
NOT_WRITTEN = "Chưa cất được bản lưu phát sóng; hãy kiểm tra ổ đĩa, bản lưu sẽ được cất sau"


class Stopped(Exception):
    """The station is being stopped; what is half done is done again next time."""


class Archivist:
    """Works until there has been nothing to do for a while. One per data folder."""

    def __init__(self, store: Store, clock: Clock, stop: threading.Event | None = None) -> None:
        self._store = store
        self._folder = store.folder
        self._clock = clock
        self._stop = stop or threading.Event()
        self._beaten_at = -BEAT_S
        self.trouble = ""
        """A sentence for a person while files wait that cannot be taken in."""

    def run(self) -> None:
        """Take in what waits, then remove what is past its time; end when nothing is left to do."""
        busy_at = time.monotonic()
        with suppress(Stopped):
            while not self._stop.is_set() and time.monotonic() - busy_at < IDLE_S:
                self._beat()
                if self.take_all() or self.trouble:
                    busy_at = time.monotonic()
                self._try(self.sweep)
                self._stop.wait(AGAIN_S if self.trouble else LOOK_S)

    def take_all(self) -> int:
        """Take in every file that waits; return how many went well. `trouble` says why others did not."""
        self.trouble, taken = "", 0
        for each in aircheck_inbox.arrived(self._folder):
            taken += self._try(functools.partial(self.take, each))
        return taken

    def take(self, arrived: Arrived) -> None:
        """Take in one file. Raises OSError and StoreError; the file then stays where it is."""
        try:
            sound = opus.open_kept(arrived.path)
        except BadSound as error:
            logger.error("%s is put aside: %s", arrived.path.name, error)
            self._put_aside(arrived)
            return
        if sound.frames and not self._is_known(arrived, source := sound.sha256()):
            self._keep(arrived, sound, source)
        arrived.path.unlink(missing_ok=True)

    def sweep(self) -> None:
        """Remove what is older than the retention, once a day: first said, then done."""
        now = self._clock.now()
        with self._store.read() as session:
            swept_at = facts.get(session, SWEPT_AT, "")
        if swept_at and abs(now - datetime.fromisoformat(swept_at)) < timedelta(
            seconds=aircheck_inbox.SWEEP_S
        ):
            return
        with self._store.write() as session:
            days = configuring.fact(session, facts.AIRCHECK_DAYS)
            due = airchecks.due(session, days, now)
            airchecks.note_removed(session, due, days, now)
            removals.keep(session, "airchecks", days, _sum(due), now)
            gone = [row.file for row in airchecks.removed_since(session, now - FORGET_AFTER)]
            facts.put(session, SWEPT_AT, now.isoformat())
        for file in gone:
            (self._folder / file).unlink(missing_ok=True)

    # --- one file ---

    def _keep(self, arrived: Arrived, sound: KeptSound, source_sha256: str) -> None:
        with self._store.read() as session:
            about = aircheck_about.of(session, self._folder, arrived.item, arrived.output_id)
        written_at = datetime.fromtimestamp(arrived.path.stat().st_mtime, UTC)
        target = self._folder / aircheck_inbox.FOLDER / _name(written_at, arrived, source_sha256)
        encoded = self._encode(sound, target)
        with target.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        new = NewAircheck(
            airing_id=about.airing_id,
            item=arrived.item,
            title=about.title,
            output_id=arrived.output_id,
            output=about.output,
            began_at=about.began_at(written_at, sound.seconds),
            seconds=round(encoded.seconds, 3),
            level_dbfs=round(encoded.level_dbfs, 2) if math.isfinite(encoded.level_dbfs) else None,
            likeness=self._likeness(encoded, about.clip),
            file=target.relative_to(self._folder).as_posix(),
            size_bytes=target.stat().st_size,
            sha256=sha256,
            source_sha256=source_sha256,
        )
        with self._store.write() as session:
            airchecks.add(session, new, self._clock.now())

    def _encode(self, sound: KeptSound, target: Path) -> Encoded:
        """Raises OSError; nothing half done stays."""
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_suffix(".part")
        try:
            encoded = opus.encode(sound, aside, self._beat)
            aside.replace(target)
            clips.flush_folder(target.parent)
        finally:
            aside.unlink(missing_ok=True)
        return encoded

    def _likeness(self, encoded: Encoded, clip: Path | None) -> float | None:
        """Return how much it is like the signed clip; None without one."""
        if clip is None:
            return None
        try:
            signed = opus.open_kept(clip)
        except (OSError, BadSound) as error:
            logger.warning("nothing to compare with: %s", error)
            return None
        # An alert is longer than its clip: the attention tone goes before it.
        found = compare.find_either(encoded.envelope, signed.envelope())
        return None if found is None else round(max(0.0, found.match), 3)

    def _is_known(self, arrived: Arrived, source_sha256: str) -> bool:
        with self._store.read() as session:
            row = airchecks.known(session, arrived.output_id, arrived.item, source_sha256)
        return row is not None

    def _put_aside(self, arrived: Arrived) -> None:
        aside = self._folder / aircheck_inbox.FOLDER / UNREADABLE
        aside.mkdir(parents=True, exist_ok=True)
        arrived.path.replace(aside / f"{arrived.output_id}-{time.time_ns()}-{_safe(arrived.item)}")

    # --- going on whatever happens ---

    def _try(self, work: Callable[[], None]) -> bool:
        try:
            work()
        except Stopped:
            raise
        except OSError as error:
            logger.error("not kept yet: %s", error)
            self.trouble = NO_ROOM if error.errno in FULL else NOT_WRITTEN
        except StoreError as error:
            logger.error("not kept yet: %s", error)
            self.trouble = NOT_WRITTEN
        except Exception:
            # One file that we cannot make out must not keep the others out.
            logger.exception("not kept")
            self.trouble = NOT_WRITTEN
        else:
            return True
        return False

    def _beat(self) -> None:
        """Show a sign of life. Raises Stopped: encoding an hour must not hold up the end of the station."""
        if self._stop.is_set():
            raise Stopped
        if time.monotonic() - self._beaten_at >= BEAT_S:
            self._beaten_at = time.monotonic()
            pulse.beat(self._folder, aircheck_inbox.PROCESS, trouble=self.trouble)


def _sum(rows: Iterable[Aircheck]) -> Removed:
    total = Removed()
    for row in rows:
        total = total.with_one(row.began_at, row.size_bytes)
    return total


def _name(written_at: datetime, arrived: Arrived, source_sha256: str) -> str:
    """Return where the Opus file goes, always the same for the same WAV."""
    day = written_at.astimezone(LOCAL)
    return (
        f"{day:%Y/%m/%d/%H%M%S}-{arrived.output_id}-{_safe(arrived.item)}-{source_sha256[:12]}{opus.SUFFIX}"
    )


def _safe(item: str) -> str:
    return re.sub(r"[^0-9A-Za-z-]", "_", item)[:40]
