"""Written Vietnamese in, the words a newsreader would say out; nothing is guessed in silence."""

from broadcaster.text.guarding import guard
from broadcaster.text.lexicon import BUILT_IN, Lexicon
from broadcaster.text.reader import check, context_of, spoken_line, to_spoken
from broadcaster.text.values import Certainty, ReadingEntry, Sentence, Spoken, Token

__all__ = [
    "BUILT_IN",
    "Certainty",
    "Lexicon",
    "ReadingEntry",
    "Sentence",
    "Spoken",
    "Token",
    "check",
    "context_of",
    "guard",
    "spoken_line",
    "to_spoken",
]
