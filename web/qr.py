"""An address as a QR code: a phone's camera reads what nobody likes to type."""

from __future__ import annotations

import segno
from markupsafe import Markup


def qr(address: str) -> Markup:
    """Return `address` as an inline SVG, dark on light whatever stands around it."""
    code = segno.make(address, error="m", micro=False)
    drawn = code.svg_inline(scale=4, border=4, light="#fff", svgclass="qr", omitsize=True)
    return Markup(drawn)  # noqa: S704 - drawn from the address, holds none of its letters
