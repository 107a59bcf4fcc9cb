"""Blocks of an imported text on their way through a form: shown, kept or left out, carried along."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from typing import Any

from broadcaster.errors import Invalid
from broadcaster.newsroom.importing import KIND_WORDS, LONGEST_TEXT, Block, BlockKind, Imported
from broadcaster.text.debris import find_debris
from broadcaster.text.slips import find_slips
from web.looks import slip_words

MOST_BLOCKS = 5_000
_TOLD = frozenset({BlockKind.TABLE_ROW, BlockKind.CAPTION})
"""Kinds that are not seen by how the text looks."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a block's text with a hint at a slip, or none."""

    text: str
    slip: str = ""


@dataclass(frozen=True, slots=True)
class ShownBlock:
    number: int
    kind: str
    words: str
    """What it is, where that is worth a word."""
    runs: tuple[Run, ...]
    reason: str
    is_kept: bool


def shown(imported: Imported, kept: Set[int]) -> list[ShownBlock]:
    return [_shown(number, block, number in kept) for number, block in enumerate(imported.blocks)]


def kept_numbers(chosen: Iterable[str]) -> frozenset[int]:
    """Return the block numbers that came back from the boxes of a form."""
    return frozenset(int(each) for each in chosen if each.isdecimal() and len(each) < 6)


def packed(imported: Imported) -> str:
    """Return the blocks as one field of a form; nothing of them is kept on the station until it is saved."""
    return json.dumps([[block.kind, block.text, block.leave_out] for block in imported.blocks])


def unpacked(field: str) -> Imported:
    """Return the blocks that `packed` gave; raises Invalid for anything else."""
    try:
        listed = json.loads(field)
        if not isinstance(listed, list):
            raise TypeError("blocks are a list")
        blocks = tuple(_block(*each) for each in listed)
    except (ValueError, TypeError) as error:
        raise Invalid(
            "Không đọc lại được phần vừa nhập; hãy chọn lại tệp hoặc dán lại.", field="file"
        ) from error
    if len(blocks) > MOST_BLOCKS or sum(len(block.text) for block in blocks) > 2 * LONGEST_TEXT:
        raise Invalid("Văn bản này quá dài; hãy chia thành nhiều phần rồi nhập.", field="file")
    return Imported("", blocks)


def lines_of(written: str) -> Imported:
    """Return the lines of a bulletin as blocks, with what looks like leftovers of a web page."""
    leftovers = {each.start: each.why for each in find_debris(written)}
    blocks = (
        Block(BlockKind.PARAGRAPH, line[0], leftovers.get(line.start(), "")) for line in _lines(written)
    )
    return Imported(written, tuple(blocks))


def without(written: str, kept: Set[int]) -> str:
    """Return `written` without the lines whose numbers in `lines_of` are not in `kept`."""
    gone = {line.start() for number, line in enumerate(_lines(written)) if number not in kept}
    lines = []
    start = 0
    for line in written.split("\n"):
        if start not in gone:
            lines.append(line)
        start += len(line) + 1
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n")


def _lines(written: str) -> Iterator[re.Match[str]]:
    return (line for line in re.finditer(r"[^\n]+", written) if line[0].strip())


def _block(kind: Any, text: Any, leave_out: Any) -> Block:
    if not isinstance(text, str) or not isinstance(leave_out, str):
        raise TypeError("a block is words")
    return Block(BlockKind(kind), text, leave_out)


def _shown(number: int, block: Block, is_kept: bool) -> ShownBlock:
    words = KIND_WORDS[block.kind] if block.kind in _TOLD else ""
    runs = tuple(_runs(block.text)) if not block.leave_out else (Run(block.text),)
    return ShownBlock(number, block.kind, words, runs, block.leave_out, is_kept)


def _runs(text: str) -> Iterator[Run]:
    place = 0
    for slip in find_slips(text):
        if slip.start < place:
            continue
        yield Run(text[place : slip.start])
        yield Run(text[slip.start : slip.end], slip_words(slip))
        place = slip.end
    yield Run(text[place:])
