"""The studio process: `python -m audio.studio_worker --engines espeak,google --memory DIR`.

JSON lines in, one script each: {lines: [[text, pause_ms], …], voice, rate, repeats, target_lufs, path,
with_chime, network_for_s}. JSON lines out: {word: "progress", done}, then {word: "made", …} or
{word: "failed", text, is_lasting}. It ends with its input. A process of its own, because numpy and a
bulletin's samples take 150 MB that nobody should hold between two bulletins.
"""

from __future__ import annotations

import argparse
import dataclasses
import errno
import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from audio.speech import engines
from audio.speech.cache import SentenceCache
from audio.speech.chain import Chain
from audio.speech.engine import SpeechError, Transient
from audio.studio import Line, Script, make_clip
from audio.studio_link import AFTER_FULL_DISK_S

Say = Callable[[dict[str, Any]], None]


def script_of(job: dict[str, Any]) -> Script:
    return Script(
        lines=tuple(Line(str(text), int(pause_ms)) for text, pause_ms in job["lines"]),
        voice=str(job["voice"]),
        rate=float(job["rate"]),
        repeats=int(job["repeats"]),
        target_lufs=float(job["target_lufs"]),
        with_chime=bool(job["with_chime"]),
        network_for_s=job["network_for_s"],
    )


def do(job: dict[str, Any], chain: Chain, say: Say) -> None:
    """Make the clip of one job and say how it went."""
    try:
        made = make_clip(
            script_of(job), chain, Path(job["path"]), lambda done: say({"word": "progress", "done": done})
        )
    except SpeechError as error:
        say({"word": "failed", "text": str(error), "is_lasting": not isinstance(error, Transient)})
    except OSError as error:
        say({"word": "failed", "is_lasting": False, **_not_written(error)})
    else:
        say({"word": "made", **dataclasses.asdict(made)})


def _not_written(error: OSError) -> dict[str, Any]:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        text = "Ổ đĩa đã đầy nên chưa thu được; hãy xóa bớt tệp trên ổ đĩa của trạm."
        return {"text": text, "retry_after_s": AFTER_FULL_DISK_S}
    return {"text": f"Không ghi được bản thu: {error.strerror or error}."}


def main() -> int:
    options = _options()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the renderer, which closes our pipe
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    memory: Path = options.memory
    chain = Chain(engines.build(options.engines.split(","), memory), SentenceCache(memory / "sentences"))

    def say(word: dict[str, Any]) -> None:
        out.write(json.dumps(word, ensure_ascii=False) + "\n")
        out.flush()

    try:
        for line in sys.stdin.buffer:
            do(json.loads(line), chain, say)
    except BrokenPipeError:
        return 0  # the renderer has gone; its successor asks again
    finally:
        chain.close()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="audio.studio_worker")
    parser.add_argument("--engines", default="espeak")
    parser.add_argument("--memory", type=Path, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
