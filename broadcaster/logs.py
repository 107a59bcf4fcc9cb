"""Where each process tells what it does: warnings on the console, everything in a bounded file."""

from __future__ import annotations

import logging
import logging.handlers
from pathlib import Path

FILE_BYTES = 5_000_000
FILES = 4
"""A process that repeats itself for ever fills 20 MB, not the disk."""


def set_up(folder: Path, name: str, level: str) -> None:
    """Log to `logs/<name>.log` under the data `folder`, and warnings to the console too."""
    (folder / "logs").mkdir(parents=True, exist_ok=True)
    file = logging.handlers.RotatingFileHandler(
        folder / "logs" / f"{name}.log", maxBytes=FILE_BYTES, backupCount=FILES - 1, encoding="utf-8"
    )
    console = logging.StreamHandler()
    console.setLevel(logging.WARNING)
    form = f"%(asctime)s {name} %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=level, format=form, handlers=[file, console])
