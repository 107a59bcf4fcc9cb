"""Who really sent a CAP message: its XML signature against a certificate that the station was given.

Only what lies under the signature is believed ("see what is signed"): the caller goes on with the bytes that
come back, never with those that came in.
"""

from __future__ import annotations

import logging
from datetime import datetime

from cryptography import x509
from lxml import etree
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from broadcaster.errors import Invalid

logger = logging.getLogger(__name__)

_UNDER_THE_ROOT = SignatureConfiguration(location="./")
"""CAP 1.2, 3.3.4.1: the signature is enveloped, a child of the alert itself."""


def signed_part(content: bytes, certificate: str, now: datetime) -> bytes | None:
    """Return what `certificate` (PEM) signed in `content`, or None: unsigned, signed by another, out of date.

    `content` has been read as CAP before, so it carries no document type.
    """
    try:
        pinned = x509.load_pem_x509_certificate(certificate.encode())
        if not pinned.not_valid_before_utc <= now <= pinned.not_valid_after_utc:
            return None
        found = XMLVerifier().verify(content, x509_cert=pinned, expect_config=_UNDER_THE_ROOT)
    except (SignXMLException, ValueError, etree.LxmlError) as error:
        logger.info("a CAP message is not signed as expected: %s", error)
        return None
    if isinstance(found, list) or found.signed_xml is None:
        return None
    signed: bytes = etree.tostring(found.signed_xml)
    return signed


def checked_certificate(text: str) -> str:
    """Return `text` as one PEM certificate; raises Invalid, field `certificate`."""
    try:
        x509.load_pem_x509_certificate(text.strip().encode())
    except ValueError as error:
        raise Invalid(
            "Đây không phải chứng thư số dạng PEM (bắt đầu bằng -----BEGIN CERTIFICATE-----).",
            field="certificate",
        ) from error
    return text.strip() + "\n"


def name_of(certificate: str) -> str:
    """Return to whom the certificate was given, and until when it holds."""
    pinned = x509.load_pem_x509_certificate(certificate.encode())
    return f"{pinned.subject.rfc4514_string()}, đến {pinned.not_valid_after_utc:%d/%m/%Y}"
