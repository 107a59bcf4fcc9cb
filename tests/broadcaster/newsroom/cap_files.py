"""CAP messages as a warning centre writes them, signed and unsigned, and hostile ones."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from html import escape

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from lxml import etree
from signxml import XMLSigner, methods

SENDER = "canhbao@kttv.vn"
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""Eight in the morning at the station, as in tests/broadcaster/moments.py."""


def cap(
    identifier: str = "VN-1",
    *,
    status: str = "Actual",
    msg_type: str = "Alert",
    sender: str = SENDER,
    sent: datetime = NOW,
    references: str = "",
    expires: datetime | None = NOW + timedelta(hours=6),
    language: str = "vi-VN",
    event: str = "Lũ quét",
    headline: str = "Cảnh báo lũ quét trên sông Cầu",
    description: str = "Mực nước lên 2,5 m trong 1 giờ.",
    instruction: str = "Mời bà con ven sông sơ tán ngay.",
    area: str = "Phường Tân Minh",
    urgency: str = "Immediate",
    severity: str = "Severe",
    certainty: str = "Observed",
    more: str = "",
) -> bytes:
    """Return one message; `more` goes in before its info, e.g. a second info."""
    expiry = f"<expires>{expires.isoformat()}</expires>" if expires else ""
    refers = f"<references>{escape(references)}</references>" if references else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>{escape(identifier)}</identifier><sender>{escape(sender)}</sender>
  <sent>{sent.isoformat()}</sent><status>{status}</status><msgType>{msg_type}</msgType><scope>Public</scope>
  {refers}{more}<info><language>{language}</language><category>Met</category><event>{escape(event)}</event>
  <urgency>{urgency}</urgency><severity>{severity}</severity><certainty>{certainty}</certainty>{expiry}
  <headline>{escape(headline)}</headline><description>{escape(description)}</description>
  <instruction>{escape(instruction)}</instruction><area><areaDesc>{escape(area)}</areaDesc></area></info>
</alert>""".encode()


def refers_to(identifier: str, sent: datetime = NOW) -> str:
    return f"{SENDER},{identifier},{sent.isoformat()}"


@dataclass(frozen=True)
class Key:
    """A warning centre's key and its certificate."""

    private: rsa.RSAPrivateKey
    certificate: str

    def sign(self, content: bytes) -> bytes:
        signer = XMLSigner(method=methods.enveloped)
        signed = signer.sign(etree.fromstring(content), key=self.private, cert=self.certificate)
        return etree.tostring(signed, encoding="utf-8")


@lru_cache
def key(name: str = "Trung tâm cảnh báo", days: int = 365) -> Key:
    """Return the same key for the same name, valid from a day ago for `days`."""
    private = rsa.generate_private_key(65537, 2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(1000 + days)
        .not_valid_before(NOW - timedelta(days=400))
        .not_valid_after(NOW + timedelta(days=days))
        .sign(private, hashes.SHA256())
    )
    return Key(private, built.public_bytes(serialization.Encoding.PEM).decode())


BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE alert [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;">]>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>&c;</identifier></alert>"""
OUTSIDE = b"""<?xml version="1.0"?>
<!DOCTYPE alert [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>&x;</identifier></alert>"""
FOREIGN_TYPE = b'<?xml version="1.0"?><!DOCTYPE alert SYSTEM "http://127.0.0.1/x.dtd"><alert/>'
HOSTILE = {
    "nothing": b"",
    "words": "Đây không phải cảnh báo.".encode(),
    "html": b"<html><body>404</body></html>",
    "bomb": BOMB,
    "outside": OUTSIDE,
    "foreign type": FOREIGN_TYPE,
    "huge": b"<alert>" + b"x" * 600_000 + b"</alert>",
    "cut off": cap()[:400],
    "deep": b"<a>" * 50_000,
    "nul": b"\x00" * 1_000,
    "odd encoding": b'<?xml version="1.0" encoding="cp-nirgends"?><alert/>',
    "no sender": cap().replace(b"<sender>", b"<senders>").replace(b"</sender>", b"</senders>"),
    "naive moment": cap().replace(b"+00:00</sent>", b"</sent>"),
    "no moment": cap().replace(b"<sent>", b"<sent>hom qua "),
    "odd status": cap(status="Real"),
    "odd type": cap(msg_type="Attack"),
}
