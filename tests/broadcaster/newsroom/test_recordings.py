"""A recording lives as a text does: words and sound are signed together, a change of either voids that."""

from __future__ import annotations

from dataclasses import replace

import pytest

from broadcaster.errors import EditedMeanwhile, Invalid, NotFound, NotPermitted, Refused
from broadcaster.newsroom import approval, bulletins, recordings, recordings_queue, rendering
from broadcaster.newsroom.bulletins import Draft, sha256_of
from broadcaster.newsroom.recordings import NO_WORDS, Cut
from broadcaster.playout import lengths
from broadcaster.records import audit
from broadcaster.store.models import ApprovalEnd, BulletinState, RenderingState, Source
from tests.broadcaster.moments import NOW, TODAY, later
from tests.broadcaster.newsroom.making import approve
from tests.broadcaster.newsroom.recorded import DRAFT, SENT, SPEECH_LUFS, begun, finish, made, work_of


@pytest.fixture
def officer(as_role):
    return as_role("officer")


@pytest.fixture
def approver(as_role):
    return as_role("approver")


def signed(session, officer, approver, **changes):
    bulletin = begun(session, officer, **changes)
    finish(session)
    sent = approval.submit(session, officer, bulletin.id, NOW)
    return bulletin, approve(session, approver, bulletin.id, sent.rendering_id, NOW)


def test_words_and_sound_are_signed_together(session, officer, approver):
    bulletin, signature = signed(session, officer, approver)
    assert bulletin.source == Source.RECORDING
    assert (bulletin.language, bulletin.is_music) == ("rad", False)
    assert signature.spoken == DRAFT.written
    assert signature.spoken_sha256 == signature.written_sha256 == sha256_of(DRAFT.written)
    assert (signature.clip_sha256, signature.lexicon) == ("c" * 64, "")
    assert signature.clip.origin == "upload"
    assert approval.valid_approval(session, bulletin.id, TODAY) is signature
    assert lengths.predicted_seconds(session, bulletin) == 61.5


def test_nothing_is_submitted_before_sound_and_words_are_there(session, officer):
    bulletin = begun(session, officer)
    with pytest.raises(Refused, match="chưa có âm thanh đã xử lý xong"):
        approval.submit(session, officer, bulletin.id, NOW)
    wordless = begun(session, officer, written="  ")
    finish(session)
    with pytest.raises(Refused, match="chưa có lời"):
        approval.submit(session, officer, wordless.id, NOW)


def test_music_without_words_says_so_and_is_signed_softer(session, officer, approver):
    bulletin, signature = signed(session, officer, approver, written=NO_WORDS, is_music=True)
    assert signature.spoken == NO_WORDS
    assert work_of(session, bulletin).target_lufs == -20.0


@pytest.mark.parametrize(
    "change", [{"written": "Lời khác."}, {"language": "km"}, {"title": "Tên khác"}, {"is_music": True}]
)
def test_an_edit_voids_the_approval(change, session, officer, approver):
    bulletin, _ = signed(session, officer, approver)
    edited = replace(bulletins.draft_of(bulletin), **change)
    recordings.edit(session, officer, bulletin.id, edited, 1, SPEECH_LUFS, later(minutes=1))
    assert bulletin.state == BulletinState.DRAFT
    assert approval.valid_approval(session, bulletin.id, TODAY) is None
    assert [end.reason for end in session.query(ApprovalEnd)] == ["edited"]


def test_new_words_keep_the_sound_that_was_made(session, officer, approver):
    bulletin, first = signed(session, officer, approver)
    edited = replace(bulletins.draft_of(bulletin), written="Lời khác.")
    recordings.edit(session, officer, bulletin.id, edited, 1, SPEECH_LUFS, later(minutes=1))
    sent = approval.submit(session, officer, bulletin.id, later(minutes=2))
    second = approve(session, approver, bulletin.id, sent.rendering_id, later(minutes=2))
    assert (second.spoken, second.clip_sha256) == ("Lời khác.", first.clip_sha256)


def test_what_becomes_music_is_made_anew(session, officer):
    bulletin = begun(session, officer)
    finish(session)
    music = replace(bulletins.draft_of(bulletin), is_music=True)
    recordings.edit(session, officer, bulletin.id, music, 1, SPEECH_LUFS, later(minutes=1))
    assert work_of(session, bulletin).state == RenderingState.WAITING
    assert work_of(session, bulletin).target_lufs == -20.0
    with pytest.raises(Refused, match="chưa có âm thanh"):
        approval.submit(session, officer, bulletin.id, later(minutes=1))


def test_what_becomes_an_emergency_is_made_anew_and_louder(session, officer):
    bulletin = begun(session, officer)
    finish(session)
    urgent = replace(bulletins.draft_of(bulletin), kind="emergency")
    recordings.edit(session, officer, bulletin.id, urgent, 1, SPEECH_LUFS, later(minutes=1))
    assert work_of(session, bulletin).target_lufs == -14.0


def test_a_cut_voids_the_approval_and_is_what_is_signed_next(session, officer, approver):
    bulletin, _ = signed(session, officer, approver)
    recordings.cut(session, officer, bulletin.id, Cut(2.0, 40.0), SPEECH_LUFS, later(minutes=1))
    assert approval.valid_approval(session, bulletin.id, TODAY) is None
    assert bulletins.steps(session, bulletin.id)[0].comment == "Cắt lại: giữ 0:02,0 đến 0:40,0."
    with pytest.raises(Refused, match="chưa có âm thanh"):
        approval.submit(session, officer, bulletin.id, later(minutes=1))
    finish(session, "d" * 64, later(minutes=1))
    sent = approval.submit(session, officer, bulletin.id, later(minutes=2))
    again = approve(session, approver, bulletin.id, sent.rendering_id, later(minutes=2))
    assert again.clip_sha256 == "d" * 64


def test_going_back_to_an_earlier_cut_signs_the_earlier_clip(session, officer):
    bulletin = begun(session, officer)
    finish(session)
    for cut, sha256 in ((Cut(2.0, 40.0), "d" * 64), (recordings.WHOLE, "c" * 64)):
        recordings.cut(session, officer, bulletin.id, cut, SPEECH_LUFS, later(minutes=1))
        finish(session, sha256, later(minutes=1))
        assert recordings.ready(session, bulletin).clip_sha256 == sha256


@pytest.mark.parametrize(
    ("cut", "field"),
    [
        (Cut(-1.0, 5.0), "from_s"),
        (Cut(70.0, None), "from_s"),
        (Cut(5.0, 5.5), "to_s"),
        (Cut(9.0, 3.0), "to_s"),
        (Cut(None, 0.2), "to_s"),
    ],
)
def test_a_cut_that_keeps_nothing_is_refused_beside_its_field(cut, field, session, officer):
    bulletin = begun(session, officer)
    finish(session)
    with pytest.raises(Invalid) as refused:
        recordings.cut(session, officer, bulletin.id, cut, SPEECH_LUFS, NOW)
    assert refused.value.field == field


def test_another_file_takes_the_place_of_the_first(session, officer):
    bulletin = begun(session, officer)
    other = replace(SENT, name="b.wav", sha256="b" * 64)
    recordings.replace_sound(session, officer, bulletin.id, other, SPEECH_LUFS, later(minutes=1))
    work = recordings_queue.take(session, later(minutes=1))
    assert work.name == "b.wav"
    assert recordings_queue.take(session, later(minutes=1)) is None
    assert recordings_queue.publish(session, work, made(), "e" * 64, later(minutes=1))
    assert recordings.ready(session, bulletin).clip_sha256 == "e" * 64


def test_what_was_found_in_a_file_is_known_the_next_time(session, officer):
    begun(session, officer)
    finish(session)
    again = begun(session, officer)
    assert work_of(session, again).found["seconds"] == 70.0
    assert work_of(session, again).wave == [10] * 720


def test_long_silences_and_damage_are_told(session, officer):
    bulletin = begun(session, officer)
    found = {"codec": "aac", "seconds": 9.0, "rate_hz": 8000, "channels": 1, "damaged": 3}
    finish(session, kept=[[0.0, 3.0], [8.0, 9.0]], found=found, loudness_lufs=-19.0)
    notice = recordings.ready(session, bulletin).notice
    assert "rút ngắn" in notice
    assert "3 chỗ hỏng" in notice
    assert "quá to" in notice


def test_only_who_writes_may_send_cut_or_retry(session, officer, approver):
    with pytest.raises(NotPermitted):
        begun(session, approver)
    bulletin = begun(session, officer)
    for act in (
        lambda: recordings.cut(session, approver, bulletin.id, Cut(1.0, 3.0), SPEECH_LUFS, NOW),
        lambda: recordings.replace_sound(session, approver, bulletin.id, SENT, SPEECH_LUFS, NOW),
        lambda: recordings.retry(session, approver, bulletin.id, NOW),
    ):
        with pytest.raises(NotPermitted):
            act()


def test_two_people_at_one_transcript_are_told_of_each_other(session, officer):
    bulletin = begun(session, officer)
    newer = replace(bulletins.draft_of(bulletin), written="Mới.")
    recordings.edit(session, officer, bulletin.id, newer, 1, SPEECH_LUFS, NOW)
    with pytest.raises(EditedMeanwhile):
        recordings.edit(session, officer, bulletin.id, replace(newer, written="Cũ."), 1, SPEECH_LUFS, NOW)


def test_a_text_is_no_recording(session, officer):
    text = bulletins.write(session, officer, Draft("Tin", "Lời."), NOW)
    with pytest.raises(NotFound):
        recordings.get(session, text.id)
    assert rendering.current(session, text) is None


def test_every_act_is_in_the_audit_trail(session, officer):
    bulletin = begun(session, officer)
    recordings.cut(session, officer, bulletin.id, Cut(1.0, 3.0), SPEECH_LUFS, NOW)
    acts = [(row.act, row.detail.get("file"), row.detail.get("to_s")) for row in audit.latest(session)]
    assert acts.count(("recording.asked", "giữ rừng.mp3", None)) == 1
    assert acts.count(("recording.asked", "giữ rừng.mp3", 3.0)) == 1


def test_a_language_that_is_not_in_the_list_is_refused(session, officer):
    with pytest.raises(Invalid) as refused:
        begun(session, officer, language="klingon")
    assert refused.value.field == "language"


# --- the queue ---


def test_work_is_done_once_and_only_by_its_latest_holder(session, officer):
    bulletin = begun(session, officer)
    first = recordings_queue.take(session, NOW)
    assert recordings_queue.take(session, NOW) is None
    second = recordings_queue.take(session, later(seconds=20))
    assert (first.attempt, second.attempt) == (1, 2)
    assert not recordings_queue.report(session, first, 0.5, later(seconds=20))
    assert not recordings_queue.publish(session, first, made(), "c" * 64, later(seconds=20))
    assert recordings_queue.report(session, second, 0.5, later(seconds=20))
    assert recordings_queue.publish(session, second, made(), "c" * 64, later(seconds=21))
    assert work_of(session, bulletin).state == RenderingState.DONE


def test_a_file_that_ends_its_workers_is_given_up_until_somebody_orders_it(session, officer):
    bulletin = begun(session, officer)
    for number in (0, 20):
        assert recordings_queue.take(session, later(seconds=number)) is not None
    assert recordings_queue.take(session, later(seconds=40)) is None
    failed = work_of(session, bulletin)
    assert failed.state == RenderingState.FAILED
    assert "“giữ rừng.mp3”" in failed.error
    recordings.retry(session, officer, bulletin.id, later(seconds=50))
    again = recordings_queue.take(session, later(seconds=50))
    assert (again.attempt, again.is_last_attempt) == (3, False)


def test_work_that_is_handed_back_waits_for_the_next(session, officer):
    begun(session, officer)
    work = recordings_queue.take(session, NOW)
    assert recordings_queue.hand_back(session, work)
    assert recordings_queue.is_waiting(session, NOW)
    assert recordings_queue.take(session, NOW).attempt == 2


def test_a_refused_file_says_why_and_is_not_taken_again(session, officer):
    bulletin = begun(session, officer)
    work = recordings_queue.take(session, NOW)
    assert recordings_queue.refuse(session, work, "Tệp “a” im lặng; hãy thu lại.", NOW)
    assert recordings_queue.take(session, later(hours=1)) is None
    assert work_of(session, bulletin).error == "Tệp “a” im lặng; hãy thu lại."
