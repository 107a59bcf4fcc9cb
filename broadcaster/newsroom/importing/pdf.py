"""PDF files: the pages, opened within bounds, as lines with their places."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.errors import DependencyError, FileNotDecryptedError, PyPdfError

from broadcaster.newsroom.importing.encoding import plain
from broadcaster.newsroom.importing.pdf_columns import Fragment, Line, lines_of
from broadcaster.newsroom.importing.pdf_pages import blocks_of
from broadcaster.newsroom.importing.values import FAR_TOO_LONG, MOST_PAGES, Block, Unreadable, too_long

_LOCKED = "Tệp PDF được đặt mật khẩu; hãy mở bằng mật khẩu, in lại thành PDF không mật khẩu rồi nhập lại."
_BROKEN = "Tệp PDF bị hỏng, không mở được; hãy tải lại tệp, hoặc dùng tệp Word gốc."
_SCANNED = "Tệp PDF là bản chụp (scan), chỉ có ảnh, không có chữ; hãy dùng tệp Word gốc hoặc gõ lại nội dung."
_NO_LETTERS = (
    "Phông chữ trong tệp PDF không cho biết chữ nào là chữ nào; hãy dùng tệp Word gốc hoặc gõ lại nội dung."
)
_MOST_UNKNOWN = 0.1


@dataclass(slots=True)
class _Gatherer:
    """Takes what pypdf reports piece by piece while it walks a page."""

    fragments: list[Fragment] = field(default_factory=list)
    size_seen: int = 0

    def take(self, text: str, cm: list[float], tm: list[float], _font: Any, size: float | None) -> None:
        self.size_seen += len(text)
        if self.size_seen > FAR_TOO_LONG:
            raise too_long()
        x = tm[4] * cm[0] + tm[5] * cm[2] + cm[4]
        y = tm[4] * cm[1] + tm[5] * cm[3] + cm[5]
        scale = abs(tm[3] * cm[3]) or abs(tm[1] * cm[1]) or 1.0
        height = min(abs(size or 1.0) * scale, 200.0) or 1.0
        for number, part in enumerate(text.split("\n")):
            if part:
                self.fragments.append(Fragment(part, x, y - number * 1.2 * height, height))


def read_pdf(content: bytes) -> tuple[list[Block], list[str]]:
    """Return the blocks of a PDF and what a person should know; raises Unreadable."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        # It tries an empty password itself: that opens what is only protected against printing.
        reader = PdfReader(io.BytesIO(content), strict=False)
        pages = [_lines(page) for page in _pages(reader)]
    except (DependencyError, FileNotDecryptedError) as error:
        raise Unreadable(_LOCKED) from error
    except PyPdfError as error:
        raise Unreadable(_BROKEN) from error
    _require_letters(pages)
    return blocks_of(pages), _notices(pages)


def _pages(reader: PdfReader) -> Iterator[PageObject]:
    count = len(reader.pages)
    if count > MOST_PAGES:
        raise Unreadable(
            f"Tệp PDF có {count} trang, nhiều nhất là {MOST_PAGES}; hãy tách lấy những trang cần đọc."
        )
    if count == 0:
        raise Unreadable(_BROKEN)
    yield from reader.pages


def _lines(page: PageObject) -> list[Line]:
    gatherer = _Gatherer()
    page.extract_text(visitor_text=gatherer.take)
    return lines_of([each._replace(text=plain(each.text)) for each in gatherer.fragments])


def _require_letters(pages: list[list[Line]]) -> None:
    """A scan has no letters; a font without a map to Unicode has the wrong ones."""
    text = "".join(line.text for page in pages for line in page)
    letters = sum(each.isalpha() for each in text)
    unknown = sum(each == "\ufffd" or "\ue000" <= each <= "\uf8ff" for each in text)
    if unknown > _MOST_UNKNOWN * max(len(text), 1) and unknown > 20:
        raise Unreadable(_NO_LETTERS)
    if letters < 3:
        raise Unreadable(_SCANNED)


def _notices(pages: list[list[Line]]) -> list[str]:
    empty = [str(number) for number, lines in enumerate(pages, 1) if not lines]
    if not empty:
        return []
    named = ", ".join(empty[:10]) + ("…" if len(empty) > 10 else "")
    return [f"Không có chữ ở trang {named} của tệp PDF (trang trống hoặc là ảnh chụp)."]
