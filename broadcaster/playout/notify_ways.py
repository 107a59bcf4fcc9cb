"""How notices reach people: the settings of e-mail and webhook, checked. No secret stands in them.

Presets follow the services' own descriptions: core.telegram.org/bots/api#sendmessage and
developers.zalo.me/docs/official-account (tin tư vấn, v3.0).
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import urlsplit

from broadcaster.errors import Invalid
from broadcaster.playout import keys

EMAIL_KEY = "smtp"
WEBHOOK_KEY = "webhook"
"""Names of the keys (`playout.keys`): the password of the mail server, the token of the service."""
SECURITY = {
    "starttls": "STARTTLS (thường là cổng 587)",
    "tls": "TLS ngay từ đầu (thường là cổng 465)",
    "none": "Không mã hóa (chỉ trong mạng nội bộ, không mật khẩu)",
}
MOST_RECIPIENTS = 20
_ADDRESS = re.compile(r"[^@\s,;<>\"]{1,64}@[A-Za-z0-9.-]{1,190}")
_HOST = re.compile(r"[A-Za-z0-9.-]{1,190}|\[?[0-9A-Fa-f:]{2,45}\]?")
_HEADER = re.compile(r"[A-Za-z0-9_-]{1,60}: [^\r\n]{1,300}")


@dataclass(frozen=True, slots=True)
class Email:
    host: str
    port: int = 587
    security: str = "starttls"
    user: str = ""
    sender: str = ""
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Webhook:
    """One HTTP POST of JSON. `{key}` in address and header stands for the token."""

    preset: str
    url: str
    header: str = ""
    body: str = ""
    """JSON in which `{station}`, `{text}` and `{target}` stand where a text belongs."""
    target: str = ""
    """Whom it is for: a chat, a user."""


@dataclass(frozen=True, slots=True)
class Preset:
    words: str
    url: str
    header: str
    body: str
    has_target: bool
    accepted: Mapping[str, Any] | None = None
    """What its answer says when it took the message; None: any 2xx will do."""


PRESETS = {
    "telegram": Preset(
        "Telegram (bot)",
        "https://api.telegram.org/bot{key}/sendMessage",
        "",
        '{"chat_id": {target}, "text": {text}}',
        True,
        {"ok": True},
    ),
    "zalo": Preset(
        "Zalo OA",
        "https://openapi.zalo.me/v3.0/oa/message/cs",
        "access_token: {key}",
        '{"recipient": {"user_id": {target}}, "message": {"text": {text}}}',
        True,
        {"error": 0},
    ),
    "generic": Preset(
        "Máy chủ khác (JSON)",
        "",
        "Authorization: Bearer {key}",
        '{"station": {station}, "text": {text}}',
        False,
    ),
}


def email(fields: Mapping[str, Any]) -> Email:
    """Return the way that `fields` describe; raises Invalid (`field` names the field)."""
    host, port = str(fields.get("host") or "").strip(), fields.get("port")
    security, user = str(fields.get("security") or ""), str(fields.get("user") or "").strip()
    sender = str(fields.get("sender") or "").strip()
    recipients = tuple(each for each in re.split(r"[\s,;]+", _joined(fields.get("recipients"))) if each)
    if not _HOST.fullmatch(host):
        raise Invalid("Hãy ghi tên máy chủ thư, ví dụ smtp.gmail.com.", field="host")
    if type(port) is not int or not 1 <= port <= 65_535:
        raise Invalid("Cổng phải từ 1 đến 65535, thường là 587.", field="port")
    if security not in SECURITY:
        raise Invalid("Hãy chọn cách bảo mật trong danh sách.", field="security")
    if not user.isprintable() or len(user) > 200:
        raise Invalid("Tên đăng nhập thư có ký tự lạ.", field="user")
    if not _ADDRESS.fullmatch(sender):
        raise Invalid("Hãy ghi địa chỉ thư của đài, ví dụ dai@phuong.vn.", field="sender")
    if not recipients or len(recipients) > MOST_RECIPIENTS:
        raise Invalid(f"Hãy ghi từ 1 đến {MOST_RECIPIENTS} địa chỉ nhận.", field="recipients")
    for address in recipients:
        if not _ADDRESS.fullmatch(address):
            raise Invalid(f"“{address[:60]}” không phải là địa chỉ thư.", field="recipients")
    return Email(host, port, security, user, sender, recipients)


def webhook(fields: Mapping[str, Any]) -> Webhook:
    """Return the way that `fields` describe, the preset's own where they are empty; raises Invalid."""
    name = str(fields.get("preset") or "")
    preset = PRESETS.get(name)
    if preset is None:
        raise Invalid("Hãy chọn dịch vụ trong danh sách.", field="preset")
    url, header, body, target = (
        str(fields.get(field) or "").strip() for field in ("url", "header", "body", "target")
    )
    way = Webhook(name, url or preset.url, header or preset.header, body or preset.body, target)
    if not _is_address(way.url):
        raise Invalid("Địa chỉ phải bắt đầu bằng https://; http:// chỉ dùng trong mạng nội bộ.", field="url")
    if way.header and not _HEADER.fullmatch(way.header):
        raise Invalid("Dòng tiêu đề phải có dạng Tên: giá trị.", field="header")
    if preset.has_target and not (target and target.isprintable() and len(target) <= 120):
        raise Invalid("Hãy ghi mã người nhận hoặc mã nhóm.", field="target")
    _check_body(way.body)
    return way


def as_fact(way: Email | Webhook, is_on: bool) -> dict[str, Any]:
    """Return `way` as the store keeps it."""
    fields = asdict(way)
    return {**fields, "is_on": is_on} | (
        {"recipients": list(way.recipients)} if isinstance(way, Email) else {}
    )


def filled_body(way: Webhook, station: str, text: str) -> str:
    """Return the JSON that is sent."""
    body = way.body
    for name, value in (("station", station), ("target", way.target), ("text", text)):
        body = body.replace(f"{{{name}}}", json.dumps(value, ensure_ascii=False))
    return body


def _joined(recipients: object) -> str:
    return " ".join(recipients) if isinstance(recipients, list | tuple) else str(recipients or "")


def _is_address(url: str) -> bool:
    plain = url.replace(keys.PLACE, "k")
    try:
        parts = urlsplit(plain)
        has_host = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
    fits = plain.isascii() and plain.isprintable() and " " not in plain and len(plain) <= 500
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and _is_inside(parts.hostname or ""))
    return is_safe and has_host and parts.username is None and fits


def _is_inside(host: str) -> bool:
    """Return whether `host` is of the own network: no token crosses the internet in the open."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".local", ".lan"))


def _check_body(body: str) -> None:
    try:
        json.loads(filled_body(Webhook("", "", body=body[:4000]), "đài", "lời"))
    except ValueError:
        raise Invalid(
            'Nội dung phải là JSON, với {text} ở chỗ của lời nhắn, ví dụ {"text": {text}}.', field="body"
        ) from None
    if "{text}" not in body:
        raise Invalid("Nội dung phải có {text} ở chỗ của lời nhắn.", field="body")
