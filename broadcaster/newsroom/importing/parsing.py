"""Bytes to blocks, for the worker: every parser that an attacker may feed is called from here."""

from __future__ import annotations

from collections.abc import Iterable

from broadcaster.newsroom.importing.encoding import decode, refuse_legacy
from broadcaster.newsroom.importing.kinds import kind_of, shown
from broadcaster.newsroom.importing.leave_out import proposed
from broadcaster.newsroom.importing.plain_text import read_text
from broadcaster.newsroom.importing.values import (
    FAR_TOO_LONG,
    LONGEST_TEXT,
    Block,
    Imported,
    Unreadable,
    imported,
    too_long,
)
from broadcaster.newsroom.importing.web_page import read_page

_LEAST_PRINTABLE = 0.95
_LEAST_TO_JUDGE = 20


def parse(name: str, content: bytes) -> Imported:
    """Return what the file says; raises Unreadable."""
    kind = kind_of(name, content)
    blocks, notices = _read(kind, content, name)
    if not blocks:
        raise Unreadable(
            f"Không tìm thấy chữ nào trong “{shown(name)}”; hãy chọn tệp khác hoặc dán nội dung."
        )
    _check_length(blocks)
    refuse_legacy(block.text for block in blocks)
    return imported(proposed(blocks), notices)


def _read(kind: str, content: bytes, name: str) -> tuple[list[Block], list[str]]:
    # Word takes 85 ms to load, PDF 60; a pasted text needs neither.
    if kind == "docx":
        from broadcaster.newsroom.importing.word import read_word  # noqa: PLC0415

        return read_word(content)
    if kind == "pdf":
        from broadcaster.newsroom.importing.pdf import read_pdf  # noqa: PLC0415

        return read_pdf(content)
    text = decode(content)
    _require_letters(text[:FAR_TOO_LONG], name)
    return read_page(text) if kind == "html" else read_text(text), []


def _require_letters(text: str, name: str) -> None:
    """Programs, pictures and sounds of unknown make decode by accident, but hardly to letters."""
    seen = sum(each.isprintable() or each.isspace() for each in text)
    if len(text) >= _LEAST_TO_JUDGE and seen < _LEAST_PRINTABLE * len(text):
        raise Unreadable(f"“{shown(name)}” không phải tệp chữ; hãy chọn tệp Word, PDF hoặc dán nội dung.")


def _check_length(blocks: Iterable[Block]) -> None:
    length = sum(len(block.text) + 1 for block in blocks)
    if length > LONGEST_TEXT:
        raise too_long(length)
