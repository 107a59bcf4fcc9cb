"""The words that a station puts around its figures: a fact of the station, with places to be filled."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime

from sqlalchemy.orm import Session

from broadcaster.errors import Invalid
from broadcaster.records.reports.period import Period
from broadcaster.store import facts

_PLACE = re.compile(r"\{([^{}\n]*)\}")
LONGEST = 8000
"""Characters in one part."""


@dataclass(frozen=True, slots=True)
class Template:
    """Texts with places such as {số tin}; each line of a part becomes a paragraph."""

    parent_body: str = ""
    """Empty: no line above the station's own name."""
    body: str = "{TÊN ĐÀI}"
    number: str = "Số:        /BC-ĐTT"
    place: str = "…………"
    title: str = "BÁO CÁO"
    subject: str = "Kết quả hoạt động truyền thanh cơ sở {kỳ}"
    opening: str = (
        "Thực hiện nhiệm vụ thông tin, tuyên truyền trên hệ thống truyền thanh cơ sở, {tên đài} báo cáo "
        "kết quả hoạt động {kỳ} ({khoảng ngày}) như sau:"
    )
    results: str = (
        "1. Số lượng: {đầu câu kỳ}, đài đã phát {số tin} tin, bài với {số lượt} lượt phát trên loa; tổng "
        "thời lượng {thời lượng}.\n"
        "2. Nội dung: {theo chủ đề}.\n"
        "3. Thực hiện lịch phát: {câu lịch phát}\n"
        "4. Thực hiện kế hoạch tuyên truyền: {câu kế hoạch}\n"
        "5. Thông tin khẩn cấp: {câu khẩn cấp}\n"
        "6. So sánh: {câu so sánh}"
    )
    assessment: str = "{câu đánh giá}\n{câu ngừng phát}"
    proposals: str = (
        "{câu khắc phục}\n"
        "Đề nghị các ngành, đoàn thể, khu dân cư phối hợp cung cấp tin, bài kịp thời để phát trên hệ thống "
        "truyền thanh cơ sở."
    )
    closing: str = "Trên đây là báo cáo kết quả hoạt động truyền thanh cơ sở {kỳ} của {tên đài}./."
    recipients: str = "Ủy ban nhân dân xã, phường (để báo cáo)\nLưu: VT."
    authority: str = ""
    position: str = "PHỤ TRÁCH ĐÀI"
    signer: str = ""


PARTS = tuple(each.name for each in fields(Template))
SECTIONS: dict[str, str] = {
    "opening": "",
    "results": "I. KẾT QUẢ HOẠT ĐỘNG",
    "assessment": "II. ĐÁNH GIÁ",
    "proposals": "III. ĐỀ XUẤT, KIẾN NGHỊ",
    "closing": "",
}
"""Parts that make up the text itself, in order, with their headings."""
LABELS: dict[str, str] = {
    "parent_body": "Tên cơ quan chủ quản",
    "body": "Tên cơ quan ban hành",
    "number": "Số, ký hiệu",
    "place": "Địa danh",
    "title": "Tên loại văn bản",
    "subject": "Trích yếu",
    "opening": "Mở đầu",
    "results": "I. Kết quả hoạt động",
    "assessment": "II. Đánh giá",
    "proposals": "III. Đề xuất, kiến nghị",
    "closing": "Câu kết",
    "recipients": "Nơi nhận, mỗi dòng một nơi",
    "authority": "Quyền hạn của người ký",
    "position": "Chức vụ của người ký",
    "signer": "Họ tên người ký",
}


def of_station(session: Session) -> Template:
    """Return the station's template; parts it never wrote are the usual ones."""
    kept = facts.get(session, facts.REPORT_TEMPLATE, {})
    return Template(**{name: kept[name] for name in PARTS if name in kept})


def check(parts: Mapping[str, str], known: Mapping[str, str]) -> None:
    """Raise Invalid, naming the part, for a text too long, or with a place that is not among `known`."""
    for name, text in parts.items():
        check_length(name, text)
        fill(text, known, name)


def fill(text: str, values: Mapping[str, str], part: str = "") -> str:
    """Return `text` with its places filled; raises Invalid, naming the field `part`, for an unknown place."""

    def value(found: re.Match[str]) -> str:
        name = " ".join(found[1].split())
        if name not in values:
            raise Invalid(_unknown(name, part), field=part)
        return values[name]

    return _PLACE.sub(value, text)


def paragraphs(text: str, values: Mapping[str, str], part: str = "") -> tuple[str, ...]:
    """Return the lines of `text`, filled; a line of which nothing is left is left out."""
    filled = (" ".join(fill(line, values, part).split()) for line in text.splitlines())
    return tuple(line for line in filled if line)


def _unknown(name: str, part: str) -> str:
    where = f"Phần “{LABELS[part]}”" if part in LABELS else "Mẫu báo cáo"
    return (
        f"{where} có chỗ điền {{{name}}} mà chương trình không biết; hãy dùng một chỗ điền trong danh sách."
    )


def check_length(part: str, text: str) -> None:
    if len(text) > LONGEST:
        raise Invalid(f"Phần “{LABELS[part]}” dài quá {LONGEST} ký tự; hãy rút ngắn.", field=part)


# --- the words of one report ---


@dataclass(frozen=True, slots=True)
class OwnWords:
    """Parts of one report that an officer wrote by hand, by key of the section, and when."""

    parts: dict[str, str]
    at: datetime | None = None
    by: str = ""


def own_words(session: Session, period: Period) -> OwnWords:
    kept = facts.get(session, words_key(period))
    if not kept:
        return OwnWords({})
    return OwnWords(dict(kept["parts"]), datetime.fromisoformat(kept["at"]), kept["by"])


def written(parts: Mapping[str, str], made: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return those of `parts` that say something else than the program's own words `made`."""
    return dict(_different(parts, made))


def _different(parts: Mapping[str, str], made: Mapping[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    for key, text in parts.items():
        lines = tuple(line for each in text.splitlines() if (line := " ".join(each.split())))
        if lines != made[key]:
            yield key, "\n".join(lines)


def words_key(period: Period) -> str:
    return f"report_words:{period.key}"
