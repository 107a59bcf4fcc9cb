"""Reading a file that somebody sent: in a process of its own, which may be killed."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from typing import Any

from broadcaster.errors import Invalid
from broadcaster.newsroom.importing.kinds import kind_of, shown
from broadcaster.newsroom.importing.values import Block, BlockKind, Imported, Unreadable

logger = logging.getLogger(__name__)

DEADLINE_S = 20.0
_AT_ONCE = 2
"""Each may take `import_worker.MEMORY_BYTES`: a small PC must not swap because two people import."""
_TURN_WAIT_S = 10.0
_turns = threading.BoundedSemaphore(_AT_ONCE)


def read_document(name: str, content: bytes, deadline_s: float = DEADLINE_S) -> Imported:
    """Return what a Word file, PDF, web page or text says, in blocks with proposals what to leave out.

    `name` is the file's name, or any title for pasted text; the bytes decide what it is. Raises Invalid with
    field `file` and one sentence for whatever cannot be taken: broken, huge, encrypted, scanned, hostile.
    Never takes longer than about `deadline_s`, whatever is in the file.
    """
    try:
        kind_of(name, content)
        return _in_worker(name, content, deadline_s)
    except Unreadable as error:
        raise Invalid(str(error), field="file") from error


def _in_worker(name: str, content: bytes, deadline_s: float) -> Imported:
    if not _turns.acquire(timeout=_TURN_WAIT_S):
        raise Unreadable("Đang có nhiều người nhập tệp cùng lúc; hãy thử lại sau nửa phút.")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "broadcaster.newsroom.import_worker", shown(name) or "tệp"],
            input=content,
            capture_output=True,
            timeout=deadline_s,
            check=False,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
    except subprocess.TimeoutExpired as error:
        raise Unreadable(
            f"Tệp “{shown(name)}” quá phức tạp, đọc {deadline_s:.0f} giây chưa xong nên đã dừng; "
            "hãy chép phần cần đọc rồi dán vào."
        ) from error
    finally:
        _turns.release()
    if done.stderr:
        logger.warning("import of %s: %s", shown(name), done.stderr.decode("utf-8", "replace")[-500:].strip())
    return _answer(name, done.stdout, done.returncode)


def _answer(name: str, written: bytes, status: int) -> Imported:
    if status != 0 or not written:
        raise Unreadable(
            f"Tệp “{shown(name)}” bị hỏng hoặc quá phức tạp nên không đọc được; "
            "hãy lưu lại bằng phần mềm đã tạo ra nó, hoặc chép phần cần đọc rồi dán vào."
        )
    words: dict[str, Any] = json.loads(written)
    if "refused" in words:
        raise Unreadable(words["refused"])
    blocks = tuple(Block(BlockKind(kind), text, leave_out) for kind, text, leave_out in words["blocks"])
    return Imported(words["text"], blocks, tuple(words["notices"]))
