"""Signatures under approvals: whatever is changed beneath one, it no longer holds, and one is told why."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import insert, select, update

from broadcaster.accounts import people, signing_keys
from broadcaster.accounts.pen import NewKey, Pen, of_private
from broadcaster.errors import Refused
from broadcaster.newsroom import approval, signatures
from broadcaster.store import start_list, station_key
from broadcaster.store.models import Approval, ApprovalEnd, Bulletin, BulletinState, PersonKey, Version
from tests.broadcaster.moments import NOW, TODAY, later
from tests.broadcaster.newsroom.making import approved, submitted
from tests.keys import pen_of


@pytest.fixture
def signed(session, as_role):
    officer, approver = as_role("officer"), as_role("approver")
    return approved(session, officer, approver)


def holds(session, bulletin_id: int = 1) -> bool:
    session.flush()
    session.expire_all()
    return approval.valid_approval(session, bulletin_id, TODAY) is not None


def why(session) -> str:
    session.flush()
    session.expire_all()
    return signatures.trouble(session, session.get(Approval, 1))


CHANGES = {
    "written_sha256": "0" * 64,
    "spoken_sha256": "0" * 64,
    "clip_sha256": None,
    "lexicon": "another",
    "author_id": 2,
    "approved_at": later(minutes=-1),
    "is_self_approved": True,
    "version_id": 2,
    "bulletin_id": 2,
    "signature": b"\0" * 64,
}


@pytest.mark.parametrize("column", CHANGES)
def test_every_column_of_an_approval_is_under_its_signature(session, as_role, signed, column):
    approved(session, as_role("officer"), as_role("approver"), title="Bản tin khác")
    assert why(session) == ""
    session.execute(update(Approval).where(Approval.id == 1).values({column: CHANGES[column]}))
    assert why(session) == signatures.CHANGED
    assert not holds(session)


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (Bulletin, {"kind": "emergency"}),
        (Bulletin, {"source": "recording"}),
        (Bulletin, {"valid_until": date(2030, 1, 1)}),
        (Bulletin, {"valid_from": date(2020, 1, 1)}),
        (Version, {"title": "Tiêu đề khác"}),
        (Version, {"number": 7}),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else "",
)
def test_what_decides_how_it_is_heard_is_under_the_signature_too(session, signed, table, values):
    session.execute(update(table).values(values))
    assert why(session) == signatures.CHANGED


def test_the_approver_is_who_signed(session, signed, as_role):
    other = as_role("approver")
    pen_of(session, other)
    session.execute(update(Approval).values(approver_id=other.id))
    assert why(session) == signatures.OTHERS_KEY


def test_an_approval_without_a_signature_is_none(session, signed):
    session.execute(update(Approval).values(signature=None, key_id=None))
    assert why(session) == signatures.UNSIGNED
    assert not holds(session)


def test_a_text_put_into_the_version_with_its_own_fingerprints_is_not_heard(session, signed):
    """The database's owner mends every hash, but has no key."""
    from broadcaster.newsroom.bulletins import sha256_of

    evil = "Lời không ai duyệt."
    session.execute(update(Version).values(written=evil, written_sha256=sha256_of(evil)))
    session.execute(
        update(Approval).values(written_sha256=sha256_of(evil), spoken=evil, spoken_sha256=sha256_of(evil))
    )
    assert approval.standing_approval(session, 1, TODAY) is not None
    assert not holds(session)


def test_a_signature_copied_to_another_text_does_not_hold(session, signed, as_role):
    other, _ = submitted(session, as_role("officer"), title="Không ai duyệt")
    row = {
        column.name: getattr(session.get(Approval, 1), column.key) for column in Approval.__table__.columns
    }
    row |= {"id": 2, "bulletin_id": other.id, "version_id": other.version_id}
    session.execute(insert(Approval).values(row))
    other.state = BulletinState.APPROVED
    assert holds(session)
    assert not holds(session, other.id)
    assert signatures.trouble(session, session.get(Approval, 2)) == signatures.CHANGED


# --- keys ---


def test_a_key_put_into_the_register_by_hand_signs_nothing(session, signed):
    """Key swap: the attacker's own key in the approver's place, with a signature of its own."""
    mine = of_private(b"\7" * 32, 1)
    row = session.get(PersonKey, 1)
    row.public = mine.public
    session.flush()
    signatures.sign(session, session.get(Approval, 1), mine)
    assert why(session) == signatures.FOREIGN_KEY


def test_a_key_of_nobodys_list_signs_nothing(session, signed):
    session.execute(update(Approval).values(key_id=None))
    assert why(session) == signatures.NO_KEY


def test_an_officers_key_signs_nothing_that_is_heard(session, as_role, signed):
    """A stolen officer's password, and the role written into the database by hand."""
    officer = as_role("officer")
    new = NewKey(of_private(b"\5" * 32), {})
    pen = signing_keys.enter(session, people.get(session, officer.id), new, "before", NOW)
    people.get(session, officer.id).roles = ["approver"]
    session.execute(update(Approval).values(approver_id=officer.id))
    session.expire_all()
    signatures.sign(session, session.get(Approval, 1), pen)
    assert why(session) == signatures.NOT_APPROVERS


def test_a_key_that_had_ended_signs_nothing(session, signed):
    session.execute(update(PersonKey).values(ended_at=later(minutes=-1)))
    assert why(session) == signatures.ENDED_KEY


def test_what_a_key_signed_before_it_ended_stays_signed(session, signed):
    session.execute(update(PersonKey).values(ended_at=later(minutes=1)))
    assert holds(session)


def test_a_station_with_another_key_believes_nothing(store, as_role, session, signed):
    session.info.pop("ward_station_key")
    (store.folder / station_key.FOLDER / station_key.FILE_NAME).unlink()
    assert why(session) == signatures.FOREIGN_KEY


def test_nobody_signs_with_a_key_that_is_not_theirs(session, as_role):
    officer, approver, other = as_role("officer"), as_role("approver"), as_role("approver")
    bulletin, heard = submitted(session, officer)
    pen = pen_of(session, other)
    pen_of(session, approver)
    with pytest.raises(Refused, match="Khóa ký"):
        approval.approve(session, approver, bulletin.id, heard, NOW, pen=pen)
    stranger = Pen(of_private(b"\6" * 32).public, b"\6" * 32, 2)
    with pytest.raises(Refused, match="Khóa ký"):
        approval.approve(session, approver, bulletin.id, heard, NOW, pen=stranger)
    assert bulletin.state == BulletinState.SUBMITTED


# --- from before there were keys ---


@pytest.fixture
def old(store, session, signed):
    """An approval from before keys, listed when they came."""
    session.execute(update(Approval).values(signature=None, key_id=None))
    session.expire_all()
    start_list.make(store.folder, signatures.digests(session), {})
    return signed


def test_an_approval_from_before_keys_holds_when_it_is_in_the_list(session, old):
    assert holds(session)


@pytest.mark.parametrize(
    "column", [each for each in CHANGES if each not in ("signature", "version_id", "bulletin_id")]
)
def test_one_that_was_changed_since_does_not(session, as_role, old, column):
    session.execute(update(Approval).values({column: CHANGES[column]}))
    assert why(session) == signatures.UNSIGNED


def test_one_that_is_forged_to_look_old_does_not(session, as_role, old):
    other, later_one = approved(session, as_role("officer"), as_role("approver"), title="Giả làm cũ")
    assert holds(session, other.id)
    session.execute(update(Approval).where(Approval.id == later_one.id).values(signature=None, key_id=None))
    assert not holds(session, other.id)


def test_only_what_can_still_be_heard_is_listed(session, as_role, signed):
    session.execute(update(Approval).values(signature=None, key_id=None))
    session.expire_all()
    assert list(signatures.digests(session)) == [1]
    session.add(ApprovalEnd(approval_id=1, reason="withdrawn", ended_by=None, ended_at=NOW))
    session.flush()
    assert signatures.digests(session) == {}
    assert session.scalars(select(Approval.id)).all() == [1]
