"""Making clips of what people sent: `python -m broadcaster.newsroom.recordings_worker --data DIR [--stay]`.

Started by the renderer when there is something to do. Takes one file at a time and has a decode process open
it, which it kills when that does not get on. It may be killed itself at any moment: the lease runs out and
its successor begins anew.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from audio.decode_link import DecodeJob, DecodeLink, Died, Made, Refusal, State, Working
from broadcaster import lifeline, logs
from broadcaster.errors import Invalid, StoreError
from broadcaster.newsroom import clips, recordings_files, recordings_queue, recordings_retention
from broadcaster.newsroom.recordings_queue import Work
from broadcaster.settings import Settings, load
from broadcaster.store import pulse
from broadcaster.store.db import Store

NAME = "recordings_worker"
LOOK_EVERY_S = 0.2
LOOK_ANYWAY_EVERY_S = 5.0
BEAT_EVERY_S = 1.0
IDLE_S = 20.0
REPORT_EVERY_S = 1.0
STUCK_S = 60.0
"""A decode process that gets no further in this time is killed; half a second of work is 1 % of an hour."""
LONGEST_WORK_S = 3600.0
AFTER_STORE_ERROR_S = 2.0
CLEAN_EVERY_S = 3600.0

NO_ROOM = "Không cất được bản thu lên ổ đĩa; hãy kiểm tra ổ đĩa còn trống rồi bấm “Xử lý lại”."
GONE = "Tệp gốc không còn trong máy; hãy gửi lại tệp."
logger = logging.getLogger(__name__)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Worker:
    """Takes work and sees it through, one at a time."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        now: Callable[[], datetime] = _utc_now,
        stop: threading.Event | None = None,
    ) -> None:
        self._store = store
        self._settings = settings
        self._now = now
        self._stop = stop or threading.Event()
        self._busy_at = time.monotonic()
        self._beaten_at = -BEAT_EVERY_S

    def run(self, *, stay: bool = False) -> None:
        """Work until told to stop or, unless we `stay`, until there was nothing to do for `IDLE_S`."""
        changes = self._store.changes()
        looked_at, cleaned_at = -LOOK_ANYWAY_EVERY_S, -CLEAN_EVERY_S
        try:
            while not self._stop.is_set() and (stay or time.monotonic() - self._busy_at < IDLE_S):
                self._beat("waiting")
                if changes.has_changed() or time.monotonic() - looked_at > LOOK_ANYWAY_EVERY_S:
                    self._do_all()
                    looked_at = time.monotonic()
                if time.monotonic() - cleaned_at > CLEAN_EVERY_S:
                    self.clean()
                    cleaned_at = time.monotonic()
                self._stop.wait(LOOK_EVERY_S)
        finally:
            changes.close()

    def clean(self) -> None:
        """Delete the files that nobody needs any more."""
        with self._store.read() as session:
            old = recordings_retention.forget_old(
                session, self._settings.folder, self._settings.keep_uploads_days, self._now()
            )
        if old:
            logger.info("%s files as sent were deleted, their time being over", len(old))

    def _do_all(self) -> None:
        try:
            while not self._stop.is_set() and self.do_one():
                pass
        except StoreError:
            logger.exception("the store refused; the work stays ours until its lease runs out")
            self._stop.wait(AFTER_STORE_ERROR_S)

    def do_one(self) -> bool:
        """Take one piece of work and end it one way or the other; False when there was none."""
        with self._store.read() as session:
            if not recordings_queue.is_waiting(session, self._now()):
                return False
        with self._store.write() as session:
            work = recordings_queue.take(session, self._now())
        if work is None:
            return False
        incoming = self._settings.folder / recordings_files.FOLDER / "incoming"
        incoming.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=incoming, ignore_cleanup_errors=True) as aside:
            self._conclude(work, self._made(work, Path(aside)), Path(aside))
        self._busy_at = time.monotonic()
        return True

    def _made(self, work: Work, aside: Path) -> State:
        """Return how the decode process ended it; Working when we were told to stop or lost the work."""
        folder = self._settings.folder
        job = self._job(work, aside / "clip.wav")
        if not (Path(job.source).exists() or Path(job.sound).exists()):
            return Refusal(GONE)
        try:
            recordings_files.require_room(folder, 0)
        except Invalid:
            return Refusal(NO_ROOM)
        link = DecodeLink(job, aside)
        try:
            return self._followed(work, link)
        finally:
            link.kill()
            with suppress(OSError):
                Path(f"{job.sound}.part").unlink(missing_ok=True)

    def _followed(self, work: Work, link: DecodeLink) -> State:
        done, moved_at = 0.0, time.monotonic()
        begun_at = reported_at = moved_at
        while not self._stop.is_set():
            state = link.look(LOOK_EVERY_S)
            self._beat("working", recording=work.recording_id, done=done)
            if not isinstance(state, Working):
                return state
            now = time.monotonic()
            if state.done > done:
                done, moved_at = state.done, now
            if now - moved_at > STUCK_S or now - begun_at > LONGEST_WORK_S:
                logger.error("recording %s gets no further; its process is killed", work.recording_id)
                return Died(-1)
            if now - reported_at >= REPORT_EVERY_S:
                if not self._report(work, done):
                    break
                reported_at = now
        return Working(done)

    def _job(self, work: Work, clip: Path) -> DecodeJob:
        folder = self._settings.folder.absolute()
        return DecodeJob(
            name=work.name,
            source=str(recordings_files.path_of(folder, work.file_sha256)),
            sound=str(recordings_files.sound_of(folder, work.file_sha256)),
            clip=str(clip.absolute()),
            from_s=work.from_s,
            to_s=work.to_s,
            target_lufs=work.target_lufs,
            is_music=work.is_music,
            longest_s=self._settings.longest_recording_min * 60.0,
        )

    def _report(self, work: Work, done: float) -> bool:
        with self._store.write() as session:
            return recordings_queue.report(session, work, done, self._now())

    def _conclude(self, work: Work, state: State, aside: Path) -> None:
        match state:
            case Made():
                self._publish(work, state, aside / "clip.wav")
            case Refusal(text=text):
                self._refuse(work, text)
            case Died() if work.is_last_attempt:
                self._refuse(work, recordings_queue.stopped_too_often(work.name))
            case _:
                with self._store.write() as session:
                    recordings_queue.hand_back(session, work)

    def _refuse(self, work: Work, sentence: str) -> None:
        logger.warning("recording %s cannot be taken: %s", work.recording_id, sentence)
        with self._store.write() as session:
            recordings_queue.refuse(session, work, sentence, self._now())

    def _publish(self, work: Work, made: Made, wav: Path) -> None:
        try:
            sha256 = self._kept(work, wav)
        except OSError:
            logger.exception("the clip of recording %s cannot be kept", work.recording_id)
            self._refuse(work, NO_ROOM)
            return
        with self._store.write() as session:
            if not recordings_queue.publish(session, work, made, sha256, self._now()):
                logger.warning("recording %s was finished by another", work.recording_id)

    def _kept(self, work: Work, wav: Path) -> str:
        """Put the clip into the store of sound; hours of it take a slow disk longer than we may be silent."""
        with ThreadPoolExecutor(1) as pool:
            keeping = pool.submit(clips.keep, self._settings.folder, wav)
            while not wait([keeping], REPORT_EVERY_S).done:
                self._beat("keeping", recording=work.recording_id)
                self._report(work, 1.0)
            return keeping.result()

    def _beat(self, doing: str, **detail: object) -> None:
        if time.monotonic() - self._beaten_at >= BEAT_EVERY_S:
            self._beaten_at = time.monotonic()
            pulse.beat(self._settings.folder, NAME, doing=doing, **detail)


def main() -> int:
    parser = argparse.ArgumentParser(prog=f"broadcaster.newsroom.{NAME}")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--stay", action="store_true", help="do not end when there is nothing to do")
    options = parser.parse_args()
    settings = load(options.data)
    logs.set_up(settings.folder, NAME, settings.log_level)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    lifeline.hold(stop)
    store = Store(settings.folder, settings.database_url)
    try:
        Worker(store, settings, stop=stop).run(stay=options.stay)
    finally:
        store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
