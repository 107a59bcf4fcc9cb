"""What stood in the store when signing keys came: one small file, signed by the station's key, made once.

Rows from before cannot carry signatures; those listed here are believed as long as they are what they were.
A row that is forged later to look old is not in the list.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from broadcaster import private_file
from broadcaster.errors import StoreError
from broadcaster.store import station_key
from broadcaster.store.db import FOLDER

FILE_NAME = "before-keys.json"
APPROVALS = "approvals"
PEOPLE = "people"
Digests = Mapping[int, str]
"""Digest by the number of the row."""
_HELD = "ward_start_list"


def is_made(folder: Path) -> bool:
    return _file(folder).exists()


def make(folder: Path, approvals: Digests, people: Digests) -> None:
    """Write the list, for good. Raises StoreError when one is there already, or it cannot be written."""
    listed = {APPROVALS: _by_text(approvals), PEOPLE: _by_text(people)}
    said = canonical(listed)
    whole = {**listed, "signature": station_key.of(folder).sign(said).hex()}
    try:
        written = json.dumps(whole, indent=0, sort_keys=True).encode()
        fresh = private_file.written_aside(_file(folder), written)
        if is_made(folder):
            raise StoreError("Danh sách chữ ký cũ đã có và không làm lại.")
        fresh.replace(_file(folder))
    except OSError as error:
        raise StoreError(f"Không ghi được {_file(folder)} ({error}); hãy kiểm tra ổ đĩa.") from error


def has(session: Session, what: str, row_id: int, digest: str) -> bool:
    """Return whether the row stood there then, with this digest. No list, or a changed one, has nothing."""
    listed = session.info.get(_HELD)
    if listed is None:
        listed = session.info[_HELD] = _read(session.info[FOLDER], station_key.of_session(session))
    return bool(listed.get(what, {}).get(str(row_id)) == digest)


def canonical(value: Any) -> bytes:
    """Return the one way in which `value` is written to be signed."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _read(folder: Path, key: station_key.StationKey) -> dict[str, dict[str, str]]:
    try:
        whole = json.loads(_file(folder).read_bytes())
        signature = bytes.fromhex(whole.pop("signature"))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
    return whole if key.vouches(signature, canonical(whole)) else {}


def _by_text(digests: Digests) -> dict[str, str]:
    return {str(number): digest for number, digest in digests.items()}


def _file(folder: Path) -> Path:
    return folder / station_key.FOLDER / FILE_NAME
