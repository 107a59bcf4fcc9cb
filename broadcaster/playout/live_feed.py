"""In which order, and when, the pieces of a microphone's sound go on: pure, with `now` as an argument.

A small cushion evens out the network. What is missing is waited for a moment and then passed over; what has
come too late to matter is dropped, so that loudspeakers never lag minutes behind a mouth.
"""

from __future__ import annotations

from broadcaster.playout.live_spool import Piece

CUSHION_S = 0.6
"""Held before the first piece goes on, and again after the sound ran dry."""
LATE_S = 2.0
"""With more than this on the way the oldest of it is dropped, down to the cushion."""
PATIENCE_S = 0.4
"""A missing piece is waited for this long while later ones are there."""


class Feed:
    """Pieces in as they arrive, pieces out as they are due. All moments are monotonic."""

    def __init__(self, starts_at: float) -> None:
        self.dropped_s = 0.0
        """Arrived too late, or too much at once."""
        self.missing = 0
        """Pieces that never came in time."""
        self.given_s = 0.0
        self._starts_at = starts_at
        self._runs_dry_at = starts_at
        self._waiting: dict[int, tuple[float, Piece]] = {}
        self._next: int | None = None
        self._is_dry = True

    def arrive(self, pieces: list[Piece], now: float) -> None:
        for piece in pieces:
            if self._next is not None and piece.number < self._next:
                self.dropped_s += piece.seconds
            else:
                self._waiting[piece.number] = (now, piece)

    def due(self, now: float) -> list[Piece]:
        """Return what goes to the players now, in order."""
        self._drop_backlog(now)
        self._is_dry = self._is_dry or now >= self._runs_dry_at
        if not self._waiting or (self._is_dry and not self._has_cushion(now)):
            return []
        out = self._in_order(now)
        if out:
            self._give(out, now)
        return out

    def rest(self, now: float) -> list[Piece]:
        """Return all that is there: nothing more will come."""
        self._drop_backlog(now)
        out = [piece for _, (_, piece) in sorted(self._waiting.items())]
        self._waiting.clear()
        self._give(out, now)
        return out

    def _give(self, out: list[Piece], now: float) -> None:
        seconds = sum(piece.seconds for piece in out)
        self.given_s += seconds
        self._runs_dry_at = max(self._runs_dry_at, now) + seconds
        self._is_dry = False

    def _has_cushion(self, now: float) -> bool:
        oldest = min(arrived for arrived, _ in self._waiting.values())
        held_s = sum(piece.seconds for _, piece in self._waiting.values())
        is_time = now >= self._starts_at - CUSHION_S
        return is_time and (held_s >= CUSHION_S - 1e-6 or now - oldest >= CUSHION_S)

    def _in_order(self, now: float) -> list[Piece]:
        """Take what follows without a gap; a gap is passed over once its time is up."""
        out: list[Piece] = []
        while self._waiting:
            first = min(self._waiting)
            if self._next is not None and first > self._next:
                if now - self._waiting[first][0] < PATIENCE_S:
                    break
                self.missing += first - self._next
            out.append(self._waiting.pop(first)[1])
            self._next = first + 1
        return out

    def _drop_backlog(self, now: float) -> None:
        """Let go of the oldest pieces when too much is on the way; before the start that is no loss."""
        held_s = sum(piece.seconds for _, piece in self._waiting.values())
        queued_s = max(0.0, self._runs_dry_at - max(now, self._starts_at))
        if held_s + queued_s <= LATE_S and now >= self._starts_at - CUSHION_S:
            return
        while self._waiting and held_s + queued_s > CUSHION_S + 1e-6:
            first = min(self._waiting)
            _, piece = self._waiting.pop(first)
            held_s -= piece.seconds
            self._next = first + 1
            if now >= self._starts_at - CUSHION_S:
                self.dropped_s += piece.seconds
