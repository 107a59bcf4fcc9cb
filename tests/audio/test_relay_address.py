"""Only http and https are relayed, and nothing that holds a password."""

from __future__ import annotations

import pytest

from audio.relay_address import LONGEST_ADDRESS, BadAddress, checked_address, host_of


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("http://dai.vn:8000/nghe.mp3", "http://dai.vn:8000/nghe.mp3"),
        ("  https://dai.vn/a  ", "https://dai.vn/a"),
        ("http://192.168.1.9:8000/", "http://192.168.1.9:8000/"),
        ("http://dai.vn", "http://dai.vn/"),
        ("HTTP://DAI.VN/Nghe", "http://dai.vn/Nghe"),
        ("http://dai.vn/nghe?khoa=1&b=2#phan", "http://dai.vn/nghe?khoa=1&b=2"),
        ("http://dai.vn/tiếng%20việt.mp3", "http://dai.vn/ti%E1%BA%BFng%20vi%E1%BB%87t.mp3"),
        ("http://đài.vn/a", "http://xn--i-rfa0m.vn/a"),
        ("http://[::1]:8000/a", "http://[::1]:8000/a"),
    ],
)
def test_an_address_is_kept_in_the_form_in_which_it_is_opened(typed, kept):
    assert checked_address(typed) == kept
    assert checked_address(kept) == kept, "twice is the same as once"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "dai.vn/nghe.mp3",
        "file:///etc/passwd",
        "concat:a|b",
        "ftp://dai.vn/a",
        "rtsp://dai.vn/a",
        "http:///a",
        "http://",
        "http://dai.vn:port/",
        "http://dai.vn:99999/",
        "http://u:p@dai.vn/",
        "http://u@dai.vn/",
        "http://dai.vn/a b",
        "http://dai.vn/a\nHost: x",
        "http://dai.vn/\x00",
        "http://[::1/",
        "http://dai_x|y.vn/",
        "http://dai.vn/" + "a" * LONGEST_ADDRESS,
        "javascript:alert(1)",
    ],
)
def test_what_is_no_address_of_a_stream_is_refused_with_a_sentence(typed):
    with pytest.raises(BadAddress) as refused:
        checked_address(typed)
    assert str(refused.value).endswith(".")


def test_a_log_names_the_host_only():
    assert host_of("http://dai.vn:8000/nghe?khoa=bi-mat") == "dai.vn"
