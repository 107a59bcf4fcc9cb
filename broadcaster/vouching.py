"""Certificates as values: an authority that may vouch for this station alone, and what it signs. No files."""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

LASTS = timedelta(days=397)
"""Phones refuse certificates of more than 825 days, browsers public ones of more than 398."""
RENEWED_BEFORE = timedelta(days=60)
AUTHORITY_LASTS = timedelta(days=3650)
AUTHORITY_RENEWED_BEFORE = LASTS + RENEWED_BEFORE
EARLIER = timedelta(days=1)
"""Valid from a day ago: the clock of a phone may be behind ours."""
PRIVATE = (
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "::1/128",
    "fc00::/7",
)
"""What the authority may always vouch for (RFC 1918, 6598, 4193); other addresses one by one."""
Key = ec.EllipticCurvePrivateKey
_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def new_key() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def make_authority(
    key: Key, names: Sequence[str], addresses: Sequence[str], now: datetime
) -> x509.Certificate:
    """Return an authority that is believed about these names, these addresses and private ones only."""
    subject = _name(f"Trạm truyền thanh ({names[-1]})")
    return (
        _builder(subject, subject, key, now, AUTHORITY_LASTS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.NameConstraints(_permitted(names, addresses), None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )


def make_leaf(
    key: Key,
    authority: x509.Certificate,
    authority_key: Key,
    names: Sequence[str],
    addresses: Sequence[str],
    now: datetime,
) -> x509.Certificate:
    """Return what the page shows under these names and addresses, signed by `authority`."""
    sans = [*map(x509.DNSName, names), *(x509.IPAddress(ipaddress.ip_address(each)) for each in addresses)]
    issuer = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    return (
        _builder(_name(names[-1]), authority.subject, key, now, LASTS)
        .add_extension(x509.SubjectAlternativeName(sans), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(issuer, critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: Key,
    now: datetime,
    lasts: timedelta,
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLIER)
        .not_valid_after(now - EARLIER + lasts)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _permitted(names: Sequence[str], addresses: Sequence[str]) -> list[x509.GeneralName]:
    networks = [ipaddress.ip_network(each) for each in PRIVATE]
    public = [each for each in map(ipaddress.ip_address, addresses) if not _is_private(each, networks)]
    return [
        *map(x509.DNSName, names),
        *map(x509.IPAddress, networks),
        *(x509.IPAddress(ipaddress.ip_network(each)) for each in public),
    ]


def _is_private(address: ipaddress.IPv4Address | ipaddress.IPv6Address, networks: Sequence[_Network]) -> bool:
    return any(address in network for network in networks)


# --- does it still do? ---


def may_vouch(
    authority: x509.Certificate, names: Sequence[str], addresses: Sequence[str], now: datetime
) -> bool:
    """Return whether `authority` is believed about these for as long as a leaf lasts."""
    if not _is_in_time(authority, now, AUTHORITY_RENEWED_BEFORE):
        return False
    limits = authority.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees or []
    known = {limit.value for limit in limits if isinstance(limit, x509.DNSName)}
    networks = [limit.value for limit in limits if isinstance(limit, x509.IPAddress)]
    return known.issuperset(names) and all(
        _is_private(ipaddress.ip_address(each), networks)  # type: ignore[arg-type]
        for each in addresses
    )


def holds(leaf: x509.Certificate, authority: x509.Certificate, wanted: set[str], now: datetime) -> bool:
    """Return whether `leaf` is of this authority, in time, and for exactly these names and addresses."""
    return (
        leaf.issuer == authority.subject
        and _is_signed_by(leaf, authority)
        and set(names_of(leaf)) == {_plain(each) for each in wanted}
        and _is_in_time(leaf, now, RENEWED_BEFORE)
    )


def _is_signed_by(leaf: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        leaf.verify_directly_issued_by(authority)
    except (InvalidSignature, TypeError, ValueError):
        return False
    return True


def _is_in_time(certificate: x509.Certificate, now: datetime, before: timedelta) -> bool:
    return certificate.not_valid_before_utc <= now < certificate.not_valid_after_utc - before


def _plain(name: str) -> str:
    """Return an address in the one way in which certificates give it back."""
    with contextlib.suppress(ValueError):
        return str(ipaddress.ip_address(name))
    return name


def names_of(certificate: x509.Certificate) -> Iterator[str]:
    with contextlib.suppress(x509.ExtensionNotFound):
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        yield from found.get_values_for_type(x509.DNSName)
        yield from map(str, found.get_values_for_type(x509.IPAddress))


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common[:64])])
