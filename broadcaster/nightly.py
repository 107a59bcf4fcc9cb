"""What is done every night while nothing sounds: `python -m broadcaster.nightly --data DIR`.

A process of its own at the lowest priority. It comes at the hour that the administrator chose, waits until
nothing is on the air or due within a quarter of an hour, and does each task in turn; a night during which
the machine was off is made up for soon after the start. A task that fails stops no other: it becomes a
notice to people and a finding of `doctor`, until it goes well again.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path

import psutil
from sqlalchemy.orm import Session

from broadcaster import backups, lifeline, logs, settings
from broadcaster.errors import BroadcasterError, StoreError
from broadcaster.keeping import places, retention, sealing, tasks
from broadcaster.playout import clock_watch, complaint_desk, nightly_call, notify, plan_reminders, slots
from broadcaster.playout.boot import LAST_BOOT
from broadcaster.records import nights
from broadcaster.store import Store, facts, pulse
from broadcaster.store.models import Boot
from schedules.clock import LOCAL, Clock, clock_from_environment

logger = logging.getLogger(__name__)

QUIET_FOR = timedelta(minutes=15)
BUSY_LOOK_S = 120.0
LONGEST_WAIT = timedelta(hours=6)
"""Where something sounds day and night the tasks are done all the same: they give way to sound anyway."""
LONGEST_TASK_S = 2 * 3600.0
"""A task that takes longer hangs: no more signs of life are shown for it, and the supervisor ends it."""
BEAT_S = 5.0
LATE_SIGN_S = 10.0
Work = Callable[[Store, datetime], str]
"""Returns what was done in one sentence; raises BroadcasterError or OSError saying why it was not.

It may be killed at any moment, and never holds the write lock for long."""


@dataclass(frozen=True, slots=True)
class Task:
    """One thing done at night."""

    key: str
    name: str
    """What it is, for a person."""
    work: Work
    every_days: int = 1
    by_itself: bool = True
    """False: only when a person asks for it."""
    again: timedelta | None = None
    """A failed one is tried again after this long; None: the next night."""


VERIFY = Task("verify", "Kiểm tra toàn vẹn nhật ký", tasks.verify, every_days=7)
TASKS: tuple[Task, ...] = (
    Task("seal", "Niêm phong nhật ký", sealing.seal),
    Task("backup", "Sao lưu hằng đêm", tasks.back_up),
    Task("second", "Chép sang nơi cất thứ hai", tasks.bring_elsewhere, again=timedelta(hours=1)),
    VERIFY,
    Task("plans", "Nhắc chỉ tiêu kế hoạch", plan_reminders.remind),
    Task("retention", "Xóa những gì hết hạn giữ", retention.remove_old),
    Task("contacts", "Xóa liên hệ trong phản ánh", complaint_desk.forget_contacts),
    Task("drill", "Thử khôi phục", tasks.try_restore, every_days=7),
    Task("archive", "Chuẩn bị tệp tải về", backups.for_download, by_itself=False),
)
"""In the order in which they are done."""


class Nightly:
    """Does what is due, then says when to look again."""

    def __init__(self, store: Store, clock: Clock, tasks: Sequence[Task] = TASKS) -> None:
        self._store = store
        self._clock = clock
        self._tasks = tasks

    def run(self, stopping: threading.Event) -> None:
        """Do what people asked for, and the tasks of the night when it is time and quiet."""
        self._do_asked(stopping)
        now = self._clock.now()
        with self._store.write() as session:
            since = nights.since(session)
            if since is None or since > now:
                nights.begin(session, now)
        wait_s = nightly_call.LOOK_AGAIN_S
        while not stopping.is_set() and (task := self._due()):
            if not self._may_begin():
                wait_s = BUSY_LOOK_S
                break
            self.do(task)
        nightly_call.look_again(self._store.folder, wait_s)

    def do(self, task: Task) -> bool:
        """Do one task now and keep how it went; return whether it went well."""
        began = self._clock.now()
        is_well, words = self._try(task, began)
        ended = self._clock.now()
        with self._store.write() as session:
            note(session, task, began, ended, is_well, words)
        return is_well

    def _do_asked(self, stopping: threading.Event) -> None:
        for key in nightly_call.asked(self._store.folder):
            for task in self._tasks:
                if task.key == key and not stopping.is_set():
                    self.do(task)
            nightly_call.answered(self._store.folder, [key])

    def _try(self, task: Task, now: datetime) -> tuple[bool, str]:
        logger.info("%s begins", task.key)
        try:
            with _Beating(self._store.folder):
                return True, task.work(self._store, now)
        except (BroadcasterError, OSError) as error:
            logger.error("%s failed: %s", task.key, error)
            return False, str(error)
        except Exception:
            # One task that is broken must not keep the others from being done.
            logger.exception("%s broke", task.key)
            return False, "gặp lỗi bất ngờ; hãy gửi tệp logs/nightly.log cho người hỗ trợ."

    def _due(self) -> Task | None:
        with self._store.read() as session:
            now = self._clock.now()
            night = last_night(now, places.wishes(session).hour)
            since = nights.since(session) or now
            return next((task for task in self._tasks if _is_due(session, task, night, since, now)), None)

    def _may_begin(self) -> bool:
        """Return whether it is quiet, or has not been for too long to wait on."""
        now = self._clock.now()
        with self._store.read() as session:
            if clock_watch.is_doubted(session):
                return False
            boot = session.get(Boot, facts.get(session, LAST_BOOT, ""))
            waiting_since = last_night(now, places.wishes(session).hour)
            if boot is not None:
                waiting_since = max(waiting_since, boot.started_at)
            return now - waiting_since > LONGEST_WAIT or self._is_quiet(session, now)

    def _is_quiet(self, session: Session, now: datetime) -> bool:
        beat = pulse.read(self._store.folder, "station")
        if beat is not None and abs(beat.age_s) < LATE_SIGN_S and beat.detail.get("on_air"):
            return False
        first = slots.first_planned(session)
        return first is None or first > now + QUIET_FOR


def _is_due(session: Session, task: Task, night: datetime, since: datetime, now: datetime) -> bool:
    if not task.by_itself:
        return False
    last = nights.last(session, task.key)
    if last is None:
        return since < night
    if last.began_at > now:  # by a clock that was wrong: else nothing would be done until then
        return True
    if not last.is_well and task.again is not None:
        return now - last.ended_at >= task.again
    if last.began_at >= night:
        return False
    return not last.is_well or last.began_at < night - timedelta(days=task.every_days - 1)


def note(
    session: Session, task: Task, began_at: datetime, ended_at: datetime, is_well: bool, words: str
) -> None:
    """Keep how `task` went, by night or by hand; a fault stands from when it fails until it goes well."""
    nights.note(session, task.key, began_at, ended_at, is_well, words)
    if is_well:
        notify.over(session, nightly_call.fault_key(task.key), ended_at)
    else:
        notify.tell(
            session, "keeping", f"{task.name}: {words}", ended_at, key=nightly_call.fault_key(task.key)
        )


def last_night(now: datetime, hour: time) -> datetime:
    """Return when the tasks were last due: the newest `hour` of the station's clock up to `now`."""
    today = datetime.combine(now.astimezone(LOCAL).date(), hour, LOCAL)
    return today if today <= now else today - timedelta(days=1)


class _Beating:
    """Shows a sign of life while a task works, for as long as a task may take."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="beat", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _beat(self) -> None:
        for _ in range(round(LONGEST_TASK_S / BEAT_S)):
            pulse.beat(self._folder, nightly_call.PROCESS)
            if self._done.wait(BEAT_S):
                return


def _step_back() -> None:
    """The lowest priority for processor and disk: sound may begin meanwhile."""
    process = psutil.Process()
    process.nice(psutil.IDLE_PRIORITY_CLASS if os.name == "nt" else 19)
    with suppress(AttributeError, OSError, psutil.Error):
        process.ionice(psutil.IOPRIO_CLASS_IDLE)


def main() -> int:
    parser = argparse.ArgumentParser(prog="broadcaster.nightly")
    parser.add_argument("--data", type=Path, required=True)
    known = settings.load(parser.parse_args().data)
    logs.set_up(known.folder, nightly_call.PROCESS, known.log_level)
    _step_back()
    stopping, over = threading.Event(), threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    lifeline.hold(stopping)
    status: list[int] = []
    worker = threading.Thread(target=_work, args=(known, stopping, over, status), name="nightly", daemon=True)
    worker.start()
    while not (stopping.is_set() or over.wait(0.2)):
        pulse.beat(known.folder, nightly_call.PROCESS)
    # Tasks may be killed at any moment: an end of the station waits for none of them.
    over.wait(1.0)
    return status[0] if status else 0


def _work(
    known: settings.Settings, stopping: threading.Event, over: threading.Event, status: list[int]
) -> None:
    store = Store(known.folder, known.database_url)
    try:
        Nightly(store, clock_from_environment()).run(stopping)
        status.append(0)
    except StoreError as error:
        # A full disk: the page says so; what is due is tried again.
        logger.error("the store cannot be used: %s", error)
        status.append(1)
    except Exception:
        logger.exception("the nightly process broke")
        status.append(1)
    finally:
        store.close()
        over.set()


if __name__ == "__main__":
    sys.exit(main())
