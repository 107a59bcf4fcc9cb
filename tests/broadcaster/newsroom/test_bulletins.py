"""Bulletins are written, edited and found; no text that was saved is ever lost."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import date

import pytest

from broadcaster.errors import EditedMeanwhile, Invalid, NotFound, NotPermitted
from broadcaster.newsroom import bulletins
from broadcaster.newsroom.bulletins import Draft, sha256_of
from broadcaster.records import audit
from tests.broadcaster.moments import NOW, later
from tests.broadcaster.newsroom.making import DRAFT, drafted


@pytest.fixture
def officer(as_role):
    return as_role("officer", name="Nguyễn Thị Hoa")


def titles(found) -> list[str]:
    return [bulletin.title for bulletin in found]


# --- writing ---


def test_a_new_bulletin_is_a_draft_with_its_first_version(session, officer):
    draft = Draft(
        "Tiêm chủng", "Tám giờ sáng.", "priority", "y tế", date(2026, 11, 1), date(2026, 12, 1), repeats=2
    )
    bulletin = bulletins.write(session, officer, draft, NOW)
    assert (bulletin.state, bulletin.author_id, bulletin.version.number) == ("draft", officer.id, 1)
    assert bulletin.version.written_sha256 == sha256_of("Tám giờ sáng.")
    assert bulletins.draft_of(bulletin) == draft


@pytest.mark.parametrize("role", ["viewer", "approver", "operator", "admin"])
def test_only_an_officer_writes_and_edits(session, officer, as_role, role):
    bulletin, other = drafted(session, officer), as_role(role)
    with pytest.raises(NotPermitted, match="soạn"):
        bulletins.write(session, other, DRAFT, NOW)
    with pytest.raises(NotPermitted, match="soạn"):
        bulletins.edit(session, other, bulletin.id, replace(DRAFT, title="Khác"), 1, NOW)
    assert titles(bulletins.find(session)) == [DRAFT.title]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": "  \n "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"written": "x" * 50_001}, "written"),
        ({"kind": "gossip"}, "kind"),
        ({"topic": "x" * 101}, "topic"),
        ({"valid_from": date(2026, 12, 2), "valid_until": date(2026, 12, 1)}, "valid_until"),
        ({"rate": 0.4}, "rate"),
        ({"rate": 2.1}, "rate"),
        ({"rate": float("nan")}, "rate"),
        ({"repeats": 0}, "repeats"),
        ({"repeats": 6}, "repeats"),
    ],
)
def test_what_cannot_be_taken_is_named_and_nothing_is_saved(session, officer, changes, field):
    with pytest.raises(Invalid) as refused:
        drafted(session, officer, **changes)
    assert refused.value.field == field
    assert bulletins.count(session) == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"written": ""},
        {"written": "x" * 50_000},
        {"valid_from": date(2026, 12, 1), "valid_until": date(2026, 12, 1)},
        {"valid_until": date(2020, 1, 1)},
        {"rate": 0.5},
    ],
)
def test_what_stands_at_the_limit_is_taken(session, officer, changes):
    assert drafted(session, officer, **changes).id


def test_too_long_a_text_is_told_its_length(session, officer):
    with pytest.raises(Invalid, match=r"50\.001 ký tự, nhiều nhất là 50\.000"):
        drafted(session, officer, written="x" * 50_001)


def test_text_is_kept_in_one_form_whatever_sent_it(session, officer):
    decomposed = unicodedata.normalize("NFD", "Đường làng\r\nsạch đẹp\rquê\0 tôi")
    bulletin = drafted(session, officer, title=" Hai \n dòng ", written=decomposed)
    assert bulletin.title == "Hai dòng"
    assert bulletin.version.written == unicodedata.normalize("NFC", "Đường làng\nsạch đẹp\nquê tôi")


# --- editing ---


def test_an_edit_makes_a_new_version_and_keeps_the_old(session, officer, as_role):
    bulletin, other = drafted(session, officer), as_role("officer")
    bulletins.edit(session, other, bulletin.id, replace(DRAFT, written="Bản hai."), 1, later(hours=1))
    kept = bulletins.versions(session, bulletin.id)
    assert [(each.number, each.written) for each in kept] == [(2, "Bản hai."), (1, DRAFT.written)]
    assert [each.author_id for each in kept] == [other.id, officer.id]
    assert (bulletin.author_id, bulletin.changed_at) == (other.id, later(hours=1))


def test_saving_what_is_there_already_changes_nothing(session, officer):
    bulletin = drafted(session, officer)
    bulletins.edit(session, officer, bulletin.id, replace(DRAFT, title=f" {DRAFT.title} "), 1, later(hours=1))
    assert len(bulletins.versions(session, bulletin.id)) == 1
    assert bulletin.changed_at == NOW


@pytest.mark.parametrize("changes", [{"repeats": 2}, {"topic": "khác"}, {"valid_until": date(2027, 1, 1)}])
def test_any_change_counts_as_an_edit(session, officer, changes):
    bulletin = drafted(session, officer)
    bulletins.edit(session, officer, bulletin.id, replace(DRAFT, **changes), 1, NOW)
    assert bulletin.version.number == 2


def test_whoever_saves_second_is_told_and_loses_nothing(session, officer, as_role):
    bulletin, other = drafted(session, officer), as_role("officer")
    first, second = replace(DRAFT, written="Của Hoa."), replace(DRAFT, written="Của người kia.")
    bulletins.edit(session, officer, bulletin.id, first, 1, NOW)
    with pytest.raises(
        EditedMeanwhile, match=r"Nguyễn Thị Hoa đã lưu phiên bản 2.*08:00 ngày 23/11/2026"
    ) as told:
        bulletins.edit(session, other, bulletin.id, second, 1, NOW)
    assert told.value.newest_number == 2
    assert bulletin.version.written == "Của Hoa."
    bulletins.edit(session, other, bulletin.id, second, told.value.newest_number, NOW)
    assert [each.written for each in bulletins.versions(session, bulletin.id)][:2] == [
        "Của người kia.",
        "Của Hoa.",
    ]


def test_two_who_saved_the_same_need_not_be_told(session, officer, as_role):
    bulletin, same = drafted(session, officer), replace(DRAFT, written="Như nhau.")
    bulletins.edit(session, officer, bulletin.id, same, 1, NOW)
    bulletins.edit(session, as_role("officer"), bulletin.id, same, 1, NOW)
    assert bulletin.version.number == 2


def test_every_step_is_kept_and_audited(session, officer):
    bulletin = drafted(session, officer)
    bulletins.edit(session, officer, bulletin.id, replace(DRAFT, written="Bản hai."), 1, NOW)
    assert [
        (each.action, each.from_state, each.to_state) for each in bulletins.steps(session, bulletin.id)
    ] == [
        ("edit", "draft", "draft"),
        ("write", "", "draft"),
    ]
    assert [(row.act, row.person, row.subject, row.detail) for row in audit.latest(session)] == [
        ("bulletin_edit", "Nguyễn Thị Hoa", f"bulletin {bulletin.id}", {"version": 2}),
        ("bulletin_write", "Nguyễn Thị Hoa", f"bulletin {bulletin.id}", {"version": 1}),
    ]


def test_a_bulletin_that_is_not_there_is_not_found(session, officer):
    with pytest.raises(NotFound, match="số 99"):
        bulletins.edit(session, officer, 99, DRAFT, 1, NOW)


# --- finding ---


@pytest.mark.parametrize("words", ["đường làng", "duong lang", "LANG duong", "ve sinh", "đuong", "100%"])
def test_words_are_found_in_title_and_text_with_or_without_diacritics(session, officer, words):
    drafted(session, officer, title="Vệ sinh đường làng", written="Bảo đảm 100% hộ tham gia.")
    drafted(session, officer, title="Khác", written="Không liên quan.")
    assert titles(bulletins.find(session, words)) == ["Vệ sinh đường làng"]
    assert bulletins.count(session, words) == 1


def test_words_of_an_older_version_are_not_found(session, officer):
    bulletin = drafted(session, officer, written="con mèo")
    bulletins.edit(session, officer, bulletin.id, replace(DRAFT, written="con chó"), 1, NOW)
    assert (bulletins.count(session, "meo"), bulletins.count(session, "cho")) == (0, 1)


@pytest.mark.parametrize("words", ["%", "_ _", "\\"])
def test_signs_that_like_understands_find_only_themselves(session, officer, words):
    drafted(session, officer)
    assert bulletins.find(session, words) == []


def test_filters_narrow_together(session, officer):
    drafted(session, officer, title="A", kind="priority", topic="thuế")
    drafted(session, officer, title="B", kind="priority")
    drafted(session, officer, title="C", topic="thuế")
    assert titles(bulletins.find(session, kind="priority", topic="thuế", state="draft")) == ["A"]
    assert bulletins.find(session, state="approved") == []
    assert bulletins.topics(session) == ["thuế", "y tế"]


@pytest.mark.parametrize(("day", "found"), [(9, []), (10, ["A"]), (20, ["A"]), (21, [])])
def test_bulletins_are_found_by_a_day_on_which_they_hold(session, officer, day, found):
    drafted(session, officer, title="A", valid_from=date(2026, 11, 10), valid_until=date(2026, 11, 20))
    assert titles(bulletins.find(session, valid_on=date(2026, 11, day))) == found


def test_the_last_changed_comes_first_page_by_page(session, officer):
    made = [drafted(session, officer, title=str(number)) for number in range(5)]
    bulletins.edit(session, officer, made[1].id, replace(DRAFT, title="1 sửa"), 1, later(hours=1))
    pages = [titles(bulletins.find(session, limit=2, offset=offset)) for offset in (0, 2, 4)]
    assert pages == [["1 sửa", "4"], ["3", "2"], ["0"]]
