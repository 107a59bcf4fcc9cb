"""Files that are broken or meant to harm, by name. Each is built only when it is asked for."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

import openpyxl
from pypdf import PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject

from tests.broadcaster.newsroom.files import (
    body,
    bytes_of,
    lines,
    official_letter,
    paragraph,
    pdf,
    pdf_writer,
    rewritten,
    stream,
    with_part,
)

DOCUMENT = "word/document.xml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
LAUGHS = (
    b'<?xml version="1.0"?><!DOCTYPE w [<!ENTITY a "ha ha ha ha ha ha ha ha ha ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + level, b"&%c;" % (97 + level) * 10) for level in range(9))
    + b"]><w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'><w:body><w:p><w:r><w:t>&j;"
    b"</w:t></w:r></w:p></w:body></w:document>"
)
THIEF = LAUGHS.split(b"[")[0] + b'[<!ENTITY j SYSTEM "file:///etc/passwd">]>' + LAUGHS.split(b"]>")[1]


def zipped(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def _changed_xml(xml: bytes) -> bytes:
    return with_part(body(""), DOCUMENT, lambda _: xml)


def _workbook() -> bytes:
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    return out.getvalue()


def _zip_bomb() -> bytes:
    return _changed_xml(b"<w:document>" + b" " * 200_000_000)


def _lying_zip_bomb() -> bytes:
    """The archive's list says 100 bytes where 60 MB come out."""
    content = bytearray(_changed_xml(b"<w:document>" + b" " * 60_000_000))
    at = content.rfind(b"PK\x01\x02", 0, content.rfind(DOCUMENT.encode()))
    content[at + 24 : at + 28] = struct.pack("<I", 100)
    return bytes(content)


def _many_members() -> bytes:
    return zipped(**{f"word/{number}.xml": b"" for number in range(6000)})


def _bad_crc() -> bytes:
    content = bytearray(body(paragraph("Xin chào bà con. " * 40)))
    at = content.find(DOCUMENT.encode()) + len(DOCUMENT) + 40
    content[at] ^= 0xFF
    return bytes(content)


def _locked_member() -> bytes:
    content = bytearray(body(paragraph("Xin chào.")))
    at = content.rfind(b"PK\x01\x02", 0, content.rfind(DOCUMENT.encode()))
    content[at + 8] |= 1
    return bytes(content)


def _deep_xml() -> bytes:
    return body("<w:sdt><w:sdtContent>" * 50_000 + paragraph("sâu") + "</w:sdtContent></w:sdt>" * 50_000)


def _many_cells() -> bytes:
    cell = "<w:tc><w:p/></w:tc>"
    return body(f"<w:tbl>{f'<w:tr>{cell * 30}</w:tr>' * 800}</w:tbl>")


def _external_main() -> bytes:
    link = (
        b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        b'<Relationship Id="r" '
        b'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
        b'Target="http://127.0.0.1:9/a.xml" TargetMode="External"/></Relationships>'
    )
    return with_part(body(""), "_rels/.rels", lambda _: link)


def _main_outside() -> bytes:
    return with_part(
        body(""), "_rels/.rels", lambda xml: xml.replace(b"word/document.xml", b"../../../../etc/passwd")
    )


def _crowded() -> bytes:
    """Small to send and to unpack, but each element costs the parser 100 bytes and more."""
    return body("<a/>" * 5_900_000)


def _pictures_only() -> bytes:
    return with_part(body("<w:p/>"), "word/media/image1.png", lambda _: b"\x89PNG")


def _page_loop() -> bytes:
    writer = rewritten(pdf(lines(["Xin chào bà con khu phố."])))
    pages = writer._pages
    pages.get_object()[NameObject("/Kids")] = ArrayObject([pages, pages])  # type: ignore[union-attr]
    return bytes_of(writer)


def _pdf_bomb() -> bytes:
    """A page whose drawing is 300 MB of blanks."""
    writer = pdf_writer([])
    squeezed = stream(zlib.compress(b" " * 300_000_000, 9))
    reference = writer._add_object(squeezed)
    writer.pages[0][NameObject("/Contents")] = reference
    return bytes_of(writer).replace(b"/Length", b"/Filter /FlateDecode /Length")


def _xref_loop() -> bytes:
    content = pdf(lines(["Xin chào bà con khu phố."]))
    start = content.rfind(b"startxref")
    table = int(content[start:].split()[1])
    return content.replace(b"trailer\n<<", b"trailer\n<<\n/Prev %d" % table)


def _form_loop() -> bytes:
    writer = pdf_writer([])
    page = writer.pages[0]
    form = stream(b"/X Do /X Do")
    reference = writer._add_object(form)
    resources = DictionaryObject({NameObject("/XObject"): DictionaryObject({NameObject("/X"): reference})})
    form.update({NameObject("/Type"): NameObject("/XObject"), NameObject("/Subtype"): NameObject("/Form")})
    form[NameObject("/Resources")] = resources
    page[NameObject("/Resources")] = resources
    page[NameObject("/Contents")] = writer._add_object(stream(b"/X Do"))
    return bytes_of(writer)


def _huge_count() -> bytes:
    writer = rewritten(pdf(lines(["Xin chào bà con khu phố."])))
    writer._pages.get_object()[NameObject("/Count")] = NumberObject(2_000_000_000)  # type: ignore[union-attr]
    return bytes_of(writer)


def _strange_places() -> bytes:
    writer = pdf_writer(lines(["Xin chào bà con khu phố."]))
    contents = writer.pages[0]["/Contents"].get_object()
    broken = contents.get_data().replace(b"1 0 0 1 72.0 760.0", b"1e300 0 0 -1e300 9e307 9e307")
    writer.pages[0][NameObject("/Contents")] = writer._add_object(stream(broken))
    return bytes_of(writer)


def _no_pages() -> bytes:
    return bytes_of(PdfWriter())


def _tcvn3() -> bytes:
    return "Céng hoµ x· héi chñ nghÜa ViÖt Nam §éc lËp - Tù do - H¹nh phóc".encode()


def _vni() -> bytes:
    return "Coäng hoøa xaõ hoäi chuû nghóa Vieät Nam, UÛy ban nhaân daân phöôøng thoâng baùo".encode()


REFUSED: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "empty": ("a.docx", lambda: b"", "trống"),
    "too heavy": ("a.docx", lambda: b"x" * 20_000_001, "nhiều nhất là 20 MB"),
    "word with a password": ("a.docx", lambda: OLE + "EncryptedPackage".encode("utf-16-le"), "mật khẩu"),
    "word of before 2007": ("a.doc", lambda: OLE + b"\0" * 600, "đời cũ"),
    "rtf": ("a.doc", lambda: b"{\\rtf1 xin ch\\'e0o}", "RTF"),
    "picture": ("a.pdf", lambda: b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "ảnh"),
    "sound": ("a.docx", lambda: b"RIFF" + b"\0" * 99, "âm thanh"),
    "some archive": ("a.docx", lambda: zipped(a=b"a"), "không phải tài liệu Word"),
    "workbook": ("a.docx", _workbook, "Excel"),
    "open document": ("a.docx", lambda: zipped(**{"content.xml": b"<a/>"}), "OpenDocument"),
    "half a document": ("a.docx", lambda: official_letter()[:9000], "bị hỏng"),
    "flipped bits": ("a.docx", _bad_crc, "bị hỏng"),
    "locked member": ("a.docx", _locked_member, "mật khẩu"),
    "zip bomb": ("a.docx", _zip_bomb, "lớn bất thường"),
    "zip bomb that lies": ("a.docx", _lying_zip_bomb, "bị hỏng"),
    "many members": ("a.docx", _many_members, "lớn bất thường"),
    "billion laughs": ("a.docx", lambda: _changed_xml(LAUGHS), "DTD"),
    "external entity": ("a.docx", lambda: _changed_xml(THIEF), "DTD"),
    "declaration in UTF-16": ("a.docx", lambda: _changed_xml(THIEF.decode().encode("utf-16")), "DTD"),
    "deep nesting": ("a.docx", _deep_xml, "bị hỏng"),
    "no xml": ("a.docx", lambda: _changed_xml(b"<w:document><w:body>"), "bị hỏng"),
    "no body": ("a.docx", lambda: _changed_xml(b"<a/>"), "không có phần nội dung"),
    "main part elsewhere": ("a.docx", _external_main, "không phải tài liệu Word"),
    "main part outside": ("a.docx", _main_outside, "bị hỏng"),
    "many cells": ("a.docx", _many_cells, "20.000 ô"),
    "crowd of elements": ("a.docx", _crowded, "Tệp"),
    "pictures only": ("a.docx", _pictures_only, "chỉ có ảnh"),
    "no words": ("a.docx", lambda: body("<w:p/>"), "Không tìm thấy chữ"),
    "too long": ("a.docx", lambda: body(paragraph("chữ " * 15_000)), "nhiều nhất là 50.000"),
    "pdf of noise": ("a.pdf", lambda: b"%PDF-1.7\n" + bytes(range(256)) * 40, "bị hỏng"),
    "half a pdf": ("a.pdf", lambda: pdf(lines(["Xin chào bà con."]))[:400], "bị hỏng"),
    "pdf without pages": ("a.pdf", _no_pages, "bị hỏng"),
    "pdf whose pages hold themselves": ("a.pdf", _page_loop, "hỏng"),
    "pdf bomb": ("a.pdf", _pdf_bomb, "bị hỏng"),
    "pdf whose forms draw themselves": ("a.pdf", _form_loop, "bản chụp"),
    "pdf that is very long": ("a.pdf", lambda: pdf(*[lines(["chữ nghĩa " * 9] * 45)] * 40), "nhiều nhất là"),
    "text of two novels": ("a.txt", lambda: b"a b\n" * 4_900_000, "hơn 200.000 ký tự"),
    "page of two novels": ("a.html", lambda: b"<p>a b c d e f g h" * 1_000_000, "hơn 200.000 ký tự"),
    "program": ("a.txt", lambda: b"\x7fELF" + bytes(range(1, 32)) * 40, "không phải tệp chữ"),
    "not unicode": ("a.txt", lambda: "Ph\xf2ng ch\xf4ng".encode("latin-1"), "Unicode"),
    "broken utf-16": ("a.txt", lambda: b"\xff\xfea\0b", "Unicode"),
    "tcvn3": ("a.txt", _tcvn3, "TCVN3"),
    "vni": ("a.txt", _vni, "VNI"),
}
"""Name -> (file name, maker, words of the sentence)."""

HARMLESS: dict[str, tuple[str, Callable[[], bytes]]] = {
    "cell over a billion columns": (
        "a.docx",
        lambda: body(
            "<w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val='1000000000'/></w:tcPr>"
            f"{paragraph('Xin chào')}</w:tc><w:tc>{paragraph('bà con')}</w:tc></w:tr>"
            f"<w:tr><w:tc>{paragraph('khu phố')}</w:tc></w:tr></w:tbl>"
        ),
    ),
    "list of nowhere": (
        "a.docx",
        lambda: body(
            paragraph(
                "Xin chào",
                "<w:pPr><w:numPr><w:ilvl w:val='99'/><w:numId w:val='-7'/></w:numPr></w:pPr>",
            )
        ),
    ),
    "styles in a circle": (
        "a.docx",
        lambda: with_part(
            body(paragraph("Xin chào", "<w:pPr><w:pStyle w:val='Normal'/></w:pPr>")),
            "word/styles.xml",
            lambda xml: xml.replace(
                b'<w:name w:val="Normal"/>', b'<w:name w:val="Normal"/><w:basedOn w:val="Normal"/>'
            ),
        ),
    ),
    "names that climb": (
        "../../../etc/passwd",
        lambda: with_part(body(paragraph("Xin chào")), "../../../tmp/x", lambda _: b"x"),
    ),
    "page count of two billion": ("a.pdf", _huge_count),
    "places beyond all numbers": ("a.pdf", _strange_places),
    "tables of pdf in a circle": ("a.pdf", _xref_loop),
    "opening brackets": ("a.html", lambda: b"<p>xin ch\xc3\xa0o</p>" + b"<" * 40_000),
    "wrong name": ("a.pdf", "Xin chào bà con".encode),
}
