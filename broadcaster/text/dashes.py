"""Dashes: "đến" between two ends, a bullet, a minus, a pause between words."""

from __future__ import annotations

import re

from broadcaster.text.amounts import NUMBER, say_number, unit_behind
from broadcaster.text.place import Piece, Place
from broadcaster.text.tables import context

NUMERIC = {
    "number",
    "quantity",
    "percent",
    "money",
    "date",
    "time",
    "month",
    "ordinal",
    "roman",
    "range",
    "date_range",
}
_MINUS = re.compile(rf"[-–−]({NUMBER})")
_COLD = re.compile(r"\s?(?:°|oC|ºC|độ|%|$|\n|,|\.|;|\))")
_SAME_HEAD = re.compile(
    rf"\s?(?P<head>{context('same_head')})\s?(?:ngày\s?)?(?=\d|[IVX]|nhật|[Hh]ai|[Bb]a|[Tt]ư|[Nn]ăm|[Ss]áu|[Bb]ảy)|\s?(?P<code>T[2-8]|CN)\b",
    re.IGNORECASE,
)
_TIME_HEADS = {"ngày", "tháng", "giờ", "hết", "năm", "thứ", "chủ nhật"}
_SEVERAL = re.compile(r"[-–>]+")
_AMOUNT = re.compile(rf"\s?({NUMBER})")
_FEAST = re.compile(r"(?:lễ|dịp|mừng|kỷ niệm)\s*(?:ngày\s*)?$")


def read_dash(place: Place, position: int) -> Piece:
    if place.text.startswith(("--", "–-", "-–", "––", "->"), position):
        several = _SEVERAL.match(place.text, position)
        return Piece(position, several.end() if several else position + 1, "mark", ",")
    if position == place.line_start:
        return _bullet_or_minus(place, position)
    if joined := _between_ends(place, position):
        return joined
    match = _MINUS.match(place.text, position)
    if match and place.text[position - 1] in " (:" and _COLD.match(place.after(match.end())):
        return _minus(place, match)
    return _hyphen(place, position)


def _between_ends(place: Place, position: int) -> Piece | None:
    """Read "đến" where both sides are ends of one stretch; two feasts side by side are none."""
    said = place.last_said()
    touching = said is not None and not place.text[said.end : position].strip(" )")
    numbers = bool(
        said and touching and said.kind in NUMERIC and _goes_to(said, place.after(position + 1), place)
    )
    if not numbers and not _joins_ends(place, position):
        return None
    if said and said.kind == "date" and _FEAST.search(place.before(said.start)) and "năm" not in said.spoken:
        return Piece(position, position + 1, "mark", ",")
    return Piece(position, position + 1, "sign", "đến", why="khoảng")


_ENDS = tuple(
    (re.compile(rf"(?<![^\W_])(?:{left})\s?$"), re.compile(rf"\s?(?:{right})(?![^\W_])", re.IGNORECASE))
    for left, right in (
        (r"thứ (?:hai|ba|tư|năm|sáu|bảy|[2-7])", r"thứ (?:hai|ba|tư|năm|sáu|bảy|[2-7])|chủ nhật|cn"),
        (r"\d{1,2} ?giờ(?: ?\d\d(?: ?phút)?)?", r"\d{1,2} ?(?:giờ|h)"),
        (
            r"\d{1,2} (?:tết|tháng chạp|tháng giêng|âm lịch)|(?:mùng|mồng) \d{1,2}",
            r"(?:ngày )?(?:mùng|mồng) \d{1,2}",
        ),
    )
)
"""What stands on both sides of a dash that means "đến", besides plain numbers."""


def _joins_ends(place: Place, position: int) -> bool:
    before, after = place.before(position, 24), place.after(position + 1)
    return any(left.search(before) and right.match(after) for left, right in _ENDS)


def _goes_to(said: Piece, after: str, place: Place) -> bool:
    """Tell whether what follows a dash is the other end of what stands before it."""
    if match := _AMOUNT.match(after):
        return said.kind != "quantity" or _same_unit(said, match, after)
    if match := _SAME_HEAD.match(after):
        head = (match["head"] or "").lower()
        is_time = said.kind in ("date", "time", "month", "ordinal", "date_range") and head in _TIME_HEADS
        return bool(match["code"]) or is_time or place.before(said.start).rstrip().endswith(head)
    return said.kind == "roman" and bool(re.match(r"\s?[IVX]+(?![^\W_])", after))


def _same_unit(said: Piece, match: re.Match[str], after: str) -> bool:
    if after[match.end() : match.end() + 1] == "/":
        return False
    unit = unit_behind(Place(after), match.end())
    return unit is None or said.spoken.endswith(unit[1])


def _hyphen(place: Place, position: int) -> Piece:
    left, right = place.text[position - 1 : position], place.text[position + 1 : position + 2]
    if left.isalnum() and right.isdigit():
        return Piece(position, position + 1, "mark", "")
    near = place.text[max(0, position - 8) : position + 9]
    chained = left.isalpha() and right.islower() and re.search(r"[^\W\d_]-[^\W\d_]+-[^\W\d_]", near)
    return Piece(position, position + 1, "mark", "" if chained else ",")


def _bullet_or_minus(place: Place, position: int) -> Piece:
    match = _MINUS.match(place.text, position)
    if match and _COLD.match(place.after(match.end())):
        return _minus(place, match)
    place.line_start = after_blanks(place, position + 1)
    return Piece(position, position + 1, "bullet", "")


def _minus(place: Place, match: re.Match[str]) -> Piece:
    unit = unit_behind(place, match.end())
    words = f" {unit[1]}" if unit else ""
    return Piece(
        match.start(), unit[2] if unit else match.end(), "quantity", f"âm {say_number(match[1])}{words}"
    )


def after_blanks(place: Place, position: int) -> int:
    while place.text[position : position + 1] in (" ", "\t"):
        position += 1
    return position
