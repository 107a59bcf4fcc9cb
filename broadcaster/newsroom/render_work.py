"""Making clips: `python -m broadcaster.newsroom.render_work --data DIR [--stay]`, started by the renderer.

Takes what is asked for, has a studio process speak and master it, and publishes the clip. It may be killed at
any moment: the lease runs out and its successor begins anew. When there has been nothing to do for a while it
ends, and with it go SQLAlchemy and numpy; the renderer that waits in its place is small.
"""

from __future__ import annotations

import argparse
import logging
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from audio.speech import engines
from audio.speech.engine import SpeechError, Transient
from audio.studio_link import Failed, Job, Made, Progress, StudioLink
from broadcaster import lifeline, logs
from broadcaster.errors import StoreError
from broadcaster.newsroom import clips, rendering
from broadcaster.newsroom.rendering import NewClip, Work
from broadcaster.settings import Settings, load
from broadcaster.store import facts, pulse
from broadcaster.store.db import Store

NAME = "render_work"
LOOK_EVERY_S = 0.2
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

NO_ROOM = "Không cất được bản thu lên ổ đĩa; hãy kiểm tra ổ đĩa còn trống rồi bấm nghe lại."
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
    ) -> None:
        self._store = store
        self._settings = settings
        self._now = now
        self._stop = stop or threading.Event()
        self._studio: StudioLink | None = None
        self._busy_at = time.monotonic()
        self._beaten_at = -BEAT_EVERY_S
        self._memory = settings.folder / "cache"

    def announce(self) -> None:
        """Note engines and loudness in force: words asked for under other ones are rendered anew."""
        _sweep(self._settings.folder / "clips" / "incoming")
        setup = f"{','.join(self._settings.engines)} {self._settings.target_lufs:g}"
        with self._store.write() as session:
            if facts.get(session, rendering.SPEECH_SETUP) != setup:
                facts.put(session, rendering.SPEECH_SETUP, setup)

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
            if not rendering.is_work_waiting(session, self._now()):
                return False
        with self._store.write() as session:
            work = rendering.take(session, self._now())
        if work is None:
            return False
        self._busy_at = time.monotonic()
        self._see_through(work)
        self._busy_at = time.monotonic()
        return True

    def _see_through(self, work: Work) -> None:
        incoming = self._settings.folder / "clips" / "incoming"
        incoming.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=incoming, ignore_cleanup_errors=True) as aside:
            wav = Path(aside) / "clip.wav"
            try:
                outcome = self._make(work, wav)
            except SpeechError as error:
                self._drop_studio()
                outcome = Failed(str(error), is_lasting=not isinstance(error, Transient))
            self._conclude(work, outcome, wav)

    def _make(self, work: Work, wav: Path) -> Made | Failed | None:
        """Return how the studio ended it; None when the work is no longer ours. Raises SpeechError."""
        studio = self._ready_studio()
        target_lufs = self._settings.target_lufs
        studio.begin(Job(work.lines, work.voice, work.rate, work.repeats, target_lufs, wav))
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
            return rendering.report(session, work, done, self._now())

    def _conclude(self, work: Work, outcome: Made | Failed | None, wav: Path) -> None:
        if outcome is None:
            self._drop_studio()
            with self._store.write() as session:
                if not rendering.hand_back(session, work):
                    logger.warning("rendering %s was taken over; ours is thrown away", work.rendering_id)
        elif isinstance(outcome, Failed):
            logger.warning("rendering %s failed: %s", work.rendering_id, outcome.text)
            with self._store.write() as session:
                rendering.give_up(session, work, outcome.text, self._now(), is_lasting=outcome.is_lasting)
        else:
            self._publish(work, outcome, wav)

    def _publish(self, work: Work, made: Made, wav: Path) -> None:
        try:
            sha256 = clips.keep(self._settings.folder, wav)
        except OSError:
            logger.exception("the clip of rendering %s cannot be kept", work.rendering_id)
            self._conclude(work, Failed(NO_ROOM, is_lasting=False), wav)
            return
        clip = NewClip(
            sha256=sha256,
            seconds=made.seconds,
            loudness_lufs=made.loudness_lufs,
            true_peak_dbtp=made.true_peak_dbtp,
            engine=made.engine,
            voice=made.voice,
            notice=made.notice,
        )
        with self._store.write() as session:
            if not rendering.publish(session, work, clip, self._now()):
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
        renderer = Renderer(store, settings, stop=stop)
        renderer.announce()
        renderer.run(stay=options.stay)
    finally:
        store.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
