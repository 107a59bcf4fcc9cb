"""The process that opens a stranger's sound: `python -m audio.decode_worker JOB`, JOB as JSON.

JSON lines out: {done} again and again, then {made: {…}} or {refused: sentence}. It bounds its own memory,
processor time and output where the system knows how; its parent kills it when it does not get on.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from audio import decode_job
from audio.decode_job import Files
from audio.decode_link import DecodeJob
from audio.formats import BadSound

MEMORY_BYTES = 1_000_000_000
"""Of address space, most of which is never touched: 30 minutes took 130 MB of memory."""
_CPU_S = 1800
_PATHS = 64
_WAV_BYTES_PER_S = 96_000
_NO_ROOM = "Không ghi được âm thanh lên ổ đĩa; hãy kiểm tra ổ đĩa còn trống rồi bấm “Xử lý lại”."
_PROGRESS_STEP = 0.01

Say = Callable[[dict[str, Any]], None]


def do(job: DecodeJob, say: Say) -> None:
    """Make the clip of one job and say how it went."""
    files = Files(Path(job.source), Path(job.sound), Path(job.clip))
    try:
        made = decode_job.make(
            files, job.name, job.from_s, job.to_s, job.target_lufs, job.is_music, job.longest_s, _sparing(say)
        )
    except BadSound as error:
        say({"refused": str(error)})
    except OSError as error:
        print(f"{type(error).__name__}: {error}"[:500], file=sys.stderr)  # noqa: T201 - for the log of the parent
        say({"refused": _NO_ROOM})
    else:
        say({"made": asdict(made)})


def _sparing(say: Say) -> Callable[[float], None]:
    """Tell progress in steps worth telling."""
    told = 0.0

    def progress(done: float) -> None:
        nonlocal told
        if done >= told + _PROGRESS_STEP:
            told = done
            say({"done": round(done, 3)})

    return progress


def bound(longest_s: float) -> None:
    """Set limits of memory, time, output and files; Windows has none of them, only the parent's deadline."""
    try:
        import resource  # noqa: PLC0415 - POSIX only
    except ImportError:
        return
    file_bytes = round((longest_s + 60) * _WAV_BYTES_PER_S)
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, _CPU_S),
        (resource.RLIMIT_FSIZE, file_bytes),
        (resource.RLIMIT_NOFILE, _PATHS),
        (resource.RLIMIT_CORE, 0),
    ):
        _, ceiling = resource.getrlimit(limit)
        wanted = most if ceiling == resource.RLIM_INFINITY else min(most, ceiling)
        resource.setrlimit(limit, (wanted, wanted))


def _end_with_parent() -> None:
    """Wait until whoever started us is gone: nobody would take what we make."""
    while os.read(0, 1024):
        pass
    os._exit(1)


def main() -> int:
    threading.Thread(target=_end_with_parent, name="lifeline", daemon=True).start()
    job = DecodeJob(**json.loads(sys.argv[1]))
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints must not mix into our words
    bound(job.longest_s)

    def say(word: dict[str, Any]) -> None:
        out.write(json.dumps(word, ensure_ascii=False) + "\n")
        out.flush()

    do(job, say)
    return 0


if __name__ == "__main__":
    sys.exit(main())
