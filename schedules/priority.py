"""Which broadcast goes first, and which may break into another."""

from __future__ import annotations

from enum import IntEnum


class Priority(IntEnum):
    """The three kinds of bulletin, lowest first (Thông tư 39/2020/TT-BTTTT, Điều 3)."""

    ROUTINE = 0
    PRIORITY = 1
    EMERGENCY = 2


def may_interrupt(new: Priority, current: Priority) -> bool:
    """Return whether `new` may cut `current` off: only an emergency may, and never another emergency."""
    return new is Priority.EMERGENCY and current is not Priority.EMERGENCY
