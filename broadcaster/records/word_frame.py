"""An empty Word file as an office in Viet Nam sets it: A4, Times New Roman, Vietnamese, page numbers on top.

Sizes and margins: Nghị định 30/2020/NĐ-CP, Phụ lục I, phần I.
"""

from __future__ import annotations

from datetime import datetime

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm, Pt, RGBColor
from docx.styles.style import ParagraphStyle
from docx.text.paragraph import Paragraph

from broadcaster.records.office_xml import plain
from schedules.clock import LOCAL

FONT = "Times New Roman"
TEXT_PT, TABLE_PT = 14, 12
TOP_MM, BOTTOM_MM, LEFT_MM, RIGHT_MM = 20, 20, 30, 20
TEXT_MM = 210 - LEFT_MM - RIGHT_MM
INDENT_MM = 10
IN_TABLE = "Chữ trong bảng"
_THUMBNAIL = "http://schemas.openxmlformats.org/package/2006/relationships/metadata/thumbnail"


def new(title: str, author: str, made_at: datetime) -> WordDocument:
    """Return a document without text; its `IN_TABLE` style is for cells."""
    document = Document()
    _set_page(document.sections[0])
    _set_styles(document)
    _set_properties(document, title, author, made_at)
    return document


def in_table(document: WordDocument) -> str:
    """Return the name under which paragraphs in XML find the style `IN_TABLE`."""
    name: str = document.styles[IN_TABLE].style_id
    return name


def _set_page(section: Section) -> None:
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(TOP_MM), Mm(BOTTOM_MM)
    section.left_margin, section.right_margin = Mm(LEFT_MM), Mm(RIGHT_MM)
    section.header_distance = section.footer_distance = Mm(10)
    section.different_first_page_header_footer = True
    paragraph = section.header.paragraphs[0]
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    number_page(paragraph)


def number_page(paragraph: Paragraph) -> None:
    """Write the number of the page, as a field that Word fills in."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), "PAGE")
    paragraph._p.append(field)


def _set_styles(document: WordDocument) -> None:
    normal = document.styles["Normal"]
    _set_font(normal, TEXT_PT)
    layout = normal.paragraph_format
    layout.space_before, layout.space_after, layout.line_spacing = Pt(0), Pt(6), 1.1
    layout.widow_control = True
    _speak_vietnamese(document)
    for level, slanted in ((1, False), (2, False), (3, True)):
        style = document.styles[f"Heading {level}"]
        _set_font(style, TEXT_PT, is_bold=True, is_slanted=slanted)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(8), Pt(4)
        style.paragraph_format.first_line_indent = Mm(INDENT_MM)
    caption = document.styles["Caption"]
    _set_font(caption, TABLE_PT + 1, is_bold=True)
    caption.paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    caption.paragraph_format.space_before, caption.paragraph_format.space_after = Pt(8), Pt(4)
    caption.paragraph_format.keep_with_next = True
    _set_font(document.styles["Header"], TEXT_PT)
    cells = document.styles.add_style(IN_TABLE, WD_STYLE_TYPE.PARAGRAPH)
    cells.base_style = normal
    cells.font.size = Pt(TABLE_PT)
    tight = cells.paragraph_format
    tight.space_before, tight.space_after, tight.line_spacing = Pt(2), Pt(2), 1.0


def _set_font(
    style: ParagraphStyle, size_pt: int, *, is_bold: bool = False, is_slanted: bool = False
) -> None:
    """Say the font for every script: the template's headings follow a theme in blue Calibri."""
    font = style.font
    font.name, font.size, font.bold, font.italic = FONT, Pt(size_pt), is_bold, is_slanted
    font.color.rgb = RGBColor(0, 0, 0)
    names = style.element.rPr.rFonts
    for each in [key for key in names.attrib if key.endswith("Theme")]:
        del names.attrib[each]
    for script in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
        names.set(qn(script), FONT)


def _speak_vietnamese(document: WordDocument) -> None:
    properties = document.styles.element.find(f"{qn('w:docDefaults')}/{qn('w:rPrDefault')}/{qn('w:rPr')}")
    language = properties.find(qn("w:lang"))
    for script in ("w:val", "w:eastAsia"):
        language.set(qn(script), "vi-VN")


def _set_properties(document: WordDocument, title: str, author: str, made_at: datetime) -> None:
    about = document.core_properties
    about.title, about.author, about.last_modified_by = plain(title)[:255], plain(author)[:255], ""
    about.subject = about.comments = about.keywords = ""
    about.language = "vi-VN"
    about.created = about.modified = made_at.astimezone(LOCAL).replace(tzinfo=None)
    package = document.part.package
    for key in [key for key, each in package.rels.items() if each.reltype == _THUMBNAIL]:
        del package.rels[key]
