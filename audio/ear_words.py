"""What an ear and the station say to each other: one JSON object per line. Light: no samples."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

NO_SOURCE_EXIT = 3
"""Exit code of an ear whose source is not there or gives nothing."""


@dataclass(frozen=True, slots=True)
class Listen:
    """The only command: listen to the source named so, and compare it with what lies in `folder`."""

    source: str
    folder: Path
    """Where the player of one output keeps what its device accepts."""


@dataclass(frozen=True, slots=True)
class Listening:
    """The source is open."""

    device: str


@dataclass(frozen=True, slots=True)
class Heard:
    """How the last seconds of an item compare with what the ear heard of them."""

    item: str
    seconds: float
    """How long a stretch was compared, ten seconds at most."""
    fresh_s: float
    """How much of it was not compared before."""
    match: float
    """-1 to 1."""
    is_same: bool
    level_dbfs: float
    """Of what the ear heard meanwhile."""


@dataclass(frozen=True, slots=True)
class Deaf:
    """Nothing can be heard; a Vietnamese sentence says why. The process goes."""

    text: str


@dataclass(frozen=True, slots=True)
class Gone:
    """The process ended. Said by the link."""

    exit_code: int


Word = Listening | Heard | Deaf
_WORDS: dict[str, type[Word]] = {"listening": Listening, "heard": Heard, "deaf": Deaf}


class BadLine(ValueError):
    """A line that is no word or command of ours."""


def word_line(word: Word) -> bytes:
    return _line({"word": type(word).__name__.lower(), **asdict(word)})


def read_word(line: bytes) -> Word:
    """Raises BadLine."""
    try:
        fields = json.loads(line)
        return _WORDS[fields.pop("word")](**fields)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadLine(str(error)) from error


def command_line(command: Listen) -> bytes:
    return _line({"source": command.source, "folder": str(command.folder)})


def read_command(line: bytes) -> Listen:
    """Raises BadLine."""
    try:
        fields = json.loads(line)
        return Listen(str(fields["source"]), Path(fields["folder"]))
    except (ValueError, TypeError, KeyError) as error:
        raise BadLine(str(error)) from error


def _line(fields: dict[str, object]) -> bytes:
    return json.dumps(fields, ensure_ascii=False, allow_nan=False).encode() + b"\n"
