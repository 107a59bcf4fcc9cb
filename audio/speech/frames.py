"""What a speech worker and its owner say to each other over a pipe. Kept small: a worker starts in no time.

In: frames of a 4-byte little-endian length and a JSON request. Out: frames of one kind byte, a length and a
body: `H` JSON once at the start, with at least {version}; `A` 16-bit little-endian samples; `E` end of the
sentence; `F` JSON {why} failure.
"""

from __future__ import annotations

import json
import os
import struct
import sys
from collections.abc import Iterator
from typing import IO, Any, BinaryIO

REQUEST = struct.Struct("<I")
ANSWER = struct.Struct("<cI")
HELLO, SOUND, END, FAILED = b"H", b"A", b"E", b"F"


def send(out: IO[bytes], kind: bytes, body: bytes = b"") -> None:
    out.write(ANSWER.pack(kind, len(body)) + body)
    out.flush()


def send_words(out: IO[bytes], kind: bytes, **words: object) -> None:
    send(out, kind, json.dumps(words).encode())


def requests(stream: IO[bytes]) -> Iterator[dict[str, Any]]:
    """Yield requests until their pipe closes."""
    while len(header := stream.read(REQUEST.size)) == REQUEST.size:
        yield json.loads(stream.read(REQUEST.unpack(header)[0]))


def ask(stream: IO[bytes], request: dict[str, object]) -> None:
    body = json.dumps(request).encode()
    stream.write(REQUEST.pack(len(body)) + body)
    stream.flush()


def read_answer(stream: IO[bytes]) -> tuple[bytes, bytes] | None:
    """Return kind and body of the next answer, or None at the end of the pipe."""
    header = stream.read(ANSWER.size)
    if len(header) < ANSWER.size:
        return None
    kind, length = ANSWER.unpack(header)
    body = stream.read(length)
    return (kind, body) if len(body) == length else None


def own_pipe() -> BinaryIO:
    """Return standard output for ourselves; what a library prints goes to standard error from now on."""
    out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    return out
