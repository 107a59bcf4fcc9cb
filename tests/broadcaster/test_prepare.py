"""The first start with signing keys: what was approved before goes on, what is forged later does not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from broadcaster import prepare
from broadcaster.newsroom import approval
from broadcaster.playout import cap_sources, vouched
from broadcaster.store import Store, start_list, station_key
from broadcaster.store.models import Approval, CapSource, PersonKey, SignIn
from tests.broadcaster.moments import NOW, TODAY
from tests.clocks import FakeClock
from tests.desk import Desk


@pytest.fixture
def desk(store: Store) -> Desk:
    """A station from before keys: two bulletins are approved, nothing is signed."""
    made = Desk(store, FakeClock(NOW))
    made.furnish()
    made.approved("Họp dân")
    made.approved("Tiêm chủng")
    with store.write() as session:
        cap_sources.save(session, made.operator, NOW, name="Trung tâm")
        session.execute(update(Approval).values(signature=None, key_id=None))
        session.execute(update(CapSource).values(vouched=None))
        session.execute(delete(SignIn))
        session.execute(delete(PersonKey))
    return made


def is_valid(desk: Desk, number: int) -> bool:
    with desk.store.read() as session:
        return approval.valid_approval(session, number, TODAY) is not None


def start(desk: Desk) -> None:
    prepare.prepare(desk.store.folder)


def test_what_was_approved_before_keys_is_still_heard(desk):
    assert not is_valid(desk, 1)
    start(desk)
    assert is_valid(desk, 1) and is_valid(desk, 2)
    with desk.store.read() as session:
        assert vouched.holds(session, session.get_one(CapSource, 1))


def test_a_row_that_is_forged_after_the_first_start_is_not_taken_in_by_the_next(desk):
    start(desk)
    number = desk.approved("Chưa ai duyệt")
    with desk.store.write() as session:
        session.execute(update(Approval).where(Approval.id == 3).values(signature=None, key_id=None))
        session.execute(
            update(Approval).where(Approval.id == 1).values(approved_at=NOW - timedelta(days=400))
        )
        session.execute(delete(PersonKey))
    start(desk)
    assert not is_valid(desk, number)
    assert not is_valid(desk, 1)
    assert is_valid(desk, 2)


def test_a_list_that_is_gone_is_not_made_again_where_keys_have_signed(desk):
    start(desk)
    desk.approved("Có chữ ký")
    (desk.store.folder / station_key.FOLDER / start_list.FILE_NAME).unlink()
    start(desk)
    assert not start_list.is_made(desk.store.folder)
    assert not is_valid(desk, 1) and is_valid(desk, 3)
