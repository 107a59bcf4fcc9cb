"""How a changed word looks and what it is called: six groups of classes, each with a colour and a line."""

from __future__ import annotations

from broadcaster.text import Certainty, Token
from broadcaster.text.slips import Slip

PAUSES = frozenset(",.;:?!…")
GROUPS: dict[str, tuple[str, dict[str, str]]] = {
    "number": (
        "số, số đo, tiền",
        {
            "number": "số", "digits": "dãy số", "ordinal": "số thứ tự", "percent": "phần trăm",
            "quantity": "số đo", "unit": "đơn vị đo", "money": "số tiền", "rate": "mức tính theo đơn vị",
            "range": "khoảng", "ratio": "tỷ lệ", "fraction": "phân số", "score": "tỷ số", "roman": "số La Mã",
            "list": "số mục",
        },
    ),
    "time": (
        "ngày, giờ",
        {"date": "ngày tháng", "date_range": "khoảng ngày", "month": "tháng", "time": "giờ"},
    ),
    "short": (
        "chữ viết tắt",
        {"abbreviation": "chữ viết tắt", "defined": "chữ tắt đã giải thích", "letter": "chữ cái"},
    ),
    "code": (
        "số hiệu, điện thoại, ký hiệu",
        {
            "document": "số hiệu văn bản", "phone": "số điện thoại", "plate": "biển số", "address": "địa chỉ",
            "sign": "ký hiệu",
        },
    ),
    "foreign": (
        "từ nước ngoài, địa chỉ mạng",
        {
            "foreign": "từ lạ", "loan": "từ mượn", "url": "địa chỉ mạng", "mail": "địa chỉ thư",
            "email": "địa chỉ thư",
        },
    ),
    "own": ("cách đọc do người chọn", {"decided": "người soạn đã chọn"}),
}  # fmt: skip
LEGEND = {group: words for group, (words, _) in GROUPS.items()}
_GROUP_OF = {kind: group for group, (_, kinds) in GROUPS.items() for kind in kinds}
_WORDS = {kind: words for _, kinds in GROUPS.values() for kind, words in kinds.items()}


def look(token: Token) -> str:
    """Return the group whose colour `token` wears; `silent` for words left unsaid, "" for unchanged ones."""
    if token.certainty is Certainty.UNSURE:
        return group(token)
    said = token.spoken.strip()
    if not said:
        return "silent" if any(letter.isalnum() for letter in token.written) else ""
    return "" if said in PAUSES or said.lower() == token.written.lower() else group(token)


def group(token: Token) -> str:
    return _GROUP_OF.get(token.kind, "code")


def certainty(token: Token) -> str:
    """Return "" for what is sure, else the class by which it stands out."""
    return "" if token.certainty is Certainty.SURE else str(token.certainty)


def about(token: Token) -> str:
    """Return in words why it is read so: the reader's reason, else what kind of thing it is."""
    return token.why or _WORDS.get(token.kind, "")


def slip_words(slip: Slip) -> str:
    """Return the hint at a slip of the pen: what it may be, and what was perhaps meant."""
    return f"{slip.why}: “{slip.hint}”?" if slip.hint else slip.why
