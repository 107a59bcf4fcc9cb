"""The paper of a plan: a Word file, PDF or picture, kept by hash in the data folder, given back as it came.

What a file is is told by its first bytes, never by its name; a document with macros is not taken.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from broadcaster.errors import Invalid, NotFound
from broadcaster.newsroom.clips import flush_folder
from broadcaster.newsroom.importing.kinds import shown

FOLDER = "plans"
_SHA256 = re.compile(r"[0-9a-f]{64}")
LARGEST_BYTES = 20_000_000
TYPES = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".doc": "application/msword",
    ".png": "image/png",
    ".jpg": "image/jpeg",
}
_STARTS = ((b"%PDF-", ".pdf"), (b"\x89PNG\r\n\x1a\n", ".png"), (b"\xff\xd8\xff", ".jpg"))
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WORD_STREAM = "WordDocument".encode("utf-16-le")
"""Every Word 97–2003 file has this stream (MS-DOC, 2.1)."""
_OLE_MACROS = "_VBA_PROJECT".encode("utf-16-le")


@dataclass(frozen=True, slots=True)
class Kept:
    """One file in its place."""

    sha256: str
    name: str
    """As its owner called it, fit to be shown, with the ending of what it is."""
    bytes: int


def path_of(folder: Path, sha256: str) -> Path:
    """Return where the file lies.

    Raises NotFound for what is no hash: a row that was changed must not name a secret of the station.
    """
    if not _SHA256.fullmatch(sha256):
        raise NotFound("Tệp của kế hoạch này không còn đúng như đã lưu; hãy báo người quản trị.")
    return folder / FOLDER / sha256[:2] / sha256


def keep(folder: Path, name: str, content: bytes) -> Kept:
    """Put `content` into its place under the data `folder`; a power cut leaves a whole file or none.

    Raises Invalid for what is no Word file, PDF, PNG or JPEG, for macros, and for more than 20 MB.
    """
    kind = kind_of(name, content)
    sha256 = hashlib.sha256(content).hexdigest()
    place = path_of(folder, sha256)
    place.parent.mkdir(parents=True, exist_ok=True)
    descriptor, aside = tempfile.mkstemp(prefix=".new-", dir=place.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(aside).replace(place)
    finally:
        Path(aside).unlink(missing_ok=True)
    flush_folder(place.parent)
    return Kept(sha256, _named(name, kind), len(content))


def type_of(name: str) -> str:
    """Return the MIME type of a kept file by the ending that `keep` gave it."""
    return TYPES.get(Path(name).suffix.lower(), "application/octet-stream")


def kind_of(name: str, content: bytes) -> str:
    """Return the ending of what `content` is; raises Invalid when it is not taken."""
    called = shown(name) or "tệp này"
    if not content:
        raise _refused(f"Tệp “{called}” trống; hãy chọn tệp khác.")
    if len(content) > LARGEST_BYTES:
        raise _refused(f"Tệp “{called}” nặng hơn {LARGEST_BYTES // 1_000_000} MB; hãy gửi bản PDF nhẹ hơn.")
    kind, has_macros = _told(content)
    if has_macros:
        raise _refused(f"Tệp “{called}” có chứa mã lệnh (macro); hãy lưu thành PDF hoặc .docx rồi gửi lại.")
    if not kind:
        raise _refused(f"Tệp “{called}” không phải Word, PDF hay ảnh (PNG, JPG); hãy chọn tệp khác.")
    return kind


def _told(content: bytes) -> tuple[str, bool]:
    """Return the ending, empty for what is not taken, and whether there are macros inside."""
    if content.startswith(_OLE):
        return (".doc" if _WORD_STREAM in content else ""), _OLE_MACROS in content
    if content.startswith(_ZIP):
        inside = _members(content)
        has_macros = any(name.lower().endswith("vbaproject.bin") for name in inside)
        return (".docx" if "word/document.xml" in inside else ""), has_macros
    return next((kind for start, kind in _STARTS if content.startswith(start)), ""), False


def _members(content: bytes) -> set[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return set(archive.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return set()


def _named(name: str, kind: str) -> str:
    called = shown(name)
    stem = called[: -len(Path(called).suffix)] if Path(called).suffix else called
    return f"{stem.strip(' .') or 'ke-hoach'}{kind}"


def _refused(sentence: str) -> Invalid:
    return Invalid(sentence, field="file")
