"""Text inside the XML of Word and Excel files."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def plain(text: str) -> str:
    """Return `text` without signs that XML 1.0 forbids (section 2.2): a single one spoils the whole file."""
    return _NOT_XML.sub("", text)


def escaped(text: str) -> str:
    return escape(plain(text))
