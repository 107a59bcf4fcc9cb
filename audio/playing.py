"""Play sound while it is still being made, on an output opened for it alone: `say` and test chimes."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable

import numpy as np

from audio.formats import Pcm, to_s16
from audio.mixer import Mixer
from audio.outputs.output import RATE_HZ, Output, OutputError, Samples, output_for
from audio.outputs.spec import OutputSpec
from audio.sources import StreamSource
from audio.voice import Voice

_AHEAD_S = 20.0
"""What is made faster than it plays waits here; a longer wait would only fill memory."""
_DEAD_AFTER_S = 2.0
_POLL_S = 0.02


def play(blocks: Iterable[Pcm], spec: OutputSpec, item: str = "nghe thử") -> float:
    """Play `blocks` one after the other without a gap and return the seconds that the output accepted.

    The first block sounds as soon as it comes. Blocks are 48 kHz, else ValueError.
    Raises OutputError when the output cannot be opened or dies meanwhile.
    """
    output = output_for(spec)
    mixer = Mixer(output.latency_s)
    output.open(mixer.render)
    try:
        source = StreamSource()
        voice = Voice(item, 0, 0.0, source)
        _put_all(blocks, source, voice, mixer)
        _wait_until_heard(voice, mixer, output)
    finally:
        _close(output)
    return voice.seconds_accepted


def _put_all(blocks: Iterable[Pcm], source: StreamSource, voice: Voice, mixer: Mixer) -> None:
    is_armed = False
    for block in blocks:
        source.put(_samples(block))
        if not is_armed:
            mixer.arm(voice)
            is_armed = True
        while source.frames_ahead > _AHEAD_S * RATE_HZ:
            _rest(mixer)
    source.finish()
    if not is_armed:
        voice.end("whole")


def _wait_until_heard(voice: Voice, mixer: Mixer, output: Output) -> None:
    while voice.state != "over":
        _rest(mixer)
    # What was accepted last is still in the device.
    time.sleep(4 * output.latency_s)


def _rest(mixer: Mixer) -> None:
    if mixer.callback_age_s > _DEAD_AFTER_S:
        raise OutputError("Loa ngừng nhận tiếng giữa chừng; hãy kiểm tra loa và dịch vụ âm thanh.")
    time.sleep(_POLL_S)


def _close(output: Output) -> None:
    """Give up waiting after a second: with a frozen sound server a close can hang for ever."""
    closing = threading.Thread(target=output.close, name="closing", daemon=True)
    closing.start()
    closing.join(1.0)


def _samples(block: Pcm) -> Samples:
    if block.rate_hz != RATE_HZ:
        raise ValueError(f"an output plays {RATE_HZ} Hz, not {block.rate_hz}")
    samples: Samples = np.frombuffer(to_s16(block), "<i2").astype(np.int16, copy=False)
    return samples
