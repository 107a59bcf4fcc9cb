"""Nothing is signed unheard, by its own author, or with other words than were submitted; nothing stays signed
that was changed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import text

from broadcaster.accounts.configuring import configure
from broadcaster.accounts.permissions import CONSOLE, PERMISSIONS, Actor, Permission, Role
from broadcaster.errors import Invalid, NotPermitted, Refused
from broadcaster.newsroom import approval, bulletins, readings, rendering, workflow
from broadcaster.newsroom.bulletins import sha256_of
from broadcaster.newsroom.workflow import WORKFLOW, Action
from broadcaster.records import audit
from broadcaster.store.models import Approval, ApprovalEnd, Bulletin, BulletinState, Rendering
from broadcaster.text import Certainty, Lexicon, Sentence, Spoken, Token
from tests.broadcaster.moments import NOW, TODAY, later
from tests.broadcaster.newsroom.making import DRAFT, approve, approved, drafted, recorded, submitted

EDITED = replace(DRAFT, written="Kính mời bà con đến nhà văn hóa.")


@pytest.fixture
def officer(as_role):
    return as_role("officer")


@pytest.fixture
def approver(as_role):
    return as_role("approver", name="Trần Thị Duyệt")


@pytest.fixture
def plain_reader(monkeypatch):
    """A reader of three lines: a word in capitals waits for a person, a decided one is said as decided."""

    def read(written: str, lexicon: Lexicon) -> Spoken:
        decided = {entry.written: entry.spoken for entry in lexicon.entries}
        said = [decided.get(word, word) for word in written.split()]
        tokens = [Token(word, 0, 0, "word", word, _certainty(word)) for word in said]
        text = " ".join(said)
        return Spoken(text, tuple(tokens), (Sentence(text, 0, len(text), "sentence", 450),))

    bulletins._said.cache_clear()
    monkeypatch.setattr(bulletins.reader, "to_spoken", read)
    yield
    bulletins._said.cache_clear()


def _certainty(word: str) -> Certainty:
    return Certainty.UNSURE if word.isupper() else Certainty.SURE


def ends(session) -> list[tuple[str, int | None]]:
    return [(end.reason, end.ended_by) for end in session.query(ApprovalEnd)]


# --- the table ---


def test_every_state_can_be_left_and_every_way_leads_to_a_state():
    assert {state for state, _ in WORKFLOW} == set(BulletinState)
    assert {to for to, _ in WORKFLOW.values()} == set(BulletinState)


def test_every_state_can_be_edited_back_into_a_draft():
    assert all(WORKFLOW[state, Action.EDIT][0] is BulletinState.DRAFT for state in BulletinState)


@pytest.mark.parametrize("state", BulletinState)
@pytest.mark.parametrize("action", [each for each in Action if each is not Action.WRITE])
@pytest.mark.parametrize("role", Role)
def test_the_table_alone_decides_who_may_take_which_step(state, action, role):
    bulletin, actor = Bulletin(title="A", state=state), Actor(1, "A", frozenset({role}))
    row = WORKFLOW.get((state, action))
    allowed = row is not None and row[1] is not None and row[1] in PERMISSIONS[role]
    assert workflow.may(actor, bulletin, action) is allowed
    if allowed:
        assert workflow.require_step(bulletin, action, actor) is row[0]
    elif action is not Action.EXPIRE:
        with pytest.raises((Refused, NotPermitted)):
            workflow.require_step(bulletin, action, actor)


# --- submitting ---


def test_submitting_names_the_rendering_to_be_heard(session, officer):
    bulletin, heard = submitted(session, officer)
    assert bulletin.state == "submitted"
    assert approval.submission(session, bulletin.id).rendering_id == heard


def test_without_a_clip_nothing_is_submitted(session, officer):
    bulletin = drafted(session, officer)
    with pytest.raises(Refused, match="chưa có bản thu"):
        approval.submit(session, officer, bulletin.id, NOW)
    rendering.ask(session, bulletin, bulletins.spoken_of(session, bulletin), NOW)
    with pytest.raises(Refused, match="chưa có bản thu"):
        approval.submit(session, officer, bulletin.id, NOW)
    assert bulletin.state == "draft"


def test_a_clip_of_the_version_before_does_not_count(session, officer):
    bulletin = drafted(session, officer)
    recorded(session, bulletin)
    bulletins.edit(session, officer, bulletin.id, replace(DRAFT, repeats=2), 1, NOW)
    with pytest.raises(Refused, match="chưa có bản thu"):
        approval.submit(session, officer, bulletin.id, NOW)


def test_a_clip_of_other_words_does_not_count(session, officer):
    bulletin = drafted(session, officer)
    made = recorded(session, bulletin)
    made.spoken_sha256 = sha256_of("lời khác")
    with pytest.raises(Refused, match="chưa có bản thu"):
        approval.submit(session, officer, bulletin.id, NOW)


@pytest.mark.usefixtures("plain_reader")
def test_words_still_to_be_decided_are_named_and_keep_it_back(session, officer):
    bulletin = drafted(session, officer, written="họp tại KCN và THCS")
    recorded(session, bulletin)
    with pytest.raises(Refused, match="Còn 2 chỗ chưa rõ cách đọc: “KCN”, “THCS”;"):
        approval.submit(session, officer, bulletin.id, NOW)
    for written, spoken in (("KCN", "khu công nghiệp"), ("THCS", "trung học cơ sở")):
        readings.decide(session, officer, bulletin.id, written, spoken, None, NOW)
    recorded(session, bulletin)
    approval.submit(session, officer, bulletin.id, NOW)
    assert bulletin.state == "submitted"


@pytest.mark.usefixtures("plain_reader")
def test_of_many_undecided_words_the_first_five_are_named(session, officer):
    bulletin = drafted(session, officer, written="A B C D E G H")
    with pytest.raises(Refused, match=r"Còn 7 chỗ .*“E” và 2 chỗ khác;"):
        approval.submit(session, officer, bulletin.id, NOW)


@pytest.mark.usefixtures("plain_reader")
def test_a_reading_decided_after_the_clip_was_made_asks_for_a_new_clip(session, officer):
    bulletin = drafted(session, officer, written="đến nhà văn hóa")
    recorded(session, bulletin)
    readings.decide(session, officer, bulletin.id, "nhà", "ngôi nhà", None, NOW)
    with pytest.raises(Refused, match="chưa có bản thu"):
        approval.submit(session, officer, bulletin.id, NOW)


@pytest.mark.usefixtures("plain_reader")
def test_a_reading_of_the_station_that_changes_submitted_words_stops_the_signature(
    session, officer, approver
):
    bulletin, heard = submitted(session, officer, written="đến nhà văn hóa")
    readings.decide(session, officer, None, "khác", "chuyện khác", None, NOW)
    readings.decide(session, officer, None, "nhà", "ngôi nhà", None, NOW)
    with pytest.raises(Refused, match="đã thay đổi sau khi gửi duyệt"):
        approve(session, approver, bulletin.id, heard, NOW)


@pytest.mark.usefixtures("plain_reader")
def test_a_reading_decided_after_the_signature_leaves_it_as_it_was_heard(session, officer, approver):
    bulletin, signed = approved(session, officer, approver, written="đến nhà văn hóa")
    readings.decide(session, officer, None, "nhà", "ngôi nhà", None, NOW)
    assert approval.valid_approval(session, bulletin.id, TODAY) is signed
    assert signed.spoken == "đến nhà văn hóa"


def test_an_empty_text_is_not_submitted(session, officer):
    bulletin = drafted(session, officer, written=" \n")
    with pytest.raises(Refused, match="chưa có nội dung"):
        approval.submit(session, officer, bulletin.id, NOW)


def test_what_is_past_its_last_day_is_not_submitted(session, officer):
    with pytest.raises(Refused, match="hết hiệu lực ngày 22/11/2026"):
        submitted(session, officer, valid_until=TODAY - timedelta(days=1))
    assert submitted(session, officer, valid_until=TODAY)


def test_a_recalled_bulletin_is_a_draft_again(session, officer):
    bulletin, _ = submitted(session, officer)
    approval.recall(session, officer, bulletin.id, NOW)
    assert bulletin.state == "draft"
    with pytest.raises(Refused, match="nháp"):
        approval.recall(session, officer, bulletin.id, NOW)


# --- approving ---


def test_a_signature_binds_text_words_and_clip(session, officer, approver):
    bulletin, signed = approved(session, officer, approver)
    made = session.get(Rendering, approval.submission(session, bulletin.id).rendering_id)
    assert bulletin.state == "approved"
    assert signed.written_sha256 == sha256_of(DRAFT.written)
    assert (signed.spoken, signed.spoken_sha256) == (made.spoken, sha256_of(made.spoken))
    assert (signed.clip_sha256, signed.version_id) == (made.clip_sha256, bulletin.version_id)
    assert (signed.author_id, signed.approver_id, signed.approved_at) == (officer.id, approver.id, NOW)
    assert signed.lexicon == readings.lexicon_for(session, bulletin.id).version
    assert signed.is_self_approved is False
    assert approval.valid_approval(session, bulletin.id, TODAY) is signed


def test_nobody_signs_their_own_text(session, as_role):
    both = as_role("officer", "approver")
    bulletin, heard = submitted(session, both)
    with pytest.raises(Refused, match="không thể tự duyệt"):
        approve(session, both, bulletin.id, heard, NOW)
    assert bulletin.state == "submitted"


def test_a_station_with_one_person_may_allow_it_and_it_shows(session, as_role):
    both = as_role("officer", "approver")
    configure(session, CONSOLE, NOW, self_approval=True)
    _, signed = approved(session, both, both)
    assert signed.is_self_approved is True


def test_with_self_approval_on_another_persons_signature_stays_one(session, officer, approver):
    configure(session, CONSOLE, NOW, self_approval=True)
    _, signed = approved(session, officer, approver)
    assert signed.is_self_approved is False


def test_the_author_is_whoever_wrote_the_present_version(session, officer, as_role):
    both = as_role("officer", "approver")
    bulletin, _ = submitted(session, officer)
    bulletins.edit(session, both, bulletin.id, EDITED, 1, NOW)
    heard = recorded(session, bulletin)
    approval.submit(session, officer, bulletin.id, NOW)
    with pytest.raises(Refused, match="không thể tự duyệt"):
        approve(session, both, bulletin.id, heard.id, NOW)


@pytest.mark.parametrize("heard", [0, 999])
def test_another_rendering_than_the_submitted_one_was_heard(session, officer, approver, heard):
    bulletin, _ = submitted(session, officer)
    with pytest.raises(Refused, match="không phải bản đang chờ duyệt"):
        approve(session, approver, bulletin.id, heard, NOW)


def test_what_was_heard_before_an_edit_is_not_signed(session, officer, approver):
    bulletin, heard_before = submitted(session, officer)
    bulletins.edit(session, officer, bulletin.id, EDITED, 1, NOW)
    recorded(session, bulletin)
    approval.submit(session, officer, bulletin.id, NOW)
    with pytest.raises(Refused, match="nghe lại"):
        approve(session, approver, bulletin.id, heard_before, NOW)


def test_a_rendering_whose_words_were_changed_in_the_store_is_not_signed(session, officer, approver):
    bulletin, heard = submitted(session, officer)
    session.get(Rendering, heard).spoken = "lời khác"
    with pytest.raises(Refused, match="đã thay đổi"):
        approve(session, approver, bulletin.id, heard, NOW)


def test_a_text_changed_in_the_store_is_not_signed(session, officer, approver):
    bulletin, heard = submitted(session, officer)
    bulletin.version.written_sha256 = sha256_of("văn bản khác")
    with pytest.raises(Refused, match="báo người quản trị"):
        approve(session, approver, bulletin.id, heard, NOW)


@pytest.mark.parametrize("role", [each for each in Role if Permission.APPROVE not in PERMISSIONS[each]])
def test_only_an_approver_signs_returns_and_withdraws(session, officer, approver, as_role, role):
    waiting, heard = submitted(session, officer)
    signed, _ = approved(session, officer, approver)
    other = as_role(role)
    for act in (
        lambda: approve(session, other, waiting.id, heard, NOW),
        lambda: approval.send_back(session, other, waiting.id, "sai", NOW),
        lambda: approval.withdraw(session, other, signed.id, "sai", NOW),
    ):
        with pytest.raises(NotPermitted, match="duyệt bản tin"):
            act()
    assert (waiting.state, signed.state) == ("submitted", "approved")


def test_what_was_signed_once_is_not_signed_again(session, officer, approver):
    bulletin, signed = approved(session, officer, approver)
    heard = approval.submission(session, bulletin.id).rendering_id
    with pytest.raises(Refused, match="đã duyệt"):
        approve(session, approver, bulletin.id, heard, NOW)
    assert session.query(Approval).all() == [signed]


# --- returning ---


def test_a_return_tells_the_author_what_to_change(session, officer, approver):
    bulletin, _ = submitted(session, officer)
    approval.send_back(session, approver, bulletin.id, " Sai ngày tiêm. ", NOW)
    step = bulletins.steps(session, bulletin.id)[0]
    assert (bulletin.state, step.comment, step.person.name) == (
        "returned",
        "Sai ngày tiêm.",
        "Trần Thị Duyệt",
    )
    assert audit.latest(session)[0].detail == {"version": 1, "comment": "Sai ngày tiêm."}


@pytest.mark.parametrize("comment", ["", "  \n", "x" * 2001])
def test_a_return_needs_a_comment_of_fair_length(session, officer, approver, comment):
    bulletin, _ = submitted(session, officer)
    with pytest.raises(Invalid) as refused:
        approval.send_back(session, approver, bulletin.id, comment, NOW)
    assert (refused.value.field, bulletin.state) == ("comment", "submitted")


def test_a_returned_bulletin_is_submitted_again_as_it_is_or_edited(session, officer, approver):
    bulletin, _ = submitted(session, officer)
    approval.send_back(session, approver, bulletin.id, "Xem lại.", NOW)
    approval.submit(session, officer, bulletin.id, NOW)
    approval.send_back(session, approver, bulletin.id, "Xem lại nữa.", NOW)
    bulletins.edit(session, officer, bulletin.id, EDITED, 1, NOW)
    assert bulletin.state == "draft"


# --- ending a signature ---


def test_an_edit_voids_the_signature_and_asks_for_a_new_one(session, officer, approver):
    bulletin, first = approved(session, officer, approver)
    bulletins.edit(session, officer, bulletin.id, EDITED, 1, NOW)
    assert (bulletin.state, ends(session)) == ("draft", [("edited", officer.id)])
    assert approval.valid_approval(session, bulletin.id, TODAY) is None
    heard = recorded(session, bulletin)
    approval.submit(session, officer, bulletin.id, NOW)
    second = approve(session, approver, bulletin.id, heard.id, NOW)
    assert approval.valid_approval(session, bulletin.id, TODAY) is second is not first


def test_a_refused_edit_leaves_the_signature(session, officer, approver):
    bulletin, signed = approved(session, officer, approver)
    with pytest.raises(Refused):
        bulletins.edit(session, officer, bulletin.id, EDITED, 7, NOW)
    bulletins.edit(session, officer, bulletin.id, DRAFT, 1, NOW)
    assert approval.valid_approval(session, bulletin.id, TODAY) is signed
    assert (bulletin.state, ends(session)) == ("approved", [])


def test_withdrawing_ends_the_signature_with_a_reason(session, officer, approver):
    bulletin, _ = approved(session, officer, approver)
    with pytest.raises(Invalid) as refused:
        approval.withdraw(session, approver, bulletin.id, " ", NOW)
    assert (refused.value.field, bulletin.state) == ("reason", "approved")
    approval.withdraw(session, approver, bulletin.id, "Hoãn tiêm", NOW)
    assert (bulletin.state, ends(session)) == ("withdrawn", [("withdrawn", approver.id)])
    assert approval.valid_approval(session, bulletin.id, TODAY) is None
    assert bulletins.steps(session, bulletin.id)[0].comment == "Hoãn tiêm"


def test_what_is_past_its_last_day_expires_by_itself(session, officer, approver):
    signed, _ = approved(session, officer, approver, valid_until=TODAY)
    waiting, _ = submitted(session, officer, valid_until=TODAY)
    draft = drafted(session, officer, valid_until=TODAY)
    lasting, _ = approved(session, officer, approver)
    last_second = later(hours=15.999)
    assert approval.expire_due(session, last_second) == []
    assert approval.expire_due(session, later(hours=16)) == [signed, waiting]
    assert [each.state for each in (signed, waiting, draft, lasting)] == [
        "expired",
        "expired",
        "draft",
        "approved",
    ]
    assert ends(session) == [("expired", None)]
    assert approval.expire_due(session, later(hours=17)) == []


def test_what_expired_lives_again_by_an_edit(session, officer, approver):
    bulletin, _ = approved(session, officer, approver, valid_until=TODAY)
    approval.expire_due(session, later(days=1))
    bulletins.edit(
        session, officer, bulletin.id, replace(DRAFT, valid_until=date(2027, 1, 1)), 1, later(days=1)
    )
    assert bulletin.state == "draft"


# --- the question asked at air time ---


@pytest.mark.parametrize(("day", "is_valid"), [(22, False), (23, True), (25, True), (26, False)])
def test_a_signature_holds_between_its_days(session, officer, approver, day, is_valid):
    bulletin, signed = approved(session, officer, approver, valid_from=TODAY, valid_until=date(2026, 11, 25))
    found = approval.valid_approval(session, bulletin.id, date(2026, 11, day))
    assert found is (signed if is_valid else None)


@pytest.mark.parametrize("bulletin_id", [0, 99])
def test_what_is_not_there_may_not_be_heard(session, bulletin_id):
    assert approval.valid_approval(session, bulletin_id, TODAY) is None


def test_what_is_not_signed_may_not_be_heard(session, officer):
    bulletin, _ = submitted(session, officer)
    assert approval.valid_approval(session, bulletin.id, TODAY) is None


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE version SET written = 'Văn bản khác.'",
        "UPDATE version SET written_sha256 = clip_sha256 FROM approval",
        "UPDATE approval SET written_sha256 = clip_sha256",
        "UPDATE approval SET spoken = 'lời khác'",
        "UPDATE approval SET spoken_sha256 = clip_sha256",
        "UPDATE bulletin SET state = 'draft'",
    ],
)
def test_whatever_is_changed_behind_the_signature_silences_it(session, officer, approver, change):
    bulletin, _ = approved(session, officer, approver)
    session.flush()
    session.execute(text(change))
    session.expire_all()
    assert approval.valid_approval(session, bulletin.id, TODAY) is None


def test_the_newest_open_signature_counts(session, officer, approver):
    bulletin, _ = approved(session, officer, approver)
    approval.withdraw(session, approver, bulletin.id, "Sai giờ", NOW)
    bulletins.edit(session, officer, bulletin.id, EDITED, 1, NOW)
    heard = recorded(session, bulletin)
    approval.submit(session, officer, bulletin.id, NOW)
    newest = approve(session, approver, bulletin.id, heard.id, NOW)
    assert approval.valid_approval(session, bulletin.id, TODAY) is newest
