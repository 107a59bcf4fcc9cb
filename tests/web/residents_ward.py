"""A ward that shows itself to its residents: what was aired, and a form that a resident fills in."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from werkzeug.test import TestResponse

from broadcaster.store import facts
from tests.broadcaster.playout.kept import archivist, ended, leave, talk
from tests.clocks import FakeClock
from tests.desk import Desk
from tests.web.conftest import Visitor

STAMP = re.compile(r'name="stamp" value="([^"]+)"')
CODE = re.compile(r'class="code">([^<]+)<')
FILLING_S = 20.0


def open_up(desk: Desk, **more: Any) -> None:
    """Turn the page on, without asking who may."""
    with desk.store.write() as rows:
        for key, value in {facts.RESIDENTS: True, **more}.items():
            facts.put(rows, key, value)


def aired(desk: Desk, title: str = "Tiêm chủng mở rộng", seed: int = 1, *, keeps: bool = False) -> str:
    """Let a bulletin be heard on a loudspeaker just now; return its airing."""
    sound = talk(2.0, seed)
    airing_id = ended(desk, title, sound)
    if keeps:
        leave(desk.store.folder, airing_id, sound)
        archivist(desk).take_all()
    return airing_id


class Resident:
    """Somebody with a phone and no account."""

    def __init__(self, visitor: Visitor, clock: FakeClock) -> None:
        self._visitor = visitor
        self._clock = clock

    def get(self, path: str, **more: Any) -> TestResponse:
        return self._visitor.get(f"/nguoi-dan{path}", **more)

    def stamp(self, path: str) -> str:
        """Open the form and fill it in for a while."""
        found = STAMP.search(self.get(path).text)
        assert found is not None, "no form on the page"
        self._clock.advance(FILLING_S)
        return unescape(found[1])

    def report(self, airing_id: str = "", **fields: Any) -> TestResponse:
        path = f"/phan-anh?luot={airing_id}" if airing_id else "/phan-anh"
        told = {
            "kind": "unheard",
            "text": "Khu phố 3 không nghe thấy gì.",
            "place": "",
            "name": "",
            "phone": "",
        }
        headers = {"environ_overrides": {"REMOTE_ADDR": fields.pop("address")}} if "address" in fields else {}
        if "stamp" not in fields:
            fields["stamp"] = self.stamp(path)
        return self._visitor.client.post(f"/nguoi-dan{path}", data=told | fields, **headers)

    def ask(self, code: str) -> TestResponse:
        return self._visitor.client.post("/nguoi-dan/tra-loi", data={"code": code})


def code_in(answer: TestResponse) -> str:
    found = CODE.search(answer.text)
    assert found is not None, answer.text
    return found[1]
