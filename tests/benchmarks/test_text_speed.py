"""How fast the reader is: characters a second on one core, and the cost of importing it."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from broadcaster.text import to_spoken
from tests.broadcaster.text.samples import SAMPLES

WANTED_CHARACTERS_PER_S = 200_000
WANTED_IMPORT_S = 0.15
TIME_IMPORT = "import time; t = time.perf_counter(); import broadcaster.text; print(time.perf_counter() - t)"


@pytest.mark.benchmark
def test_reading_speed():
    text = "\n".join(sample.written for sample in SAMPLES)
    to_spoken(text)
    best = min(_seconds(text) for _ in range(5))
    speed = len(text) / best
    print(f"\nreading: {speed:,.0f} characters/s on {len(text)} characters dense with figures and codes")
    assert speed >= WANTED_CHARACTERS_PER_S / 2
    plain = (
        "Nhân dân trong phường tham gia dọn vệ sinh, năm 2024 đạt 97,4% kế hoạch của UBND phường giao. " * 200
    )
    speed = len(plain) / min(_seconds(plain) for _ in range(5))
    print(f"reading: {speed:,.0f} characters/s on bulletin prose")
    assert speed >= WANTED_CHARACTERS_PER_S


def _seconds(text: str) -> float:
    start = time.perf_counter()
    to_spoken(text)
    return time.perf_counter() - start


@pytest.mark.benchmark
def test_import_time():
    runs = [
        subprocess.run([sys.executable, "-c", TIME_IMPORT], capture_output=True, text=True, check=True)
        for _ in range(5)
    ]
    seconds = min(float(run.stdout) for run in runs)
    print(f"\nimport of broadcaster.text: {seconds:.3f} s")
    assert seconds < WANTED_IMPORT_S
