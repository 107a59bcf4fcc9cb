"""What was sent and what was heard, each on the line of monotonic time, and how the two compare."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import numpy as np

from audio import compare
from audio.compare import HOPS_A_SECOND, Envelope
from audio.ear_words import Heard
from audio.formats import CLIP_RATE_HZ, FULL_SCALE_S16

KEPT_S = 40.0
SENT_SLACK_S, HEARD_SLACK_S = 1.0, 2.0
"""Samples come in bursts, on a busy machine in long ones; only a longer gap was a pause."""
WINDOW_S = 10.0
SHORTEST_S = 5.0
LAGS_S = (3.0, 9.0)
"""How late the ear may hear what was sent: a sound card, or a stream that players buffer."""
EARLY_S = 1.0
RECENT_S = 5.0
RECENT_AT = 0.25
"""The last five seconds must match too, at the delay of the whole."""
FORGET_S = 15.0
"""After this the delay may have become another one."""
_HEADER_BYTES = 44
_HOP_BYTES = CLIP_RATE_HZ // HOPS_A_SECOND * 2
_BANDS = len(compare.BANDS_HZ) - 1


class Timeline:
    """Levels of the last half minute or so."""

    def __init__(self, slack_s: float) -> None:
        self._slack_s = slack_s
        self._levels: Envelope = np.empty((0, _BANDS), np.float32)
        self.start_s = self.end_s = 0.0

    def add(self, levels: Envelope, now_s: float) -> None:
        """Add what has sounded up to `now_s`; a gap before it was silence."""
        if not len(self._levels):
            self.end_s = now_s - len(levels) / HOPS_A_SECOND
        gap_s = now_s - len(levels) / HOPS_A_SECOND - self.end_s
        if gap_s > self._slack_s:
            silence = np.full((round(gap_s * HOPS_A_SECOND), _BANDS), compare.FLOOR_DBFS, np.float32)
            levels = np.concatenate([silence, levels])
        elif gap_s < -self._slack_s:
            levels = levels[round(-gap_s * HOPS_A_SECOND) :]
        self._levels = np.concatenate([self._levels, levels])[-round(KEPT_S * HOPS_A_SECOND) :]
        self.end_s += len(levels) / HOPS_A_SECOND
        self.start_s = self.end_s - len(self._levels) / HOPS_A_SECOND

    def between(self, from_s: float, to_s: float) -> Envelope:
        first = max(0, round((from_s - self.start_s) * HOPS_A_SECOND))
        return self._levels[first : max(first, round((to_s - self.start_s) * HOPS_A_SECOND))]


@dataclass(slots=True)
class _File:
    timeline: Timeline
    offset: int
    compared_to_s: float = 0.0


class Sent:
    """Reads along in the files that a player is writing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.items: dict[str, _File] = {}
        """By the name of the file."""

    def look(self, now_s: float) -> None:
        """Read what has been written since the last look; forget what is over."""
        for path in self._folder.glob("*.wav.part"):
            with suppress(OSError):
                self._read(path, now_s)
        for name in [name for name, file in self.items.items() if file.timeline.end_s < now_s - KEPT_S]:
            del self.items[name]

    def _read(self, path: Path, now_s: float) -> None:
        size = path.stat().st_size
        file = self.items.get(path.name)
        if file is None:
            # Of one that has long begun the beginning was not heard either.
            written = max(0, size - _HEADER_BYTES) // _HOP_BYTES * _HOP_BYTES
            skipped = max(0, written - round(SENT_SLACK_S * HOPS_A_SECOND) * _HOP_BYTES)
            file = self.items[path.name] = _File(Timeline(SENT_SLACK_S), _HEADER_BYTES + skipped)
        if size < file.offset:
            file.offset = _HEADER_BYTES  # the same item began a new file
        fresh = (size - file.offset) // _HOP_BYTES * _HOP_BYTES
        if fresh > 0:
            with path.open("rb") as content:
                content.seek(file.offset)
                raw = content.read(fresh)
            file.offset += len(raw)
            file.timeline.add(levels_of(raw, CLIP_RATE_HZ), now_s)


def levels_of(raw: bytes, rate_hz: int) -> Envelope:
    """Return the levels of 16-bit samples."""
    return compare.envelope(np.frombuffer(raw, "<i2").astype(np.float32) / FULL_SCALE_S16, rate_hz)


class Comparison:
    """Compares again and again; remembers how late the ear hears."""

    def __init__(self, sent: Sent, heard: Timeline) -> None:
        self._sent = sent
        self._heard = heard
        self._lag_s: float | None = None
        self._missed_s = 0.0

    def results(self, now_s: float) -> Iterator[Heard]:
        """Yield how each item that sounds compares, as far as there is enough of it."""
        for name, file in self._sent.items.items():
            end_s = min(file.timeline.end_s, now_s - LAGS_S[0])
            fresh_s = end_s - max(file.compared_to_s, file.timeline.start_s)
            if fresh_s <= 0 or end_s - file.timeline.start_s < SHORTEST_S:
                continue
            file.compared_to_s = end_s
            told = self._compare(file.timeline, now_s)
            if told is not None:
                self._note(told, fresh_s)
                yield self._as_word(name, told, fresh_s, now_s)

    def _compare(self, sent: Timeline, now_s: float) -> _Found | None:
        """Try the known delay, or each; the best of what was found."""
        lags = LAGS_S if self._lag_s is None else (self._lag_s,)
        found = [each for lag_s in lags if (each := self._at(sent, lag_s, now_s)) is not None]
        return max(found, key=lambda each: (each.is_same, each.match), default=None)

    def _at(self, sent: Timeline, lag_s: float, now_s: float) -> _Found | None:
        end_s = min(sent.end_s, now_s - lag_s)
        start_s = max(sent.start_s, end_s - WINDOW_S)
        part, whole = sent.between(start_s, end_s), self._heard.between(start_s - EARLY_S, now_s)
        likeness = compare.find(part, whole) if len(part) >= SHORTEST_S * HOPS_A_SECOND else None
        if likeness is None:
            return None
        recent = round(RECENT_S * HOPS_A_SECOND)
        end = round(likeness.at_s * HOPS_A_SECOND) + len(part)
        last = compare.match_of(part[-recent:], whole[end - recent : end])
        # What was heard until a moment ago is not heard any more.
        is_same = likeness.is_same and (last is None or last >= RECENT_AT)
        return _Found(lag_s, likeness.match, is_same, len(part) / HOPS_A_SECOND)

    def _note(self, told: _Found, fresh_s: float) -> None:
        self._missed_s = 0.0 if told.is_same else self._missed_s + fresh_s
        if told.is_same:
            self._lag_s = told.lag_s
        elif self._missed_s > FORGET_S:
            self._lag_s = None

    def _as_word(self, name: str, told: _Found, fresh_s: float, now_s: float) -> Heard:
        fresh_s = round(min(fresh_s, told.seconds), 2)
        level = _level_dbfs(self._heard.between(now_s - LAGS_S[0], now_s))
        item = unquote(name.partition(".wav")[0].partition("+")[0])
        return Heard(item, round(told.seconds, 2), fresh_s, round(told.match, 3), told.is_same, level)


@dataclass(frozen=True, slots=True)
class _Found:
    lag_s: float
    match: float
    is_same: bool
    seconds: float


def _level_dbfs(levels: Envelope) -> float:
    if not len(levels):
        return compare.FLOOR_DBFS
    return round(float(10 * np.log10(np.mean(np.sum(10 ** (levels / 10), axis=1)))), 1)
