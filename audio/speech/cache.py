"""Sentences already spoken, kept on disk: an edit re-speaks one sentence, not the bulletin.

A file is found by what was asked for (engine, version, voice, rate, text), never by how it sounds: espeak-ng
gives slightly different samples each time. Its first line repeats the key and the hash of the samples, so a
truncated, swapped or rotten file is a miss and is thrown away.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from audio.formats import Pcm, from_s16, to_s16
from audio.speech.engine import SpeechRequest

MOST_BYTES = 256 * 1024 * 1024
"""About 100 minutes of speech."""
_PRUNED_TO = 0.8
_PRUNE_EVERY = 64

logger = logging.getLogger(__name__)


def key_of(engine: str, version: str, request: SpeechRequest) -> str:
    asked = [engine, version, request.voice, request.rate, request.text]
    return hashlib.sha256(json.dumps(asked, ensure_ascii=False).encode()).hexdigest()


class SentenceCache:
    """Any number of processes may share the folder: files appear whole or not at all."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self._folder = folder
        self._most_bytes = most_bytes
        self._put = 0

    def get(self, key: str) -> Pcm | None:
        """Return the sound kept under `key`, or None; whatever is wrong with a file makes it a miss."""
        file = self._file(key)
        try:
            first_line, _, raw = file.read_bytes().partition(b"\n")
        except OSError:
            return None
        rate_hz = _rate_if_genuine(first_line, key, raw)
        if rate_hz is None:
            logger.warning("dropped a damaged sentence from the cache: %s", file.name)
            with suppress(OSError):
                file.unlink()
            return None
        with suppress(OSError):
            os.utime(file)
        return from_s16(raw, rate_hz)

    def put(self, key: str, pcm: Pcm) -> None:
        """Keep `pcm`; a full or read-only disk costs speed, not the bulletin."""
        raw = to_s16(pcm)
        words = {"key": key, "rate_hz": pcm.rate_hz, "sha256": hashlib.sha256(raw).hexdigest()}
        try:
            self._write(self._file(key), json.dumps(words).encode() + b"\n" + raw)
        except OSError as error:
            logger.warning("cannot keep a sentence: %s", error)
        self._put += 1
        if self._put % _PRUNE_EVERY == 1:
            self.prune()

    def prune(self) -> None:
        """Throw away what was not used for longest, once the folder has grown past its bound."""
        files = sorted(_sizes(self._folder), reverse=True)
        kept = 0
        bound = self._most_bytes
        if sum(size for _, size, _ in files) <= bound:
            return
        for _, size, file in files:
            kept += size
            if kept > bound * _PRUNED_TO:
                with suppress(OSError):
                    file.unlink()

    def _file(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.pcm"

    def _write(self, file: Path, content: bytes) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(dir=file.parent, suffix=".tmp")
        try:
            with os.fdopen(descriptor, "wb") as aside:
                aside.write(content)
            Path(name).replace(file)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise


def _sizes(folder: Path) -> list[tuple[float, int, Path]]:
    """Return (last used, bytes, file) of everything in the cache, left-over temporary files included."""
    found = []
    for file in folder.glob("*/*"):
        with suppress(OSError):
            stat = file.stat()
            found.append((stat.st_mtime, stat.st_size, file))
    return found


def _rate_if_genuine(first_line: bytes, key: str, raw: bytes) -> int | None:
    try:
        words = json.loads(first_line)
        is_genuine = words["key"] == key and words["sha256"] == hashlib.sha256(raw).hexdigest()
        return int(words["rate_hz"]) if is_genuine and raw else None
    except (ValueError, KeyError, TypeError):
        return None
