"""Word and PDF files as offices send them, and as nobody should: made here, never kept."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence

import docx
from docx.document import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DecodedStreamObject, DictionaryObject, NameObject, NumberObject

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def saved(document: Document) -> bytes:
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def word(fill: Callable[[Document], object]) -> bytes:
    document = docx.Document()
    fill(document)
    return saved(document)


def with_part(content: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return the archive with one member changed (made when it was missing)."""
    stream, source = io.BytesIO(), zipfile.ZipFile(io.BytesIO(content))
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for member in source.namelist():
            if member != name:
                target.writestr(member, source.read(member))
        target.writestr(name, change(source.read(name) if name in source.namelist() else b""))
    return stream.getvalue()


def body(xml: str) -> bytes:
    """Return a document whose body is this WordprocessingML."""
    whole = (
        f'<w:document xmlns:w="{W}" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
        f'xmlns:v="urn:schemas-microsoft-com:vml"><w:body>{xml}</w:body></w:document>'
    )
    return with_part(word(lambda _: None), "word/document.xml", lambda _: whole.encode())


def paragraph(text: str, properties: str = "") -> str:
    return f'<w:p>{properties}<w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def official_letter() -> bytes:
    """A notice with everything around it that the form of official documents asks for."""
    return word(_fill_official_letter)


def _fill_official_letter(document: Document) -> None:
    document.sections[0].header.paragraphs[0].text = "Thông báo lịch tiêm chủng tháng 5"
    document.sections[0].footer.paragraphs[0].text = "Trang 1/2"
    head = document.add_table(rows=2, cols=2)
    head.cell(0, 0).text = "ỦY BAN NHÂN DÂN\nPHƯỜNG TÂN MINH"
    head.cell(0, 1).text = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc"
    head.cell(1, 0).text = "Số: 12/TB-UBND"
    head.cell(1, 1).text = "Tân Minh, ngày 05 tháng 5 năm 2024"
    document.add_heading("THÔNG BÁO", 1)
    document.add_paragraph("Về việc tiêm chủng mở rộng tháng 5 năm 2024.")
    document.add_heading("Thời gian và địa điểm", 2)
    document.add_paragraph("Trẻ từ 2 đến 18 tháng tuổi;", style="List Bullet")
    document.add_paragraph("Phụ nữ mang thai.", style="List Bullet")
    document.add_paragraph("Mang theo sổ tiêm chủng.", style="List Number")
    document.add_paragraph("Đeo khẩu trang.", style="List Number")
    table = document.add_table(rows=1, cols=3)
    for cell, text in zip(table.rows[0].cells, ("STT", "Khu phố", "Giờ tiêm"), strict=True):
        cell.text = text
    for values in (("1", "Khu phố 1", "7h30"), ("2", "Khu phố 2", "9h00")):
        for cell, text in zip(table.add_row().cells, values, strict=True):
            cell.text = text
    document.add_paragraph("Kính mong bà con đến đúng giờ./.")
    foot = document.add_table(rows=1, cols=2)
    foot.cell(0, 0).text = "Nơi nhận:\n- Như trên;\n- Lưu: VT."
    foot.cell(0, 1).text = "TM. ỦY BAN NHÂN DÂN\nKT. CHỦ TỊCH\nPHÓ CHỦ TỊCH\n(Đã ký)\nLê Thị Hoa"


def numbered(document: Document, marks: Sequence[tuple[str, str]]) -> int:
    """Add a list whose levels have (format, text) of `marks`; returns its number."""
    numbering = document.part.numbering_part.element
    abstract = OxmlElement("w:abstractNum")
    abstract.set(qn("w:abstractNumId"), "90")
    for level, (kind, text) in enumerate(marks):
        shape = OxmlElement("w:lvl")
        shape.set(qn("w:ilvl"), str(level))
        for tag, value in (("w:start", "1"), ("w:numFmt", kind), ("w:lvlText", text)):
            child = OxmlElement(tag)
            child.set(qn("w:val"), value)
            shape.append(child)
        abstract.append(shape)
    numbering.insert(0, abstract)
    return int(numbering.add_num(90).numId)


def listed(document: Document, text: str, number: int, level: int = 0) -> None:
    properties = document.add_paragraph(text)._p.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_numId().val = number
    properties.get_or_add_ilvl().val = level


Placed = tuple[float, float, str]
"""(x, y upwards, text) in points."""


def pdf(*pages: Sequence[Placed], size: float = 12.0) -> bytes:
    """Return a PDF with a two-byte font and a map to Unicode, as Word writes it."""
    return bytes_of(pdf_writer(*pages, size=size))


def pdf_writer(*pages: Sequence[Placed], size: float = 12.0) -> PdfWriter:
    writer = PdfWriter()
    letters = sorted({letter for page in pages for _, _, text in page for letter in text})
    font = writer._add_object(_font(writer, letters))
    codes = {letter: f"{number:04X}" for number, letter in enumerate(letters, 1)}
    for placed in pages:
        page = writer.add_blank_page(595, 842)
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
        )
        shown = [
            f"BT /F1 {size} Tf 1 0 0 1 {x} {y} Tm <{''.join(codes[each] for each in text)}> Tj ET"
            for x, y, text in placed
        ]
        page[NameObject("/Contents")] = writer._add_object(stream("\n".join(shown).encode()))
    return writer


def bytes_of(writer: PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def stream(content: bytes) -> DecodedStreamObject:
    made = DecodedStreamObject()
    made.set_data(content)
    return made


def _font(writer: PdfWriter, letters: Sequence[str]) -> DictionaryObject:
    rows = "\n".join(
        f"<{number:04X}> <{letter.encode('utf-16-be').hex().upper()}>"
        for number, letter in enumerate(letters, 1)
    )
    to_unicode = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def "
        "1 begincodespacerange <0000> <FFFF> endcodespacerange "
        f"{len(letters)} beginbfchar\n{rows}\nendbfchar endcmap end end"
    )
    name = NameObject
    descendant = DictionaryObject(
        {
            name("/Type"): name("/Font"),
            name("/Subtype"): name("/CIDFontType2"),
            name("/BaseFont"): name("/Ward"),
            name("/DW"): NumberObject(480),
        }
    )
    return DictionaryObject(
        {
            name("/Type"): name("/Font"),
            name("/Subtype"): name("/Type0"),
            name("/BaseFont"): name("/Ward"),
            name("/Encoding"): name("/Identity-H"),
            name("/DescendantFonts"): ArrayObject([descendant]),
            name("/ToUnicode"): writer._add_object(stream(to_unicode.encode())),
        }
    )


def lines(texts: Sequence[str], top: float = 760.0, x: float = 72.0, step: float = 16.0) -> list[Placed]:
    """Return lines one below the other; an empty text leaves a line free."""
    return [(x, top - number * step, text) for number, text in enumerate(texts) if text]


def rewritten(content: bytes) -> PdfWriter:
    return PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
