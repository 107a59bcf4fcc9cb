"""Passwords: what is taken, and how it is kept (Argon2id, RFC 9106)."""

from __future__ import annotations

import re
import threading
import unicodedata
from functools import cache
from importlib import resources
from itertools import pairwise

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import hash_secret_raw

from broadcaster.errors import Invalid
from broadcaster.records.fold import fold

SHORTEST = 10
LONGEST = 200
HASHER = PasswordHasher()
"""The library's own choice of cost (RFC 9106, low memory: 64 MiB). Tests hand in a cheap one."""
_AT_ONCE = threading.BoundedSemaphore(2)
"""Each hashing takes 64 MiB; a burst of sign-ins must not take the machine's memory from the broadcast."""
_DERIVED_BYTES = 32
_FEWEST_LETTERS = 5
_SHORTEST_NUMBER = 16
_SHORTEST_TELLING = 4
"""A login of fewer letters occurs in innocent words."""
_LOOKALIKES = str.maketrans("@4310$5!7", "aaeiossit")
_EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")


def check(password: str, login: str = "", name: str = "") -> str:
    """Return `password` in the form to be hashed; raises Invalid (field `password`) saying what to change."""
    typed = _form(password)
    if len(typed) < SHORTEST:
        raise _invalid(f"Mật khẩu cần ít nhất {SHORTEST} ký tự; một câu dễ nhớ là tốt nhất.")
    if len(typed) > LONGEST:
        raise _invalid(f"Mật khẩu dài nhất {LONGEST} ký tự.")
    if is_common(typed):
        raise _invalid("Mật khẩu này quá phổ biến, dễ bị đoán; hãy chọn một câu chỉ mình bạn biết.")
    if _tells(login, typed) or _tells(name, typed):
        raise _invalid("Mật khẩu không được chứa tên đăng nhập hoặc họ tên của bạn.")
    return typed


def hashed(password: str, hasher: PasswordHasher = HASHER) -> str:
    """Return what is kept of `password`. Takes about 0.1 s: never inside a write transaction."""
    with _AT_ONCE:
        return hasher.hash(_form(password))


def matches(kept: str | None, password: str, hasher: PasswordHasher = HASHER) -> bool:
    """Return whether `password` is the one of which `kept` was made.

    Without `kept` (no such person, no password yet) it takes as long and says False.
    """
    typed = _form(password)
    if len(typed) > LONGEST:
        typed = ""
    with _AT_ONCE:
        try:
            return hasher.verify(kept or _nobodys(hasher), typed) and kept is not None
        except (VerificationError, InvalidHashError):
            return False


def derived(password: str, salt: bytes, time_cost: int, memory_kib: int, lanes: int) -> bytes:
    """Return the 32 bytes that only this password gives (Argon2id); as slow as hashing it."""
    with _AT_ONCE:
        return hash_secret_raw(
            _form(password).encode(), salt, time_cost, memory_kib, lanes, _DERIVED_BYTES, Type.ID
        )


def needs_rehash(kept: str, hasher: PasswordHasher = HASHER) -> bool:
    """Return whether `kept` was made with another cost than today's."""
    return hasher.check_needs_rehash(kept)


def is_common(password: str) -> bool:
    """Return whether anybody would try it: listed, listed with digits around it, or too plain."""
    folded = fold(password).replace(" ", "")
    core = _EDGES.sub("", folded)
    forms = {folded, core, folded.translate(_LOOKALIKES), core.translate(_LOOKALIKES)}
    forms.add(_EDGES.sub("", folded.translate(_LOOKALIKES)))
    return bool(forms & _common()) or _is_too_plain(folded)


def _is_too_plain(text: str) -> bool:
    """Return whether `text` is a run, few letters over and over, or a telephone number or date."""
    is_short_number = text.isdigit() and len(text) < _SHORTEST_NUMBER
    return is_short_number or len(set(text)) < _FEWEST_LETTERS or _is_run(text)


def _is_run(text: str) -> bool:
    """Return whether each character follows the one before, as in 1234567890 or jihgfedcba."""
    steps = {ord(after) - ord(before) for before, after in pairwise(text)}
    return steps <= {1, -9} or steps <= {-1, 9}


def _tells(own: str, password: str) -> bool:
    telling = fold(own).replace(" ", "")
    return len(telling) >= _SHORTEST_TELLING and telling in fold(password).replace(" ", "")


def _form(password: str) -> str:
    """NFC, so that a letter typed by another keyboard program is the same letter."""
    return unicodedata.normalize("NFC", password.encode("utf-8", "replace").decode("utf-8"))


def _invalid(sentence: str) -> Invalid:
    return Invalid(sentence, field="password")


@cache
def _nobodys(hasher: PasswordHasher) -> str:
    return hasher.hash("")


@cache
def _common() -> frozenset[str]:
    lines = resources.files(__package__).joinpath("common_passwords.txt").read_text(encoding="utf-8")
    words = (line.strip() for line in lines.splitlines())
    return frozenset(word for word in words if word and not word.startswith("#"))
