"""Private keys at rest: sealed with what a password gives, or with the secret of a signed-in browser.

AES-256-GCM; the key comes of the password by Argon2id (RFC 9106), at the cost at which the password itself is
kept, or of the browser's 256 random bits by HKDF (RFC 5869). What is sealed is bound to its public part.
"""

from __future__ import annotations

import secrets
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import HashingError
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from broadcaster.accounts import passwords

SALT_BYTES = 16
NONCE_BYTES = 12
MOST_MEMORY_KIB = 1 << 20
MOST_PASSES = 100
"""A row that asks for more is not one of ours: it would take the machine's memory or time."""
_OPEN = b"ward-station open key"

Sealed = dict[str, Any]


def wrap(private: bytes, password: str, about: bytes, hasher: PasswordHasher) -> Sealed:
    """Return `private` sealed with `password`. Takes about 0.1 s: never inside a write transaction."""
    salt = secrets.token_bytes(SALT_BYTES)
    cost = {"passes": hasher.time_cost, "memory_kib": hasher.memory_cost, "lanes": hasher.parallelism}
    key = passwords.derived(password, salt, *cost.values())
    return {"kdf": "argon2id", **cost, "salt": salt.hex(), "sealed": _seal(key, private, about).hex()}


def unwrap(kept: Sealed, password: str, about: bytes) -> bytes | None:
    """Return what `wrap` was given; None for another password, another public part or a changed row."""
    try:
        salt, sealed = bytes.fromhex(kept["salt"]), bytes.fromhex(kept["sealed"])
        passes, memory_kib, lanes = int(kept["passes"]), int(kept["memory_kib"]), int(kept["lanes"])
    except (KeyError, TypeError, ValueError):
        return None
    if not (0 < passes <= MOST_PASSES and 0 < memory_kib <= MOST_MEMORY_KIB and 0 < lanes <= MOST_PASSES):
        return None
    try:
        key = passwords.derived(password, salt, passes, memory_kib, lanes)
    except HashingError:
        return None
    return _open(key, sealed, about)


def wrap_for_browser(private: bytes, token: str, about: bytes) -> Sealed:
    """Return `private` sealed with the secret of a browser, of which the store keeps only the hash."""
    salt = secrets.token_bytes(SALT_BYTES)
    return {"salt": salt.hex(), "sealed": _seal(_of_token(token, salt), private, about).hex()}


def unwrap_for_browser(kept: Sealed, token: str, about: bytes) -> bytes | None:
    """Return what `wrap_for_browser` was given, or None."""
    try:
        salt, sealed = bytes.fromhex(kept["salt"]), bytes.fromhex(kept["sealed"])
    except (KeyError, TypeError, ValueError):
        return None
    return _open(_of_token(token, salt), sealed, about)


def _of_token(token: str, salt: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, _OPEN).derive(token.encode("utf-8", "surrogatepass"))


def _seal(key: bytes, private: bytes, about: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, private, about)


def _open(key: bytes, sealed: bytes, about: bytes) -> bytes | None:
    try:
        return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about)
    except (InvalidTag, ValueError):
        return None
