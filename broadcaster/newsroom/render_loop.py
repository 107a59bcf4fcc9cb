"""Making clips: takes what is asked for, has a studio process speak and master it, publishes the clip.

It may be killed at any moment: the lease runs out and its successor begins anew.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from audio.speech import engines
from audio.speech.engine import SpeechError, Transient
from audio.studio_link import AFTER_FULL_DISK_S, Failed, Job, Made, Progress, StudioLink
from broadcaster.errors import StoreError
from broadcaster.newsroom import clips, loudness, render_queue, rendering
from broadcaster.newsroom.render_queue import NewClip, Work
from broadcaster.settings import Settings
from broadcaster.store import pulse
from broadcaster.store.db import Store

NAME = "render_work"
LOOK_EVERY_S = 0.05
LOOK_ANYWAY_EVERY_S = 5.0
"""Leases run out without a commit that would wake us."""
BEAT_EVERY_S = 1.0
IDLE_S = 30.0
REPORT_EVERY_S = 0.2
RENEW_EVERY_S = 3.0
SILENT_STUDIO_S = 150.0
"""Longer than the longest sentence may take with the slowest engine."""
LEFT_BEHIND_AFTER_S = 3600.0
AFTER_STORE_ERROR_S = 2.0

NO_ROOM = "Không cất được bản thu lên ổ đĩa; hãy xem ổ đĩa của trạm còn chỗ trống không."
TRIED_AGAIN = "Máy sẽ tự thu lại."
logger = logging.getLogger(__name__)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Renderer:
    """Takes work and sees it through, one at a time."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        now: Callable[[], datetime] = _utc_now,
        stop: threading.Event | None = None,
        studio: StudioLink | None = None,
    ) -> None:
        """`studio` may have been started while this was still being loaded."""
        self._store = store
        self._settings = settings
        self._now = now
        self._stop = stop or threading.Event()
        self._studio = studio
        self._busy_at = time.monotonic()
        self._beaten_at = -BEAT_EVERY_S
        self._memory = settings.folder / "cache"

    def announce(self) -> None:
        """Note engines and loudness in force: words asked for under other ones are rendered anew."""
        _sweep(self._settings.folder / "clips" / "incoming")
        with self._store.write() as session:
            rendering.note_setup(session, self._settings.engines, self._settings.target_lufs)

    def run(self, *, stay: bool = False) -> None:
        """Work until told to stop or, unless we `stay`, until there was nothing to do for `IDLE_S`."""
        changes = self._store.changes()
        looked_at = -LOOK_ANYWAY_EVERY_S
        try:
            while not self._stop.is_set() and not (self._is_idle() and not stay):
                self._beat("waiting")
                if changes.has_changed() or time.monotonic() - looked_at > LOOK_ANYWAY_EVERY_S:
                    self._do_all()
                    looked_at = time.monotonic()
                if self._is_idle():
                    self._drop_studio()
                self._stop.wait(LOOK_EVERY_S)
        finally:
            changes.close()
            self._drop_studio()

    def _is_idle(self) -> bool:
        return time.monotonic() - self._busy_at > IDLE_S

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
            if not render_queue.is_work_waiting(session, self._now()):
                return False
        with self._store.write() as session:
            work = render_queue.take(session, self._now())
        if work is None:
            return False
        self._busy_at = time.monotonic()
        self._see_through(work)
        self._busy_at = time.monotonic()
        return True

    def _see_through(self, work: Work) -> None:
        incoming = self._settings.folder / "clips" / "incoming"
        try:
            incoming.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=incoming, ignore_cleanup_errors=True) as aside:
                self._make_and_publish(work, Path(aside) / "clip.wav")
        except OSError:
            logger.exception("the clip of rendering %s cannot be kept", work.rendering_id)
            self._give_up(work, Failed(NO_ROOM, is_lasting=False, retry_after_s=AFTER_FULL_DISK_S))

    def _make_and_publish(self, work: Work, wav: Path) -> None:
        """Raises OSError when there is no room for the clip."""
        try:
            outcome = self._make(work, wav)
        except SpeechError as error:
            self._drop_studio()
            outcome = Failed(str(error), is_lasting=not isinstance(error, Transient))
        if outcome is None:
            self._drop_studio()
            self._hand_back(work)
        elif isinstance(outcome, Failed):
            self._give_up(work, outcome)
        else:
            self._publish(work, outcome, wav)

    def _make(self, work: Work, wav: Path) -> Made | Failed | None:
        """Return how the studio ended it; None when the work is no longer ours. Raises SpeechError."""
        studio = self._ready_studio()
        studio.begin(self._job(work, wav))
        done = reported = 0
        reported_at = heard_at = time.monotonic()
        while not self._stop.is_set():
            word = studio.next_word(REPORT_EVERY_S)
            self._beat("working", rendering=work.rendering_id, done=done, total=len(work.lines))
            now = time.monotonic()
            if isinstance(word, Made | Failed):
                return word
            if isinstance(word, Progress):
                done, heard_at = word.done, now
            if now - heard_at > SILENT_STUDIO_S:
                raise Transient("Tiến trình thu âm không trả lời; sẽ được mở lại.")
            if now - reported_at >= (REPORT_EVERY_S if done != reported else RENEW_EVERY_S):
                if not self._report(work, done):
                    return None
                reported, reported_at = done, now
        return None

    def _report(self, work: Work, done: int) -> bool:
        with self._store.write() as session:
            return render_queue.report(session, work, done, self._now())

    def _job(self, work: Work, wav: Path) -> Job:
        return Job(
            work.lines,
            work.voice,
            work.rate,
            work.repeats,
            self._target_lufs(work),
            wav,
            network_for_s=render_queue.network_for(work, self._now()).total_seconds(),
        )

    def _target_lufs(self, work: Work) -> float:
        return loudness.of_speech(work.kind, self._settings.target_lufs)

    def _hand_back(self, work: Work) -> None:
        with self._store.write() as session:
            if not render_queue.hand_back(session, work):
                logger.warning("rendering %s was taken over; ours is thrown away", work.rendering_id)

    def _give_up(self, work: Work, failed: Failed) -> None:
        logger.warning("rendering %s failed: %s", work.rendering_id, failed.text)
        text, later = failed.text, None
        if failed.retry_after_s is not None:
            text, later = f"{text} {TRIED_AGAIN}", timedelta(seconds=failed.retry_after_s)
        with self._store.write() as session:
            now, is_lasting = self._now(), failed.is_lasting
            render_queue.give_up(session, work, text, now, is_lasting=is_lasting, retry_after=later)

    def _publish(self, work: Work, made: Made, wav: Path) -> None:
        """Raises OSError when there is no room for the clip."""
        clip = NewClip(
            sha256=clips.keep(self._settings.folder, wav),
            seconds=made.seconds,
            loudness_lufs=made.loudness_lufs,
            true_peak_dbtp=made.true_peak_dbtp,
            engine=made.engine,
            voice=made.voice,
            notice=made.notice,
            target_lufs=self._target_lufs(work),
        )
        with self._store.write() as session:
            if not render_queue.publish(session, work, clip, self._now()):
                logger.warning("rendering %s was finished by another", work.rendering_id)

    def _ready_studio(self) -> StudioLink:
        if self._studio is None or not self._studio.is_alive:
            self._drop_studio()
            engines.require_known(self._settings.engines, self._settings.folder)
            self._studio = StudioLink(self._settings.engines, self._memory)
        return self._studio

    def _drop_studio(self) -> None:
        if self._studio is not None:
            self._studio.kill()
            self._studio = None

    def _beat(self, doing: str, **detail: object) -> None:
        if time.monotonic() - self._beaten_at >= BEAT_EVERY_S:
            self._beaten_at = time.monotonic()
            pulse.beat(self._settings.folder, NAME, doing=doing, **detail)


def _sweep(incoming: Path) -> None:
    """Throw away what renderers left behind when they were killed: folders of theirs, copies half made."""
    for left in incoming.glob("*"):
        with suppress(OSError):
            if time.time() - left.stat().st_mtime > LEFT_BEHIND_AFTER_S:
                shutil.rmtree(left) if left.is_dir() else left.unlink()
