"""Warnings from outside on the page: seen, raised in two presses, left aside; whose they are."""

from __future__ import annotations

import io
import re
from html import unescape

import pytest

from broadcaster.playout import alerts, cap_decisions, cap_sources
from broadcaster.store.models import Alert
from tests.broadcaster.newsroom.cap_files import BOMB, cap, key, refers_to
from tests.web.alarms import warning


def standing(desk) -> list[Alert]:
    with desk.store.read() as rows:
        return alerts.standing(rows)


def state(desk, number: int) -> str:
    with desk.store.read() as rows:
        return cap_decisions.get(rows, number).state


def bring(visitor, content: bytes):
    return visitor.client.post(
        "/khan-cap/canh-bao",
        data={"csrf_token": visitor.token(), "file": (io.BytesIO(content), "tin.xml")},
        follow_redirects=True,
    )


def hidden(page: str) -> dict[str, str]:
    fields = re.findall(r'<input[^>]*type="hidden"[^>]*>', page)
    pairs = ((re.search(r'name="([^"]*)"', field), re.search(r'value="([^"]*)"', field)) for field in fields)
    return {name[1]: value[1] for name, value in pairs if name and value}


def test_a_warning_waits_on_the_page_and_in_the_bar(operator, officer, desk):
    warning(desk)
    page = operator.get("/khan-cap").text
    assert "chữ ký đúng: Đài khí tượng" in page
    assert "nghiêm trọng, phải làm ngay, đã xảy ra" in page
    assert "Xem và phát" in page
    assert "1 cảnh báo từ nguồn ngoài chờ quyết định" in officer.get("/ban-tin").text


def test_two_presses_turn_it_into_an_alert(operator, desk):
    number = warning(desk)
    page = operator.get(f"/khan-cap/viet?canh-bao={number}").text
    assert "Phát ngay tại 1 cụm loa" in page
    assert "hai phẩy năm mét" in page
    words = unescape(re.search(r"<textarea[^>]*>\s*(.*?)</textarea>", page, re.S)[1]).replace("\n", "\r\n")
    fields = {**hidden(page), "written": words, "zones": "1", "repeat": "60", "lasts": "3600"}
    operator.post("/khan-cap/viet", act="send", title="Lũ quét", **fields)
    (alert,) = standing(desk)
    assert alert.title == "Lũ quét"
    assert state(desk, number) == "raised"


def test_an_exercise_begins_as_a_drill_without_a_zone(operator, desk):
    number = warning(desk, status="Exercise")
    page = operator.get(f"/khan-cap/viet?canh-bao={number}").text
    assert hidden(page)["drill"] == "1"
    assert "Bắt đầu diễn tập" not in page


def test_a_warning_that_is_left_aside_needs_a_reason(operator, desk):
    number = warning(desk)
    assert operator.post(f"/khan-cap/canh-bao/{number}/bo-qua", reason="").status_code == 409
    operator.post(f"/khan-cap/canh-bao/{number}/bo-qua", reason="Không thuộc địa bàn")
    assert state(desk, number) == "dismissed"
    assert "Không thuộc địa bàn" in operator.get("/khan-cap/canh-bao").text


def test_a_file_is_taken_in_and_said_to_be_so(operator, desk):
    answer = bring(operator, cap())
    assert "“Cảnh báo lũ quét trên sông Cầu”: chờ quyết định" in answer.text
    assert "không có chữ ký tin cậy" in answer.text
    tried = bring(operator, cap("VN-9", status="Test"))
    assert "không bao giờ ra loa" in tried.text


@pytest.mark.parametrize("content", [b"", b"xin", BOMB, b"<html/>"])
def test_a_file_that_is_no_warning_ends_in_a_sentence(operator, content):
    answer = bring(operator, content)
    assert answer.status_code == 200
    assert re.search(r'id="file-loi"', answer.text)


def test_a_cancellation_offers_to_stand_the_alert_down(operator, desk):
    number = warning(desk)
    with desk.store.write() as rows:
        wish = alerts.Wish(title="Lũ", written="Nước lên.")
        alert = cap_decisions.raise_alert(rows, desk.operator, number, wish, desk.clock.now())
    bring(operator, key().sign(cap("VN-2", msg_type="Cancel", references=refers_to("VN-1"))))
    page = operator.get("/khan-cap").text
    assert "Nguồn đã hủy lệnh đang phát" in page
    operator.post(f"/khan-cap/{alert.id}/dung", reason="Nguồn đã hủy")
    assert standing(desk) == []
    assert "Nguồn đã hủy lệnh đang phát" not in operator.get("/khan-cap").text


def test_an_administrator_says_whose_warnings_are_asked_for_and_obeyed(operator, desk):
    fields = {"name": "Đài tỉnh", "address": "https://canhbao.example/cap", "is_obeyed": "y"}
    refused = operator.post("/khan-cap/nguon/them", **fields)
    assert "phải có chứng thư số" in refused.text
    operator.post("/khan-cap/nguon/them", certificate=key().certificate, zones="1", **fields)
    with desk.store.read() as rows:
        (source,) = cap_sources.sources(rows)
        assert (source.is_obeyed, source.zone_ids) == (True, [1])
    page = operator.get("/khan-cap/nguon").text
    assert "tự phát lệnh có chữ ký" in page
    assert "Toàn phường" in page
    operator.post(f"/khan-cap/nguon/{source.id}", name="Đài tỉnh", address="", certificate="")
    operator.post(f"/khan-cap/nguon/{source.id}/bo")
    assert "Chưa có nguồn nào" in operator.get("/khan-cap/nguon").text
