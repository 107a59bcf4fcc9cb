"""Real network servers on loopback, and real listeners that decode what reaches them.

`icecast` and `snapserver` are fixtures of their test alone, so that it may kill and freeze them.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from audio.outputs.ways import PASSWORD_VARIABLE
from tests.sound_server import RATE_HZ, Samples, eventually

PASSWORD = "mat-khau-nguon"
GROUP = "239.77.1.2"
_RTP_MAPS = {"L16": (97, "L16/48000/1"), "G722": (9, "G722/8000"), "PCMU": (0, "PCMU/8000")}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as asked:
        port: int = asked.getsockname()[1]
        return port


def free_rtp_port() -> int:
    """Return an even port; Linux gives even ones to UDP often, to TCP never."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
            asked.bind(("127.0.0.1", 0))
            port: int = asked.getsockname()[1]
        if port % 2 == 0:
            return port


FIRST_STARTS = 3


class Server:
    """A process to be killed, frozen and started again; `_command` and `_answers` say which."""

    def __init__(self) -> None:
        # Not below pytest's folder: a server without our rights must reach it.
        self.folder = Path(tempfile.mkdtemp(prefix="loa-"))
        self.folder.chmod(0o755)
        self._process: subprocess.Popen[bytes] | None = None

    def begin(self) -> None:
        """Start for the first time; on other ports when somebody took ours between asking and using."""
        for _ in range(FIRST_STARTS - 1):
            self._settle()
            with contextlib.suppress(AssertionError):
                self.start()
                return
            self.kill()
        self._settle()
        self.start()

    def _settle(self) -> None:
        """Choose ports and write them down."""

    def start(self) -> None:
        user = "nobody" if os.getuid() == 0 else None
        self._process = subprocess.Popen(
            self._command(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=user, cwd=self.folder
        )
        eventually(self._answers, 10.0, f"{self._command()[0]} answers")

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait(5)

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _command(self) -> list[str]:
        raise NotImplementedError

    def _answers(self) -> bool:
        raise NotImplementedError


class Icecast(Server):
    """Debian's icecast2, without burst: a loudspeaker must not begin with what is long past."""

    def __init__(self) -> None:
        super().__init__()
        self.port = 0

    def _settle(self) -> None:
        self.port = free_port()
        (self.folder / "icecast.xml").write_text(
            f"""<icecast>
            <limits><sources>8</sources><burst-on-connect>0</burst-on-connect><burst-size>0</burst-size></limits>
            <authentication><source-password>{PASSWORD}</source-password>
              <admin-user>admin</admin-user><admin-password>khac</admin-password></authentication>
            <hostname>localhost</hostname>
            <listen-socket><port>{self.port}</port><bind-address>127.0.0.1</bind-address></listen-socket>
            <paths><logdir>{self.folder}</logdir><webroot>/usr/share/icecast2/web</webroot>
              <adminroot>/usr/share/icecast2/admin</adminroot></paths>
            <logging><accesslog>-</accesslog><errorlog>-</errorlog></logging></icecast>"""
        )

    @property
    def target(self) -> str:
        return f"127.0.0.1:{self.port}/loa"

    @property
    def url(self) -> str:
        return f"http://{self.target}"

    def has_stream(self) -> bool:
        try:
            with urllib.request.urlopen(self.url, timeout=2) as stream:
                return bool(stream.status == 200)
        except OSError:
            return False

    def content_type(self) -> str:
        with urllib.request.urlopen(self.url, timeout=2) as stream:
            return str(stream.headers["Content-Type"])

    def _command(self) -> list[str]:
        return ["icecast2", "-c", str(self.folder / "icecast.xml")]

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/status-json.xsl", timeout=2):
                return True
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False


class Snapserver(Server):
    """Debian's snapserver, reading one pipe."""

    def __init__(self) -> None:
        super().__init__()
        self.port, self.control = free_port(), free_port()
        self.pipe = self.folder / "loa"
        os.mkfifo(self.pipe)
        self.pipe.chmod(0o644)
        (self.folder / "snap.conf").write_text(
            f"[server]\ndatadir = {self.folder}/state\n[http]\nenabled = false\n"
            f"[tcp]\nbind_to_address = 127.0.0.1\nport = {self.control}\n"
            f"[stream]\nbind_to_address = 127.0.0.1\nport = {self.port}\nbuffer = 400\n"
            f"source = pipe://{self.pipe}?name=loa&mode=read&codec=pcm&sampleformat=48000:16:2\n"
        )
        state = self.folder / "state"
        state.mkdir()
        state.chmod(0o777)

    def _command(self) -> list[str]:
        return ["snapserver", "-c", str(self.folder / "snap.conf"), "--logging.sink=null"]

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True


class Listener:
    """Collects what is decoded, 48 kHz mono, until it is closed."""

    def __init__(self) -> None:
        self._heard = bytearray()
        self._thread = threading.Thread(target=self._listen, name=type(self).__name__, daemon=True)

    def __enter__(self) -> Listener:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._close()
        self._thread.join(5)
        assert not self._thread.is_alive()

    def heard(self) -> Samples:
        return np.frombuffer(bytes(self._heard[: len(self._heard) // 2 * 2]), "<i2").astype(np.int16)

    def wait_until_it_hears(self) -> None:
        eventually(lambda: len(self._heard) > 0, 8.0, "the listener is connected")

    def hears(self, clip: Samples, within_s: float = 8.0) -> float:
        """Return how much the heard is like `clip` (1: the same), once all of it may have come."""
        best = 0.0

        def look() -> bool:
            nonlocal best
            best = likeness(clip, self.heard())
            return best > 0.9

        eventually(look, within_s, "the clip is heard")
        return best

    def _listen(self) -> None:
        raise NotImplementedError

    def _close(self) -> None:
        raise NotImplementedError


class StreamListener(Listener):
    """A listener of an Icecast server, through PyAV."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url = url
        self._closing = threading.Event()

    def _listen(self) -> None:
        resampler = av.AudioResampler("s16", "mono", RATE_HZ)
        try:
            with av.open(self._url, timeout=(3.0, 1.0)) as stream:
                for frame in stream.decode(audio=0):
                    for part in resampler.resample(frame):
                        self._heard += part.to_ndarray().astype("<i2").tobytes()
                    if self._closing.is_set():
                        return
        except av.FFmpegError:
            return

    def _close(self) -> None:
        self._closing.set()


class ProgramListener(Listener):
    """A program that writes what it hears to its standard output."""

    def __init__(self, command: list[str], channels: int = 1) -> None:
        super().__init__()
        self._channels = channels
        self._program = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL, bufsize=0
        )

    def _listen(self) -> None:
        assert self._program.stdout is not None
        rest = b""
        with self._program.stdout as pipe:
            while new := pipe.read(7680):
                data, whole = rest + new, (len(rest) + len(new)) // 4 * 4
                rest = data[whole:]
                self._heard += np.frombuffer(data[:whole], "<i2")[:: self._channels].tobytes()

    def _close(self) -> None:
        self._program.kill()
        self._program.wait(5)


def rtp_listener(folder: Path, port: int, codec: str) -> ProgramListener:
    """Debian's ffmpeg as a network loudspeaker: it knows the group, the port and the codec, as those do."""
    number, name = _RTP_MAPS[codec]
    session = folder / f"{codec}.sdp"
    session.write_text(
        f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=loa\nc=IN IP4 {GROUP}/1\nt=0 0\n"
        f"m=audio {port} RTP/AVP {number}\na=rtpmap:{number} {name}\n"
    )
    return ProgramListener(
        ["ffmpeg", "-loglevel", "error", "-probesize", "32", "-analyzeduration", "0", "-fflags", "nobuffer",
         "-protocol_whitelist", "file,udp,rtp", "-localaddr", "127.0.0.1", "-f", "sdp", "-i", str(session),
         "-flush_packets", "1", "-ar", str(RATE_HZ), "-ac", "1", "-f", "s16le", "-"]
    )  # fmt: skip


def snapcast_listener(server: Snapserver) -> ProgramListener:
    """Debian's snapclient, playing to us instead of a sound card."""
    return ProgramListener(
        ["snapclient", "-h", "127.0.0.1", "-p", str(server.port), "--hostID", "loa",
         "--player", "file:filename=stdout", "--logsink", "null"],
        channels=2,
    )  # fmt: skip


def rtp_socket(port: int) -> socket.socket:
    """A member of the group that sees each packet."""
    member = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    member.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    member.bind((GROUP, port))
    both = socket.inet_aton(GROUP) + socket.inet_aton("127.0.0.1")
    member.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, both)
    member.settimeout(3.0)
    return member


def hum(seconds: float, seed: int = 1) -> Samples:
    """Return noise between 200 and 3,000 Hz: like no other, and what every codec lets through."""
    count = round(seconds * RATE_HZ)
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(0.0, 1.0, count))
    frequencies = np.fft.rfftfreq(count, 1 / RATE_HZ)
    spectrum[(frequencies < 200) | (frequencies > 3000)] = 0
    values = np.fft.irfft(spectrum, count)
    return np.rint(values / np.abs(values).max() * 16_000).astype(np.int16)


def likeness(clip: Samples, heard: Samples) -> float:
    """Return the highest normalised correlation of the whole clip with what was heard, 0 to 1."""
    count = len(heard) - len(clip) + 1
    if count < 1:
        return 0.0
    size = 1 << (len(heard) + len(clip)).bit_length()
    needle = clip.astype(np.float64)
    product = np.fft.rfft(heard.astype(np.float64), size) * np.conj(np.fft.rfft(needle, size))
    best = int(np.argmax(np.fft.irfft(product, size)[:count]))
    part = heard[best : best + len(clip)].astype(np.float64)
    return float(np.dot(part, needle) / (np.linalg.norm(part) * np.linalg.norm(needle) + 1e-9))


@pytest.fixture
def icecast(monkeypatch: pytest.MonkeyPatch) -> Iterator[Icecast]:
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)
    yield from _running(Icecast())


@pytest.fixture
def snapserver() -> Iterator[Snapserver]:
    yield from _running(Snapserver())


def _running(server: Server) -> Iterator[Server]:
    try:
        server.begin()
        yield server
    finally:
        server.stop()
