"""The heart of a player: puts items on the stream by sample, fades lower ones out, and tells what it did."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable

import numpy as np

from audio.gain import Gain, Gains
from audio.outputs.output import RATE_HZ, Block, Samples, Span
from audio.player_words import BUSES, Ended, Fault, Started, Word
from audio.shaping import Shaper
from audio.stream_clock import StreamClock
from audio.voice import Ramp, Voice, fade_ramp

JOIN_FRAMES = RATE_HZ // 20
"""An item meant for less than 50 ms after the end of the one before follows it without a gap: the clock of
a sound card and ours drift apart by about that much in a quarter of an hour."""

STALL_S = 1.0
"""A device that asked for nothing for so long plays nothing, so what is cut then needs no fade."""

LEAD_IN_S = 0.1
"""Silence at the beginning of a stream: PulseAudio swallows the first samples of each (216 here)."""

_TAKE_OVER = fade_ramp(0.1)
_BLOCK_FRAMES = 4096


class Mixer:
    """`render` is called by the output's thread; everything else by any thread.

    Handing over is one append to a deque. The lock is held by `render` alone, but for the moments when the
    device is dead and `settle` obeys in its place.
    """

    def __init__(
        self,
        latency_s: float,
        lead_in_s: float = LEAD_IN_S,
        monotonic: Callable[[], float] = time.monotonic,
        shaper: Shaper | None = None,
    ) -> None:
        """`shaper` gives all that sounds the profile of the output, in steps of 16 bits."""
        self.latency_s = latency_s
        self._shaper = shaper
        self._lead_in_frames = round(lead_in_s * RATE_HZ)
        self.words: deque[Word] = deque()
        self.voices: tuple[Voice, ...] = ()
        """Waiting and playing; replaced as a whole, so a reader sees one state of it."""
        self._orders: deque[Callable[[], None]] = deque()
        self._lock = threading.Lock()
        self._monotonic = monotonic
        self._last_call_s = monotonic()
        self._is_stalled = False
        self._last_end: dict[int, int] = {}
        self._spans: list[Span] = []
        self._ended: list[str] = []
        self._frame = 0
        self._clock = StreamClock()
        self._gain = Gain()
        self._gains: Gains | None = None
        """Of the block being made, for all but an emergency."""
        self._make_buffers(_BLOCK_FRAMES)

    @property
    def callback_age_s(self) -> float:
        return self._monotonic() - self._last_call_s

    @property
    def has_orders(self) -> bool:
        return bool(self._orders)

    def arm(self, voice: Voice) -> None:
        self._orders.append(lambda: self._add(voice))

    def cut(self, item: str | None, ramp: Ramp) -> None:
        """Fade out `item`, or everything; what has not started is dropped."""
        self._orders.append(lambda: self._cut(item, ramp))

    def gain(self, gain_db: float, ramp_s: float) -> None:
        """Move the level of all but the emergency bus in `ramp_s`; at once when nothing of it sounds."""
        self._orders.append(lambda: self._gain.move(gain_db, ramp_s))

    def begin_stream(self) -> None:
        """A device was opened: its frames count from 0 again; what was playing goes on where it broke off."""
        with self._lock:
            self._frame = 0
            self._clock = StreamClock()
            self._last_end.clear()
            self._last_call_s = self._monotonic()

    def settle(self) -> None:
        """Obey in place of a dead device, so that what is cut now does not sound when it returns."""
        with self._lock:
            self._is_stalled = self.callback_age_s > STALL_S
            if self._is_stalled:
                self._obey()

    def render(self, frames: int) -> Block:
        """Return the next `frames` frames; the block is reused by the next call."""
        with self._lock:
            now_s = self._monotonic()
            self._is_stalled = now_s - self._last_call_s > STALL_S
            self._last_call_s = now_s
            self._clock.observe(now_s, self._frame)
            self._obey()
            if frames > len(self._out):
                self._make_buffers(frames)
            self._spans.clear()
            out = self._out[:frames]
            if self.voices and self._frame >= self._lead_in_frames:
                self._fill(out)
            else:
                self._rest(out)
            self._frame += frames
            block = Block(out, tuple(self._spans), tuple(self._ended))
            self._ended.clear()
            return block

    def _obey(self) -> None:
        while self._orders:
            self._orders.popleft()()

    def _add(self, voice: Voice) -> None:
        self.voices = tuple(sorted((*self.voices, voice), key=lambda each: (each.rank, each.target_s)))

    def _cut(self, item: str | None, ramp: Ramp) -> None:
        for voice in self.voices:
            if item not in (None, voice.item):
                continue
            if voice.state == "waiting" or self._is_stalled or not len(ramp):
                voice.end("cut")
                self._bury(voice)
            else:
                voice.fade_out(ramp, 0, "")

    def _make_buffers(self, frames: int) -> None:
        self._mix = np.zeros(frames, np.float32)
        self._scratch = np.zeros(frames, np.float32)
        self._out = np.zeros(frames, np.int16)

    def _fill(self, out: Samples) -> None:
        mix = self._mix[: len(out)]
        mix.fill(0.0)
        self._gains = self._next_gains(len(out))
        free_from, taken_over_at = 0, -1
        for rank in range(len(BUSES)):
            free_from = self._go_on(rank, len(out), free_from, taken_over_at)
            if taken_over_at < 0:
                free_from, taken_over_at = self._begin_due(rank, len(out), free_from)
        if self._shaper is not None:
            self._shaper.shape(mix)
        np.rint(mix, out=mix)
        np.clip(mix, -32768.0, 32767.0, out=mix)
        out[:] = mix

    def _rest(self, out: Samples) -> None:
        out.fill(0)
        if self._shaper is not None:
            self._shaper.rest()

    def _next_gains(self, frames: int) -> Gains | None:
        if not any(voice.state == "playing" and voice.rank > 0 for voice in self.voices):
            self._gain.arrive()
        return self._gain.next(frames)

    def _go_on(self, rank: int, frames: int, free_from: int, taken_over_at: int) -> int:
        """Play on what plays on this bus; return from where on the block is free for this bus."""
        for voice in self.voices:
            if voice.rank != rank or voice.state != "playing":
                continue
            if taken_over_at >= 0:
                voice.fade_out(_TAKE_OVER, taken_over_at, "Nhường cho kênh ưu tiên cao hơn.")
            end = self._play(voice, 0, frames)
            if not voice.is_fading:
                free_from = max(free_from, end)
        return free_from

    def _begin_due(self, rank: int, frames: int, free_from: int) -> tuple[int, int]:
        """Begin what is due on this bus; return from where on it is free and where the first one began."""
        taken_over_at = -1
        for voice in self.voices:
            if voice.rank != rank or voice.state != "waiting" or voice.source.is_waiting:
                continue
            first = max(self._due(voice) - self._frame, free_from)
            if first >= frames:
                break
            voice.state = "playing"
            heard_at_s = self._clock.time_of(self._frame + first) + self.latency_s
            self.words.append(Started(voice.item, heard_at_s))
            voice.source.begin(heard_at_s)
            free_from = self._play(voice, first, frames)
            taken_over_at = first if taken_over_at < 0 else taken_over_at
        return free_from, taken_over_at

    def _due(self, voice: Voice) -> int:
        due = self._clock.frame_at(voice.target_s - self.latency_s)
        last_end = self._last_end.get(voice.rank)
        if last_end is not None and 0 < due - last_end <= JOIN_FRAMES:
            return last_end
        return due

    def _play(self, voice: Voice, first: int, frames: int) -> int:
        was_starved = voice.is_starved
        gains = None if self._gains is None or voice.rank == 0 else self._gains[first:]
        end = first + voice.mix_into(self._mix[first:frames], self._scratch[: frames - first], gains)
        if end > first and not voice.is_in_long_pause:
            self._spans.append(Span(voice.item, first, end))
        if voice.is_starved and not was_starved:
            self.words.append(Fault("starved", f"“{voice.item}” bị ngắt tiếng: đọc tệp không kịp."))
        if voice.state == "over":
            if voice.how == "whole":
                self._last_end[voice.rank] = self._frame + end
            self._bury(voice)
        return end

    def _bury(self, voice: Voice) -> None:
        self.voices = tuple(each for each in self.voices if each is not voice)
        self._ended.append(voice.item)
        self.words.append(Ended(voice.item, voice.how, voice.seconds_accepted, voice.level_dbfs, voice.text))
