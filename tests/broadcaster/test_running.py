from __future__ import annotations

import socket
import threading

import pytest

from broadcaster import page_address, running
from broadcaster.errors import BroadcasterError
from broadcaster.settings import Settings


def test_a_page_that_does_not_answer_is_not_said_to_run(tmp_path, monkeypatch):
    monkeypatch.setattr(running, "ANSWER_S", 0.3)
    said: list[str] = []
    with socket.socket() as taken:  # bound, but nobody listens
        taken.bind(("127.0.0.1", 0))
        known = Settings(tmp_path, port=taken.getsockname()[1])
        running._welcome(known, "bi-mat", said.append, threading.Event())
    (sentence,) = said
    assert "Trạm đã chạy" not in sentence
    assert "web.log" in sentence
    assert "/bat-dau/bi-mat" in sentence


@pytest.fixture
def taken():
    """A port on which another program answers."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_new_station_whose_port_is_taken_is_refused_in_one_sentence(tmp_path, taken, monkeypatch):
    monkeypatch.setattr(running, "Supervisor", None)  # nothing may be started
    monkeypatch.setattr(running.signal, "signal", lambda *_: None)
    monkeypatch.setattr(page_address, "LAST_WEB_S", 0)
    said: list[str] = []
    with pytest.raises(BroadcasterError, match=f"127.0.0.1:{taken}: cổng này đang có chương trình khác dùng"):
        running.run(tmp_path, "127.0.0.1", taken, said.append)
    assert said == []


def test_an_address_that_the_machine_does_not_have_is_named():
    assert "192.0.2.1:8080: máy này không có địa chỉ đó" in str(page_address.why_not("192.0.2.1", 8080))


def test_a_port_that_its_last_holder_gives_up_is_waited_for():
    holder = socket.socket()
    holder.bind(("127.0.0.1", 0))
    holder.listen()
    port = holder.getsockname()[1]
    assert page_address.why_not("127.0.0.1", port, patience_s=0)
    threading.Timer(0.3, holder.close).start()
    assert page_address.why_not("127.0.0.1", port, patience_s=10) is None
