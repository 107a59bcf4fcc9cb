from __future__ import annotations

import re
from typing import Any

from broadcaster.text.clean import clean
from broadcaster.text.lexicon import BUILT_IN, Lexicon, context_at
from broadcaster.text.numerals import read_count
from broadcaster.text.values import Certainty, Sentence, Spoken, Token

_ATOM = re.compile(r"[^\W\d_]+|\d+|\n+|[^\w\s]")


def to_spoken(text: str, lexicon: Lexicon = BUILT_IN) -> Spoken:
    """Return `text` as it will be said."""
    cleaned = clean(text)
    tokens = []
    for match in _ATOM.finditer(cleaned.text):
        start, end = cleaned.start(match.start()), cleaned.end(match.end())
        piece = match[0]
        if piece.isdigit():
            token = Token(text[start:end], start, end, "number", read_count(piece), Certainty.LIKELY)
        elif piece.strip() and piece.isalpha():
            token = Token(text[start:end], start, end, "word", piece)
        else:
            token = Token(text[start:end], start, end, "mark", piece if piece in ",.;:?!" else "")
        tokens.append(token)
    said = re.sub(r" (?=[,.;:?!])", "", " ".join(t.spoken for t in tokens if t.spoken))
    sentences = tuple(
        Sentence(s.strip(), 0, len(text), "sentence", 450) for s in re.split(r"(?<=[.?!])\s", said) if s.strip()
    )
    return Spoken(said, tuple(tokens), sentences)


def context_of(text: str, token: Token) -> str:
    return context_at(text, token.start, token.end)


def spoken_line(line: str) -> str:
    return to_spoken(line).text.replace("\n", " ")


def check(text: str) -> list[dict[str, Any]]:
    return [{"class": t.kind, "span": [t.start, t.end], "written": t.written, "reading": t.spoken,
             "certainty": str(t.certainty), "choices": list(t.choices), "why": t.why} for t in to_spoken(text).tokens]
