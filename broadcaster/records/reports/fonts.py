"""The serif font on this machine in which documents are drawn: none is shipped with the program."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from reportlab.pdfbase.ttfonts import TTFError, TTFontFile

from broadcaster.errors import Refused

NO_FONT = (
    "Máy này không có phông chữ có chân nào đủ chữ Việt (Times New Roman, Tinos, Noto Serif…); "
    "trên Debian hãy cài gói fonts-croscore rồi tải lại báo cáo."
)
_LETTERS = "ăâđêôơưạảãàáậầấẩẫặằắẳẵẹẻẽèéệềếểễịỉĩìíọỏõòóộồốổỗợờớởỡụủũùúựừứửữỵỷỹỳý"
_NEEDED = frozenset(map(ord, _LETTERS + _LETTERS.upper() + "–“”…%"))
"""Liberation Serif of Debian 12 stands for Times New Roman but lacks ninety of them."""
_FAMILIES = (
    ("times.ttf", "timesbd.ttf", "timesi.ttf", "timesbi.ttf"),
    ("Times New Roman.ttf", "Times New Roman Bold.ttf", "Times New Roman Italic.ttf",
     "Times New Roman Bold Italic.ttf"),
    ("Times_New_Roman.ttf", "Times_New_Roman_Bold.ttf", "Times_New_Roman_Italic.ttf",
     "Times_New_Roman_Bold_Italic.ttf"),
    ("Tinos-Regular.ttf", "Tinos-Bold.ttf", "Tinos-Italic.ttf", "Tinos-BoldItalic.ttf"),
    ("NotoSerif-Regular.ttf", "NotoSerif-Bold.ttf", "NotoSerif-Italic.ttf", "NotoSerif-BoldItalic.ttf"),
    ("DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf", "DejaVuSerif-Italic.ttf", "DejaVuSerif-BoldItalic.ttf"),
)  # fmt: skip
"""Files of one family each, best first: regular, bold, italic, bold italic."""


@dataclass(frozen=True, slots=True)
class Family:
    regular: Path
    bold: Path
    italic: Path
    bold_italic: Path
    """The upright ones stand in where a machine has no slanted ones."""


@cache
def family() -> Family:
    """Return the best family of this machine that has every Vietnamese letter; Refused when there is none."""
    return find(tuple(folders()))


def find(places: Sequence[Path]) -> Family:
    found = _files(places)
    for regular, bold, italic, bold_italic in _FAMILIES:
        upright = [found.get(name.lower()) for name in (regular, bold)]
        if upright[0] is None or upright[1] is None or not all(_is_whole(file) for file in upright if file):
            continue
        slanted = found.get(italic.lower(), upright[0])
        return Family(upright[0], upright[1], slanted, found.get(bold_italic.lower(), upright[1]))
    raise Refused(NO_FONT)


def folders() -> Iterator[Path]:
    """Yield where Windows, Linux and macOS keep fonts."""
    for variable, below in (("WINDIR", "Fonts"), ("LOCALAPPDATA", "Microsoft/Windows/Fonts")):
        if place := os.environ.get(variable):
            yield Path(place) / below
    yield from (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
    yield from (Path.home() / ".local/share/fonts", Path.home() / ".fonts")
    yield from (Path("/Library/Fonts"), Path("/System/Library/Fonts"))


def _files(places: Sequence[Path]) -> dict[str, Path]:
    wanted = {name.lower() for names in _FAMILIES for name in names}
    found: dict[str, Path] = {}
    for place in places:
        for folder, _, names in os.walk(place):
            for name in wanted.intersection(map(str.lower, names)):
                exact = next(each for each in names if each.lower() == name)
                found.setdefault(name, Path(folder) / exact)
    return found


def _is_whole(file: Path) -> bool:
    try:
        return _NEEDED.issubset(TTFontFile(str(file)).charToGlyph)
    except (TTFError, OSError):
        return False
