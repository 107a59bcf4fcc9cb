"""The process that opens a stranger's file: `python -m broadcaster.newsroom.import_worker NAME < FILE`.

One JSON object on its output: {text, blocks: [[kind, text, leave_out], …], notices} or {refused: sentence}.
Its parent kills it at a deadline; it bounds its own memory and time where the system knows how, so that a
bomb or an endless loop ends here and neither hangs a page nor swaps out the station.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from broadcaster.newsroom.importing.parsing import parse
from broadcaster.newsroom.importing.values import LARGEST_FILE_BYTES, Imported, Unreadable

MEMORY_BYTES = 512_000_000
"""Of address space. A 15 MB document of 13,000 bold runs took 61 MB of memory, 200 pages of PDF 35 MB."""
_CPU_S = 30
_TOO_LARGE = "Tệp này khi mở ra cần quá nhiều bộ nhớ nên không nhập; hãy chép phần cần đọc rồi dán vào."
_BROKEN = "Tệp này bị hỏng nên không đọc được; hãy mở bằng phần mềm đã tạo ra nó, lưu lại rồi nhập lại."


def main() -> int:
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints must not mix into the answer
    bound_memory()
    content = sys.stdin.buffer.read(LARGEST_FILE_BYTES + 1)
    out.write(json.dumps(answer(sys.argv[1] if len(sys.argv) > 1 else "", content)))
    out.close()
    return 0


def answer(name: str, content: bytes) -> dict[str, Any]:
    """Return the worker's words about a file; every failure is one of them."""
    try:
        return _words(parse(name, content))
    except Unreadable as error:
        return {"refused": str(error)}
    except MemoryError:
        return {"refused": _TOO_LARGE}
    except Exception as error:  # the parsers raise what they like on a damaged file
        print(f"{type(error).__name__}: {error}"[:500], file=sys.stderr)  # noqa: T201 - for the log of the parent
        return {"refused": _BROKEN}


def _words(found: Imported) -> dict[str, Any]:
    blocks = [[block.kind, block.text, block.leave_out] for block in found.blocks]
    return {"text": found.text, "blocks": blocks, "notices": found.notices}


def bound_memory() -> None:
    """Set limits of memory, processor time and core dumps; Windows has none of them, only the deadline."""
    try:
        import resource  # noqa: PLC0415 - POSIX only
    except ImportError:
        return
    for limit, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, _CPU_S),
        (resource.RLIMIT_CORE, 0),
    ):
        _, ceiling = resource.getrlimit(limit)
        wanted = most if ceiling == resource.RLIM_INFINITY else min(most, ceiling)
        resource.setrlimit(limit, (wanted, wanted))


if __name__ == "__main__":
    sys.exit(main())
