"""How much of a relay was the stream itself, as the outputs tell it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from audio.player_words import Relayed

WHOLE_SHARE = 0.95
"""A relay goes on while an output is away for a moment; what it missed then is gone and not made up for."""
_WORTH_TELLING_S = 1.0


@dataclass(slots=True)
class RelayShare:
    """Kept by output: each receives the stream for itself."""

    _before: dict[int, Relayed] = field(default_factory=dict)
    """Sums of players that have ended in the middle."""
    _now: dict[int, Relayed] = field(default_factory=dict)

    @property
    def stream_s(self) -> float:
        """Of the output that had most of it."""
        return self._best().stream_s

    @property
    def filler_s(self) -> float:
        """On that output."""
        return self._best().filler_s

    def note(self, output_id: int, word: Relayed) -> None:
        last = self._now.get(output_id)
        if last is not None and word.stream_s + word.filler_s < last.stream_s + last.filler_s:
            # A new player counts from nothing.
            self._before[output_id] = self._sum(output_id)
        self._now[output_id] = word

    def details(self) -> dict[str, float]:
        return {"stream_s": round(self.stream_s, 1), "filler_s": round(self.filler_s, 1)}

    def gap_words(self) -> str:
        """Return the sentence about what the stream did not fill; empty when that is not worth one."""
        if self.filler_s < _WORTH_TELLING_S:
            return ""
        return f"Nguồn tiếp âm vắng {length_words(self.filler_s)}; lúc đó phát tiếng chờ."

    def _best(self) -> Relayed:
        sums = [self._sum(output_id) for output_id in self._now]
        return max(sums, key=lambda each: each.stream_s, default=Relayed("", 0.0, 0.0))

    def _sum(self, output_id: int) -> Relayed:
        now = self._now[output_id]
        before = self._before.get(output_id)
        if before is None:
            return now
        return Relayed(now.item, before.stream_s + now.stream_s, before.filler_s + now.filler_s)


def length_words(seconds: float) -> str:
    """Return `25 giây`, `2 phút 5 giây`."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} phút {rest} giây" if minutes else f"{rest} giây"
