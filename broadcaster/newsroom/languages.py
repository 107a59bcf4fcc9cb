"""Languages that a station broadcasts in: essential information is heard in those of local minorities too.

Source: Nghị định 49/2024/NĐ-CP on grassroots information. Codes are ISO 639, the shortest there is.
"""

from __future__ import annotations

VIETNAMESE = "vi"
LANGUAGES: dict[str, str] = {
    VIETNAMESE: "Tiếng Việt",
    "tyz": "Tiếng Tày",
    "blt": "Tiếng Thái",
    "mtq": "Tiếng Mường",
    "km": "Tiếng Khmer",
    "hmn": "Tiếng Hmông",
    "nut": "Tiếng Nùng",
    "ium": "Tiếng Dao",
    "jra": "Tiếng Gia Rai",
    "rad": "Tiếng Ê Đê",
    "bdq": "Tiếng Ba Na",
    "cjm": "Tiếng Chăm",
    "yue": "Tiếng Hoa",
    "kpm": "Tiếng Cơ Ho",
    "sed": "Tiếng Xơ Đăng",
    "mlc": "Tiếng Cao Lan (Sán Chay)",
    "hre": "Tiếng Hrê",
    "roc": "Tiếng Raglai",
    "cmo": "Tiếng Mnông",
    "sti": "Tiếng Xtiêng",
    "bru": "Tiếng Bru – Vân Kiều",
    "ktv": "Tiếng Cơ Tu",
    "jeh": "Tiếng Giẻ – Triêng",
    "pcc": "Tiếng Giáy",
    "cma": "Tiếng Mạ",
    "kjg": "Tiếng Khơ Mú",
    "crw": "Tiếng Chơ Ro",
    "en": "Tiếng Anh",
    "mis": "Tiếng khác",
}
"""The station's own first, then by the number of those who speak it."""


def name_of(code: str) -> str:
    return LANGUAGES.get(code, code)
