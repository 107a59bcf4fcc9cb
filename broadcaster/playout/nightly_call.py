"""When the process that does the nightly tasks is needed, and how a person asks for one of them at once.

Nothing heavier than the standard library here: the supervisor asks every two seconds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

PROCESS = "nightly"
FIRST_LOOK_S = 60.0
"""A station that has just started has more urgent things to do."""
LOOK_AGAIN_S = 15 * 60.0
"""However far off the next night is, so that a clock that was set or another hour is noticed."""
_NEXT = "nightly.next"
_ASKED = "nightly.asked"


def fault_key(task: str) -> str:
    """Return the key of the notice that `task` fails."""
    return f"nightly:{task}"


def ask(folder: Path, task: str) -> None:
    """Have `task` done now, whatever the hour."""
    with suppress(OSError):
        (folder / "run").mkdir(exist_ok=True)
        with (folder / "run" / _ASKED).open("a", encoding="utf-8") as file:
            file.write(f"{task}\n")


def asked(folder: Path) -> tuple[str, ...]:
    """Return the tasks that were asked for and are not done, each once."""
    try:
        lines = (folder / "run" / _ASKED).read_text(encoding="utf-8").split()
    except OSError:
        return ()
    return tuple(dict.fromkeys(lines))


def answered(folder: Path, tasks: Iterable[str]) -> None:
    """Forget that `tasks` were asked for; what was asked meanwhile stays."""
    left = [task for task in asked(folder) if task not in set(tasks)]
    with suppress(OSError):
        (folder / "run" / _ASKED).write_text("".join(f"{task}\n" for task in left), encoding="utf-8")


def look_again(folder: Path, wait_s: float) -> None:
    """Have the process started anew after `wait_s`, or a little sooner."""
    at = time.time() + min(wait_s, LOOK_AGAIN_S)
    with suppress(OSError):
        (folder / "run" / _NEXT).write_text(f"{at:.3f}", encoding="utf-8")


class Caller:
    """Asked by the supervisor whether there is something to do."""

    def __init__(self, folder: Path, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._folder = folder
        self._now = monotonic
        self._ready_at = monotonic() + FIRST_LOOK_S

    def __call__(self) -> bool:
        if asked(self._folder):
            return True
        if self._now() < self._ready_at:
            return False
        try:
            at = float((self._folder / "run" / _NEXT).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return True
        return not -LOOK_AGAIN_S < at - time.time() <= LOOK_AGAIN_S or time.time() >= at
