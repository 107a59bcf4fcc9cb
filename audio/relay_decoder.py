"""From a stream's address to samples: finds out what it is, decodes it, mixes it to mono at 48 kHz."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol

import av
import numpy as np
from numpy.typing import NDArray

from audio.outputs.output import RATE_HZ
from audio.relay_hls import Edge, HlsBody, whole_text
from audio.relay_http import Body, open_address
from audio.relay_playlist import is_hls, is_playlist, named_stream
from audio.relay_trouble import RelayError, Trouble

Floats = NDArray[np.float32]

_FORMATS = "mp3,aac,ogg,mpegts,mov,mp4,flac,wav"
"""What a radio sends. Others stay shut: `concat` for one opens files of this machine."""
_OPTIONS = {
    "format_whitelist": _FORMATS,
    "protocol_whitelist": "none",
    "probesize": "65536",
    "analyzeduration": "500000",
}
_HINTS = {"audio/mpeg": "mp3", "audio/aac": "aac", "audio/aacp": "aac", "audio/x-aac": "aac"}
"""Saves looking for the format, which takes a second of a slow stream."""
_FIRST_BYTES = 2048
_MOST_PLAYLISTS = 3
_SHORTEST_FILE, _LONGEST_FILE = 1, 300_000_000
"""Bytes. A body of a stated length is a file; encoders that state one for a stream state far more."""
_MOST_BAD_PACKETS = 50


class _Bytes(Protocol):
    address: str
    content_type: str
    length: int | None

    def read(self, most: int) -> bytes: ...
    def close(self) -> None: ...


class Stream:
    """An open stream. `samples` yields float32 mono at 48 kHz, full scale ±1.0, for as long as it lasts."""

    def __init__(self, address: str, edge: Edge, wait: Callable[[float], None]) -> None:
        """`edge` is kept between openings of one address. Raises RelayError."""
        self._body, self._first = _sound_of(address, edge, wait)
        self.is_segmented = isinstance(self._body, HlsBody)
        self._error: RelayError | None = None
        try:
            self._container = self._open()
            _refuse_file(self._container, self._body)
        except BaseException:
            self._body.close()
            raise
        found = self._container.streams.audio[0]
        self.codec = str(found.codec_context.name)
        self.rate_hz = int(found.codec_context.sample_rate or 0)
        self.channels = int(found.codec_context.layout.nb_channels)

    def samples(self) -> Iterator[Floats]:
        """Raises RelayError when it breaks off; returns when the other side has ended it."""
        mixer = _Mixer()
        bad = 0
        for packet in self._packets():
            try:
                frames = packet.decode()
            except av.FFmpegError as error:
                # The first packet of a stream joined in the middle is often half of one.
                bad += 1
                if bad > _MOST_BAD_PACKETS:
                    raise RelayError(Trouble.NOT_AUDIO) from error
                continue
            for frame in frames:
                bad = 0
                yield from mixer.mono(frame)

    def close(self) -> None:
        self._container.close()
        self._body.close()

    # What libavformat calls; the error is kept here because it does not always come through.

    def read(self, most: int) -> bytes:
        if self._first:
            part, self._first = self._first[:most], self._first[most:]
            return part
        try:
            return self._body.read(most)
        except RelayError as error:
            self._error = error
            return b""

    def _open(self) -> Any:
        hint = None if self._first.startswith(b"OggS") else _HINTS.get(self._body.content_type)
        try:
            container = av.open(self, format=hint, options=_OPTIONS)
        except (av.FFmpegError, ValueError) as error:
            raise self._error or RelayError(Trouble.NOT_AUDIO) from error
        if not container.streams.audio:
            container.close()
            raise self._error or RelayError(Trouble.NOT_AUDIO)
        return container

    def _packets(self) -> Iterator[Any]:
        try:
            yield from self._container.demux(audio=0)
        except av.FFmpegError as error:
            raise self._error or RelayError(Trouble.ENDED) from error
        if self._error is not None:
            raise self._error


class _Mixer:
    """Frames of any form to mono at 48 kHz; a stream may change its form at any moment."""

    def __init__(self) -> None:
        self._resampler: Any = None
        self._form: tuple[Any, ...] = ()

    def mono(self, frame: Any) -> Iterator[Floats]:
        form = (frame.format.name, frame.layout.name, frame.sample_rate)
        if form != self._form:
            self._resampler, self._form = av.AudioResampler("flt", "mono", RATE_HZ), form
        frame.pts = None
        for mixed in self._resampler.resample(frame):
            yield mixed.to_ndarray()[0]


def _sound_of(address: str, edge: Edge, wait: Callable[[float], None]) -> tuple[_Bytes, bytes]:
    """Return the stream behind `address`, through playlists, and the bytes that were read of it already."""
    for _ in range(_MOST_PLAYLISTS):
        body = open_address(address)
        try:
            first = body.read(_FIRST_BYTES)
            if not is_playlist(first):
                _refuse_no_stream(body, first)
                return body, first
            text = whole_text(body, first)
        except BaseException:
            body.close()
            raise
        body.close()
        if is_hls(text):
            return HlsBody(body.address, text, edge, wait), b""
        address = named_stream(text, body.address) or ""
    raise RelayError(Trouble.NOT_AUDIO)


def _refuse_file(container: Any, body: _Bytes) -> None:
    if body.length is not None and _SHORTEST_FILE <= body.length <= _LONGEST_FILE:
        container.close()
        raise RelayError(Trouble.NOT_LIVE)


def _refuse_no_stream(body: Body, first: bytes) -> None:
    if not first:
        raise RelayError(Trouble.ENDED)
    start = first.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if body.content_type in ("text/html", "application/json") or start.startswith(
        (b"<!doctype", b"<html", b"<?xml")
    ):
        raise RelayError(Trouble.NOT_AUDIO)
