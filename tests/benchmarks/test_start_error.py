"""How exactly an item starts: planned second against the first sample heard at the monitor of a null sink."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from audio.outputs.soundcard import LATENCY_PERIODS, PERIOD_MS
from audio.player_link import OutputSpec
from tests.player_rig import calibrated_latency_s, start_errors_ms
from tests.sound_server import SoundServer, _session_server, sound_server  # noqa: F401

STARTS = 50


@pytest.mark.benchmark
@pytest.mark.parametrize("period_ms", [PERIOD_MS])
@pytest.mark.parametrize("is_loaded", [False, True], ids=["idle", "loaded"])
def test_start_error_after_calibration(
    sound_server: SoundServer,  # noqa: F811
    tmp_path: Path,
    is_loaded: bool,
    period_ms: int,
) -> None:
    ear, options = sound_server.ear, {"period_ms": period_ms}
    default_s = LATENCY_PERIODS * period_ms / 1000
    latency_s = calibrated_latency_s(ear, OutputSpec("soundcard", options=options), tmp_path, default_s)
    with load(is_loaded):
        spec = OutputSpec("soundcard", latency_s=latency_s, options=options)
        errors_ms = start_errors_ms(ear, spec, tmp_path, STARTS)
    found = errors_ms[np.isfinite(errors_ms)]
    sizes = np.abs(found)
    print(
        f"\nstart error, {STARTS} starts, {'all cores loaded' if is_loaded else 'idle'}:\n"
        f"  period {period_ms} ms, constant {latency_s * 1000:.1f} ms, median {np.median(sizes):.2f}, "
        f"p99 {np.percentile(sizes, 99):.2f}, worst {sizes.max():.2f} ms (sd {found.std():.2f}), "
        f"torn at the start: {STARTS - len(found)}"
    )
    assert len(found) >= 0.98 * STARTS
    assert np.percentile(sizes, 99) <= 20.0


@contextmanager
def load(is_loaded: bool) -> Iterator[None]:
    """Keep every core busy with a process each."""
    cores = (os.cpu_count() or 1) if is_loaded else 0
    burners = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(cores)]
    try:
        yield
    finally:
        for burner in burners:
            burner.kill()
            burner.wait()
