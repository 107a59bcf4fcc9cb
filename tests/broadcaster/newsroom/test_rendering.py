from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from broadcaster.errors import NotFound, Refused
from broadcaster.newsroom import loudness, render_queue, rendering
from broadcaster.newsroom.render_queue import NewClip
from broadcaster.store import facts
from broadcaster.store.models import (
    Airing,
    Bulletin,
    Clip,
    Kind,
    Person,
    Rendering,
    RenderingState,
    Request,
    Version,
)
from tests.broadcaster.moments import NOW, later


@dataclass(frozen=True)
class Sentence:
    text: str
    pause_ms: int = 450


@dataclass(frozen=True)
class Spoken:
    sentences: tuple[Sentence, ...]

    @property
    def text(self) -> str:
        return " ".join(each.text for each in self.sentences)


WORDS = Spoken((Sentence("Xin chào bà con."), Sentence("Đây là đài phường.", 800)))
OTHER_WORDS = Spoken((Sentence("Xin chào."),))
CLIP = NewClip("c" * 64, 12.5, -16.0, -1.1, "espeak-ng 1.52.0", "vi", None)


@pytest.fixture
def bulletin(session, as_role):
    return written(session, as_role("officer"))


def written(session, author, kind=Kind.ROUTINE) -> Bulletin:
    made = Bulletin(
        title="Tin", kind=kind, author_id=author.id, created_at=NOW, changed_at=NOW, rate=1.0, repeats=1
    )
    session.add(made)
    session.flush()
    add_version(session, made)
    return made


def add_version(session, bulletin) -> None:
    number = 1 + session.query(Version).filter_by(bulletin_id=bulletin.id).count()
    fields = {"title": "Tin", "written": "lời", "written_sha256": "0" * 64, "created_at": NOW}
    version = Version(bulletin_id=bulletin.id, number=number, author_id=bulletin.author_id, **fields)
    session.add(version)
    session.flush()
    bulletin.version_id = version.id
    session.flush()


def state_of(session, asked) -> tuple[str, str | None]:
    session.refresh(asked)
    return asked.state, asked.error


# --- asking ---


def test_asking_twice_gives_the_same_rendering(session, bulletin):
    first = rendering.ask(session, bulletin, WORDS, NOW, lexicon="7")
    again = rendering.ask(session, bulletin, WORDS, later(minutes=5), lexicon="7")
    assert first is again
    assert first.asked_at == NOW
    assert first.script == [
        {"text": "Xin chào bà con.", "pause_ms": 450},
        {"text": "Đây là đài phường.", "pause_ms": 800},
    ]
    assert (first.state, first.sentences_total, first.lexicon) == (RenderingState.WAITING, 2, "7")


@pytest.mark.parametrize("change", [{"voice": "vi-vn-x-south"}, {"rate": 1.2}, {"repeats": 2}], ids=str)
def test_another_way_of_speaking_is_another_rendering(session, bulletin, change):
    first = rendering.ask(session, bulletin, WORDS, NOW)
    for field, value in change.items():
        setattr(bulletin, field, value)
    assert rendering.ask(session, bulletin, WORDS, later(seconds=1)) is not first


def test_other_words_and_other_pauses_are_other_renderings(session, bulletin):
    longer = Spoken((WORDS.sentences[0], Sentence("Đây là đài phường.", 1000)))
    asked = {rendering.ask(session, bulletin, words, NOW).id for words in (WORDS, OTHER_WORDS, longer)}
    assert len(asked) == 3


def test_the_stations_voice_and_engines_matter(session, bulletin):
    first = rendering.ask(session, bulletin, WORDS, NOW)
    facts.put(session, facts.VOICE, "vi-vn-x-south")
    second = rendering.ask(session, bulletin, WORDS, NOW)
    facts.put(session, rendering.SPEECH_SETUP, "google,espeak -16")
    third = rendering.ask(session, bulletin, WORDS, NOW)
    assert second.voice == "vi-vn-x-south"
    assert len({first.id, second.id, third.id}) == 3


def test_nothing_to_say_is_refused(session, bulletin):
    with pytest.raises(Refused):
        rendering.ask(session, bulletin, Spoken(()), NOW)
    bulletin.version_id = None
    with pytest.raises(Refused):
        rendering.ask(session, bulletin, WORDS, NOW)


def test_the_current_rendering_is_the_one_last_asked_for(session, bulletin):
    assert rendering.current(session, bulletin) is None
    first = rendering.ask(session, bulletin, WORDS, NOW)
    second = rendering.ask(session, bulletin, OTHER_WORDS, later(seconds=1))
    assert rendering.current(session, bulletin) is second
    rendering.ask(session, bulletin, WORDS, later(seconds=2))
    assert rendering.current(session, bulletin) is first


def test_a_new_version_has_no_rendering_yet(session, bulletin):
    rendering.ask(session, bulletin, WORDS, NOW)
    add_version(session, bulletin)
    assert rendering.current(session, bulletin) is None


# --- taking, reporting, publishing ---


def test_work_is_taken_once_and_published(session, bulletin):
    asked = rendering.ask(session, bulletin, WORDS, NOW)
    work = render_queue.take(session, NOW)
    assert work.lines == (("Xin chào bà con.", 450), ("Đây là đài phường.", 800))
    assert render_queue.take(session, later(seconds=1)) is None
    assert render_queue.report(session, work, 1, later(seconds=2))
    session.refresh(asked)
    assert (asked.state, asked.sentences_done) == (RenderingState.RUNNING, 1)
    assert render_queue.publish(session, work, CLIP, later(seconds=3))
    session.refresh(asked)
    assert (asked.state, asked.clip_sha256, asked.sentences_done) == (RenderingState.DONE, CLIP.sha256, 2)
    assert (asked.clip.seconds, asked.clip.origin) == (12.5, "speech")
    assert not render_queue.is_work_waiting(session, later(hours=1))


def test_a_renderer_that_is_silent_for_too_long_loses_its_work(session, bulletin):
    asked = rendering.ask(session, bulletin, WORDS, NOW)
    dead = render_queue.take(session, NOW)
    assert render_queue.take(session, NOW + render_queue.LEASE) is None
    heir = render_queue.take(session, NOW + render_queue.LEASE + timedelta(seconds=1))
    assert (heir.rendering_id, heir.attempt) == (dead.rendering_id, 2)
    assert not render_queue.report(session, dead, 1, later(seconds=20))
    assert not render_queue.publish(session, dead, CLIP, later(seconds=20))
    assert not render_queue.give_up(session, dead, "lỗi", later(seconds=20), is_lasting=True)
    assert render_queue.publish(session, heir, CLIP, later(seconds=21))
    assert state_of(session, asked) == (RenderingState.DONE, None)


def test_a_renderer_that_reports_keeps_its_work(session, bulletin):
    rendering.ask(session, bulletin, WORDS, NOW)
    work = render_queue.take(session, NOW)
    for seconds in range(10, 100, 10):
        assert render_queue.report(session, work, 1, later(seconds=seconds))
        assert render_queue.take(session, later(seconds=seconds + 5)) is None


def test_two_renderers_at_once_never_take_the_same_work(store):
    with store.write() as session:
        author = Person(login="an", name="An", roles=[], created_at=NOW)
        session.add(author)
        session.flush()
        asked = [rendering.ask(session, written(session, author), WORDS, NOW).id for _ in range(6)]

    def take(_: int) -> int | None:
        with store.write() as mine:
            work = render_queue.take(mine, NOW)
        return work.rendering_id if work else None

    with ThreadPoolExecutor(6) as pool:
        taken = list(pool.map(take, range(12)))
    assert sorted(each for each in taken if each) == sorted(asked)


def test_an_emergency_is_made_first(session, as_role):
    author = as_role("officer")
    kinds = (Kind.ROUTINE, Kind.PRIORITY, Kind.EMERGENCY)
    asked = {kind: rendering.ask(session, written(session, author, kind), WORDS, NOW).id for kind in kinds}
    taken = [render_queue.take(session, NOW).rendering_id for _ in kinds]
    assert taken == [asked[Kind.EMERGENCY], asked[Kind.PRIORITY], asked[Kind.ROUTINE]]


def test_words_that_were_edited_meanwhile_are_not_spoken(session, bulletin):
    old = rendering.ask(session, bulletin, WORDS, NOW)
    add_version(session, bulletin)
    new = rendering.ask(session, bulletin, OTHER_WORDS, NOW)
    assert render_queue.take(session, NOW).rendering_id == new.id
    assert render_queue.take(session, NOW) is None
    assert state_of(session, old) == (RenderingState.FAILED, render_queue.OUTDATED)


def test_a_passing_failure_is_tried_again_later_and_not_for_ever(session, bulletin):
    asked = rendering.ask(session, bulletin, WORDS, NOW)
    moment = NOW
    for attempt in range(1, rendering.MOST_ATTEMPTS + 1):
        work = render_queue.take(session, moment)
        assert work.attempt == attempt
        assert render_queue.give_up(session, work, "Mạng chậm.", moment, is_lasting=False)
        assert render_queue.take(session, moment) is None
        moment += timedelta(minutes=1)
    assert render_queue.take(session, moment) is None
    assert state_of(session, asked) == (RenderingState.FAILED, "Mạng chậm.")


def test_a_lasting_failure_ends_at_once(session, bulletin):
    asked = rendering.ask(session, bulletin, WORDS, NOW)
    render_queue.give_up(session, render_queue.take(session, NOW), "Không có giọng.", NOW, is_lasting=True)
    assert state_of(session, asked) == (RenderingState.FAILED, "Không có giọng.")
    assert asked.ended_at == NOW


def test_work_that_kills_every_renderer_ends_with_a_sentence(session, bulletin):
    asked = rendering.ask(session, bulletin, WORDS, NOW)
    for minute in range(rendering.MOST_ATTEMPTS):
        assert render_queue.take(session, later(minutes=minute)) is not None
    assert render_queue.take(session, later(minutes=10)) is None
    assert state_of(session, asked) == (RenderingState.FAILED, render_queue.STOPPED_TOO_OFTEN)


def test_a_person_may_try_a_failed_one_again(session, bulletin):
    asked = rendering.ask(session, bulletin, WORDS, NOW)
    render_queue.give_up(session, render_queue.take(session, NOW), "lỗi", NOW, is_lasting=True)
    session.refresh(asked)
    assert rendering.ask(session, bulletin, WORDS, NOW).state == RenderingState.FAILED
    rendering.retry(session, asked.id, later(minutes=1))
    session.flush()
    work = render_queue.take(session, later(minutes=1))
    assert work.rendering_id == asked.id
    rendering.retry(session, asked.id, later(minutes=1))
    assert state_of(session, asked) == (RenderingState.RUNNING, None)
    with pytest.raises(NotFound):
        rendering.retry(session, 999, NOW)


def test_after_a_retry_a_renderer_of_the_first_round_can_still_not_publish(session, bulletin):
    asked = rendering.ask(session, bulletin, WORDS, NOW)
    old = render_queue.take(session, NOW)
    for minute in range(1, rendering.MOST_ATTEMPTS + 1):
        render_queue.take(session, later(minutes=minute))
    session.refresh(asked)
    rendering.retry(session, asked.id, later(minutes=9))
    session.flush()
    new = render_queue.take(session, later(minutes=9))
    assert not render_queue.publish(session, old, CLIP, later(minutes=10))
    assert render_queue.publish(session, new, CLIP, later(minutes=10))


def test_a_retry_gives_a_whole_new_round_of_attempts(session, bulletin):
    asked = rendering.ask(session, bulletin, WORDS, NOW)
    render_queue.give_up(session, render_queue.take(session, NOW), "lỗi", NOW, is_lasting=True)
    session.refresh(asked)
    rendering.retry(session, asked.id, NOW)
    session.flush()
    for minute in range(1, rendering.MOST_ATTEMPTS + 1):
        assert render_queue.take(session, later(minutes=minute)) is not None
    assert render_queue.take(session, later(minutes=9)) is None


def test_a_renderer_that_is_stopped_hands_its_work_back_at_once(session, bulletin):
    rendering.ask(session, bulletin, WORDS, NOW)
    assert render_queue.hand_back(session, render_queue.take(session, NOW))
    assert render_queue.take(session, NOW).attempt == 2


def test_two_bulletins_may_end_in_the_same_clip(session, as_role):
    author = as_role("officer")
    for _ in range(2):
        rendering.ask(session, written(session, author), WORDS, NOW)
        assert render_queue.publish(session, render_queue.take(session, NOW), CLIP, NOW)
    assert session.query(Clip).count() == 1
    assert {each.clip_sha256 for each in session.query(Rendering)} == {CLIP.sha256}


# --- voices of the network, loudness, a full disk ---


def wanted_on_air(session, bulletin, at) -> None:
    request = Request(bulletin_id=bulletin.id, way="at", at=at, created_by=bulletin.author_id, created_at=NOW)
    session.add(request)
    session.flush()
    deadline = at + timedelta(minutes=30)
    session.add(Airing(request_id=request.id, planned_at=at, bulletin_id=bulletin.id, deadline=deadline))
    session.flush()


@pytest.mark.parametrize(
    ("airs_in_minutes", "network_minutes"),
    [(None, 10), (600, 10), (15, 10), (8, 3), (5, 0), (1, 0), (-1, 0)],
)
def test_the_network_is_left_alone_when_the_bulletin_is_wanted_soon(
    session, bulletin, airs_in_minutes, network_minutes
):
    if airs_in_minutes is not None:
        wanted_on_air(session, bulletin, later(minutes=airs_in_minutes))
        wanted_on_air(session, bulletin, later(minutes=airs_in_minutes + 700))
    rendering.ask(session, bulletin, WORDS, NOW)
    work = render_queue.take(session, NOW)
    assert render_queue.network_for(work, NOW) == timedelta(minutes=network_minutes)


def test_an_emergency_is_made_louder_and_other_kinds_as_the_settings_say(session, as_role):
    for kind, louder_lu in ((Kind.ROUTINE, 0), (Kind.PRIORITY, 0), (Kind.EMERGENCY, 2)):
        rendering.ask(session, written(session, as_role("officer"), kind), WORDS, NOW)
        work = render_queue.take(session, NOW)
        assert work.kind == kind
        assert loudness.of_speech(work.kind, -18.0) == -18.0 + louder_lu


def test_a_bulletin_that_becomes_an_emergency_is_made_anew(session, bulletin):
    first = rendering.ask(session, bulletin, WORDS, NOW)
    bulletin.kind = Kind.EMERGENCY
    assert rendering.ask(session, bulletin, WORDS, later(seconds=1)) is not first


def test_what_a_full_disk_refused_is_tried_again_for_as_long_as_it_takes(session, bulletin):
    asked, now = rendering.ask(session, bulletin, WORDS, NOW), NOW
    for _ in range(2 * rendering.MOST_ATTEMPTS):
        work = render_queue.take(session, now)
        assert render_queue.give_up(
            session, work, "Ổ đĩa đầy.", now, is_lasting=False, retry_after=timedelta(minutes=1)
        )
        assert state_of(session, asked) == (RenderingState.WAITING, "Ổ đĩa đầy.")
        assert render_queue.take(session, now + timedelta(seconds=50)) is None
        now += timedelta(seconds=61)
    assert render_queue.publish(session, render_queue.take(session, now), CLIP, now)
    assert state_of(session, asked) == (RenderingState.DONE, None)


def test_what_another_voice_spoke_may_be_asked_for_again_and_stays_as_it_was(session, bulletin):
    first = rendering.ask(session, bulletin, WORDS, NOW, lexicon="7")
    spoken_by_another = replace(CLIP, notice="“Giọng miền Bắc” đọc thay.")
    asked = [first]
    for minute in (1, 2):  # the network may be away for long
        now = later(minutes=minute)
        render_queue.publish(session, render_queue.take(session, now), spoken_by_another, now)
        session.refresh(asked[-1])
        asked.append(rendering.again(session, bulletin, WORDS, now, lexicon="7"))
        assert rendering.again(session, bulletin, WORDS, now) is asked[-1], "pressed twice"
    assert len({each.id for each in asked}) == 3
    assert rendering.current(session, bulletin) is asked[-1]
    assert (first.clip_sha256, asked[-1].script, asked[-1].lexicon) == (CLIP.sha256, first.script, "7")
    now = later(minutes=3)
    render_queue.publish(session, render_queue.take(session, now), replace(CLIP, sha256="d" * 64), now)
    session.refresh(asked[-1])
    assert rendering.again(session, bulletin, WORDS, later(minutes=4)) is asked[-1], "the voice has spoken"
    assert rendering.again(session, bulletin, OTHER_WORDS, later(minutes=5)).script != first.script


def test_a_clip_knows_how_loud_it_was_meant_to_be(session, bulletin):
    rendering.ask(session, bulletin, WORDS, NOW)
    render_queue.publish(session, render_queue.take(session, NOW), replace(CLIP, target_lufs=-14.0), NOW)
    assert session.get(Clip, CLIP.sha256).target_lufs == -14.0


@pytest.mark.parametrize(
    ("lufs", "dbtp", "target", "is_as_meant"),
    [
        (-16.0, -1.1, -16.0, True),
        (-16.4, -1.0, None, True),
        (-15.4, -1.1, -16.0, False),
        (-14.1, -1.1, -14.0, True),
        (-14.1, -1.1, None, False),
        (-16.0, -0.5, -16.0, False),
        (float("-inf"), float("-inf"), -16.0, False),
    ],
)
def test_a_clip_is_held_against_what_it_was_meant_to_be(lufs, dbtp, target, is_as_meant):
    clip = Clip(loudness_lufs=lufs, true_peak_dbtp=dbtp, target_lufs=target)
    assert loudness.is_as_meant(clip) is is_as_meant
