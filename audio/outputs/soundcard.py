"""Sound cards through miniaudio: PulseAudio (or PipeWire) first, then ALSA; on Windows WASAPI. Never its
NULL backend, which plays into nothing and looks well."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any, NamedTuple

import miniaudio

from audio.outputs.cards import Device
from audio.outputs.output import RATE_HZ, NoDevice, Render

logger = logging.getLogger(__name__)

PERIOD_MS = 80
"""PulseAudio holds three quarters of a period for us, no more, so this is how long a busy machine may keep us
waiting before the sound tears: 15 ms at 20 tore often, 60 ms at 80 seldom, at a third of the wake-ups.
Starts are placed by sample, so they are as exact; a cut or an alert comes up to 60 ms later."""

LATENCY_PERIODS = 0.75
"""From the computed to the heard moment, in periods; measured at the monitor of a PulseAudio null sink: 15.0
ms at 20, 30.0 at 40, 59.9 at 80. A real card adds its own buffer: measure on site (OutputSpec.latency_s)."""

_ALSA_CARDS = Path("/proc/asound/cards")
_REAL_ALSA = re.compile(r"default|:\d|(plug)?hw:")
"""ALSA also lists plug-ins, one of which plays into nothing ("null")."""

Frames = Generator[bytes, int, None]


class SoundCard:
    """One sound card, held open. `target` is its name as `devices` gives it; empty: the default one."""

    is_loudspeaker = True

    def __init__(self, target: str = "", latency_s: float = 0.0, period_ms: int = PERIOD_MS) -> None:
        self.device = target
        self.latency_s = latency_s or LATENCY_PERIODS * period_ms / 1000
        self._target = target
        self._period_ms = period_ms
        self._open: _PlaybackDevice | None = None

    def open(self, render: Render) -> None:
        card = _find(self._target)
        try:
            device = _PlaybackDevice(
                output_format=miniaudio.SampleFormat.SIGNED16,
                nchannels=1,
                sample_rate=RATE_HZ,
                buffersize_msec=self._period_ms,
                device_id=card.id,
                backends=backends(),
                app_name="Loa phường",
            )
            frames = _frames(render)
            next(frames)
            device.start(frames)
        except miniaudio.MiniaudioError as error:
            code = error.args[-1]
            raise NoDevice(f"Không mở được loa {_named(card.name)} (lỗi {code}); hãy cắm lại loa.") from error
        self._open, self.device = device, f"{card.name} ({device.backend})"

    def close(self) -> None:
        device, self._open = self._open, None
        if device is not None:
            device.close()


class _PlaybackDevice(miniaudio.PlaybackDevice):  # type: ignore[misc]
    def close(self) -> None:
        """Also give back the context: miniaudio leaves it, and a sound server refuses its 65th client."""
        super().close()
        context, self._context = getattr(self, "_context", None), None
        if context:
            miniaudio.lib.ma_context_uninit(context)


class _Card(NamedTuple):
    name: str
    is_default: bool
    id: Any
    """miniaudio's own; None: whatever is the default when the device is opened."""


def _frames(render: Render) -> Frames:
    wanted = yield b""
    while True:
        wanted = yield render(wanted).samples.tobytes()


def cards_here() -> list[Device]:
    """Like `cards.devices`, in this process; may hang with the sound server."""
    return [Device(card.name, card.is_default) for card in _cards()]


def backends() -> list[miniaudio.Backend]:
    """Return what may be tried on this machine, best first."""
    match sys.platform:
        case "win32":
            return [miniaudio.Backend.WASAPI]
        case "darwin":
            return [miniaudio.Backend.COREAUDIO]
    # Without a card ALSA has nothing but plug-ins to offer, and fills the log saying so.
    alsa = [miniaudio.Backend.ALSA] if _has_alsa_card() else []
    return [miniaudio.Backend.PULSEAUDIO, *alsa]


def _has_alsa_card() -> bool:
    try:
        return "]:" in _ALSA_CARDS.read_text()
    except OSError:
        return False


def _find(target: str) -> _Card:
    cards = _cards()
    if not cards:
        raise NoDevice("Máy này không có loa hoặc dịch vụ âm thanh chưa chạy; hãy cắm loa rồi thử lại.")
    for card in cards:
        if card.name == target or (not target and card.is_default):
            return card
    if target:
        raise NoDevice(f"Không thấy loa {_named(target)}; hãy cắm lại loa hoặc chọn loa khác.")
    return cards[0]._replace(id=None)


def _cards() -> list[_Card]:
    try:
        listing = miniaudio.Devices(backends())
    except miniaudio.MiniaudioError:
        return []
    cards = _playback_cards(listing._context)
    return [card for card in cards if listing.backend != "ALSA" or _REAL_ALSA.match(_id_text(card.id))]


def _playback_cards(context: Any) -> list[_Card]:
    # Not Devices.get_playbacks: on ALSA it raises for one bad card and then shows none of the good ones.
    ffi, lib = miniaudio.ffi, miniaudio.lib
    found, count = ffi.new("ma_device_info**"), ffi.new("ma_uint32*")
    if lib.ma_context_get_devices(context, found, count, ffi.NULL, ffi.NULL) != lib.MA_SUCCESS:
        return []
    return [_card(found[0][number]) for number in range(count[0])]


def _card(about: Any) -> _Card:
    ffi = miniaudio.ffi
    name = ffi.string(about.name).decode("utf-8", "replace")
    return _Card(name, bool(about.isDefault), ffi.new("ma_device_id *", about.id))


def _id_text(card_id: Any) -> str:
    """ALSA's and PulseAudio's own name of a card is a C string."""
    return bytes(miniaudio.ffi.buffer(card_id)).split(b"\0")[0].decode("utf-8", "replace")


def _named(name: str) -> str:
    return f"“{name}”"
