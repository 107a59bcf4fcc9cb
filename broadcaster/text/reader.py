"""The reader: clean, tag, speak."""

from __future__ import annotations

import unicodedata
from typing import Any

from broadcaster.text.clean import Cleaned, clean
from broadcaster.text.lexicon import BUILT_IN, Lexicon, context_at
from broadcaster.text.place import Piece
from broadcaster.text.scan import scan
from broadcaster.text.speak import make_sentences, make_text, split_lines
from broadcaster.text.values import Spoken, Token


def to_spoken(text: str, lexicon: Lexicon = BUILT_IN) -> Spoken:
    """Return `text` as a newsreader would say it, every change with its place, certainty and reason.

    Lines stay lines in `Spoken.text`. Takes time in proportion to the length of `text`, whatever is in it.
    """
    cleaned = clean(text)
    pieces = scan(cleaned.text, lexicon)
    lines = split_lines(pieces, cleaned.text)
    tokens = tuple(_token(piece, cleaned, text) for piece in pieces if piece.kind != "line")
    return Spoken(make_text(lines), tokens, make_sentences(lines, cleaned.text, cleaned))


def _token(piece: Piece, cleaned: Cleaned, text: str) -> Token:
    start, end = cleaned.start(piece.start), cleaned.end(piece.end)
    return Token(
        text[start:end], start, end, piece.kind, piece.spoken, piece.certainty, piece.choices, piece.why
    )


def context_of(text: str, token: Token) -> str:
    """Return what makes a reading of `token` hold only here: give it to `ReadingEntry.context`."""
    before = unicodedata.normalize("NFC", text[: token.start][-80:])
    after = unicodedata.normalize("NFC", text[token.end : token.end + 80])
    written = unicodedata.normalize("NFC", token.written)
    return context_at(before + written + after, len(before), len(before) + len(written))


def spoken_line(line: str) -> str:
    """Return one line as one spoken line, for `broadcaster spoken`."""
    return to_spoken(line).text.replace("\n", ". ")


def check(text: str, lexicon: Lexicon = BUILT_IN) -> list[dict[str, Any]]:
    """Return every token of `text` as plain values, for `broadcaster check` and its JSON."""
    return [
        {
            "class": token.kind,
            "span": [token.start, token.end],
            "written": token.written,
            "reading": token.spoken,
            "certainty": str(token.certainty),
            "choices": list(token.choices),
            "why": token.why,
        }
        for token in to_spoken(text, lexicon).tokens
    ]
