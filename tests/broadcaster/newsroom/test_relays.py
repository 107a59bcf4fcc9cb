"""A relay is signed by its description, and aired only as it was signed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import text

from broadcaster.errors import Invalid, NotFound, NotPermitted, Refused
from broadcaster.newsroom import approval, bulletins, relays
from broadcaster.newsroom.relays import RelayDraft
from broadcaster.playout import lengths
from broadcaster.store.models import Approval, BulletinState, Relay, Source
from tests.broadcaster.moments import NOW, TODAY, later
from tests.broadcaster.newsroom.making import approve, approved

DRAFT = RelayDraft("Thời sự 18 giờ", "http://dai-tinh.vn:8000/nghe.mp3", 30, topic="thời sự")


@pytest.fixture
def officer(as_role):
    return as_role("officer")


@pytest.fixture
def approver(as_role):
    return as_role("approver")


@pytest.fixture
def filler(session, officer, approver):
    """A signed recording: the sha256 of its clip."""
    bulletin, signature = approved(session, officer, approver, title="Nhạc chờ")
    bulletin.source = Source.RECORDING
    session.flush()
    return signature.clip_sha256


def signed(session, officer, approver, draft: RelayDraft = DRAFT) -> Approval:
    bulletin = relays.write(session, officer, draft, NOW)
    approval.submit(session, officer, bulletin.id, NOW)
    return approve(session, approver, bulletin.id, 0, NOW)


def test_what_is_signed_names_everything_that_decides_what_will_sound(session, officer, approver, filler):
    signature = signed(session, officer, approver, replace(DRAFT, filler_sha256=filler))
    bulletin = bulletins.get(session, signature.bulletin_id)
    assert bulletin.version.written.splitlines() == [
        "Tiếp âm: Thời sự 18 giờ",
        "Địa chỉ nguồn: http://dai-tinh.vn:8000/nghe.mp3",
        "Thời lượng: 30 phút",
        f"Khi mất nguồn: phát lặp lại “Nhạc chờ” (bản thu {filler})",
    ]
    assert (signature.clip_sha256, signature.spoken, signature.lexicon) == (None, "", "")
    assert approval.valid_approval(session, bulletin.id, TODAY) is signature


def test_it_is_aired_with_what_was_signed(session, officer, approver, filler):
    signature = signed(session, officer, approver, replace(DRAFT, filler_sha256=filler))
    assert relays.signed_relay(session, signature) == relays.Signed(DRAFT.address, 1800.0, filler)


@pytest.mark.parametrize(
    "change",
    ["address = 'http://khac.vn/'", "minutes = 31", "filler_sha256 = 'f'", "filler_sha256 = NULL"],
)
def test_a_row_that_was_changed_behind_the_signature_is_not_aired(session, officer, approver, filler, change):
    signature = signed(session, officer, approver, replace(DRAFT, filler_sha256=filler))
    session.execute(text("PRAGMA defer_foreign_keys = ON"))
    session.execute(text(f"UPDATE relay SET {change}").execution_options(synchronize_session=False))
    session.expire_all()
    assert relays.signed_relay(session, signature) is None
    session.rollback()


def test_a_missing_row_is_not_aired(session, officer, approver):
    signature = signed(session, officer, approver)
    session.delete(session.get(Relay, signature.version_id))
    session.flush()
    assert relays.signed_relay(session, signature) is None


@pytest.mark.parametrize(
    "change",
    [
        {"address": "http://dai-khac.vn/"},
        {"minutes": 31},
        {"title": "Thời sự 19 giờ"},
        {"filler_sha256": "the signed one"},
    ],
)
def test_any_edit_voids_the_signature(session, officer, approver, filler, change):
    change = {**change, **({"filler_sha256": filler} if "filler_sha256" in change else {})}
    signature = signed(session, officer, approver)
    bulletin = relays.edit(session, officer, signature.bulletin_id, replace(DRAFT, **change), 1, NOW)
    assert bulletin.state == BulletinState.DRAFT
    assert approval.valid_approval(session, bulletin.id, TODAY) is None
    assert relays.draft_of(session, bulletin) == replace(DRAFT, **change)
    assert relays.signed_relay(session, signature) is not None, "the old version still says what was signed"


def test_saving_the_same_again_changes_nothing(session, officer, approver):
    signature = signed(session, officer, approver)
    relays.edit(session, officer, signature.bulletin_id, DRAFT, 1, later(hours=1))
    assert approval.valid_approval(session, signature.bulletin_id, TODAY) is signature


def test_the_approver_signs_only_the_version_they_had_before_them(session, officer):
    bulletin = relays.write(session, officer, DRAFT, NOW)
    relays.require_seen(session, bulletin.id, 1)
    relays.edit(session, officer, bulletin.id, replace(DRAFT, address="http://khac.vn/"), 1, NOW)
    with pytest.raises(Refused, match="tải lại trang"):
        relays.require_seen(session, bulletin.id, 1)


def test_a_text_that_calls_itself_a_relay_is_not_sent_for_approval(session, officer):
    bulletin = bulletins.write(session, officer, bulletins.Draft(title="x", written="y"), NOW)
    bulletin.source = Source.RELAY
    with pytest.raises(Refused, match="địa chỉ tiếp âm"):
        approval.submit(session, officer, bulletin.id, NOW)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"address": "file:///etc/passwd"}, "address"),
        ({"address": "concat:a|b"}, "address"),
        ({"address": ""}, "address"),
        ({"address": "http://u:p@dai.vn/"}, "address"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": 181}, "minutes"),
        ({"kind": "emergency"}, "kind"),
        ({"title": " "}, "title"),
        ({"filler_sha256": "0" * 64}, "filler_sha256"),
    ],
)
def test_what_cannot_be_relayed_is_refused_beside_its_field(session, officer, change, field):
    with pytest.raises(Invalid) as refused:
        relays.write(session, officer, replace(DRAFT, **change), NOW)
    assert refused.value.field == field


def test_only_who_writes_may_add_a_relay(session, approver):
    with pytest.raises(NotPermitted):
        relays.write(session, approver, DRAFT, NOW)


def test_only_recordings_with_a_standing_signature_may_fill(session, officer, approver, filler):
    assert [each.sha256 for each in relays.fillers(session)] == [filler]
    bulletin = bulletins.find(session, words="Nhạc chờ")[0]
    approval.withdraw(session, approver, bulletin.id, "hết dùng", NOW)
    assert relays.fillers(session) == []


def test_an_edit_keeps_a_filler_whose_own_signature_has_ended(session, officer, approver, filler):
    bulletin = relays.write(session, officer, replace(DRAFT, filler_sha256=filler), NOW)
    approval.withdraw(session, approver, bulletins.find(session, state="approved")[0].id, "hết dùng", NOW)
    edited = relays.edit(
        session, officer, bulletin.id, replace(DRAFT, filler_sha256=filler, minutes=20), 1, NOW
    )
    assert relays.draft_of(session, edited).filler_sha256 == filler


def test_a_relay_is_planned_with_its_own_length(session, officer):
    bulletin = relays.write(session, officer, DRAFT, NOW)
    assert lengths.predicted_seconds(session, bulletin) == 1800.0


def test_a_text_is_no_relay(session, officer):
    bulletin = bulletins.write(session, officer, bulletins.Draft(title="x", written="y"), NOW)
    assert relays.all_relays(session) == []
    with pytest.raises(NotFound):
        relays.get(session, bulletin.id)
