"""Descriptions of network outputs: what can be meant is taken, anything else is refused with a sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from audio.outputs.spec import OutputSpec
from audio.outputs.ways import BadWay, IcecastWay, RtpWay, SnapcastWay, way_of


@pytest.mark.parametrize(
    ("kind", "target", "options", "way"),
    [
        ("icecast", "loa.example:8010/phuong", {}, IcecastWay("loa.example", 8010, "/phuong")),
        (
            "icecast",
            "http://10.0.0.2/loa.mp3",
            {"format": "mp3"},
            IcecastWay("10.0.0.2", 8000, "/loa.mp3", "mp3"),
        ),
        (
            "icecast",
            " [::1]:8000/loa ",
            {"bitrate_kbps": 32},
            IcecastWay("::1", 8000, "/loa", bitrate_kbps=32),
        ),
        ("rtp", "239.1.2.3:5004", {"codec": "G722", "ttl": 4}, RtpWay("239.1.2.3", 5004, "G722", 4)),
        (
            "rtp",
            "rtp://10.0.0.9:6000",
            {"interface": "10.0.0.1"},
            RtpWay("10.0.0.9", 6000, interface="10.0.0.1"),
        ),
        ("snapcast", "/run/loa", {"channels": 1}, SnapcastWay(Path("/run/loa"), 1)),
    ],
)
def test_what_is_described_is_understood(
    kind: str, target: str, options: dict[str, Any], way: object
) -> None:
    assert way_of(OutputSpec(kind, target, options=options)) == way


@pytest.mark.parametrize(
    ("kind", "target", "options", "field", "words"),
    [
        ("icecast", "", {}, "target", "8000"),
        ("icecast", "loa.example:8000", {}, "target", "tên-luồng"),
        ("icecast", "loa.example:99999/loa", {}, "target", "65535"),
        ("icecast", "source:bi-mat@loa.example/loa", {}, "target", "Không ghi mật khẩu"),
        ("icecast", "https://loa.example/loa", {}, "target", "https"),
        ("icecast", "loa.example/loa\r\nX: y", {}, "target", "dạng"),
        ("icecast", "loa.example/loa", {"format": "wma"}, "format", "opus, mp3"),
        ("icecast", "loa.example/loa", {"bitrate_kbps": True}, "bitrate_kbps", "16"),
        ("icecast", "loa.example/loa", {"password_file": "/data/secret.key"}, "password_file", ".password"),
        ("icecast", "loa.example/loa", {"password_file": "a.password"}, "password_file", "đường dẫn"),
        ("rtp", "239.1.2.3", {}, "target", "cổng"),
        ("rtp", "239.1.2.3:5005", {}, "target", "số chẵn"),
        ("rtp", "loa.example:5004", {}, "target", "IPv4"),
        ("rtp", "239.1.2.3:5004", {"codec": "MP2"}, "codec", "L16"),
        ("rtp", "239.1.2.3:5004", {"interface": "eth0"}, "interface", "IPv4"),
        ("rtp", "239.1.2.3:5004", {"ttl": 0}, "ttl", "255"),
        ("snapcast", "loa", {}, "target", "đường dẫn đầy đủ"),
        ("snapcast", "/run/loa", {"channels": 6}, "channels", "2"),
        ("fax", "x", {}, "kind", "fax"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    kind: str, target: str, options: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(BadWay, match=words) as refused:
        way_of(OutputSpec(kind, target, options=options))
    assert refused.value.field == field
    assert "bi-mat" not in str(refused.value)
