"""A newsroom's leavings without the newsroom: one bulletin, and airings that ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from broadcaster.records import history
from broadcaster.records.history import HistoryEntry
from broadcaster.store.models import Airing, Bulletin, History, Person, Request
from tests.broadcaster.moments import NOW

HASH = "ab" * 32
ENTRY: dict[str, Any] = {
    "result": "played",
    "cause": "",
    "reason": "",
    "started_at": NOW,
    "ended_at": NOW,
    "seconds_planned": 61.5,
    "seconds_heard": 61.48,
    "level_dbfs": -18.25,
    "on_loudspeaker": True,
    "zones": [
        {"zone": "Khu phố 1", "output": "Loa 1", "seconds_heard": 61.48, "level_dbfs": -18.25, "fault": None}
    ],
    "programme": "Bản tin chiều",
    "bulletin_id": 1,
    "title": "Lịch tiêm chủng",
    "kind": "routine",
    "topic": "y tế",
    "written_sha256": HASH,
    "spoken_sha256": HASH,
    "clip_sha256": HASH,
    "engine": "espeak-ng 1.52.0",
    "voice": "vi",
    "lexicon": "1",
    "author": "Nguyễn Văn Soạn",
    "approver": "Trần Thị Duyệt",
    "approved_at": NOW,
    "is_self_approved": False,
    "operator": "Lê Vận Hành",
    "approval_id": None,
    "spoken": "tám giờ sáng tại trạm y tế phường",
}

AddRow = Callable[..., History]


@pytest.fixture
def add_row(session: Session) -> AddRow:
    """`add_row(planned_at, title="…")` ends one more airing and writes its history row."""
    return adder(session)


def adder(session: Session) -> AddRow:
    """Return what `add_row` is, in a transaction of the test's own."""
    session.add(Person(id=1, login="a", name="A", roles=[], is_active=True, created_at=NOW))
    session.flush()
    session.add(Bulletin(id=1, title="B", author_id=1, created_at=NOW, changed_at=NOW))
    session.flush()
    session.add(Request(id=1, bulletin_id=1, way="at", created_by=1, created_at=NOW))
    session.flush()
    parts = iter(range(10_000))

    def add(planned_at: datetime = NOW, now: datetime = NOW, **changes: Any) -> History:
        part = next(parts)
        airing = Airing(request_id=1, planned_at=planned_at, part=part, bulletin_id=1, deadline=planned_at)
        session.add(airing)
        session.flush()
        values = {**ENTRY, "airing_id": airing.id, "planned_at": planned_at, **changes}
        return history.add(session, HistoryEntry(**values), now)

    return add
