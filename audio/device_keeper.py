"""Keeps the device of a player open: opens it, sees when it is lost, opens it again, gives up in the end."""

from __future__ import annotations

import time
from collections.abc import Callable

from audio.mixer import Mixer
from audio.outputs.output import Output, OutputError, Render
from audio.player_words import Fault, Ready, Word

DEAD_AFTER_S = 2.0
"""No callback for so long: the device is lost. At 0.5 s a new device is taken for dead while it starts."""
REOPEN_S = 0.5
REOPEN_TRIES = 3
HUNG_AFTER_S = 4.0
"""An open or close that takes longer hangs with the sound server: only a new process helps."""


class DeviceKeeper:
    def __init__(
        self,
        output: Output,
        mixer: Mixer,
        render: Render,
        say: Callable[[Word], None],
        tries: int = REOPEN_TRIES,
    ) -> None:
        self._output = output
        self._mixer = mixer
        self._render = render
        self._say = say
        self._tries = tries
        self._in_device_since_s: float | None = None

    @property
    def hangs(self) -> bool:
        since_s = self._in_device_since_s
        return since_s is not None and time.monotonic() - since_s > HUNG_AFTER_S

    def keep_open(self) -> None:
        """Return when the device could not be opened so many times in a row."""
        failures = 0
        while failures < self._tries:
            if self._open():
                failures = 0
                self._watch()
                self._say(Fault("device_lost", f"Mất loa {self._output.device}; đang mở lại."))
                self._close()
            else:
                failures += 1
                time.sleep(REOPEN_S)

    def _open(self) -> bool:
        self._in_device_since_s = time.monotonic()
        self._mixer.begin_stream()
        try:
            self._output.open(self._render)
        except OutputError as error:
            self._say(Fault("no_device", str(error)))
            return False
        finally:
            self._in_device_since_s = None
        self._say(Ready(self._output.is_loudspeaker, self._output.device, self._output.latency_s))
        return True

    def _watch(self) -> None:
        while self._mixer.callback_age_s < DEAD_AFTER_S:
            time.sleep(0.25)

    def _close(self) -> None:
        self._in_device_since_s = time.monotonic()
        self._output.close()
        self._in_device_since_s = None
