"""Pauses, headings, list items, and sentences short enough for one breath."""

from __future__ import annotations

from broadcaster.text import guard, to_spoken

TEXT = """THÔNG BÁO TẠM NGỪNG CẤP NƯỚC

Kính gửi bà con. Ngày mai mất nước; mong bà con thông cảm.

I. THỜI GIAN

- Từ 7h đến 9h;
- Từ 13h đến 15h.
Trân trọng./.
"""


def marks(text: str) -> list[tuple[str, int]]:
    return [(sentence.mark, sentence.pause_ms) for sentence in to_spoken(text).sentences]


def test_each_kind_of_line_has_its_pause():
    assert marks(TEXT) == [("heading", 1000), ("sentence", 450), ("paragraph", 800), ("heading", 1000),
                           ("item", 450), ("item", 450), ("paragraph", 800)]  # fmt: skip


def test_a_sentence_knows_its_place():
    sentence = to_spoken(TEXT).sentences[1]
    assert TEXT[sentence.start : sentence.end] == "Kính gửi bà con." and sentence.text == "Kính gửi bà con."


def test_long_sentences_are_cut_at_their_clauses():
    text = (
        "Nhân dân "
        + ", ".join(f"tổ dân phố số {number} tham gia dọn vệ sinh" for number in range(1, 30))
        + "."
    )
    sentences = to_spoken(text).sentences
    assert all(len(sentence.text) <= 200 for sentence in sentences)
    assert [sentence.mark for sentence in sentences[:-1]] == ["clause"] * (len(sentences) - 1)
    assert " ".join(sentence.text for sentence in sentences).replace(",", "") == to_spoken(text).text.replace(
        ",", ""
    )


def test_a_hundred_digits_are_cut_too():
    assert all(len(sentence.text) <= 200 for sentence in to_spoken("9" * 1000).sentences)


def test_a_wrapped_line_goes_on():
    assert to_spoken("Kính mời bà con đến\nhọp tổ dân phố.").text == "Kính mời bà con đến họp tổ dân phố."


def test_an_engine_gets_loan_words_in_vietnamese_spelling():
    spoken = to_spoken("Xem website của phường")
    assert spoken.text == "Xem website của phường"
    assert spoken.sentences[0].text == "Xem oép sai của phường"


def test_the_guard_lets_readable_words_pass():
    assert guard("Kính mời bà con dự họp, lúc bảy giờ.") is None
    assert guard(to_spoken("Kính mời bà con").sentences[0]) is None


def test_the_guard_names_what_it_refuses():
    for text, culprit in (
        ("họp lúc 7 giờ", "7"),
        ("theo QĐ", "QĐ"),
        ("theo kh", "kh"),
        ("năm %", "%"),
        ("a" * 40, "a"),
    ):
        assert culprit in (guard(text) or "")
