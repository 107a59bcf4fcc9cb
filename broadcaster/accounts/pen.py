"""A person's signing key, open in their hand: it lives while one password is typed or one button pressed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

from argon2 import PasswordHasher
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from broadcaster.accounts import key_wrap, passwords

_ABOUT = b"ward-station person key\0"


@dataclass(frozen=True, slots=True)
class Pen:
    """An open private key. `key_id` is 0 until its row is written."""

    public: bytes
    private: bytes = field(repr=False)
    key_id: int = 0

    def sign(self, said: bytes) -> bytes:
        return Ed25519PrivateKey.from_private_bytes(self.private).sign(said)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that is not in the store yet, and what will be kept of it."""

    pen: Pen
    wrapped: dict[str, Any]


def new(password: str, hasher: PasswordHasher = passwords.HASHER) -> NewKey:
    """Return a new key that `password` opens. Takes about 0.1 s: never inside a write transaction."""
    pen = of_private(Ed25519PrivateKey.generate().private_bytes_raw())
    return NewKey(pen, wrapped(pen, password, hasher))


def wrapped(pen: Pen, password: str, hasher: PasswordHasher = passwords.HASHER) -> dict[str, Any]:
    """Return what is kept of `pen`, for `password` to open; as slow as `new`."""
    return key_wrap.wrap(pen.private, password, _ABOUT + pen.public, hasher)


def opened(key_id: int, public: bytes, kept: dict[str, Any], password: str) -> Pen | None:
    """Return the pen that lies in `kept`; None when it is not the private part of `public`."""
    return _checked(key_id, public, key_wrap.unwrap(kept, password, _ABOUT + public))


def laid_ready(pen: Pen, token: str) -> dict[str, Any]:
    """Return `pen` as a signed-in browser keeps it: only its secret `token` takes it up again."""
    return {"key_id": pen.key_id, **key_wrap.wrap_for_browser(pen.private, token, _ABOUT + pen.public)}


def taken_up(public: bytes, kept: dict[str, Any], token: str) -> Pen | None:
    """Return what `laid_ready` was given; None when it is not the private part of `public`."""
    private = key_wrap.unwrap_for_browser(kept, token, _ABOUT + public)
    return _checked(int(kept.get("key_id", 0)), public, private)


def of_private(private: bytes, key_id: int = 0) -> Pen:
    public = Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()
    return Pen(public, private, key_id)


def fingerprint(public: bytes) -> str:
    """Return what two people compare: 80 bits of the key's SHA-256, e.g. `3FA0 12BC …`."""
    digest = hashlib.sha256(public).hexdigest()[:20].upper()
    return " ".join(digest[start : start + 4] for start in range(0, 20, 4))


def _checked(key_id: int, public: bytes, private: bytes | None) -> Pen | None:
    if private is None:
        return None
    pen = of_private(private, key_id)
    return pen if pen.public == public else None
