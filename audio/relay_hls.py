"""A live HLS stream as one stream of bytes: the playlist is asked again, its pieces follow each other.

Ours and not libavformat's: that one plays a playlist that has ended again and again, faster than real time,
waits for minutes for one that does not move, and opens whatever it names.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from audio.relay_http import Body, open_address
from audio.relay_playlist import LONGEST_BYTES, Playlist, Segment, best_variant, read_hls
from audio.relay_trouble import RelayError, Trouble

_JOIN_SEGMENTS = 3
"""A client should not start closer to the end than three target durations (RFC 8216, 6.3.3)."""
_STUCK_TARGETS = 3
"""No new piece for so many target durations: nobody is feeding the playlist."""
_LONGEST_POLL_S = 5.0
_NAP_S = 0.25


@dataclass(slots=True)
class Edge:
    """How far the stream has been followed. Kept when it is opened again, so that nothing sounds twice."""

    newest: Segment | None = None

    def after(self, segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
        """Return the segments that came after the newest one known."""
        if self.newest is None:
            return ()
        for place, segment in enumerate(segments):
            if segment.address == self.newest.address:
                return segments[place + 1 :]
        if segments[-1].number < self.newest.number - len(segments):
            return segments  # the other station has started to count anew; a cache is never that far behind
        return tuple(segment for segment in segments if segment.number > self.newest.number)


class HlsBody:
    """Reads on for as long as the playlist moves; `wait(seconds)` is called instead of sleeping."""

    content_type = ""
    length: int | None = None

    def __init__(self, address: str, text: str, edge: Edge, wait: Callable[[float], None]) -> None:
        """`text` is what was read at `address`. Raises RelayError when it is no live stream."""
        self.address = address
        self._edge = edge
        self._wait = wait
        self._body: Body | None = None
        self._opening = ""
        playlist = read_hls(text, address)
        if playlist.variants:
            self.address = best_variant(playlist).address
            playlist = self._load()
        _check(playlist)
        if playlist.is_ended:
            raise RelayError(Trouble.NOT_LIVE)
        self._queue = self._join(playlist)

    def read(self, most: int) -> bytes:
        """Return what comes next; raises RelayError when nothing does."""
        while True:
            if self._body is not None:
                if data := self._body.read(most):
                    return data
                self._body.close()
                self._body = None
            if not self._queue:
                self._queue.extend(self._next_segments())
            if not self._queue:
                return b""
            self._open_next()

    def close(self) -> None:
        if self._body is not None:
            self._body.close()

    def _open_next(self) -> None:
        segment = self._queue[0]
        if segment.opening and segment.opening != self._opening:
            self._opening, self._body = segment.opening, open_address(segment.opening)
            return
        self._queue.popleft()
        self._edge.newest = segment
        self._body = open_address(segment.address)

    def _join(self, playlist: Playlist) -> deque[Segment]:
        """Return where to begin: near the end, once the playlist has shown that it moves."""
        if self._edge.newest is None:
            self._edge.newest = playlist.segments[-1]
            playlist = self._moved(playlist)
            return deque(playlist.segments[-_JOIN_SEGMENTS:])
        new = self._edge.after(playlist.segments) or self._edge.after(self._moved(playlist).segments)
        return deque(new[-_JOIN_SEGMENTS:])

    def _next_segments(self) -> tuple[Segment, ...]:
        """Return what is new; nothing when the stream has come to its end."""
        playlist = self._load()
        new = self._edge.after(playlist.segments)
        if new or playlist.is_ended:
            return new
        return self._edge.after(self._moved(playlist).segments)

    def _moved(self, playlist: Playlist) -> Playlist:
        """Return the playlist as soon as it holds more than what is known; raises RelayError (stuck)."""
        until_s = time.monotonic() + _STUCK_TARGETS * playlist.target_s
        while time.monotonic() < until_s:
            # An unchanged playlist is asked for after half a target duration (RFC 8216, 6.3.4).
            self._rest(min(playlist.target_s / 2, _LONGEST_POLL_S))
            playlist = self._load()
            if self._edge.after(playlist.segments) or playlist.is_ended:
                return playlist
        raise RelayError(Trouble.STUCK)

    def _rest(self, seconds: float) -> None:
        until_s = time.monotonic() + seconds
        while (left_s := until_s - time.monotonic()) > 0:
            self._wait(min(_NAP_S, left_s))

    def _load(self) -> Playlist:
        body = open_address(self.address)
        try:
            playlist = read_hls(whole_text(body), body.address)
        finally:
            body.close()
        _check(playlist)
        return playlist


def whole_text(body: Body, first: bytes = b"") -> str:
    """Return a playlist to its end; raises RelayError (not audio) when it has none."""
    read = bytearray(first)
    while data := body.read(16_384):
        read += data
        if len(read) > LONGEST_BYTES:
            raise RelayError(Trouble.NOT_AUDIO)
    return read.decode("utf-8", "replace")


def _check(playlist: Playlist) -> None:
    if not playlist.is_readable:
        raise RelayError(Trouble.UNSUPPORTED)
    if not playlist.segments:
        raise RelayError(Trouble.NOT_AUDIO if playlist.variants else Trouble.STUCK)
