"""What was typed: dates in addresses, and a form's fields carried across a sign-in or an error."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlsplit

from flask import request

YEARS = 2000, 2099
"""The lunar calendar and the clock of a machine know no others."""
REVIEW = "_xem_lai"
"""A form that is posted with this field is shown again, filled, and changes nothing."""
_NEVER_KEPT = ("csrf_token", "login", "password", "new_password", "again", REVIEW, "_tiep")


def day_of(text: str) -> date | None:
    """Return the date that stands in an address; None for what is no date a station could mean."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if YEARS[0] <= day.year <= YEARS[1] else None


def kept_fields() -> list[tuple[str, str]]:
    """Return what the person typed or chose, without passwords and tokens."""
    return [pair for pair in request.form.items(multi=True) if pair[0] not in _NEVER_KEPT]


def is_review() -> bool:
    """Return True when the filled form is only to be shown again."""
    return REVIEW in request.form


def own_path(address: str | None, otherwise: str = "/") -> str:
    """Return `address` when it is a path on this station, else `otherwise`: no way out to another site."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")):
        return otherwise
    parts = urlsplit(address)
    return address if not parts.scheme and not parts.netloc and "\n" not in address else otherwise


def came_from(otherwise: str = "/") -> str:
    """Return the page of ours on which the button was pressed."""
    parts = urlsplit(request.referrer or "")
    if parts.netloc != request.host:
        return otherwise
    return own_path(parts.path + (f"?{parts.query}" if parts.query else ""), otherwise)
