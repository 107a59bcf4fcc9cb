from __future__ import annotations

import json
import subprocess
import sys
import time
import zipfile

import pytest
from click.testing import CliRunner

from broadcaster import backups
from broadcaster.cli import main
from broadcaster.keeping import sealing
from broadcaster.playout import requesting
from broadcaster.store import Store, facts
from broadcaster.store.migrate import migrate
from tests.broadcaster.moments import NOW
from tests.broadcaster.playout.conftest import empty_store, room  # noqa: F401

VERBS = {"run", "say", "spoken", "check", "demo", "rundown", "history", "verify", "doctor", "user", "backup"}


def call(*words: str, stdin: str = ""):
    return CliRunner(mix_stderr=False).invoke(main, list(words), input=stdin)


@pytest.fixture
def station(room):  # noqa: F811
    """The data folder of a station in which one bulletin was aired and one is planned."""
    aired, coming = room.approved("Đã phát"), room.draft("Sẽ phát")
    with room.store.write() as session:
        requesting.request_next(session, room.operator, aired, [], room.clock.now())
        requesting.request_at(session, room.operator, coming, room.at(3600), [], room.clock.now())
    room.run(15)
    return room.store.folder


def test_every_promised_verb_is_there():
    assert VERBS | {"restore"} <= set(main.commands)


def test_spoken_gives_one_line_for_each_line():
    given = "Họp lúc 7h30\n\nngày 24/01/2024\n"
    answer = call("spoken", "-", stdin=given)
    assert answer.exit_code == 0
    first, second, third = answer.output.split("\n")[:3]
    assert "bảy giờ ba mươi" in first
    assert second == ""
    assert "tháng một" in third


def test_check_tells_by_its_status_that_somebody_must_decide():
    answer = call("check", "-", stdin="Đơn vị XQZK họp.")
    assert answer.exit_code == 3
    assert any(token["certainty"] == "unsure" for token in json.loads(answer.output))
    assert call("check", "-", stdin="Họp lúc bảy giờ.").exit_code == 0


def test_text_that_is_not_utf8_gets_one_sentence():
    answer = CliRunner(mix_stderr=False).invoke(main, ["check", "-"], input="Đài".encode("utf-16"))
    assert (answer.exit_code, answer.stderr.count("\n")) == (1, 1)
    assert "UTF-8" in answer.stderr


def test_the_data_folder_may_stand_before_or_after_the_verb(station):
    for words in (("--data", str(station), "verify"), ("verify", "--data", str(station))):
        assert call(*words).exit_code == 0


def test_a_folder_without_a_station_is_named(tmp_path):
    answer = call("--data", str(tmp_path / "khong"), "history")
    assert answer.exit_code == 1
    assert "chưa có trạm nào" in answer.stderr
    assert not (tmp_path / "khong").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["hat"], "Không có lệnh “hat”"),
        (["user", "hat"], "Không có lệnh “hat”"),
        (["say"], "Thiếu FILE"),
        (["verify", "mau"], "Thừa “mau”"),
        (["say", "--to"], "Không có tùy chọn --to"),
        (["history", "--format", "doc"], "cần một trong json, csv"),
        (["rundown", "--days", "0"], "cần một số từ 1 đến 62"),
        (["rundown", "--date", "31/02/2026"], "cần một ngày có thật"),
    ],
)
def test_wrong_usage_is_one_vietnamese_sentence_and_status_two(words, said):
    answer = call(*words)
    assert (answer.exit_code, answer.stderr.count("\n")) == (2, 1)
    assert said in answer.stderr
    assert "Error" not in answer.stderr


def test_a_day_may_be_written_as_on_the_pages(station):
    asked = ("--data", str(station), "rundown", "--date")
    assert call(*asked, "24/11/2026").output == call(*asked, "2026-11-24").output


def test_a_file_that_cannot_be_written_is_named_in_one_sentence(station, tmp_path):
    nowhere = tmp_path / "khong" / "nhat-ky.csv"
    answer = call("--data", str(station), "history", "--out", str(nowhere))
    assert (answer.exit_code, answer.stderr.count("\n")) == (1, 1)
    assert answer.stderr.startswith(f"Không dùng được {nowhere}: không có thư mục")


def test_speech_that_cannot_be_written_leaves_one_sentence(tmp_path):
    command = [sys.executable, "-m", "broadcaster", "say", "-", "--out", str(tmp_path / "khong" / "a.wav")]
    done = subprocess.run(
        command, input="Xin chào.", capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


def test_history_in_every_format(station, tmp_path):
    (row,) = json.loads(call("--data", str(station), "history", "--format", "json").output)
    assert (row["title"], row["result"]) == ("Đã phát", "played")
    assert "Đã phát" in call("--data", str(station), "history").output
    for form in ("xlsx", "docx"):
        out = tmp_path / f"nhat-ky.{form}"
        assert call("--data", str(station), "history", "--format", form, "--out", str(out)).exit_code == 0
        assert zipfile.is_zipfile(out)


def test_rundown_as_json_and_as_text(station):
    words = ("--data", str(station), "rundown", "--date", "2026-11-24", "--json")
    blocks = json.loads(call(*words).output)[0]["blocks"]
    assert [airing["title"] for block in blocks for airing in block["airings"]] == ["Đã phát", "Sẽ phát"]
    assert "Sẽ phát" in call(*words[:-1]).output


def test_verify_names_a_changed_row(station, room):  # noqa: F811
    with room.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE history SET seconds_heard = 99")
    answer = call("--data", str(station), "verify")
    assert answer.exit_code == 1
    assert "1" in answer.stderr


def test_people_are_added_by_a_link_that_they_open(station):
    added = call("--data", str(station), "user", "add", "moi", "--name", "Người mới", "--role", "viewer")
    assert added.output.startswith("/dat-mat-khau/")
    assert "moi\tNgười mới\tXem" in call("--data", str(station), "user", "list").output
    assert call("--data", str(station), "user", "passwd", "moi").output.startswith("/dat-mat-khau/")
    assert "Không có tài khoản" in call("--data", str(station), "user", "passwd", "ai").stderr


def test_a_station_restored_from_its_backup_is_whole(station, tmp_path):
    made = call("--data", str(station), "backup", str(tmp_path / "sao-luu"))
    archive = made.output.strip()
    new = tmp_path / "may-moi"
    assert call("--data", str(new), "restore", archive).exit_code == 0
    assert call("--data", str(new), "verify").exit_code == 0
    before = call("--data", str(station), "history", "--format", "json").output
    assert call("--data", str(new), "history", "--format", "json").output == before
    clips = sorted(path.name for path in (station / "clips").rglob("*.wav"))
    assert sorted(path.name for path in (new / "clips").rglob("*.wav")) == clips
    assert "không trống" in call("--data", str(new), "restore", archive).stderr


@pytest.mark.parametrize("name", ["trạm #1", "50%20"])
def test_a_folder_may_have_any_name(tmp_path, name):
    folder = tmp_path / name
    store = Store(folder)
    migrate(store)
    with store.write() as session:
        facts.put(session, facts.STATION_NAME, "Phường Một")
    archive = backups.backup(store, tmp_path / "sao lưu", NOW)
    store.close()
    assert (folder / "station.db").stat().st_size > 0
    backups.restore(archive, tmp_path / "mới" / name, NOW)
    restored = Store(tmp_path / "mới" / name)
    with restored.read() as session:
        assert facts.get(session, facts.STATION_NAME) == "Phường Một"
    restored.close()


def test_a_damaged_backup_is_refused_and_leaves_nothing(station, tmp_path):
    archive = tmp_path / call("--data", str(station), "backup", str(tmp_path)).output.strip().split("/")[-1]
    content = bytearray(archive.read_bytes())
    content[len(content) // 3] ^= 0xFF
    archive.write_bytes(content)
    answer = call("--data", str(tmp_path / "may-moi"), "restore", str(archive))
    assert answer.exit_code == 1
    assert not (tmp_path / "may-moi").exists()
    assert list(tmp_path.glob(".restoring-*")) == []


def test_doctor_finds_what_is_wrong_and_says_what_to_do(station):
    findings = json.loads(call("--data", str(station), "doctor", "--json").output)
    by_name = {finding["name"]: finding for finding in findings}
    assert by_name["nhật ký"]["is_well"]
    assert by_name["giọng đọc"]["is_well"]
    assert all(finding["advice"] for finding in findings if not finding["is_well"])


def test_doctor_and_the_errors_survive_a_broken_settings_file(station):
    (station / "settings.toml").write_text("prot = 1\n", encoding="utf-8")
    answer = call("--data", str(station), "doctor")
    assert answer.exit_code == 1
    assert "HỎNG  cài đặt: " in answer.output
    assert "prot" in answer.output


def test_doctor_survives_a_damaged_database(station):
    (station / "station.db").write_bytes(b"no database" * 1000)
    answer = call("--data", str(station), "doctor")
    assert answer.exit_code == 1
    assert "HỎNG  dữ liệu: " in answer.output
    assert "HỎNG  nhật ký: " in answer.output


def test_the_command_answers_fast():
    """Rooms that make sound or tables are imported late; a slow start would be felt at every call."""
    begun = time.perf_counter()
    asked = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "broadcaster", "spoken"],
        input="ngày 2/9\n".encode(), capture_output=True, check=True,
    )  # fmt: skip
    assert time.perf_counter() - begun < 10
    assert "tháng chín" in asked.stdout.decode()
    for heavy in (b"sqlalchemy", b"numpy", b"flask", b"apscheduler"):
        assert heavy not in asked.stderr


def test_verify_compares_with_a_seal_kept_elsewhere(station, tmp_path):
    store = Store(station)
    made, _ = sealing.make(store, NOW)
    kept = tmp_path / "niem-phong.txt"
    kept.write_text(made.text, encoding="utf-8")
    answer = call("--data", str(station), "verify", "--seal", str(kept))
    assert (answer.exit_code, answer.output.count("\n")) == (0, 3)
    assert "Nhật ký toàn vẹn." in answer.output
    assert "còn nguyên như khi niêm phong" in answer.output
    with store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE history SET title = 'Khác' WHERE id = 1")
    store.close()
    answer = call("--data", str(station), "verify")
    assert answer.exit_code == 1
    assert answer.stderr.startswith("Dòng 1 của nhật ký phát thanh đã bị sửa. Ghi ngày ")


def test_a_file_that_holds_no_seal_is_named(station, tmp_path):
    kept = tmp_path / "x.txt"
    kept.write_text("Xin chào", encoding="utf-8")
    answer = call("--data", str(station), "verify", "--seal", str(kept))
    assert (answer.exit_code, answer.stderr.count("\n")) == (1, 1)
    assert "cần cả tệp, hoặc ít nhất số và mã niêm phong" in answer.stderr
