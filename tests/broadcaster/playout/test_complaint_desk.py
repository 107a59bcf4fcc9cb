"""The station's work on complaints, beside what the pages' tests show of it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from broadcaster.accounts.permissions import Role
from broadcaster.errors import NotPermitted
from broadcaster.playout import complaint_desk
from broadcaster.records import complaints
from broadcaster.records.complaints import NewComplaint
from broadcaster.store import Store
from tests.broadcaster.moments import NOW
from tests.clocks import FakeClock
from tests.desk import Desk


@pytest.fixture
def desk(store: Store) -> Desk:
    made = Desk(store, FakeClock(NOW))
    made.furnish()
    with store.write() as rows:
        told = NewComplaint(airing_id=None, kind="loud", place="", text="Loa quá to", name="Hoa")
        complaint_desk.receive(rows, told, code="A", stamp="1", sender_mark="m", now=NOW)
    return made


def test_at_night_contacts_go_whose_time_is_over(desk):
    with desk.store.write() as rows:
        complaint_desk.answer(rows, desk.officer, 1, "Đã giảm âm lượng.", False, NOW)
    assert "Không có liên hệ" in complaint_desk.forget_contacts(desk.store, NOW)
    said = complaint_desk.forget_contacts(desk.store, NOW + timedelta(days=31))
    assert said == "Đã xóa liên hệ trong 1 phản ánh."
    with desk.store.read() as rows:
        assert complaints.get(rows, 1).name == ""


@pytest.mark.parametrize("role", [Role.VIEWER, Role.APPROVER, Role.ADMIN])
def test_only_who_writes_or_runs_the_station_works_on_complaints(desk, role):
    someone = desk.person("khac", role)
    with desk.store.write() as rows:
        for act in (complaint_desk.take, complaint_desk.hold, complaint_desk.compose):
            with pytest.raises(NotPermitted):
                act(rows, someone, 1, NOW)
        with pytest.raises(NotPermitted):
            complaint_desk.answer(rows, someone, 1, "Vâng", False, NOW)
