"""The certificate with which the page shows itself to other machines: given in the settings, or our own.

Our own is signed by an authority that lives in the data folder and can vouch for this station alone: its
name constraints (RFC 5280, 4.2.1.10) leave it the machine's names and private addresses. Who installs that
authority once is not asked again when the certificate is renewed or the machine's address changes.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from filelock import FileLock

from broadcaster import private_file, vouching
from broadcaster.errors import SettingsError

FOLDER = "https"
_PEM = serialization.Encoding.PEM


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the page shows to a browser, and where its files lie."""

    chain: Path
    key: Path
    sha256: str
    """Fingerprint as browsers write it: `3F:A0:…`."""
    names: tuple[str, ...]
    ends_at: datetime
    authority: Path | None = None
    """Of our own certificates: what a phone installs to trust them; None for one that was given."""


def given(chain: Path, key: Path, now: datetime) -> Certificate:
    """Return the certificate in the files that the settings name.

    Raises SettingsError when they cannot be read, do not belong together, are out of date, or when others
    may read the key.
    """
    if os.name == "posix" and key.is_file() and key.stat().st_mode & 0o077:
        raise SettingsError(f"Khóa {key} người khác đọc được; hãy chạy: chmod 600 {key}")
    try:
        leaf = _load(chain)
        found = _described(leaf, chain, key)
        context(found)
    except (OSError, ValueError, ssl.SSLError) as error:
        raise SettingsError(
            f"Không dùng được chứng chỉ {chain} với khóa {key} ({error}); hãy xem lại hai mục cài đặt "
            "“certificate” và “certificate_key”."
        ) from error
    if not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc:
        raise SettingsError(f"Chứng chỉ {chain} không còn hoặc chưa có hiệu lực; hãy thay chứng chỉ mới.")
    return found


def own(folder: Path, names: Sequence[str], addresses: Sequence[str], now: datetime) -> Certificate:
    """Return our own certificate for these names and addresses, made or renewed when that is needed.

    `key` files are for their owner only; one that others could read is made anew.
    """
    home = folder / FOLDER
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    wanted = (*dict.fromkeys(_ascii(name) for name in ("localhost", *names)),)
    places = (*dict.fromkeys(("127.0.0.1", "::1", *addresses)),)
    with FileLock(home / ".lock"):
        authority, secret = _authority(home, wanted, places, now)
        chain, key = home / "page.crt", home / "page.key"
        leaf = _kept(chain, key)
        if leaf is None or not vouching.holds(leaf, authority, {*wanted, *places}, now):
            leaf = _make_leaf(chain, key, authority, secret, wanted, places, now)
    return _described(leaf, chain, key, home / "authority.crt")


def context(certificate: Certificate) -> ssl.SSLContext:
    """Return how to speak TLS with it. Raises OSError or ssl.SSLError when the files are of no use."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.set_alpn_protocols(["http/1.1"])
    made.load_cert_chain(certificate.chain, certificate.key)
    return made


def fingerprint(der: bytes) -> str:
    """Return the SHA-256 of a certificate as browsers show it."""
    return hashlib.sha256(der).digest().hex(":").upper()


def fingerprint_of(file: Path) -> str:
    """Return the SHA-256 of the first certificate in a PEM file."""
    return fingerprint(_load(file).public_bytes(serialization.Encoding.DER))


# --- our own ---


def _authority(
    home: Path, names: Sequence[str], addresses: Sequence[str], now: datetime
) -> tuple[x509.Certificate, vouching.Key]:
    chain, key = home / "authority.crt", home / "authority.key"
    kept = _kept(chain, key)
    if kept is not None and vouching.may_vouch(kept, names, addresses, now):
        return kept, _load_key(key)
    secret = vouching.new_key()
    made = vouching.make_authority(secret, names, addresses, now)
    private_file.put(key, _pem_of(secret))
    private_file.put(chain, made.public_bytes(_PEM))
    return made, secret


def _make_leaf(
    chain: Path,
    key: Path,
    authority: x509.Certificate,
    secret: vouching.Key,
    names: Sequence[str],
    addresses: Sequence[str],
    now: datetime,
) -> x509.Certificate:
    own_key = vouching.new_key()
    made = vouching.make_leaf(own_key, authority, secret, names, addresses, now)
    private_file.put(key, _pem_of(own_key))
    private_file.put(chain, made.public_bytes(_PEM) + authority.public_bytes(_PEM))
    return made


def _ascii(name: str) -> str:
    """Return a host name as it travels: `loa.phường.vn` has letters that no certificate can hold."""
    with contextlib.suppress(UnicodeError):
        return name.lower().encode("idna").decode("ascii")
    return "localhost"


# --- files ---


def _kept(chain: Path, key: Path) -> x509.Certificate | None:
    """Return what was made before; None when there is none that can be used and that only we can read."""
    try:
        if os.name == "posix" and key.stat().st_mode & 0o077:
            return None
        found = _load(chain)
        return found if found.public_key() == _load_key(key).public_key() else None
    except (OSError, ValueError):
        return None


def _load(chain: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificates(chain.read_bytes())[0]


def _load_key(file: Path) -> vouching.Key:
    key = serialization.load_pem_private_key(file.read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{file.name} is not a key of ours")
    return key


def _pem_of(key: vouching.Key) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _described(leaf: x509.Certificate, chain: Path, key: Path, authority: Path | None = None) -> Certificate:
    der = leaf.public_bytes(serialization.Encoding.DER)
    names = tuple(vouching.names_of(leaf))
    return Certificate(chain, key, fingerprint(der), names, leaf.not_valid_after_utc, authority)
