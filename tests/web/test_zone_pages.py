"""Zones, outputs and the switches of amplifiers, through the page."""

from __future__ import annotations

import re
import threading
import time
from html import unescape

import pytest

from broadcaster.playout import keys, output_tests, running_order
from broadcaster.store import pulse
from broadcaster.store.models import Command, Output, Switch, Zone
from tests.broadcaster.moments import NOW
from tests.sound_server import eventually

FILE = {"name": "Ghi tệp", "kind": "file", "target": "", "latency_ms": "0", "switch_id": "0"}
ZONE = {"output_id": "1", "sound_kind": "horn", "surroundings": "homes", "delay_ms": "0"}
SWITCH = {
    "name": "Âm ly",
    "way": "http",
    "method": "GET",
    "on_url": "http://192.168.1.20/on",
    "off_url": "http://192.168.1.20/off",
    "lead_in_s": "5",
    "hold_s": "120",
    "longest_on_min": "240",
}


def one(desk, table, number):
    with desk.store.read() as rows:
        return rows.get_one(table, number)


def page(operator, path="/cai-dat/loa"):
    return unescape(operator.get(path).text)


def works(desk, **sign):
    """Let the station tell of its first output."""
    output = {
        "output_id": 1,
        "name": "Loa",
        "fault": "",
        "is_ready": True,
        "is_loudspeaker": True,
        "device": "Card",
    }
    pulse.beat(desk.store.folder, "station", on_air=[], outputs=[output | sign], faults=[])


def test_outputs_and_zones_are_added_changed_and_closed(operator, desk):
    operator.post("/cai-dat/duong-ra/them", **FILE)
    operator.post("/cai-dat/cum-loa/them", name="Khu phố 3", **(ZONE | {"output_id": "2"}))
    shown = page(operator)
    assert "Ghi tệp" in shown
    assert "Khu phố 3" in shown
    operator.post("/cai-dat/cum-loa/2", name="Khu phố 4", **ZONE)
    assert "Khu phố 4" in page(operator)
    operator.post("/cai-dat/cum-loa/1/ngung")
    assert operator.post("/cai-dat/cum-loa/2/ngung").status_code == 409


def test_a_zone_keeps_all_that_was_set_and_shows_it_again(operator, desk):
    levels = {"levels-0-starts": "21:30", "levels-0-ends": "05:30", "levels-0-softer_db": "6"}
    fields = ZONE | {"sound_kind": "fm", "surroundings": "school", "delay_ms": "250"}
    operator.post("/cai-dat/cum-loa/them", name="Trường Lê Lợi", **fields, **levels)
    kept = one(desk, Zone, 2)
    assert (kept.sound_kind, kept.surroundings, kept.delay_ms) == ("fm", "school", 250)
    assert kept.levels == [{"from": "21:30", "to": "05:30", "gain_db": -6.0}]
    shown = page(operator)
    assert "21:30–05:30 giảm 6 dB" in shown
    assert "Máy phát FM" in shown
    form = page(operator, "/cai-dat/cum-loa/2")
    assert 'value="21:30"' in form
    assert 'name="levels-2-starts"' in form, "rows to spare"


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"levels-0-starts": "21:30"}, "Mỗi khoảng giờ cần"),
        (
            {"levels-0-starts": "21:30", "levels-0-ends": "21:30", "levels-0-softer_db": "6"},
            "Mỗi khoảng giờ cần",
        ),
        ({"levels-0-starts": "tối", "levels-0-ends": "05:30", "levels-0-softer_db": "6"}, "theo mẫu 17:00"),
        ({"levels-0-starts": "21:30", "levels-0-ends": "05:30", "levels-0-softer_db": "60"}, "Từ 0 đến 40."),
        ({"delay_ms": "10001"}, "từ 0 đến 10.000"),
        ({"name": "TOÀN PHƯỜNG"}, "Đã có cụm loa tên “Toàn phường”"),
    ],
)
def test_a_zone_that_cannot_be_kept_says_why_and_loses_nothing(operator, desk, wrong, sentence):
    answer = operator.post("/cai-dat/cum-loa/them", **({"name": "Khu phố 9"} | ZONE | wrong))
    assert answer.status_code == 200
    assert sentence in unescape(answer.text)
    assert f'value="{wrong.get("name", "Khu phố 9")}"' in unescape(answer.text)
    assert len(list(desk.store.read().__enter__().query(Zone))) == 1


def test_a_network_output_is_described_checked_and_shown_again(operator, desk):
    fields = FILE | {"name": "Loa xóm", "kind": "icecast", "format": "mp3"}
    wrong = operator.post("/cai-dat/duong-ra/them", **fields, address="loa.vn", password_file="mat-khau")
    assert "tên-luồng" in unescape(wrong.text)
    wrong = operator.post("/cai-dat/duong-ra/them", **fields, address="loa.vn/loa", password_file="mat-khau")
    assert ".password" in unescape(wrong.text)
    operator.post("/cai-dat/duong-ra/them", **fields, address="loa.vn/loa", password_file="/etc/a.password")
    shown = operator.get("/cai-dat/duong-ra/2").text
    assert 'value="loa.vn/loa"' in shown
    assert 'value="/etc/a.password"' in shown
    assert 'selected value="mp3"' in shown
    assert "Icecast" in page(operator)
    assert re.search(r'name="latency_ms"[^>]*value="0"', shown), "a number that can be sent again"


def test_an_output_in_use_is_closed_only_with_its_zones_moved(operator, desk):
    alone = page(operator, "/cai-dat/duong-ra/1/ngung")
    assert "Toàn phường" in alone
    assert "Hãy thêm một đường ra trước" in alone
    operator.post("/cai-dat/duong-ra/them", **FILE)
    assert "Chuyển cụm loa và ngừng dùng" in page(operator, "/cai-dat/duong-ra/1/ngung")
    operator.post("/cai-dat/duong-ra/1/ngung", move_to="2")
    assert one(desk, Zone, 1).output_id == 2
    assert not one(desk, Output, 1).is_active
    assert operator.get("/cai-dat/duong-ra/1").status_code == 404
    operator.post("/cai-dat/duong-ra/them", **(FILE | {"name": "Thừa"}))
    operator.post("/cai-dat/duong-ra/3/ngung", move_to="0")
    assert not one(desk, Output, 3).is_active


def test_the_state_of_an_output_is_told_in_words(operator, desk):
    assert "chưa có tin" in page(operator)
    works(desk, fault="Mất loa Card; đang mở lại.", fault_since=NOW.isoformat(), last_heard=NOW.isoformat())
    shown = page(operator)
    assert "có lỗi" in shown
    assert "từ 08:00 hôm nay: Mất loa Card; đang mở lại" in shown
    assert "ra tiếng lần cuối 08:00 hôm nay" in shown
    works(desk, is_loudspeaker=False)
    assert "không ra loa" in page(operator)
    health = page(operator, "/tinh-trang")
    assert "không ra loa" in health


def test_a_test_chime_tells_what_the_station_answered(operator, desk):
    pulse.beat(desk.store.folder, "station", on_air=[], outputs=[], faults=[])
    done = threading.Event()

    def station() -> None:
        def order():
            with desk.store.read() as rows:
                return rows.query(Command).first()

        number = eventually(order, 5.0).id
        with desk.store.write() as rows:
            rows.get_one(Command, number).outcome = output_tests.PLAYING
        done.set()

    thread = threading.Thread(target=station)
    thread.start()
    answer = operator.post("/cai-dat/duong-ra/1/chuong", follow=True).text
    thread.join(5)
    assert done.is_set()
    assert output_tests.PLAYING in answer
    assert "Thử loa 08:00 hôm nay: Đang phát chuông thử." in page(operator)


def test_a_test_chime_without_a_station_never_says_that_it_sounds(operator, desk):
    answer = unescape(operator.post("/cai-dat/duong-ra/1/chuong", follow=True).text)
    assert "Bộ phát không hoạt động nên chưa phát được chuông thử." in answer
    assert "Chuông thử đang phát" not in answer


def test_a_station_that_does_not_answer_keeps_nobody_waiting(operator, desk):
    pulse.beat(desk.store.folder, "station", on_air=[], outputs=[], faults=[])
    began = time.monotonic()
    assert "chưa trả lời" in unescape(operator.post("/cai-dat/duong-ra/1/chuong", follow=True).text)
    assert time.monotonic() - began < 6


def test_a_switch_is_set_up_used_by_an_output_and_closed(operator, desk):
    operator.post("/cai-dat/am-ly/them", **SWITCH, state_url="http://192.168.1.20/state", expects="ON")
    kept = one(desk, Switch, 1)
    assert (kept.lead_in_s, kept.hold_s, kept.longest_on_s) == (5.0, 120.0, 14_400.0)
    assert kept.state_call["expects"] == "ON"
    form = page(operator, "/cai-dat/am-ly/1")
    assert 'value="http://192.168.1.20/on"' in form
    assert "BROADCASTER_KEY_SWITCH_1" in form
    operator.post("/cai-dat/duong-ra/1", **(FILE | {"name": "Loa của máy", "switch_id": "1"}))
    assert one(desk, Output, 1).switch_id == 1
    assert "bật tắt bằng Âm ly" in page(operator)
    assert "đang dùng cho đường ra “Loa của máy”" in unescape(operator.post("/cai-dat/am-ly/1/ngung").text)
    operator.post("/cai-dat/duong-ra/1", **(FILE | {"name": "Loa của máy"}))
    operator.post("/cai-dat/am-ly/1/ngung")
    assert not one(desk, Switch, 1).is_active


def test_a_switch_by_a_program_keeps_its_words(operator, desk):
    commands = {"way": "command", "on_command": "am-ly.sh bat 'loa lớn'", "off_command": "am-ly.sh tat"}
    operator.post("/cai-dat/am-ly/them", **(SWITCH | commands))
    assert one(desk, Switch, 1).on_call == {"argv": ["am-ly.sh", "bat", "loa lớn"]}
    assert "am-ly.sh bat 'loa lớn'" in page(operator, "/cai-dat/am-ly/1")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"on_url": "loa"}, "http://192.168.1.20/bat"),
        ({"way": "command", "on_command": "/bin/sh -c x", "off_command": "tat.sh"}, "trong thư mục switches"),
        ({"state_url": "http://192.168.1.20/state"}, "chữ mà thiết bị trả lời"),
        ({"longest_on_min": "0"}, "từ 1 phút đến 24 giờ"),
        ({"header": "không đúng"}, "Tên: giá trị"),
    ],
)
def test_a_switch_that_makes_no_sense_is_told_beside_its_field(operator, wrong, sentence):
    answer = operator.post("/cai-dat/am-ly/them", **(SWITCH | wrong))
    assert answer.status_code == 200
    assert re.search(rf'class="field-error"[^>]*>.*?{re.escape(sentence)}', unescape(answer.text), re.DOTALL)


def test_no_page_shows_a_key(operator, desk, monkeypatch):
    monkeypatch.setenv("BROADCASTER_KEY_SWITCH_1", "bi-mat-cua-am-ly")
    operator.post("/cai-dat/am-ly/them", **SWITCH, header="Authorization: Bearer {key}")
    assert keys.key(desk.store.folder, "switch-1") == "bi-mat-cua-am-ly"
    for path in ("/cai-dat/loa", "/cai-dat/am-ly/1"):
        assert "bi-mat-cua-am-ly" not in operator.get(path).text
    assert "Khóa switch-1 đã có." in page(operator, "/cai-dat/am-ly/1")


def test_an_officer_sets_up_nothing(officer, desk):
    assert officer.get("/cai-dat/loa").status_code == 403
    assert officer.post("/cai-dat/duong-ra/1/chuong").status_code == 403
    with desk.store.write() as rows, pytest.raises(Exception, match="quyền"):
        running_order.sound_chime(rows, desk.officer, 1, NOW)
