"""Which of the waiting bulletins a programme takes, part by part, within its longest length.

Fixed parts (opening words, a relay, closing words) have their room first. The wishes of a part come by kind
(TT 39/2020/TT-BTTTT: priority before routine), then by the officer's own order, then by age; one that does
not fit is left for another programme, and a shorter one behind it may still use the room.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from schedules.priority import Priority
from schedules.rundown import GAP_S


class LeftOut(StrEnum):
    """Why a wish has no place in this occurrence of a programme."""

    NO_ROOM = "no_room"
    """What is taken before it leaves too little of the programme's length."""
    NO_ROOM_IN_PART = "no_room_in_part"
    """The part it belongs to is full; the programme itself is not."""
    TOO_LONG = "too_long"
    """It is longer than the programme could ever hold beside its fixed parts."""
    NO_PART = "no_part"
    """No part of the programme takes such a bulletin."""


@dataclass(frozen=True, slots=True)
class Part:
    """A place in the order of a programme."""

    key: str
    longest_s: float = float("inf")
    """What it may take in all; the length itself for a fixed part."""
    is_fixed: bool = False
    """It always sounds, whatever waits: its length is set aside first."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A bulletin that asks to be in a programme."""

    key: str
    parts: tuple[str, ...]
    """Keys of the parts that take it, the best first."""
    length_s: float
    priority: Priority
    position: int
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Placed:
    wish: Wish
    part: str


@dataclass(frozen=True, slots=True)
class Left:
    wish: Wish
    why: LeftOut
    missing_s: float = 0.0
    """How much shorter it, or what is before it, would have to be."""


@dataclass(frozen=True, slots=True)
class Filled:
    placed: tuple[Placed, ...]
    """By the order of the parts, then by turn."""
    left: tuple[Left, ...]
    """By turn."""
    seconds: float
    """Length of the whole occurrence, gaps between its parts included."""


def fill(parts: Sequence[Part], wishes: Iterable[Wish], longest_s: float) -> Filled:
    """Return what one occurrence of a programme of at most `longest_s` sounds, and what waits on.

    Keys are unique. Deterministic: the same wishes in any order give the same answer.
    """
    frame = _Frame(parts, longest_s)
    for wish in sorted(wishes, key=_turn):
        frame.take(wish)
    order = {part.key: place for place, part in enumerate(parts)}
    placed = sorted(frame.placed, key=lambda each: order[each.part])
    return Filled(tuple(placed), tuple(frame.left), max(0.0, frame.used_s - GAP_S))


def _turn(wish: Wish) -> tuple[int, int, datetime, str]:
    return -wish.priority, wish.position, wish.asked_at, wish.key


class _Frame:
    """The room of one occurrence while it is given away; each sound counts with the gap behind it."""

    def __init__(self, parts: Sequence[Part], longest_s: float) -> None:
        self._longest_s = longest_s + GAP_S
        self._room_s = {part.key: part.longest_s + GAP_S for part in parts if not part.is_fixed}
        self._fixed_s = sum(part.longest_s + GAP_S for part in parts if part.is_fixed)
        self.used_s = self._fixed_s
        self.placed: list[Placed] = []
        self.left: list[Left] = []

    def take(self, wish: Wish) -> None:
        found = self._part_for(wish)
        if isinstance(found, Left):
            self.left.append(found)
            return
        needed_s = wish.length_s + GAP_S
        self._room_s[found] -= needed_s
        self.used_s += needed_s
        self.placed.append(Placed(wish, found))

    def _part_for(self, wish: Wish) -> str | Left:
        needed_s = wish.length_s + GAP_S
        keys = [key for key in wish.parts if key in self._room_s]
        if not keys:
            return Left(wish, LeftOut.NO_PART)
        if self._fixed_s + needed_s > self._longest_s:
            return Left(wish, LeftOut.TOO_LONG, self._fixed_s + needed_s - self._longest_s)
        if self.used_s + needed_s > self._longest_s:
            return Left(wish, LeftOut.NO_ROOM, self.used_s + needed_s - self._longest_s)
        missing_s = min(needed_s - self._room_s[key] for key in keys)
        roomy = (key for key in keys if self._room_s[key] >= needed_s)
        return next(roomy, Left(wish, LeftOut.NO_ROOM_IN_PART, missing_s))
