"""The key with which the station vouches for its own rows: Ed25519 (RFC 8032), a file beside the database.

Who can write the database alone cannot sign with it. It goes with the backups: without it a restored station
believes none of the signatures that were given before.
"""

from __future__ import annotations

import os
from functools import cached_property, lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from filelock import FileLock
from sqlalchemy.orm import Session

from broadcaster import private_file
from broadcaster.errors import StoreError
from broadcaster.store.db import FOLDER as FOLDER_OF

FOLDER = "keys"
FILE_NAME = "station.key"
PUBLIC_BYTES = 32
SIGNATURE_BYTES = 64
_HELD = "ward_station_key"


class StationKey:
    """One station's private key. It never leaves its file and this object."""

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private

    @cached_property
    def public(self) -> bytes:
        """The 32 bytes by which others check what this key signed."""
        return self._private.public_key().public_bytes_raw()

    def sign(self, said: bytes) -> bytes:
        """Return the 64 bytes that prove that this station said `said`."""
        return self._private.sign(said)

    def vouches(self, signature: bytes, said: bytes) -> bool:
        """Return whether `signature` is this station's own under `said`."""
        return verify(self.public, signature, said)


def of(folder: Path) -> StationKey:
    """Return the key of the station whose data folder is `folder`; the first call makes it.

    Raises StoreError when its file cannot be read, made, or is no such key.
    """
    file = folder / FOLDER / FILE_NAME
    try:
        if not file.exists():
            _make(file)
        return StationKey(_load(file))
    except (OSError, ValueError, TypeError) as error:
        raise StoreError(
            f"Không dùng được khóa của trạm {file} ({type(error).__name__}); hãy lấy lại thư mục “{FOLDER}” "
            "từ bản sao lưu gần nhất."
        ) from error


def of_session(session: Session) -> StationKey:
    """Return the key of the station whose rows `session` reads; read from the file once for each session."""
    key = session.info.get(_HELD)
    if not isinstance(key, StationKey):
        key = session.info[_HELD] = of(session.info[FOLDER_OF])
    return key


def exists(folder: Path) -> bool:
    return (folder / FOLDER / FILE_NAME).exists()


@lru_cache(maxsize=4096)
def verify(public: bytes, signature: bytes, said: bytes) -> bool:
    """Return whether `signature` is that of the key `public` under `said`; wrong lengths are False."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, said)
    except (InvalidSignature, ValueError):
        return False
    return True


def _load(file: Path) -> Ed25519PrivateKey:
    if os.name == "posix" and file.stat().st_mode & 0o077:
        file.chmod(0o600)
    key = serialization.load_pem_private_key(file.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise ValueError("not an Ed25519 key")
    return key


def _make(file: Path) -> None:
    """Write a new key, whole or not at all; of processes that start together the first one's stays."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with FileLock(file.parent / ".lock"):
        if not file.exists():
            private_file.put(file, _pem(Ed25519PrivateKey.generate()))


def _pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
