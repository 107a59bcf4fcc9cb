"""Warnings in the Common Alerting Protocol (OASIS CAP 1.2), read as values. Nothing is decided here.

Hostile files end in a sentence: no document type is taken at all (so no entities, inner or outer), and
nothing that is larger than any warning is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml import ElementTree as Xml

from broadcaster.errors import Invalid
from broadcaster.newsroom.bulletins import plain
from broadcaster.store.models import Kind

NAMESPACES = ("urn:oasis:names:tc:emergency:cap:1.2", "urn:oasis:names:tc:emergency:cap:1.1")
LARGEST_BYTES = 512 * 1024
STATUSES = {
    "Actual": "thật",
    "Exercise": "diễn tập",
    "System": "tin kỹ thuật",
    "Test": "thử",
    "Draft": "nháp",
}
TYPES = {
    "Alert": "cảnh báo",
    "Update": "cập nhật",
    "Cancel": "hủy",
    "Ack": "báo đã nhận",
    "Error": "báo lỗi",
}
SEVERITIES = {
    "Extreme": "đặc biệt nghiêm trọng",
    "Severe": "nghiêm trọng",
    "Moderate": "vừa",
    "Minor": "nhẹ",
    "Unknown": "chưa rõ mức độ",
}
URGENCIES = {
    "Immediate": "phải làm ngay",
    "Expected": "trong vòng một giờ",
    "Future": "sắp tới",
    "Past": "đã qua",
    "Unknown": "chưa rõ thời điểm",
}
CERTAINTIES = {
    "Observed": "đã xảy ra",
    "Likely": "nhiều khả năng",
    "Possible": "có thể",
    "Unlikely": "ít khả năng",
    "Unknown": "chưa chắc chắn",
}
_LONGEST = {"identifier": 300, "sender": 300, "event": 200, "headline": 300, "area": 1_000, "text": 10_000}


@dataclass(frozen=True, slots=True)
class Info:
    """What is told, in one language."""

    language: str
    event: str
    headline: str
    words: str
    """Description and instruction."""
    area: str
    severity: str
    urgency: str
    certainty: str
    expires_at: datetime | None

    @property
    def is_vietnamese(self) -> bool:
        return self.language.lower().split("-")[0] == "vi"

    @property
    def title(self) -> str:
        return self.headline or self.event

    @property
    def kind(self) -> Kind:
        """Return the kind of bulletin that it calls for (TT 39/2020/TT-BTTTT, Điều 3). The map is ours."""
        is_now = self.urgency in ("Immediate", "Expected")
        is_grave = self.severity in ("Extreme", "Severe")
        if is_now and is_grave and self.certainty in ("Observed", "Likely"):
            return Kind.EMERGENCY
        return Kind.PRIORITY if is_now or is_grave else Kind.ROUTINE


@dataclass(frozen=True, slots=True)
class CapWarning:
    """One CAP message."""

    identifier: str
    sender: str
    sent: datetime
    status: str
    msg_type: str
    scope: str
    refers_to: tuple[str, ...]
    """Identifiers of earlier messages of the same sender."""
    infos: tuple[Info, ...]

    @property
    def info(self) -> Info | None:
        """Return what is told in Vietnamese, else what is told first; a cancellation may tell nothing."""
        return next((each for each in self.infos if each.is_vietnamese), next(iter(self.infos), None))


def read(content: bytes) -> CapWarning:
    """Return the message in `content`. Raises Invalid, field `file`, with the sentence for a person."""
    alert = _root(content)
    sender = _text(alert, "sender", "sender")
    return CapWarning(
        identifier=_text(alert, "identifier", "identifier"),
        sender=sender,
        sent=_moment(_text(alert, "sent")),
        status=_one_of(alert, "status", STATUSES),
        msg_type=_one_of(alert, "msgType", TYPES),
        scope=_text(alert, "scope") if _find(alert, "scope") is not None else "Public",
        refers_to=tuple(_references(alert, sender)),
        infos=tuple(_info(each) for each in alert.findall(f"{_space(alert)}info")),
    )


def parsed(content: bytes) -> Element:
    """Return the root of an XML document that nobody here wrote. Raises Invalid, field `file`."""
    if len(content) > LARGEST_BYTES:
        raise Invalid("Tệp này lớn hơn mọi bản tin cảnh báo; hãy kiểm tra lại tệp.", field="file")
    try:
        root: Element = Xml.fromstring(content, forbid_dtd=True)
    except DefusedXmlException as error:
        raise Invalid("Tệp này có khai báo bị cấm nên không được đọc.", field="file") from error
    except (ParseError, ValueError, LookupError) as error:
        raise Invalid("Tệp này không phải XML đọc được.", field="file") from error
    return root


def is_cap(root: Element) -> bool:
    return root.tag in {f"{{{space}}}alert" for space in NAMESPACES}


def _root(content: bytes) -> Element:
    root = parsed(content)
    if not is_cap(root):
        raise Invalid("Tệp này không phải bản tin cảnh báo theo chuẩn CAP.", field="file")
    return root


def _info(info: Element) -> Info:
    told = (_optional(info, "description", "text"), _optional(info, "instruction", "text"))
    areas = (_optional(area, "areaDesc", "area") for area in info.findall(f"{_space(info)}area"))
    expires = _optional(info, "expires")
    return Info(
        language=_optional(info, "language") or "en-US",
        event=_optional(info, "event", "event"),
        headline=_optional(info, "headline", "headline"),
        words="\n".join(part for part in told if part),
        area="; ".join(area for area in areas if area)[: _LONGEST["area"]],
        severity=_known(info, "severity", SEVERITIES),
        urgency=_known(info, "urgency", URGENCIES),
        certainty=_known(info, "certainty", CERTAINTIES),
        expires_at=_moment(expires) if expires else None,
    )


def _references(alert: Element, sender: str) -> list[str]:
    """Return the identifiers among `sender,identifier,sent` groups that are of the same sender."""
    groups = [group.split(",") for group in _optional(alert, "references").split()]
    return [group[1] for group in groups if len(group) == 3 and group[0] == sender]


def _space(element: Element) -> str:
    return element.tag[: element.tag.index("}") + 1]


def _find(parent: Element, name: str) -> Element | None:
    return parent.find(f"{_space(parent)}{name}")


def _optional(parent: Element, name: str, limit: str = "event") -> str:
    found = _find(parent, name)
    text = plain("".join(found.itertext())) if found is not None else ""
    return "\n".join(" ".join(line.split()) for line in text.strip().split("\n"))[: _LONGEST[limit]]


def _text(parent: Element, name: str, limit: str = "event") -> str:
    text = _optional(parent, name, limit)
    if not text:
        raise Invalid(f"Bản tin cảnh báo thiếu mục “{name}” mà chuẩn CAP bắt buộc.", field="file")
    return text


def _one_of(parent: Element, name: str, known: dict[str, str]) -> str:
    text = _text(parent, name)
    if text not in known:
        raise Invalid(f"Bản tin cảnh báo có mục “{name}” không đúng chuẩn CAP: “{text[:40]}”.", field="file")
    return text


def _known(parent: Element, name: str, known: dict[str, str]) -> str:
    text = _optional(parent, name)
    return text if text in known else "Unknown"


def _moment(text: str) -> datetime:
    """CAP 1.2, 3.2.1: a moment carries its offset, e.g. 2026-11-23T08:00:00+07:00."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise Invalid(f"Bản tin cảnh báo có thời điểm không đúng chuẩn CAP: “{text[:40]}”.", field="file")
    return moment
