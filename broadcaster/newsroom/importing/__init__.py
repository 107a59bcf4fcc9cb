"""Getting text in: a Word, PDF, web or text file becomes blocks that an officer keeps or leaves out."""

from broadcaster.newsroom.importing.reading import read_document
from broadcaster.newsroom.importing.values import (
    KIND_WORDS,
    LARGEST_FILE_BYTES,
    LONGEST_TEXT,
    MOST_PAGES,
    Block,
    BlockKind,
    Imported,
    text_of,
)

__all__ = [
    "KIND_WORDS",
    "LARGEST_FILE_BYTES",
    "LONGEST_TEXT",
    "MOST_PAGES",
    "Block",
    "BlockKind",
    "Imported",
    "read_document",
    "text_of",
]
