"""What a column of an exported table holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any


class Form(Enum):
    """The value is how a spreadsheet shows it."""

    TEXT = "@"
    WHOLE = "0"
    TENTHS = "#,##0.0"
    DAY = "dd/mm/yyyy"
    MOMENT = "dd/mm/yyyy hh:mm:ss"


@dataclass(frozen=True, slots=True)
class Column:
    heading: str
    form: Form
    width: float
    """In characters."""
    read: Callable[[Any], Any]
    """Of a row: text, number, aware datetime (also for a day) or None, as `form` says."""
