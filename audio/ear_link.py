"""The side of an ear process that the station holds: it never blocks, and the process may be killed."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import IO, cast

from audio.ear_words import BadLine, Gone, Listen, Word, command_line, read_word

logger = logging.getLogger(__name__)

COMMAND = (sys.executable, "-m", "audio.ear")


class EarLink:
    """One ear process. `hear(word)` is called from a thread of the link's own, Gone last."""

    def __init__(self, command: Listen, hear: Callable[[Word | Gone], None]) -> None:
        """Raises OSError when no process can be started."""
        self._hear = hear
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
        )
        pipe = cast(IO[bytes], self._process.stdin)
        pipe.write(command_line(command))
        pipe.flush()
        self._reader = threading.Thread(target=self._read, name="ear reader", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def close(self) -> None:
        """End the process at once, whatever it hangs in."""
        self._process.kill()
        self._reader.join(2.0)
        cast(IO[bytes], self._process.stdin).close()

    def _read(self) -> None:
        with cast(IO[bytes], self._process.stdout) as words:
            for line in words:
                try:
                    self._hear(read_word(line))
                except BadLine:
                    logger.warning("the ear said something we do not know: %.200r", line)
        self._hear(Gone(self._process.wait()))
