"""Our reader beside the published ones that can be installed: speed, and notices read wholly right.

Each lives in a throw-away environment of its own; one that cannot be installed or started says so.
Our own share must be whole here and says no more than that nothing was lost: what was wrong in these notices
was mended. New sentences, written before they were read, are what it has to be measured with.
"""

from __future__ import annotations

import json
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.broadcaster.text.notices import NOTICES

INSTALL_AT_MOST_S = 300
RUN_AT_MOST_S = 300
LOADER = """
import json, os, sys, time
lines = json.load(sys.stdin)
answer = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)  # some print while they read
{load}
read("khởi động 1")
seconds = []
for _ in range(3):
    start = time.perf_counter()
    said = [str(read(line)) for line in lines]
    seconds.append(time.perf_counter() - start)
json.dump({{"said": said, "seconds": min(seconds)}}, answer)
answer.close()
"""
PEERS = {
    "sea-g2p": "from sea_g2p import Normalizer; read = Normalizer().normalize",
    "vietnormalizer": "import vietnormalizer; read = vietnormalizer.VietnameseNormalizer().normalize",
    "vinorm": "from vinorm import TTSnorm as read",
}
OURS = "from broadcaster.text import spoken_line as read"


@dataclass(frozen=True, slots=True)
class Score:
    characters_per_s: float
    right: int

    def __str__(self) -> str:
        share = f"{100 * self.right / len(NOTICES):.1f} %"
        return f"{self.characters_per_s:>10,.0f} characters/s, {self.right} of {len(NOTICES)} right, {share}"


@pytest.mark.benchmark
def test_ours_beside_the_published_readers(tmp_path: Path):
    ours = measured(Path(sys.executable), OURS)
    assert isinstance(ours, Score), ours
    print(f"\n{'ours':<16}{ours}")
    for name, load in PEERS.items():
        python = installed(name, tmp_path / name)
        score = measured(python, load) if isinstance(python, Path) else python
        print(f"{name:<16}{score}")
        if isinstance(score, Score):
            assert ours.right > score.right
    assert ours.right == len(NOTICES)


def installed(name: str, folder: Path) -> Path | str:
    """Return the interpreter of a new environment with `name` in it, or why there is none."""
    venv.create(folder, with_pip=True)
    python = folder / "bin" / "python"
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", name]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_AT_MOST_S, check=False)
    except subprocess.TimeoutExpired:
        return f"not installed within {INSTALL_AT_MOST_S} s"
    return python if done.returncode == 0 else f"cannot be installed: {last_line(done.stderr)}"


def measured(python: Path, load: str) -> Score | str:
    """Return how fast and how rightly the notices are read, or why they are not."""
    written = [notice.written for notice in NOTICES]
    command = [str(python), "-c", LOADER.format(load=load)]
    try:
        done = subprocess.run(
            command,
            input=json.dumps(written),
            capture_output=True,
            text=True,
            timeout=RUN_AT_MOST_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"not done within {RUN_AT_MOST_S} s"
    if done.returncode != 0:
        return f"cannot be started: {last_line(done.stderr)}"
    answer = json.loads(done.stdout)
    right = sum(notice.allows(said) for notice, said in zip(NOTICES, answer["said"], strict=True))
    return Score(sum(map(len, written)) / answer["seconds"], right)


def last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no reason given"])[-1][:200]
