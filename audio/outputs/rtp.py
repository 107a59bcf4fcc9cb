"""RTP to network loudspeakers, most of all by multicast: PyAV makes the packets, a socket of ours sends them.

Nobody says whether anybody listens (RFC 3550 leaves that to RTCP reports, which horns do not send): accepted
means handed to the network card.
"""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import time

import av

from audio.outputs.encoding import Encoder
from audio.outputs.output import RATE_HZ, NoDevice, Samples
from audio.outputs.paced import PacedOutput
from audio.outputs.ways import RtpWay

PACKET_BYTES = 1292
"""With the headers of RTP, UDP and IP below the 1,500 bytes of an Ethernet, so no packet is torn apart."""
_CODECS = {"L16": ("pcm_s16be", 48_000), "G722": ("g722", 16_000), "PCMU": ("pcm_mulaw", 8_000)}
_PACKET_FRAMES = {"L16": RATE_HZ // 100, "G722": RATE_HZ // 50, "PCMU": RATE_HZ // 50}
"""20 ms of L16 would be 1,920 bytes and leave as two uneven packets."""
_BLOCK_FRAMES = RATE_HZ // 25
"""Computed at a time: a third less work than in blocks of 20 ms. The packets leave evenly all the same."""
_STEP_S = 0.02
_RTCP_TYPES = range(200, 205)


def rtp_output(way: RtpWay, latency_s: float) -> PacedOutput:
    return PacedOutput(way.name, latency_s, lambda: _RtpSink(way), _BLOCK_FRAMES)


class _RtpSink:
    def __init__(self, way: RtpWay) -> None:
        self._packets = _Packets(way)
        self._packet_frames = _PACKET_FRAMES[way.codec]
        codec, rate_hz = _CODECS[way.codec]
        self._container = av.open(self._packets, "w", format="rtp", buffer_size=PACKET_BYTES)
        self._encoder = Encoder(self._container, codec, rate_hz)

    def takes(self, wait_s: float) -> bool:
        return True

    def send(self, samples: Samples) -> None:
        for first in range(0, len(samples), self._packet_frames):
            self._encoder.send(samples[first : first + self._packet_frames])
        self._packets.leave_evenly(round(_STEP_S * RATE_HZ) // self._packet_frames)

    def close(self) -> None:
        with contextlib.suppress(OSError, av.FFmpegError):
            self._container.close()
        self._packets.close()


class _Packets:
    """A file to PyAV, which writes a packet at a time: sound to the port, reports (RTCP) to the next one."""

    def __init__(self, way: RtpWay) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._to = (way.address, way.port)
        self._reports_to = (way.address, way.port + 1)
        self._waiting: list[bytes] = []
        try:
            if ipaddress.IPv4Address(way.address).is_multicast:
                self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, way.ttl)
            if way.interface:
                card = socket.inet_aton(way.interface)
                self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, card)
                self._socket.bind((way.interface, 0))
            # Asks the routes now: a machine without a network says so when the output is opened.
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
                if way.interface:
                    asked.bind((way.interface, 0))
                    asked.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, card)
                asked.connect(self._to)
        except OSError as error:
            self._socket.close()
            raise NoDevice(f"Không gửi được tới {way.name}; hãy kiểm tra dây mạng và card mạng.") from error

    def write(self, packet: bytes) -> int:
        self._waiting.append(bytes(packet))
        return len(packet)

    def leave_evenly(self, per_step: int) -> None:
        """Send what was written, so many packets every 20 ms: a loudspeaker keeps little in store."""
        packets, self._waiting = self._waiting, []
        began_s = time.monotonic()
        for first in range(0, len(packets), per_step):
            time.sleep(max(0.0, began_s + first // per_step * _STEP_S - time.monotonic()))
            for packet in packets[first : first + per_step]:
                is_report = len(packet) > 1 and packet[1] in _RTCP_TYPES
                self._socket.sendto(packet, self._reports_to if is_report else self._to)

    def close(self) -> None:
        self._socket.close()
