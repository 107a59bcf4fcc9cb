"""Tables of Word files, written as XML: python-docx takes many times as long for one of a thousand rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from broadcaster.records.office_xml import escaped

NAMESPACE = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
CLOSING = "</w:tbl>"
_TWIPS_PER_MM = 1440 / 25.4
_BORDERS = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)
_MARGINS = '<w:left w:w="70" w:type="dxa"/><w:right w:w="70" w:type="dxa"/>'


class Column(NamedTuple):
    width_mm: float
    stands_right: bool = False


@dataclass(frozen=True, slots=True)
class WordTable:
    """Gives the XML of a table piece by piece: `opening()`, rows, `CLOSING`."""

    columns: Sequence[Column]
    style: str
    """Which paragraph style of the document its cells have."""

    def opening(self, about: str) -> str:
        """Return it up to its first row; `about` is read to those who cannot see it."""
        widths = [round(column.width_mm * _TWIPS_PER_MM) for column in self.columns]
        grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
        about = escaped(about).replace('"', "&quot;")
        return (
            f'<w:tbl {NAMESPACE}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/><w:jc w:val="center"/>'
            f'<w:tblBorders>{_BORDERS}</w:tblBorders><w:tblLayout w:type="fixed"/>'
            f'<w:tblCellMar>{_MARGINS}</w:tblCellMar><w:tblLook w:val="0020" w:firstRow="1"/>'
            f'<w:tblCaption w:val="{about}"/></w:tblPr><w:tblGrid>{grid}</w:tblGrid>'
        )

    def heading(self, cells: Sequence[str]) -> str:
        """Return the row that stands on top of every page."""
        row = "".join(self._cell(cell, "center", is_bold=True, is_heading=True) for cell in cells)
        return f"<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>{row}</w:tr>"

    def row(self, cells: Sequence[str], *, is_bold: bool = False, stays_with_next: bool = False) -> str:
        row = "".join(
            self._cell(cell, "right" if column.stands_right else "", is_bold=is_bold, stays=stays_with_next)
            for cell, column in zip(cells, self.columns, strict=True)
        )
        return f"<w:tr><w:trPr><w:cantSplit/></w:trPr>{row}</w:tr>"

    def _cell(
        self, text: str, side: str, *, is_bold: bool, is_heading: bool = False, stays: bool = False
    ) -> str:
        fill = '<w:shd w:val="clear" w:color="auto" w:fill="E7ECF2"/>' if is_heading else ""
        keep = "<w:keepNext/>" if is_heading or stays else ""
        align = f'<w:jc w:val="{side}"/>' if side else ""
        weight = "<w:rPr><w:b/></w:rPr>" if is_bold else ""
        return (
            f'<w:tc><w:tcPr>{fill}<w:vAlign w:val="center"/></w:tcPr>'
            f'<w:p><w:pPr><w:pStyle w:val="{self.style}"/>{keep}{align}</w:pPr>'
            f'<w:r>{weight}<w:t xml:space="preserve">{escaped(text)}</w:t></w:r></w:p></w:tc>'
        )
