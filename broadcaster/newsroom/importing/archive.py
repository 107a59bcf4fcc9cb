"""The parts of a .docx: a zip of XML, opened within bounds, because anybody may have made it.

python-docx would load every part, pictures too, and trust what the archive says of itself. So we read only
the parts that hold words, count the bytes before they are parsed, and parse them with python-docx's parser,
which resolves no entities. Nothing is ever written to disk, so a name inside the archive leads nowhere.
"""

from __future__ import annotations

import io
import posixpath
import zipfile
from typing import Any

from docx.oxml.parser import parse_xml

from broadcaster.newsroom.importing.values import Unreadable

MOST_MEMBERS = 5_000
LARGEST_PART_BYTES = 24_000_000
LARGEST_SUM_BYTES = 48_000_000
"""Of XML: a document of 200 pages has 2–6 MB."""
_REL = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_OTHER_KINDS = (
    ("xl/workbook.xml", "đây là bảng tính Excel; hãy chép phần chữ rồi dán vào."),
    ("ppt/presentation.xml", "đây là tệp trình chiếu; hãy chép phần chữ rồi dán vào."),
    ("content.xml", "đây là tệp OpenDocument; hãy mở bằng Word và lưu lại thành .docx."),
)
_BROKEN = (
    "Tệp Word bị hỏng, không mở được; hãy mở bằng Word, lưu lại rồi nhập lại, hoặc chép phần chữ và dán."
)
_BOMB = "Tệp Word này khi mở ra lớn bất thường nên không nhập; hãy chép phần chữ rồi dán vào."
_DECLARES = "Tệp Word này khai báo kiểu dữ liệu lạ (DTD) nên không nhập; hãy chép phần chữ rồi dán vào."


class Archive:
    """An open .docx. Raises Unreadable for what is not one, what is too large, and what is damaged."""

    def __init__(self, content: bytes) -> None:
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(content))
            members = self._zip.infolist()
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
            raise Unreadable(_BROKEN) from error
        if len(members) > MOST_MEMBERS:
            raise Unreadable(_BOMB)
        self._members = {each.filename: each for each in members}
        self._left_bytes = LARGEST_SUM_BYTES
        self.main = self._main_part()

    def part(self, name: str) -> Any:
        """Return the parsed XML of a part, or None when there is none."""
        member = self._members.get(name)
        return None if member is None else parse_xml(self._bytes(member))

    def related(self, part: str) -> dict[str, list[str]]:
        """Return the names of the parts that `part` refers to, by the last word of their kind."""
        folder, name = posixpath.split(part)
        links = self.part(posixpath.join(folder, "_rels", f"{name}.rels"))
        found: dict[str, list[str]] = {}
        for link in links.iter(_REL) if links is not None else ():
            if link.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, link.get("Target", "")))
                found.setdefault(posixpath.basename(link.get("Type", "")), []).append(target.lstrip("/"))
        return found

    @property
    def has_pictures(self) -> bool:
        return any(name.startswith("word/media/") for name in self._members)

    def _main_part(self) -> str:
        mains = self.related("").get("officeDocument", []) if "_rels/.rels" in self._members else []
        for name in mains:
            if name in self._members and name.endswith(".xml") and not name.startswith(("xl/", "ppt/")):
                return name
        for name, reason in _OTHER_KINDS:
            if name in self._members:
                raise Unreadable(f"Không lấy được chữ: {reason}")
        raise Unreadable(
            "Tệp nén này không phải tài liệu Word (.docx); hãy giải nén và chọn tệp Word bên trong."
            if not mains
            else _BROKEN
        )

    def _bytes(self, member: zipfile.ZipInfo) -> bytes:
        if member.file_size > min(LARGEST_PART_BYTES, self._left_bytes):
            raise Unreadable(_BOMB)
        if member.flag_bits & 1:
            raise Unreadable("Tệp Word được đặt mật khẩu; hãy bỏ mật khẩu rồi nhập lại.")
        try:
            with self._zip.open(member) as stream:
                content = stream.read(LARGEST_PART_BYTES + 1)  # the size told may be a lie
        except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError) as error:
            raise Unreadable(_BROKEN) from error
        self._left_bytes -= len(content)
        if len(content) > LARGEST_PART_BYTES or self._left_bytes < 0:
            raise Unreadable(_BOMB)
        if b"<!DOCTYPE" in content.replace(b"\0", b""):
            raise Unreadable(_DECLARES)
        return content
