"""Choosing a voice and its speed, hearing it before anything is saved, and seeing who really spoke."""

from __future__ import annotations

import io
import re
import wave
from dataclasses import replace
from html import unescape
from urllib.parse import unquote

import pytest

from broadcaster.newsroom import render_queue
from broadcaster.newsroom.render_queue import NewClip
from broadcaster.settings import Settings
from broadcaster.store import facts
from broadcaster.store.models import Bulletin, Clip
from tests.audio.speech import tiny_voice
from web.listening import NOTICE

TEXT = "Kính mời bà con đến trạm y tế phường.\nXin cảm ơn."
FORM = {"title": "Tiêm chủng", "written": TEXT, "kind": "routine", "voice": "", "rate": "", "repeats": "1"}
FALLBACK = "“Giọng miền Bắc” đọc thay cho giọng đã chọn. Google không trả lời đúng hạn."
SPOKEN = NewClip("c" * 64, 12.0, -16.0, -1.1, "espeak-ng 1.52.0", "vi", None, -16.0)


@pytest.fixture
def settings(store, monkeypatch):
    """A station with a voice of its own, the machine's voices, and a service without a key."""
    monkeypatch.delenv("BROADCASTER_KEY_FPT", raising=False)
    tiny_voice.make(store.folder / "voices", "thu-lan", licence="CC0 dòng đầu\nvà dòng hai")
    return Settings(folder=store.folder, engines=("piper", "espeak", "fpt"))


def options(page, name):
    field = re.search(rf'<select[^>]*name="{name}".*?</select>', page, re.S)[0]
    return {value: unescape(words) for value, words in re.findall(r'value="([^"]*)"[^>]*>([^<]*)<', field)}


def seconds(answer):
    assert answer.mimetype == "audio/wav", answer.text
    with wave.open(io.BytesIO(answer.data)) as sound:
        return sound.getnframes() / sound.getframerate()


def number_of(answer):
    return int(answer.location.rsplit("/", 1)[1])


def spoken(desk, officer, **changes):
    """Return the number of a bulletin whose clip is made, as a renderer would have made it."""
    number = number_of(officer.post("/ban-tin/moi", **FORM))
    officer.post(f"/ban-tin/{number}/nghe-ca-bai")
    with desk.store.write() as rows:
        work = render_queue.take(rows, desk.clock.now())
        render_queue.publish(rows, work, replace(SPOKEN, **changes), desk.clock.now())
    return number


# --- choosing ---


def test_the_voices_of_every_engine_of_the_settings_are_offered_by_engine(officer):
    page = officer.get("/ban-tin/moi").text
    found = options(page, "voice")
    assert list(found)[:3] == ["", "piper-thu-lan", "vi"]
    assert found[""] == "Giọng của đài (Piper thu-lan)"
    assert found["vi-vn-x-south"] == "Giọng miền Nam"
    assert found["fpt-banmai"] == "Ban Mai (FPT.AI) (chưa dùng được)"
    groups = unescape(" ".join(re.findall(r'<optgroup label="([^"]*)"', page)))
    assert groups == "Piper, giọng riêng của đài Có sẵn trong máy FPT.AI, cần mạng khi thu"
    assert "giọng kế tiếp" in page


def test_a_bulletin_keeps_its_own_voice_and_speed(officer, desk):
    number = number_of(officer.post("/ban-tin/moi", **(FORM | {"voice": "vi-vn-x-south", "rate": "1.15"})))
    with desk.store.read() as rows:
        bulletin = rows.get(Bulletin, number)
        assert (bulletin.voice, bulletin.rate) == ("vi-vn-x-south", 1.15)
    page = officer.get(f"/ban-tin/{number}/sua").text
    assert '<option selected value="vi-vn-x-south">' in page
    assert '<option selected value="1.15">' in page
    assert "Giọng miền Nam" in officer.get(f"/ban-tin/{number}").text


def test_a_voice_that_nobody_offers_is_refused_beside_its_field_and_a_kept_one_stays(officer, desk):
    answer = officer.post("/ban-tin/moi", **(FORM | {"voice": "google-vi"}))
    assert "không còn dùng được" in answer.text
    number = number_of(officer.post("/ban-tin/moi", **FORM))
    with desk.store.write() as rows:
        rows.get(Bulletin, number).voice = "google-vi"
    found = options(officer.get(f"/ban-tin/{number}/sua").text, "voice")
    assert found["google-vi"] == "Giọng nữ Google (chưa dùng được)"


@pytest.mark.parametrize(("kind", "rate"), [("routine", 0.85), ("emergency", 0.722)])
def test_the_stations_voice_and_speed_hold_where_nobody_chose_others(operator, officer, desk, kind, rate):
    page = operator.get("/cai-dat").text
    assert options(page, "voice")[""] == "Theo thứ tự trong cài đặt (Piper thu-lan)"
    fields = {"station_name": "Đài", "voice": "vi-vn-x-south", "rate": "0.85"}
    hours = {"allowed_from": "05:00", "allowed_until": "21:00", "aircheck_days": "180"}
    assert operator.post("/cai-dat", **fields, **hours).status_code == 303
    assert options(officer.get("/ban-tin/moi").text, "voice")[""] == "Giọng của đài (Giọng miền Nam)"
    number = number_of(officer.post("/ban-tin/moi", **(FORM | {"kind": kind})))
    with desk.store.read() as rows:
        assert facts.get(rows, facts.RATE) == 0.85
        assert rows.get(Bulletin, number).rate == rate
    assert '<option selected value="">' in officer.get(f"/ban-tin/{number}/sua").text


# --- hearing ---


def test_each_voice_says_a_sentence_at_the_speed_that_is_chosen(officer):
    hear = "/giong-doc/nghe.wav?voice={}&rate={}&kind=routine"
    for voice in ("piper-thu-lan", "vi", "vi-vn-x-central"):
        assert 2.0 < seconds(officer.get(hear.format(voice, "1.0"), buffered=True)) < 12.0
    slow, fast = (seconds(officer.get(hear.format("vi", rate), buffered=True)) for rate in ("0.85", "1.15"))
    assert slow > 1.2 * fast


def test_without_script_the_form_itself_is_sent_to_the_sound(officer):
    page = officer.get("/ban-tin/moi").text
    address = unescape(re.search(r'formaction="([^"]+)"', page)[1])
    fields = FORM | {"voice": "vi", "written": "dài " * 4000, "csrf_token": officer.token()}
    assert seconds(officer.client.post(address, data=fields, buffered=True)) > 2.0


def test_an_empty_choice_is_the_stations_voice_and_on_its_own_page_the_first_one(officer, operator, desk):
    def heard(person, asked):
        return seconds(person.get(f"/giong-doc/nghe.wav?voice={asked}", buffered=True))

    with desk.store.write() as rows:
        facts.put(rows, facts.VOICE, "vi")
    assert heard(officer, "") == heard(officer, "vi")
    assert heard(operator, "&dai=1") == heard(operator, "piper-thu-lan") != heard(officer, "")


@pytest.mark.parametrize(
    ("voice", "said"), [("fpt-banmai", "Chưa có khóa"), ("ai-day", "không có giọng “ai-day”")]
)
def test_a_trial_by_another_voice_is_no_trial(officer, voice, said):
    answer = officer.get(f"/giong-doc/nghe.wav?voice={voice}", headers={"Accept": "application/json"})
    assert answer.status_code == 409
    assert said in answer.json["sentence"]


def test_a_sentence_that_another_voice_says_is_told_beside_the_sound(officer):
    number = number_of(officer.post("/ban-tin/moi", **(FORM | {"voice": "fpt-banmai"})))
    address = re.findall(r'data-hear href="([^"]+)"', officer.get(f"/ban-tin/{number}").text)[0]
    answer = officer.get(address, buffered=True)
    assert seconds(answer) > 1.0
    assert "Chưa có khóa của FPT.AI" in unquote(answer.headers[NOTICE])
    assert NOTICE not in officer.get("/giong-doc/nghe.wav?voice=vi", buffered=True).headers


def test_the_page_of_voices_shows_what_is_ready_what_is_not_and_every_licence(officer, visitor, store):
    tiny_voice.make(store.folder / "voices", "khong-phep", licence="")
    page = unescape(officer.get("/giong-doc").text)
    assert "CC0 dòng đầu\nvà dòng hai" in page
    assert "Chưa có khóa của FPT.AI" in page
    assert "Giọng khong-phep chưa có tệp giấy phép" in page
    assert page.index("Piper, giọng riêng") < page.index("Có sẵn trong máy") < page.index("FPT.AI, cần mạng")
    viewer = visitor("viewer")
    assert {viewer.get(path).status_code for path in ("/giong-doc", "/giong-doc/nghe.wav?voice=vi")} == {403}


# --- who spoke ---


def test_who_spoke_and_what_was_measured_stand_on_both_pages(officer, approver, desk):
    number = spoken(desk, officer)
    officer.post(f"/ban-tin/{number}/gui-duyet")
    for page in (officer.get(f"/ban-tin/{number}").text, approver.get(f"/duyet/{number}").text):
        assert "Giọng miền Bắc, bộ đọc espeak-ng" in page
        assert "<b>Độ to đạt chuẩn</b>" in page
        assert "Độ to −16,0 LUFS · đỉnh −1,1 dBTP</p></details>" in page
        assert "đọc thay" not in page


def test_a_voice_that_had_to_stand_in_is_told_in_amber_until_the_chosen_one_has_spoken(
    officer, approver, desk
):
    number = spoken(desk, officer, notice=FALLBACK)
    page = officer.get(f"/ban-tin/{number}").text
    assert FALLBACK in re.search(r'message-note">.*?</div>', page, re.S)[0]
    officer.post(f"/ban-tin/{number}/gui-duyet")
    assert FALLBACK in approver.get(f"/duyet/{number}").text
    assert "Thu lại bằng giọng đã chọn" not in approver.get(f"/duyet/{number}").text
    officer.post(f"/ban-tin/{number}/thu-hoi")
    assert "Thu lại bằng giọng đã chọn" in officer.get(f"/ban-tin/{number}").text
    officer.post(f"/ban-tin/{number}/nghe-ca-bai", lai="1")
    assert "Đang chờ đến lượt đọc" in officer.get(f"/ban-tin/{number}").text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"loudness_lufs": -17.2}, ("chưa đạt chuẩn</b>", "Độ to −17,2 LUFS")),
        ({"loudness_lufs": -14.0, "target_lufs": -14.0}, ("Độ to đạt chuẩn</b>", "Độ to −14,0 LUFS")),
        ({"true_peak_dbtp": 0.4}, ("chưa đạt chuẩn</b>", "Độ to −16,0 LUFS · đỉnh 0,4 dBTP")),
        ({"loudness_lufs": float("-inf")}, ("chưa đạt chuẩn</b>", "Độ to không đo được ·")),
    ],
)
def test_a_clip_that_is_not_as_it_should_be_says_so(officer, desk, changes, words):
    page = officer.get(f"/ban-tin/{spoken(desk, officer, **changes)}").text
    assert all(each in page for each in words)


def test_a_full_disk_is_one_sentence_while_the_clip_waits(officer, desk):
    number = number_of(officer.post("/ban-tin/moi", **FORM))
    officer.post(f"/ban-tin/{number}/nghe-ca-bai")
    with desk.store.write() as rows:
        work = render_queue.take(rows, desk.clock.now())
        render_queue.give_up(rows, work, "Ổ đĩa đã đầy.", desk.clock.now(), is_lasting=False)
    page = officer.get(f"/ban-tin/{number}").text
    assert "Đang chờ đến lượt đọc" in page
    assert "Ổ đĩa đã đầy." in page
    with desk.store.read() as rows:
        assert rows.get(Clip, SPOKEN.sha256) is None
