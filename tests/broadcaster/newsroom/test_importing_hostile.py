"""Broken, locked and hostile files get one clear sentence in Vietnamese, quickly, and harm nothing."""

from __future__ import annotations

import re
import time

import pytest

from broadcaster.errors import Invalid
from broadcaster.newsroom.import_worker import answer
from broadcaster.newsroom.importing import read_document
from tests.broadcaster.newsroom.files import official_letter
from tests.broadcaster.newsroom.hostile import HARMLESS, REFUSED, zipped

QUICK_S = 10.0
"""On a busy machine; alone each takes less than two."""
HEAVY = ["zip bomb", "crowd of elements", "pdf bomb"]
"""Only in the worker, whose memory is bounded."""
FOREIGN = re.compile(r"\b(?:error|exception|traceback|invalid|object|None|line \d)\b", re.IGNORECASE)


def is_a_clear_sentence(text: str) -> bool:
    return (text[0].isupper() or text[0] == "“") and text.endswith(".") and "hãy" in text


@pytest.mark.parametrize("kind", [kind for kind in REFUSED if kind not in HEAVY])
def test_each_gets_one_clear_sentence(kind):
    name, make, words = REFUSED[kind]
    content = make()
    begun = time.monotonic()
    sentence = answer(name, content)["refused"]
    assert time.monotonic() - begun < QUICK_S
    assert words in sentence
    assert is_a_clear_sentence(sentence)
    assert not FOREIGN.search(sentence)
    assert len(sentence) < 260


@pytest.mark.parametrize("kind", HARMLESS)
def test_what_is_only_strange_is_read(kind):
    name, make = HARMLESS[kind]
    assert "Xin chào".casefold() in answer(name, make())["text"].casefold()


def test_nothing_of_the_machine_comes_out_through_an_entity():
    assert "root:" not in str(answer("a.docx", REFUSED["external entity"][1]()))


def test_the_worker_reads_what_it_reads_at_home():
    found = read_document("thông báo.docx", official_letter())
    assert found.text.startswith("THÔNG BÁO\n\nVề việc tiêm chủng")
    assert found.blocks[-1].leave_out == "chân trang của tệp Word"
    assert len(found.proposed) < len(found.blocks)


@pytest.mark.parametrize("kind", ["empty", "half a pdf", "vni", *HEAVY])
def test_a_refusal_of_the_worker_names_the_field(kind):
    name, make, words = REFUSED[kind]
    with pytest.raises(Invalid, match=words) as refused:
        read_document(name, make())
    assert refused.value.field == "file"


def test_a_file_that_takes_too_long_is_given_up():
    with pytest.raises(Invalid, match="quá phức tạp") as refused:
        read_document("../bí mật/chậm.docx", official_letter(), deadline_s=0.01)
    assert "“chậm.docx”" in str(refused.value)


def test_a_page_that_keeps_the_parser_busy_for_minutes_is_given_up():
    with pytest.raises(Invalid, match="quá phức tạp"):
        read_document("a.html", b"<a b=" * 200_000, deadline_s=1.0)


def test_a_worker_that_dies_is_told_in_a_sentence(monkeypatch):
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(Invalid, match="bị hỏng hoặc quá phức tạp"):
        read_document("a.txt", "Xin chào bà con.".encode())


def test_a_long_name_with_controls_is_shortened_for_the_sentence():
    with pytest.raises(Invalid) as refused:
        read_document("C:\\Users\\x\\" + "tên\0\n" * 60 + ".docx", b"")
    assert "Users" not in str(refused.value)
    assert len(str(refused.value)) < 160


def test_an_archive_inside_an_archive_is_not_opened():
    inner = zipped(a=b"0" * 1_000_000)
    with pytest.raises(Invalid, match="giải nén"):
        read_document("a.docx", zipped(**{"inner.zip": inner}))
