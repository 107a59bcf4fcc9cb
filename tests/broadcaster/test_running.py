from __future__ import annotations

import socket
import threading

from broadcaster import running
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
