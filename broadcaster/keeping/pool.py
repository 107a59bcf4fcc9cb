"""The pool of a place for backups: every file once, named by its SHA-256, however many sets need it.

On the disk of the station itself a file that never changes is linked, not copied: that costs no room and
guards against removal, which is all that a copy on the same disk can do. Elsewhere it is copied, read back,
flushed and renamed.
"""

from __future__ import annotations

import os
from collections.abc import Container, Iterator
from contextlib import suppress
from pathlib import Path

from broadcaster.errors import StoreError
from broadcaster.keeping.hashing import copy_flushed, hash_of, settle
from broadcaster.keeping.holdings import Holding


class Pool:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path_of(self, sha256: str) -> Path:
        """Return where the file lies, whether or not it is there."""
        return self._folder / sha256[:2] / sha256

    def holds(self, holding: Holding) -> bool:
        """Return whether the file is there at its full length; what is in it is read by `is_intact`."""
        try:
            return self.path_of(holding.sha256).stat().st_size == holding.size_bytes
        except OSError:
            return False

    def is_intact(self, holding: Holding) -> bool:
        try:
            return hash_of(self.path_of(holding.sha256)) == holding.sha256
        except OSError:
            return False

    def add(self, holding: Holding, source: Path, *, may_link: bool) -> None:
        """Take in the bytes of `source`. Raises StoreError when they are not what `holding` says."""
        place = self.path_of(holding.sha256)
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside = place.with_name(f".{place.name}.part")
        aside.unlink(missing_ok=True)
        try:
            if not (may_link and holding.never_changes and _linked(source, aside)):
                copy_flushed(source, aside)
            if hash_of(aside) != holding.sha256:
                raise StoreError(f"tệp {holding.path} bị hỏng hoặc đang được ghi")
            aside.replace(place)
        finally:
            aside.unlink(missing_ok=True)
        settle(place.parent)

    def drop(self, sha256: str) -> None:
        """Let go of a file that is not what its name says, so that the next backup brings it again."""
        with suppress(OSError):
            self.path_of(sha256).unlink(missing_ok=True)

    def prune(self, needed: Container[str]) -> tuple[int, int]:
        """Remove the files that are not `needed`; return how many, and how many bytes."""
        count = size = 0
        for file in self._files():
            if file.name in needed:
                continue
            with suppress(OSError):
                weight = file.stat().st_size
                file.unlink()
                count, size = count + 1, size + weight
        return count, size

    def _files(self) -> Iterator[Path]:
        for folder in sorted(self._folder.glob("??")):
            yield from sorted(folder.iterdir())


def _linked(source: Path, target: Path) -> bool:
    try:
        os.link(source, target)
    except OSError:
        return False
    return True
