"""What a newsreader leaves out of an official document or a web page: proposed with its reason.

The head and foot of a document follow the form of Nghị định 30/2020/NĐ-CP, Phụ lục I: nation and office,
number, place and date; recipients, powers and title of who signs, name. What web pages bring along is told
line by line by the text room.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from broadcaster.newsroom.importing.lines import is_capital
from broadcaster.newsroom.importing.values import Block, BlockKind
from broadcaster.text.debris import find_debris

NATION = "quốc hiệu, tiêu ngữ"
OFFICE = "tên cơ quan ở đầu văn bản"
NUMBER = "số, ký hiệu văn bản"
PLACE_AND_DATE = "địa danh, ngày ban hành ở đầu văn bản"
RULE = "đường kẻ"
RECIPIENTS = "phần “Nơi nhận”"
SIGNATURE = "phần ký tên, đóng dấu"
DIGITAL_SIGNATURE = "thông tin chữ ký số"
STAMP = "dấu đóng trên văn bản"
END_MARK = "dấu hết văn bản"
TOOLBAR = "nút cỡ chữ, in, nghe của trang mạng"

_UPPER = "A-ZĐÀÁÂÃÈÉÊÌÍÒÓÔÕÙÚÝĂĨŨƠƯ" + "".join(map(chr, range(0x1EA0, 0x1EFA, 2)))
"""In U+1EA0–1EF9 capital and small letters take turns, so no range of them will do."""
_MOTTO = r"Độc lập\W+Tự do\W+Hạnh phúc"
_SIGNED_BY = r"Người ký|Ký bởi|Signature Not Verified|Digitally signed by"
_LINES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(rf"CỘNG H(?:ÒA|OÀ) XÃ HỘI CHỦ NGHĨA VIỆT NAM(?:\W+{_MOTTO})?\W*", re.I), NATION),
    (re.compile(rf"{_MOTTO}\W*", re.I), NATION),
    (re.compile(r"ĐẢNG CỘNG SẢN VIỆT NAM\W*"), NATION),
    (re.compile(r"(?:[-_=*~.•–—…]\s*){3,80}"), RULE),
    (re.compile(r"[-–—_.*o0O]{3,20}"), RULE),
    (re.compile(r"\.?/\.?/?\.?"), END_MARK),
    (re.compile(r"Số\s*:?\s*[\d.…]{0,12}\s*[-/]\s*[\w/.&-]*[A-ZĐ]{2}[\w/.&-]*"), NUMBER),
    (re.compile(r"[^\d\n;:]{2,60},\s*ngày\s*[\d.… ]*tháng\s*[\d.… ]*năm\s*[\d.…]{2,}"), PLACE_AND_DATE),
    (re.compile(rf"(?:{_SIGNED_BY})\b.{{0,200}}"), DIGITAL_SIGNATURE),
    (re.compile(r"(?:Cơ quan|Thời gian ký|Ngày ký|Email)\s*:.{0,120}"), DIGITAL_SIGNATURE),
    (re.compile(r"(?:CÔNG VĂN |DẤU )?ĐẾN(?:\s+(?:Số|Ngày|Giờ)\s*:?.{0,60})?"), STAMP),
    (re.compile(r"SAO Y(?: BẢN CHÍNH)?|HỎA TỐC|(?:THƯỢNG )?KHẨN"), STAMP),
    (
        re.compile(
            r"(?:Cỡ chữ|Font size|Tương phản|Đọc bài viết|Nghe bài viết|In bài viết)\s*:?.{0,80}", re.I
        ),
        TOOLBAR,
    ),
)
_ONLY_TOGETHER = {PLACE_AND_DATE: (NATION, NUMBER), DIGITAL_SIGNATURE: (DIGITAL_SIGNATURE,)}
"""A place with a date may open a news item too, and "Email:" may be an address for the listener."""
_HEAD_BLOCKS = 14
_OFFICE = re.compile(
    r"(?:ỦY BAN|UỶ BAN|UBND|HĐND|HỘI ĐỒNG|ĐẢNG (?:ỦY|UỶ|BỘ)|SỞ|PHÒNG|TRẠM|CÔNG AN|BỘ|BAN|TRUNG TÂM|MẶT TRẬN|"
    r"UBMTTQ|HỘI|ĐOÀN|VĂN PHÒNG|CHI CỤC|CỤC|BẢO HIỂM|ĐIỆN LỰC|CÔNG TY|TRƯỜNG|KHU PHỐ|TỔ DÂN PHỐ|THÔN|ẤP|TỈNH|"
    r"THÀNH PHỐ|HUYỆN|QUẬN|THỊ XÃ|THỊ TRẤN|PHƯỜNG|XÃ|CHÍNH PHỦ|THỦ TƯỚNG)(?!\w)"
)
_RECIPIENTS = re.compile(r"(?:Nơi|NƠI) (?:nhận|gửi|NHẬN|GỬI)\s*(?::|$)")
_SIGNS_FOR = re.compile(rf"(?:(?:TM|KT|TL|TUQ|T/M)\s*\.\s*[{_UPPER}]|Q\.\s*[{_UPPER}]{{2}})")
_SIGNED = re.compile(r"\(?\s*(?:đã ký|ký tên|ký,|ký và ghi|chữ ký|đóng dấu)", re.IGNORECASE)
_TITLE = re.compile(
    r"(?:Q\. ?)?(?:PHÓ )?(?:CHỦ TỊCH|GIÁM ĐỐC|BÍ THƯ|CHÁNH VĂN PHÒNG|HIỆU TRƯỞNG|TỔ TRƯỞNG|THỦ TRƯỞNG|"
    r"TRƯỞNG (?:BAN|PHÒNG|CÔNG AN|TRẠM|KHU PHỐ|THÔN|ẤP)|NGƯỜI (?:LẬP|VIẾT|KÝ|SOẠN))(?:\s[\w ,-]{0,60})?"
)
_NAME = re.compile(rf"(?:(?:ThS|TS|BS|CN|KS)\.\s?)?(?:[{_UPPER}][^\W\d{_UPPER}]{{0,6}}(?:\s|$)){{2,5}}")
_APPENDIX = re.compile(r"(?:PHỤ LỤC|Phụ lục|DANH SÁCH|BIỂU MẪU|Mẫu số)\b")
_LONGEST_FOOT = 110


def proposed(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks with a reason at each that a newsreader leaves out; reasons given before stay."""
    reasons = [block.leave_out or _whole_reason(block.text) for block in blocks]
    _mark_head(blocks, reasons)
    _mark_foot(blocks, reasons)
    _mark_web(blocks, reasons)
    return [_with(block, reason) for block, reason in zip(blocks, reasons, strict=True)]


def _with(block: Block, reason: str) -> Block:
    is_debris = reason and block.kind is not BlockKind.CAPTION
    return replace(block, leave_out=reason, kind=BlockKind.DEBRIS if is_debris else block.kind)


def _whole_reason(text: str) -> str:
    """Return why this text is no news by itself; each of its lines must be of such a kind."""
    reasons = [_line_reason(line) for line in text.split("\n")]
    return reasons[0] if all(reasons) else ""


def _line_reason(line: str) -> str:
    return next((reason for pattern, reason in _LINES if len(line) < 300 and pattern.fullmatch(line)), "")


def _mark_head(blocks: Sequence[Block], reasons: list[str]) -> None:
    """Names of offices above the last line of a letterhead belong to it; without one nothing does."""
    for number, reason in enumerate(reasons):
        partners = _ONLY_TOGETHER.get(reason, ())
        near = reasons[max(0, number - 5) : number] + reasons[number + 1 : number + 6]
        stands_alone = re.match(_SIGNED_BY, blocks[number].text)
        if partners and not stands_alone and not set(partners) & set(near):
            reasons[number] = ""
    head = [
        number
        for number, reason in enumerate(reasons[:_HEAD_BLOCKS])
        if reason in (NATION, NUMBER, PLACE_AND_DATE)
    ]
    for number in range(max(head, default=-1) + 1):
        if not reasons[number] and is_capital(blocks[number].text) and _OFFICE.match(blocks[number].text):
            reasons[number] = OFFICE


def _mark_foot(blocks: Sequence[Block], reasons: list[str]) -> None:
    """From "Nơi nhận" or a signature on, what is short belongs to the foot, up to an appendix."""
    part = ""
    for number, block in enumerate(blocks):
        text = block.text
        if reasons[number] and reasons[number] not in (STAMP, NATION):
            continue
        if len(text) > _LONGEST_FOOT or _APPENDIX.match(text):
            part = ""
        elif _RECIPIENTS.match(text):
            part = RECIPIENTS
        elif _begins_signature(blocks, number, part):
            part = SIGNATURE
        elif part == SIGNATURE and not _is_of_signature(text):
            part = ""
        reasons[number] = reasons[number] or part


def _begins_signature(blocks: Sequence[Block], number: int, part: str) -> bool:
    text = blocks[number].text
    if _SIGNS_FOR.match(text) or _SIGNED.match(text):
        return True
    if not _TITLE.fullmatch(text.split("\n")[0]):
        return False
    following = [block.text for block in blocks[number + 1 : number + 4]]
    return bool(part) or any(_SIGNED.match(each) or _NAME.fullmatch(each) for each in following)


def _is_of_signature(text: str) -> bool:
    return bool(
        _NAME.fullmatch(text)
        or _TITLE.match(text)
        or _SIGNED.match(text)
        or is_capital(text)
        or text[0] in "-("
    )


def _mark_web(blocks: Sequence[Block], reasons: list[str]) -> None:
    """Ask the text room about the rest, line by line; a block goes when all of its lines do."""
    rest = [number for number, reason in enumerate(reasons) if not reason]
    found = {each.start: each for each in find_debris("\n".join(blocks[number].text for number in rest))}
    position = 0
    for number in rest:
        whys = []
        for line in blocks[number].text.split("\n"):
            whys.append(found[position].why if position in found else "")
            position += len(line) + 1
        reasons[number] = whys[0] if all(whys) else ""
