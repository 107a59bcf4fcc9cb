"""Sending one message by e-mail or webhook. It takes as long as it takes: never in the station's process.

Neither an error nor a log shows a key or the address it may stand in.
"""

from __future__ import annotations

import json
import logging
import smtplib
import ssl
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Any

from broadcaster.playout import keys, notify_ways
from broadcaster.playout.notify_ways import EMAIL_KEY, PRESETS, WEBHOOK_KEY, Email, Webhook

WAIT_S = 15.0
LONGEST_TEXT = 1900
"""Zalo takes 2,000 characters, Telegram 4,096."""
MORE = "… còn nữa, xem trang Thông báo của đài."
LONGEST_ANSWER = 65_536
_LOOPBACK = frozenset({"127.0.0.1", "::1", "[::1]", "localhost"})
# At DEBUG it would write whole addresses into our log, and Telegram's hold the token.
logging.getLogger("urllib3").setLevel(logging.WARNING)


class SendFailed(Exception):
    """`str(error)` is a Vietnamese phrase."""


def send(way: Email | Webhook, folder: Path, station: str, lines: list[str]) -> None:
    """Send `lines` as one message from `station`; raises SendFailed or SettingsError."""
    if isinstance(way, Email):
        _mail(way, keys.key(folder, EMAIL_KEY), station, lines)
    else:
        _post(way, keys.key(folder, WEBHOOK_KEY), station, shortened(lines))


def shortened(lines: list[str], longest: int = LONGEST_TEXT) -> str:
    """Return the lines that fit, and that there are more when some do not."""
    text = "\n".join(lines)
    if len(text) <= longest:
        return text
    room = text[: longest - len(MORE) - 1]
    return f"{room.rpartition(chr(10))[0] or room}\n{MORE}"


# --- e-mail ---


def _mail(way: Email, password: str, station: str, lines: list[str]) -> None:
    if password and way.security == "none" and way.host not in _LOOPBACK:
        raise SendFailed("không gửi mật khẩu qua đường không mã hóa; hãy chọn STARTTLS hoặc TLS")
    message = _message(way, station, lines)
    try:
        with _connected(way) as server:
            if way.user and password:
                server.login(way.user, password)
            refused = server.send_message(message)
    except smtplib.SMTPAuthenticationError:
        raise SendFailed("máy chủ thư không nhận tên đăng nhập hoặc mật khẩu") from None
    except smtplib.SMTPRecipientsRefused:
        raise SendFailed("máy chủ thư không nhận địa chỉ người nhận") from None
    except smtplib.SMTPNotSupportedError:
        raise SendFailed("máy chủ thư không có STARTTLS hoặc không cho đăng nhập") from None
    except smtplib.SMTPResponseException as error:
        raise SendFailed(f"máy chủ thư báo lỗi {error.smtp_code}") from None
    except ssl.SSLError:
        raise SendFailed("chứng thư bảo mật của máy chủ thư không dùng được") from None
    except (TimeoutError, smtplib.SMTPServerDisconnected):
        raise SendFailed("máy chủ thư không trả lời") from None
    except (OSError, smtplib.SMTPException, UnicodeError):
        raise SendFailed("không kết nối được máy chủ thư") from None
    if refused:
        raise SendFailed(f"máy chủ thư không nhận {len(refused)} địa chỉ người nhận")


def _connected(way: Email) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if way.security == "tls":
        return smtplib.SMTP_SSL(way.host, way.port, _own_name(way), timeout=WAIT_S, context=context)
    server = smtplib.SMTP(way.host, way.port, _own_name(way), timeout=WAIT_S)
    if way.security == "starttls":
        try:
            server.starttls(context=context)
        except BaseException:
            server.close()
            raise
    return server


def _own_name(way: Email) -> str:
    """Not the machine's: asking for it can take as long as the name service likes."""
    return way.sender.rpartition("@")[2]


def _message(way: Email, station: str, lines: list[str]) -> EmailMessage:
    message = EmailMessage()
    more = f" (và {len(lines) - 1} việc khác)" if len(lines) > 1 else ""
    message["Subject"] = " ".join(f"[{station}] {lines[0][:100]}{more}".split())
    message["From"], message["To"] = way.sender, ", ".join(way.recipients)
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=_own_name(way))
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("\n".join(lines) + f"\n\n{station}\n")
    return message


# --- webhook ---


def _post(way: Webhook, token: str, station: str, text: str) -> None:
    import requests  # noqa: PLC0415 - not where only e-mail is set up
    import urllib3  # noqa: PLC0415

    if keys.PLACE in way.url + way.header and not token:
        raise SendFailed(f"chưa có khóa: {keys.where_to_put(WEBHOOK_KEY)}")
    name, _, value = keys.filled(way.header, token).partition(": ")
    headers = {"Content-Type": "application/json; charset=utf-8", **({name: value} if name else {})}
    said = f"{station}\n{text}" if "{station}" not in way.body else text
    try:
        answer = requests.post(
            keys.filled(way.url, token),
            data=notify_ways.filled_body(way, station, said).encode(),
            headers=headers,
            timeout=WAIT_S,
            allow_redirects=False,
            auth=lambda request: request,  # no password of this machine's .netrc
            stream=True,
        )
        with answer:
            content = answer.raw.read(LONGEST_ANSWER, decode_content=True)
    except requests.Timeout:
        raise SendFailed("dịch vụ không trả lời") from None
    except requests.exceptions.SSLError:
        raise SendFailed("chứng thư bảo mật của dịch vụ không dùng được") from None
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError):
        raise SendFailed("không kết nối được dịch vụ") from None
    if not 200 <= answer.status_code < 300:
        raise SendFailed(f"dịch vụ báo lỗi {answer.status_code}")
    _require_accepted(way, content)


def _require_accepted(way: Webhook, content: bytes) -> None:
    accepted = PRESETS[way.preset].accepted
    if accepted is None:
        return
    try:
        answer: Any = json.loads(content)
    except ValueError:
        answer = None
    if not isinstance(answer, dict) or any(answer.get(key) != value for key, value in accepted.items()):
        code = answer.get("error_code", answer.get("error")) if isinstance(answer, dict) else None
        raise SendFailed(f"dịch vụ không nhận lời nhắn{f' (mã {code})' if isinstance(code, int) else ''}")
