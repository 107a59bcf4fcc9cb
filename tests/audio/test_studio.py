"""Whole clips with the real engine: what a listener would measure."""

from __future__ import annotations

import time
import unicodedata

import numpy as np
import pytest

from audio import levels
from audio.formats import Pcm
from audio.speech.chain import Chain
from audio.speech.engine import Rejected, Transient, syllables
from audio.speech.espeak import EspeakEngine
from audio.studio import Line, Script, make_clip, speak_stream, speak_whole
from audio.studio_link import Failed, Job, Made, Progress, StudioLink
from tests.audio.sounds import by_ffmpeg

LINES = (
    Line("Thông báo lịch tiêm chủng tháng mười hai", 1000),
    Line("Ủy ban nhân dân phường xin thông báo đến toàn thể bà con, các tổ dân phố và các trường học.", 450),
    Line("Trạm y tế tổ chức tiêm chủng mở rộng cho trẻ em dưới năm tuổi, từ bảy giờ ba mươi phút.", 450),
    Line("Đề nghị bà con mang theo sổ tiêm chủng và đến đúng giờ.", 800),
    Line("Xin trân trọng cảm ơn.", 0),
)


@pytest.fixture
def engine():
    made = EspeakEngine()
    yield made
    made.close()


@pytest.mark.parametrize("repeats", [1, 2])
def test_a_clip_is_at_the_target_without_a_torn_peak_and_at_a_walking_pace(tmp_path, engine, repeats):
    made = make_clip(Script(LINES, repeats=repeats), Chain([engine]), tmp_path / "clip.wav")
    theirs = by_ffmpeg(tmp_path / "clip.wav")
    assert theirs.loudness_lufs == pytest.approx(-16.0, abs=0.5)
    assert theirs.true_peak_dbtp <= -1.0
    assert made.loudness_lufs == pytest.approx(theirs.loudness_lufs, abs=0.15)
    said = repeats * sum(syllables(line.text) for line in LINES)
    assert 2.0 < said / made.seconds < 4.0
    assert made.engine.startswith("espeak-ng 1.")


def test_decomposed_words_make_a_clip_of_the_same_length(engine):
    decomposed = tuple(Line(unicodedata.normalize("NFD", line.text), line.pause_ms) for line in LINES)
    one, other = (speak_whole(Script(lines), Chain([engine])).pcm.seconds for lines in (LINES, decomposed))
    assert other == pytest.approx(one, rel=0.01)


def test_lines_without_a_word_are_passed_over_and_nothing_at_all_is_refused(engine):
    assert (
        speak_whole(Script((Line("…", 450), Line("Xin chào bà con.", 450))), Chain([engine])).pcm.seconds > 3
    )
    with pytest.raises(Rejected):
        speak_whole(Script((Line("– !", 450),)), Chain([engine]))


def test_a_stream_gives_its_first_sentence_at_once_and_the_rest_as_loud(engine):
    assert engine.version
    began = time.monotonic()
    stream = speak_stream([*LINES, *LINES[1:4] * 20], engine)
    first = next(stream)
    assert time.monotonic() - began < 0.7
    pieces = [first, *stream]
    assert all(piece.rate_hz == 48_000 for piece in pieces)
    whole = Pcm(np.concatenate([piece.samples for piece in pieces]), 48_000)
    assert levels.integrated_loudness(whole) == pytest.approx(-16.0, abs=1.0)
    assert levels.true_peak_dbtp(whole) <= -1.0
    assert levels.clipped_runs(whole) == 0


def test_a_stream_pauses_where_the_text_does(engine):
    pieces = list(speak_stream(LINES, engine))
    assert [round(pause.seconds, 3) for pause in pieces[1::2]] == [1.0, 0.45, 0.45, 0.8, 0.0]


# --- the studio in a process of its own ---


def job(path, **changes) -> Job:
    lines = tuple((line.text, line.pause_ms) for line in LINES)
    return Job(
        **{"lines": lines, "voice": "", "rate": 1.0, "repeats": 1, "target_lufs": -14.0, "path": path}
        | changes
    )


def last_word(studio: StudioLink) -> Made | Failed:
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        word = studio.next_word(0.5)
        if isinstance(word, Made | Failed):
            return word
        assert word is None or isinstance(word, Progress)
    raise AssertionError("the studio said nothing")


@pytest.fixture
def studio(tmp_path):
    link = StudioLink(["espeak"], tmp_path / "memory")
    yield link
    link.close()


def test_a_studio_does_one_job_after_another(tmp_path, studio):
    for number in range(2):
        path = tmp_path / f"{number}.wav"
        studio.begin(job(path))
        made = last_word(studio)
        assert made.loudness_lufs == pytest.approx(-14.0, abs=0.5)
        assert by_ffmpeg(path).loudness_lufs == pytest.approx(-14.0, abs=0.5)


def test_a_studio_tells_what_it_cannot_do_and_lives_on(tmp_path, studio):
    studio.begin(job(tmp_path / "missing" / "clip.wav"))
    assert last_word(studio) == Failed("Không ghi được bản thu: No such file or directory.", is_lasting=False)
    studio.begin(job(tmp_path / "clip.wav", lines=(("…", 450),)))
    assert last_word(studio).is_lasting
    studio.begin(job(tmp_path / "clip.wav"))
    assert isinstance(last_word(studio), Made)


def test_a_studio_that_dies_is_told(tmp_path, studio):
    studio.begin(job(tmp_path / "clip.wav"))
    studio.kill()
    assert not studio.is_alive
    with pytest.raises(Transient):
        while True:
            studio.next_word(0.5)
