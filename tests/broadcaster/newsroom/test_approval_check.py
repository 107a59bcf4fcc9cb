"""The check of the books looks at every approval in force, long before its air time."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import insert, update

from broadcaster import verifying
from broadcaster.newsroom import approval_check, bulletins, signatures
from broadcaster.store.models import Approval
from tests.broadcaster.conftest import migrated_file, store  # noqa: F401
from tests.broadcaster.moments import NOW
from tests.clocks import FakeClock
from tests.desk import Desk


@pytest.fixture
def desk(store):  # noqa: F811
    made = Desk(store, FakeClock(NOW))
    made.furnish()
    return made


def found(desk) -> list[str]:
    with desk.store.read() as session:
        return list(approval_check.broken(session))


def test_signed_approvals_are_in_order(desk):
    desk.approved("Họp dân")
    assert found(desk) == []


def test_an_approval_copied_to_another_text_is_named(desk):
    desk.approved("Họp dân")
    number = desk.draft("Chưa duyệt")
    with desk.store.write() as session:
        signed = session.get_one(Approval, 1)
        row = {column.name: getattr(signed, column.key) for column in Approval.__table__.columns}
        version = bulletins.versions(session, number)[0].id
        session.execute(
            insert(Approval).values(row | {"id": 2, "bulletin_id": number, "version_id": version})
        )
    [told] = found(desk)
    assert "“Chưa duyệt”" in told and told.endswith(signatures.CHANGED)
    with desk.store.read() as session:
        assert told in verifying.verify(session, desk.store.folder).wrong


def test_an_approval_without_its_signature_is_named(desk):
    desk.approved("Họp dân")
    with desk.store.write() as session:
        session.execute(update(Approval).values(signature=None, key_id=None))
    assert found(desk)[0].endswith(signatures.UNSIGNED)


def test_an_approval_that_an_edit_ended_is_not_asked(desk):
    number = desk.approved("Họp dân")
    with desk.store.write() as session:
        session.execute(update(Approval).values(signature=b"x"))
        draft = replace(bulletins.draft_of(bulletins.get(session, number)), written="Lời mới.")
        bulletins.edit(session, desk.officer, number, draft, 1, NOW)
    assert found(desk) == []
