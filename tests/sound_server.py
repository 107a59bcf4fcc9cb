"""A real sound server without hardware: a private PulseAudio with a null sink, and an ear on its monitor.

    @pytest.fixture
    def rig(sound_server): ...

`sound_server` (one for the session) and `own_sound_server` (to be killed and frozen) are fixtures; a test
module gets them by `from tests.sound_server import own_sound_server, sound_server  # noqa: F401`.
Both point PULSE_SERVER at the server for as long as the test runs, so every player started then uses it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
from numpy.typing import NDArray

RATE_HZ = 48_000
SINK = "loa"
DEVICE = "Loa thu"
"""What the sink calls itself to a player that lists devices."""

T = TypeVar("T")
Samples = NDArray[np.int16]


def eventually(ask: Callable[[], T], within_s: float = 5.0, why: str = "") -> T:
    """Ask again until the answer is true, and return it; the test fails when it is not in time."""
    deadline = time.monotonic() + within_s
    while not (answer := ask()):
        assert time.monotonic() < deadline, f"not within {within_s} s: {why or ask}"
        time.sleep(0.01)
    return answer


class Ear:
    """Records the monitor of the sink from its creation on; knows when each sample was played.

    The moment of a sample is the low percentile of (arrival - number / rate): data comes late, never early.
    Absolute error about 5 ms, the same for all of one recording.
    """

    def __init__(self, environment: dict[str, str], sink: str = SINK) -> None:
        self._heard = bytearray()
        self._zeros: list[float] = []
        self._changed = threading.Condition()
        # With a small latency the sink renders little at a time, and nothing is lost when parec is ended.
        self._parec = subprocess.Popen(
            ["parec", "-d", f"{sink}.monitor", "--latency-msec=5", f"--rate={RATE_HZ}", "--channels=1",
             "--format=s16le", "--raw"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, bufsize=0,
        )  # fmt: skip
        self._thread = threading.Thread(target=self._listen, name="ear", daemon=True)
        self._thread.start()

    @property
    def zero_s(self) -> float:
        """The moment (time.monotonic) at which sample 0 was played."""
        with self._changed:
            return float(np.percentile(self._zeros, 5))

    @property
    def seconds(self) -> float:
        return len(self._heard) // 2 / RATE_HZ

    def heard(self) -> Samples:
        with self._changed:
            return np.frombuffer(bytes(self._heard[: len(self._heard) // 2 * 2]), "<i2")

    def since(self, moment_s: float) -> Samples:
        """Everything heard from that moment on."""
        return self.heard()[max(0, self.number_at(moment_s)) :]

    def between(self, start_s: float, end_s: float) -> Samples:
        """What was heard between two moments; waits until it has been."""
        self.wait_for(end_s)
        return self.since(start_s)[: round((end_s - start_s) * RATE_HZ)]

    def wait_for(self, moment_s: float, patience_s: float = 5.0) -> None:
        """Wait until everything up to `moment_s` has been recorded."""
        eventually(
            lambda: self._zeros and self.zero_s + self.seconds >= moment_s,
            max(0.0, moment_s - time.monotonic()) + patience_s,
            "the recording reaches that moment",
        )

    def find(self, clip: Samples, after_s: float = 0.0, within_s: float = 5.0) -> int:
        """Return the number of the sample at which `clip` begins in the recording, once it is heard."""

        def look() -> int | None:
            first = max(0, self.number_at(after_s)) if after_s else 0
            where = position_of(clip, self.heard()[first:])
            return None if where is None else first + where

        found = eventually(lambda: (where := look()) is not None and [where], within_s, "the clip is heard")
        assert found
        return found[0]

    def number_at(self, moment_s: float) -> int:
        return round((moment_s - self.zero_s) * RATE_HZ)

    def moment_of(self, number: int) -> float:
        return self.zero_s + number / RATE_HZ

    def wait_until_steady(self) -> None:
        """An idle null sink renders two seconds at a time until the first reader's wish has reached it."""
        eventually(lambda: len(self._zeros) > 100 and np.ptp(self._zeros[-50:]) < 0.05, 15.0)
        with self._changed:
            del self._zeros[:-50]

    def close(self) -> None:
        self._parec.kill()
        self._thread.join(5)
        self._parec.wait(5)

    def _listen(self) -> None:
        assert self._parec.stdout is not None
        with self._parec.stdout as pipe:
            while data := pipe.read(4096):
                now = time.monotonic()
                with self._changed:
                    self._heard += data
                    self._zeros.append(now - len(self._heard) / 2 / RATE_HZ)


class SoundServer:
    """One private PulseAudio; `kill` and `start` again, `freeze` and `thaw` as a test needs."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PULSE_")},
            "PULSE_SERVER": f"unix:{folder}/native",
            "PULSE_RUNTIME_PATH": str(folder),
            "PULSE_COOKIE": str(folder / "cookie"),
        }
        self._daemon: subprocess.Popen[bytes] | None = None
        self._ear: Ear | None = None

    @property
    def ear(self) -> Ear:
        """The recording since the server was started, or last started again."""
        assert self._ear is not None
        return self._ear

    def start(self, with_sink: bool = True) -> None:
        (self.folder / "native").unlink(missing_ok=True)  # left behind by a killed one
        sink = f"module-null-sink sink_name={SINK} rate={RATE_HZ} channels=1 format=s16le"
        sink += f" sink_properties=device.description='{_escaped(DEVICE)}'"
        self._daemon = subprocess.Popen(
            ["pulseaudio", "-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1",
             "--disallow-exit", "--realtime=no", "--high-priority=yes", "--log-level=error",
             "-L", f"module-native-protocol-unix socket={self.folder}/native auth-anonymous=1",
             *(["-L", sink] if with_sink else [])],
            env={**self.environment, "HOME": str(self.folder), "XDG_RUNTIME_DIR": str(self.folder)},
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        eventually(self._answers, 10.0, "PulseAudio answers")
        if with_sink:
            self._ear = Ear(self.environment)

    def kill(self) -> None:
        """As kill -9, or as when the power of the card is cut."""
        self._signal(signal.SIGKILL)
        assert self._daemon is not None
        self._daemon.wait(5)
        if self._ear is not None:
            self._ear.close()

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def add_sink(self, name: str, device: str) -> Ear:
        """Add a sound card that calls itself `device`; return an ear on it, which the caller closes."""
        properties = f"sink_properties=device.description='{_escaped(device)}'"
        loaded = self._pactl(
            "load-module", "module-null-sink", f"sink_name={name}", f"rate={RATE_HZ}", "channels=1",
            "format=s16le", properties,
        )  # fmt: skip
        assert loaded, "the sink was not added"
        return Ear(self.environment, name)

    def clients(self) -> int:
        """How many programs are connected, without the one that asks."""
        return len(self._pactl("list", "short", "clients").splitlines()) - 1

    def stop(self) -> None:
        if self._daemon is not None and self._daemon.poll() is None:
            self.thaw()
            self.kill()

    def _signal(self, number: signal.Signals) -> None:
        assert self._daemon is not None
        self._daemon.send_signal(number)

    def _answers(self) -> bool:
        return bool(self._pactl("info"))

    def _pactl(self, *words: str) -> str:
        asked = subprocess.run(
            ["pactl", *words], env=self.environment, capture_output=True, timeout=5, check=False
        )
        return asked.stdout.decode() if asked.returncode == 0 else ""


def _escaped(words: str) -> str:
    return words.replace(" ", "\\ ")


def position_of(clip: Samples, heard: Samples) -> int | None:
    """Return where `clip` begins in `heard`, to the sample, by cross-correlation; None when it is not there.

    Its first tenth of a second is looked for.
    """
    needle = clip[: RATE_HZ // 10].astype(np.float64)
    count = len(heard) - len(needle) + 1
    if count < 1:
        return None
    size = 1 << (len(heard) + len(needle)).bit_length()
    product = np.fft.rfft(heard.astype(np.float64), size) * np.conj(np.fft.rfft(needle, size))
    best = int(np.argmax(np.fft.irfft(product, size)[:count]))
    part = heard[best : best + len(needle)].astype(np.float64)
    alike = float(np.dot(part, needle)) / (np.linalg.norm(part) * np.linalg.norm(needle) + 1e-9)
    return best if alike > 0.9 else None


def point_at(server: SoundServer, patch: pytest.MonkeyPatch) -> None:
    for name in ("PULSE_SERVER", "PULSE_RUNTIME_PATH", "PULSE_COOKIE"):
        patch.setenv(name, server.environment[name])


@pytest.fixture(scope="session")
def _session_server() -> Iterator[SoundServer]:
    for server in _running_server():
        server.ear.wait_until_steady()
        yield server


@pytest.fixture
def sound_server(_session_server: SoundServer, monkeypatch: pytest.MonkeyPatch) -> SoundServer:
    """The session's server, with an ear that listens already. Do not harm it."""
    point_at(_session_server, monkeypatch)
    return _session_server


@pytest.fixture
def own_sound_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[SoundServer]:
    """A server of this test alone, to be killed and frozen. For moments wait until its ear is steady."""
    for server in _running_server():
        point_at(server, monkeypatch)
        yield server


def _running_server() -> Iterator[SoundServer]:
    # Not below pytest's folder: the path of a socket may have 107 characters at most.
    folder = Path(tempfile.mkdtemp(prefix="loa-"))
    server = SoundServer(folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
