"""Lines of PDF pages joined to paragraphs; what repeats at the edge of pages is proposed to be left out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median_low

from broadcaster.newsroom.importing.lines import is_capital, kind_of_line, starts_item, tidy
from broadcaster.newsroom.importing.pdf_columns import Line
from broadcaster.newsroom.importing.values import Block, BlockKind

PAGE_NUMBER = "số trang"
RUNNING_HEAD = "dòng lặp lại ở đầu hoặc cuối mỗi trang"
_EDGE_LINES = 3
_NUMBER = re.compile(r"[-–—\s]*(?:trang|page)?[\s:.]*\d{1,4}\s*(?:[/-]\s*\d{1,4})?[-–—\s]*", re.IGNORECASE)
_FIGURES = re.compile(r"\d+")
_FULL = 0.82
"""A line that covers so much of the widest one was broken by the margin, not by its writer."""
_NARROWEST_TEXT = 330.0
"""Points: a page of only short lines is a list, not a narrow column."""
_NEW_PARAGRAPH_GAP = 1.45
"""Of the usual distance between lines."""


@dataclass(frozen=True, slots=True)
class _Measures:
    """What is usual in this file."""

    left: float
    right: float
    step: float
    """Points from one line to the next."""

    def is_full(self, line: Line) -> bool:
        return line.end - self.left >= _FULL * max(self.right - self.left, _NARROWEST_TEXT)


def blocks_of(pages: Sequence[Sequence[Line]]) -> list[Block]:
    """Return the paragraphs of all pages; one that goes over the edge of a page stays one."""
    repeated, measures = _repeated(pages), _measured(pages)
    blocks: list[Block] = []
    paragraph: list[Line] = []
    between: list[Block] = []
    for line, reason in _lines_with_reason(pages, repeated):
        if reason:
            (between if paragraph else blocks).append(Block(BlockKind.DEBRIS, line.text, reason))
        elif paragraph and _goes_on(paragraph, line, measures):
            paragraph.append(line)
        else:
            blocks += [*_block(paragraph), *between]
            paragraph, between = [line], []
    return [*blocks, *_block(paragraph), *between]


def _lines_with_reason(
    pages: Sequence[Sequence[Line]], repeated: frozenset[str]
) -> Iterator[tuple[Line, str]]:
    for page in pages:
        for number, line in enumerate(page):
            yield line, _reason(line, repeated) if _is_edge(number, page) else ""


def _is_edge(number: int, page: Sequence[Line]) -> bool:
    return number < _EDGE_LINES or number >= len(page) - _EDGE_LINES


def _reason(line: Line, repeated: frozenset[str]) -> str:
    if _NUMBER.fullmatch(line.text):
        return PAGE_NUMBER
    return RUNNING_HEAD if _shape(line) in repeated else ""


def _repeated(pages: Sequence[Sequence[Line]]) -> frozenset[str]:
    """Return the shapes of lines at the edge of at least half of the pages, whatever their figures."""
    counted: Counter[str] = Counter()
    for page in pages:
        counted.update({_shape(line) for number, line in enumerate(page) if _is_edge(number, page)})
    least = max(2, (len(pages) + 1) // 2)
    return frozenset(shape for shape, count in counted.items() if count >= least)


def _shape(line: Line) -> str:
    return f"{_FIGURES.sub('#', line.text)} {line.size:.0f}"


def _measured(pages: Sequence[Sequence[Line]]) -> _Measures:
    lines = [line for page in pages for line in page]
    steps = [
        above.y - below.y for page in pages for above, below in pairwise(page) if 0 < above.y - below.y < 60
    ]
    return _Measures(
        left=min((line.x for line in lines), default=0.0),
        right=max((line.end for line in lines), default=0.0),
        step=median_low(steps) if steps else 14.0,
    )


def _goes_on(paragraph: Sequence[Line], line: Line, measures: _Measures) -> bool:
    """Tell whether `line` is the next line of the paragraph, broken only by the margin or the page."""
    last = paragraph[-1]
    if last.is_row or line.is_row or starts_item(line.text) or not _looks_alike(last, line):
        return False
    if last.text.endswith("-") and not last.text.endswith(" -"):
        return True
    if last.y - line.y > _NEW_PARAGRAPH_GAP * measures.step:
        return False
    if line.text[0].islower() and not last.text.endswith((".", "!", "?")):
        return True
    return measures.is_full(last) and not _is_indented(paragraph, line)


def _looks_alike(last: Line, line: Line) -> bool:
    is_same_size = abs(last.size - line.size) <= 0.12 * last.size
    return is_same_size and is_capital(last.text) == is_capital(line.text)


def _is_indented(paragraph: Sequence[Line], line: Line) -> bool:
    """Tell a first line by its indent: the lines before it stood further left."""
    return len(paragraph) > 1 and line.x > paragraph[-1].x + 0.8 * line.size


def _block(lines: Sequence[Line]) -> list[Block]:
    text = ""
    for line in lines:
        text = _with_line(text, line.text)
    text = tidy(text)
    kind = BlockKind.TABLE_ROW if lines and lines[0].is_row else kind_of_line(text)
    return [Block(kind, text)] if text else []


def _with_line(text: str, line: str) -> str:
    """Return the text with the next line; a hyphen at the margin holds its two halves together."""
    if not text:
        return line
    is_hyphen = text.endswith("-") and not text.endswith(" -") and text[-2:-1].isalpha()
    return f"{text}{line}" if is_hyphen else f"{text} {line}"
