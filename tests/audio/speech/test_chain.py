from __future__ import annotations

import numpy as np
import pytest

from audio.formats import Pcm
from audio.speech import chain
from audio.speech.cache import SentenceCache
from audio.speech.chain import Chain, what_is_wrong
from audio.speech.engine import BadAudio, Rejected, SpeechRequest, Transient, Unavailable
from audio.speech.piper import PiperEngine
from tests.audio.speech import scripted
from tests.audio.speech.scripted import ScriptedEngine

SENTENCES = ("xin chào bà con", "đây là đài phường", "xin cảm ơn bà con")
BROKEN_SOUND = (scripted.silent, scripted.empty, scripted.cut_short, scripted.endless, scripted.torn)
ERRORS = (Unavailable("chưa cài"), Transient("bận", 5), Rejected("không đọc"), BadAudio("hỏng"))


@pytest.mark.parametrize(
    "cue", [*ERRORS, *BROKEN_SOUND], ids=lambda cue: getattr(cue, "__name__", type(cue).__name__)
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_sentence_that_fails_makes_the_next_engine_speak_the_whole_bulletin(cue, place, tmp_path):
    first, second = ScriptedEngine("một", {SENTENCES[place]: cue}), ScriptedEngine("hai")
    take = Chain([first, second], SentenceCache(tmp_path)).speak(SENTENCES)
    assert second.said == list(SENTENCES)
    assert first.said == list(SENTENCES[: place + 1])
    assert (take.engine, take.voice, len(take.sentences)) == ("hai 1", "hai-1", 3)
    assert take.notice.startswith("“Giọng hai” đọc thay cho giọng đã chọn. một: ")


def test_when_all_goes_well_nobody_is_told_anything():
    first, second = ScriptedEngine("một"), ScriptedEngine("hai")
    take = Chain([first, second]).speak(SENTENCES)
    assert (take.engine, take.notice, second.said) == ("một 1", None, [])


def test_an_engine_that_is_not_ready_is_passed_by_and_named():
    not_ready = "Chưa cài gói; hãy chạy: pip install goi"
    take = Chain([ScriptedEngine("một", not_ready=not_ready), ScriptedEngine("hai")]).speak(SENTENCES)
    assert take.engine == "hai 1"
    assert take.notice == "“Giọng hai” đọc thay cho giọng đã chọn. một: Chưa cài gói."


def test_the_engine_that_has_the_voice_comes_first():
    first, second = ScriptedEngine("một"), ScriptedEngine("hai")
    take = Chain([first, second]).speak(SENTENCES, "hai-2")
    assert (take.voice, take.notice, first.said) == ("hai-2", None, [])


def test_a_voice_that_nobody_has_is_replaced_and_told():
    take = Chain([ScriptedEngine("một")]).speak(SENTENCES, "ba-1")
    assert take.voice == "một-1"
    assert "ba-1" in take.notice


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        ([Transient("bận", 9), Rejected("không")], Transient),
        ([Rejected("không"), Transient("bận", 9)], Transient),
        ([Rejected("không"), BadAudio("hỏng")], Unavailable),
        ([Unavailable("thiếu"), Unavailable("thiếu")], Unavailable),
    ],
)
def test_when_all_fail_the_error_says_why_and_whether_to_come_back(errors, expected):
    engines = [ScriptedEngine(str(place), {SENTENCES[1]: error}) for place, error in enumerate(errors)]
    with pytest.raises(expected) as failed:
        Chain(engines).speak(SENTENCES)
    assert all(str(error) in str(failed.value) for error in errors)


def test_no_engine_at_all_is_said_plainly():
    with pytest.raises(Unavailable, match="engines"):
        Chain([]).speak(SENTENCES)


def test_progress_begins_anew_with_the_next_engine():
    heard: list[int] = []
    engines = [ScriptedEngine("một", {SENTENCES[2]: Transient("bận")}), ScriptedEngine("hai")]
    Chain(engines).speak(SENTENCES, progress=heard.append)
    assert heard == [0, 1, 2, 0, 1, 2, 3]


def test_a_sentence_spoken_before_is_not_spoken_again(tmp_path):
    Chain([ScriptedEngine("một")], SentenceCache(tmp_path)).speak(SENTENCES)
    again = ScriptedEngine("một")
    Chain([again], SentenceCache(tmp_path)).speak([*SENTENCES, "thêm một câu"])
    assert again.said == ["thêm một câu"]


@pytest.mark.parametrize("change", [{"voice": "một-2"}, {"rate": 1.1}], ids=str)
def test_another_voice_or_rate_is_spoken_anew(tmp_path, change):
    Chain([ScriptedEngine("một")], SentenceCache(tmp_path)).speak(SENTENCES)
    again = ScriptedEngine("một")
    Chain([again], SentenceCache(tmp_path)).speak(SENTENCES, **change)
    assert again.said == list(SENTENCES)


def test_a_fallback_never_fills_the_first_engines_cache(tmp_path):
    failing = ScriptedEngine("một", {SENTENCES[1]: Transient("bận")})
    Chain([failing, ScriptedEngine("hai")], SentenceCache(tmp_path)).speak(SENTENCES)
    healed = ScriptedEngine("một")
    Chain([healed, ScriptedEngine("hai")], SentenceCache(tmp_path)).speak(SENTENCES)
    assert healed.said == list(SENTENCES[1:])


def test_bad_sound_is_not_kept(tmp_path):
    with pytest.raises(Unavailable):
        Chain([ScriptedEngine("một", {SENTENCES[0]: scripted.silent})], SentenceCache(tmp_path)).speak(
            SENTENCES
        )
    healed = ScriptedEngine("một")
    Chain([healed], SentenceCache(tmp_path)).speak(SENTENCES)
    assert healed.said == list(SENTENCES)


@pytest.mark.parametrize("rate", [0.6, 1.0, 1.6])
def test_the_gate_lets_fast_and_slow_speech_pass(rate):
    request = SpeechRequest("xin chào bà con", "v", rate)
    sound = scripted.sine(300, 4 * 0.333 / rate, 0.4)
    assert what_is_wrong(sound, request) is None


def test_a_single_long_word_passes_the_gate():
    assert what_is_wrong(scripted.sine(300, 2.1, 0.4), SpeechRequest("A", "v")) is None


def test_a_service_that_changes_its_rate_in_the_middle_is_brought_to_one():
    higher = Pcm(scripted.tone(SpeechRequest(SENTENCES[1], "v")).samples, 2 * scripted.RATE_HZ)
    whole = Pcm(np.tile(higher.samples, 2), higher.rate_hz)
    take = Chain([ScriptedEngine("một", {SENTENCES[1]: lambda _: whole})]).speak(SENTENCES)
    assert {pcm.rate_hz for pcm in take.sentences} == {scripted.RATE_HZ}
    assert take.sentences[1].seconds == pytest.approx(whole.seconds, abs=0.01)


def test_closing_the_chain_closes_its_engines():
    engine = ScriptedEngine("một")
    Chain([engine]).close()
    assert engine.said == ["closed"]


def test_an_engine_without_any_voice_lets_the_next_one_speak(tmp_path):
    piper = PiperEngine(tmp_path)
    take = Chain([piper, ScriptedEngine("hai")]).speak(SENTENCES)
    assert take.voice == "hai-1"
    assert "Chưa có giọng Piper" in take.notice
    with pytest.raises(Unavailable, match="Piper"):
        Chain([piper]).speak(SENTENCES)
    piper.close()


# --- engines of the network and the time that is left ---


class FakeTime:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


class SlowEngine(ScriptedEngine):
    """Needs the network, and so many seconds for each sentence."""

    needs_network = True

    def __init__(self, name: str, takes_s: float, time_: FakeTime) -> None:
        super().__init__(name)
        self._takes_s, self._time = takes_s, time_

    def synthesize(self, request, deadline_s):
        self._time.now_s += self._takes_s
        if self._takes_s > deadline_s:
            raise Transient(f"{self.name} không trả lời đúng hạn.", 60)
        return super().synthesize(request, deadline_s)


@pytest.fixture
def clock(monkeypatch):
    made = FakeTime()
    monkeypatch.setattr(chain.time, "monotonic", made)
    return made


NUMBERS = "một hai ba bốn năm sáu bảy tám chín mười".split()  # noqa: SIM905
MANY = tuple(f"câu {number}" for number in NUMBERS)


@pytest.mark.parametrize(
    ("takes_s", "network_for_s", "asked"),
    [
        (1.0, None, 10),
        (1.0, 30.0, 10),
        (5.0, 30.0, 1),  # after the first sentence it is clear that ten take too long
        (1.0, 10.0, 0),  # ten sentences are never tried in ten seconds
        (1.0, 0.0, 0),
        (40.0, 30.0, 1),
    ],
)
def test_the_network_is_given_up_as_soon_as_it_will_be_late(clock, takes_s, network_for_s, asked):
    slow, local = SlowEngine("mạng", takes_s, clock), ScriptedEngine("máy")
    take = Chain([slow, local]).speak(MANY, network_for_s=network_for_s)
    is_done = asked == len(MANY)
    assert len([text for text in slow.said if text != "closed"]) <= asked
    assert take.engine == ("mạng 1" if is_done else "máy 1")
    assert (take.notice is None) is is_done
    assert local.said == ([] if is_done else list(MANY))


def test_sentences_that_are_kept_need_no_time(clock, tmp_path):
    cache = SentenceCache(tmp_path)
    Chain([SlowEngine("mạng", 1.0, clock)], cache).speak(MANY[:9])
    slow = SlowEngine("mạng", 1.0, clock)
    take = Chain([slow, ScriptedEngine("máy")], cache).speak(MANY, network_for_s=3.0)
    assert (take.engine, slow.said) == ("mạng 1", [MANY[9]])


def test_an_engine_of_this_machine_has_all_the_time_it_needs(clock):
    assert Chain([ScriptedEngine("máy")]).speak(MANY, network_for_s=0.0).engine == "máy 1"
