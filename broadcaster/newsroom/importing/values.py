"""What comes out of a file: blocks in reading order, each with the proposal to leave it out or not."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass
from enum import StrEnum

LARGEST_FILE_BYTES = 20_000_000
MOST_PAGES = 200
LONGEST_TEXT = 50_000
"""Characters; the same as a bulletin may hold."""


FAR_TOO_LONG = 4 * LONGEST_TEXT
"""Past so many characters nobody reads on to count them."""


class BlockKind(StrEnum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    TABLE_ROW = "table_row"
    CAPTION = "caption"
    DEBRIS = "debris"
    """Of the page around the text, not of the text: menus, running heads, page numbers."""


KIND_WORDS: dict[str, str] = {
    BlockKind.HEADING: "đề mục",
    BlockKind.PARAGRAPH: "đoạn văn",
    BlockKind.ITEM: "mục liệt kê",
    BlockKind.TABLE_ROW: "dòng trong bảng",
    BlockKind.CAPTION: "chú thích",
    BlockKind.DEBRIS: "phần ngoài nội dung",
}


@dataclass(frozen=True, slots=True)
class Block:
    """One piece that is kept or left out as a whole. Its number is its place in `Imported.blocks`."""

    kind: BlockKind
    text: str
    leave_out: str = ""
    """Vietnamese: why it is proposed to be left out; empty: it is proposed to stay."""


@dataclass(frozen=True, slots=True)
class Imported:
    """A file as it was understood."""

    text: str
    """What stays when every proposal is followed."""
    blocks: tuple[Block, ...]
    notices: tuple[str, ...] = ()
    """Vietnamese sentences about what could not be taken as it stands in the file."""

    @property
    def proposed(self) -> frozenset[int]:
        """Return the numbers of the blocks that are proposed to stay."""
        return frozenset(number for number, block in enumerate(self.blocks) if not block.leave_out)


class Unreadable(Exception):
    """The file cannot be taken; `str(error)` is one Vietnamese sentence for the person."""


def too_long(length: int = 0) -> Unreadable:
    """Return the refusal of a text of `length` characters; 0: of more than anybody counted."""
    most = _grouped(LONGEST_TEXT)
    told = (
        f"{_grouped(length)} ký tự, nhiều nhất là {most}" if length else f"hơn {_grouped(FAR_TOO_LONG)} ký tự"
    )
    return Unreadable(f"Tệp có {told}; hãy tách thành nhiều tệp hoặc chép phần cần đọc.")


def _grouped(number: int) -> str:
    return f"{number:,}".replace(",", ".")


def imported(blocks: Sequence[Block], notices: Iterable[str] = ()) -> Imported:
    kept = [block for block in blocks if not block.leave_out]
    return Imported(_joined(kept), tuple(blocks), tuple(notices))


def text_of(imported: Imported, kept: Set[int]) -> str:
    """Return the text of the blocks whose numbers are in `kept`, ready to be a bulletin.

    A heading is followed by an empty line, rows of a list or table by a line end: so the reader hears them.
    """
    return _joined([block for number, block in enumerate(imported.blocks) if number in kept])


_CLOSE = frozenset({BlockKind.ITEM, BlockKind.TABLE_ROW})


def _joined(blocks: Sequence[Block]) -> str:
    pieces: list[str] = []
    for number, block in enumerate(blocks):
        if number:
            is_close = block.kind in _CLOSE and blocks[number - 1].kind == block.kind
            pieces.append("\n" if is_close else "\n\n")
        pieces.append(block.text)
    return "".join(pieces)
