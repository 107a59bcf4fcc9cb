"""A relay as a player plays it: inside its window by the sample; the stream, or the filler while it is gone.

The stream fades in and out over the filler; what happened to it is told as incidents, and how much of the
window it filled as a word of its own.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from audio.outputs.output import RATE_HZ
from audio.player_words import Incident, IncidentKind, Relayed, Word
from audio.relay_filler import Filler
from audio.relay_receiver import Receiver

FADE_FRAMES = RATE_HZ // 5
JOIN_FRAMES = RATE_HZ
"""So much of the stream is there before it is faded in: what a line may stall without being heard."""
GRACE_FRAMES = 3 * RATE_HZ
"""A stream that is still being opened when its moment comes: silence for so long, then the filler."""
TELL_FRAMES = 5 * RATE_HZ
MOST_INCIDENTS = 20
"""A source that comes and goes all the time must not fill the history."""
_STALL_S = 1.0
"""The device asked for nothing for so long: the window has gone on without it. A shorter pause is made up for
by the outputs that are paced by a clock."""
_STALL_MARGIN_S = 0.1
_STEP = math.pi / 2 / FADE_FRAMES

Floats = NDArray[np.float32]


class RelaySource:
    """`take` and `begin` are called by the output's thread, the others by the feeder."""

    is_late = False
    is_waiting = False

    def __init__(
        self,
        item: str,
        receiver: Receiver,
        filler: Filler,
        until_s: float,
        tell: Callable[[Word], None],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """The window ends at `until_s` (monotonic), when its last sample is heard."""
        self.position = 0
        self.failure = ""
        self._item = item
        self._receiver = receiver
        self._filler = filler
        self._until_s = until_s
        self._tell = tell
        self._monotonic = monotonic
        self._left = 0
        self._begun_left = 0
        self._latency_s = 0.0
        self._taken_s = 0.0
        self._share = 0.0
        """Of the stream in what sounds: 0 none, pi/2 all."""
        self._stream_frames = 0
        self._filler_frames = 0
        self._told_frames = 0
        self._incidents = 0
        self._is_missed = False
        """Its absence was told."""
        self._lost_at = 0

    @property
    def is_finished(self) -> bool:
        return self._begun_left > 0 and self._left == 0

    def begin(self, heard_at_s: float) -> None:
        """The first sample will be heard at this moment."""
        now_s = self._monotonic()
        self._taken_s, self._latency_s = now_s, heard_at_s - now_s
        self._left = self._begun_left = max(1, _frames(self._until_s - heard_at_s))

    def take(self, out: Floats) -> int:
        self._notice_stall()
        part = out[: self._left]
        if len(part):
            self._choose(len(part))
            self._fill(part)
            self._soften_ends(part)
            self._count(len(part))
        return len(part)

    def read_ahead(self) -> None:
        self._receiver.tend()
        self._filler.read_ahead()

    def close(self) -> None:
        self._receiver.close()
        self._filler.close()

    # --- the window ---

    def _notice_stall(self) -> None:
        now_s = self._monotonic()
        if now_s - self._taken_s > _STALL_S:
            left = _frames(self._until_s - now_s - max(0.0, self._latency_s) - _STALL_MARGIN_S)
            self._left = max(0, min(self._left, left))
        self._taken_s = now_s

    def _soften_ends(self, part: Floats) -> None:
        """Fade in at the beginning of the window and out at its end."""
        if self.position < FADE_FRAMES:
            part *= _ramp(self.position, len(part))
        if self._left - len(part) < FADE_FRAMES:
            part *= _ramp(self._left - len(part), len(part))[::-1]

    def _count(self, frames: int) -> None:
        self.position += frames
        self._left -= frames
        if self._receiver.is_heard:
            self._stream_frames += frames
        else:
            self._filler_frames += frames
        if self._left == 0:
            self._tell_end()
        elif self.position - self._told_frames >= TELL_FRAMES:
            self._tell_share()

    # --- the stream or the filler ---

    def _choose(self, frames: int) -> None:
        receiver = self._receiver
        if receiver.is_heard:
            if receiver.is_quiet or receiver.ring.frames < frames + FADE_FRAMES:
                receiver.is_heard = False
                self._lost_at = self.position
                self._tell_lost()
        elif not receiver.is_quiet and receiver.ring.frames >= JOIN_FRAMES:
            receiver.ring.forget_head()
            receiver.is_heard = True
            self._tell_back()
        elif not self._is_missed and self.position - self._lost_at >= GRACE_FRAMES:
            self._tell_lost()

    def _fill(self, part: Floats) -> None:
        step = _STEP if self._receiver.is_heard else -_STEP
        target = math.pi / 2 if self._receiver.is_heard else 0.0
        if self._share == target:
            self._fill_with_one(part)
            return
        shares = np.clip(self._share + step * np.arange(1, len(part) + 1), 0.0, math.pi / 2).astype(
            np.float32
        )
        self._share = float(target if shares[-1] in (0.0, shares.dtype.type(math.pi / 2)) else shares[-1])
        self._take_stream(part)
        part *= np.sin(shares)
        other = np.zeros_like(part)
        self._take_filler(other)
        part += other * np.cos(shares)

    def _fill_with_one(self, part: Floats) -> None:
        if self._receiver.is_heard:
            self._take_stream(part)
        else:
            self._take_filler(part)

    def _take_stream(self, part: Floats) -> None:
        taken = self._receiver.ring.take(part)
        part[taken:] = 0.0

    def _take_filler(self, part: Floats) -> None:
        """Nothing instead of the filler while a stream may still be there in a moment."""
        if self._is_missed or self._stream_frames:
            self._filler.take(part)
        else:
            part[:] = 0.0

    # --- what is told ---

    def _tell_lost(self) -> None:
        self._is_missed = True
        reason = self._receiver.reason
        if self._stream_frames:
            self._incident("relay_lost", f"Mất nguồn tiếp âm ở {_length(self.position)}: {reason}.")
        else:
            self._incident("relay_lost", f"Chưa có nguồn tiếp âm khi đến giờ: {reason}.")

    def _tell_back(self) -> None:
        if self._is_missed:
            gap = _length(self.position - self._lost_at)
            self._incident(
                "relay_back", f"Có tiếng tiếp âm ở {_length(self.position)}, sau {gap} phát tiếng chờ."
            )
        self._is_missed = False

    def _incident(self, kind: IncidentKind, text: str) -> None:
        self._incidents += 1
        if self._incidents <= MOST_INCIDENTS:
            self._tell(Incident(self._item, kind, text))
        elif self._incidents == MOST_INCIDENTS + 1:
            self._tell(Incident(self._item, kind, "Nguồn tiếp âm còn chập chờn nhiều lần nữa."))
        self._tell_share()

    def _tell_share(self) -> None:
        self._told_frames = self.position
        self._tell(Relayed(self._item, self._stream_frames / RATE_HZ, self._filler_frames / RATE_HZ))

    def _tell_end(self) -> None:
        if not self._stream_frames:
            self.failure = f"Không nhận được tiếng từ nguồn tiếp âm: {self._receiver.reason}."
        self._receiver.is_heard = False
        self._tell_share()


def _frames(seconds: float) -> int:
    """Return how many whole frames fit into so many seconds; a rounding error of clocks does not cost one."""
    return math.floor(seconds * RATE_HZ + 0.01)


def _ramp(first: int, frames: int) -> Floats:
    """Return the gains of a fade in, from frame `first` of it on; 1 after its end."""
    angles = np.minimum(np.arange(first, first + frames, dtype=np.float32), FADE_FRAMES) * np.float32(_STEP)
    gains: Floats = np.sin(angles)
    return gains


def _length(frames: int) -> str:
    """Return `12 giây`, `2 phút 5 giây`."""
    minutes, seconds = divmod(max(0, round(frames / RATE_HZ)), 60)
    return f"{minutes} phút {seconds} giây" if minutes else f"{seconds} giây"
