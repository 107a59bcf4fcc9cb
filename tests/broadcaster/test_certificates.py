"""The station's own certificate: made once, for its names only, renewed in time; and one that is given."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from broadcaster import certificates, lan
from broadcaster.errors import SettingsError

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
NAMES = ("tram", "tram.local")
HERE = ("192.168.1.20",)
AT = int(NOW.timestamp())
posix = pytest.mark.skipif(os.name != "posix", reason="modes mean something on POSIX only")


def own(folder, names=NAMES, addresses=HERE, now=NOW):
    return certificates.own(folder, names, addresses, now)


def openssl(*words):
    return subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True, check=False)


def test_it_is_for_this_machines_names_and_addresses(tmp_path):
    made = own(tmp_path, names=("tram", "loa.phường.vn"))
    assert {"localhost", "tram", "127.0.0.1", "::1", *HERE} < set(made.names)
    assert any(name.startswith("loa.xn--") for name in made.names)
    certificates.context(made)


def test_openssl_believes_it_once_the_authority_is_known(tmp_path):
    made = own(tmp_path)
    checked = openssl(
        "verify",
        "-attime",
        AT,
        "-x509_strict",
        "-purpose",
        "sslserver",
        "-CAfile",
        made.authority,
        made.chain,
    )
    assert checked.returncode == 0, checked.stderr


def test_its_fingerprint_is_the_one_that_others_compute(tmp_path):
    made = own(tmp_path)
    told = openssl("x509", "-in", made.chain, "-noout", "-fingerprint", "-sha256").stdout
    assert made.sha256 in told


@posix
def test_only_the_owner_may_read_the_keys(tmp_path):
    made = own(tmp_path)
    for file in (made.key, made.authority.with_suffix(".key")):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.key.parent.stat().st_mode) == 0o700


def test_it_stays_the_same_while_nothing_changes(tmp_path):
    assert own(tmp_path) == own(tmp_path, now=NOW + timedelta(days=300))


def test_it_is_renewed_before_it_ends_and_the_authority_stays(tmp_path):
    made = own(tmp_path)
    known = made.authority.read_bytes()
    renewed = own(tmp_path, now=made.ends_at - timedelta(days=59))
    assert renewed.sha256 != made.sha256
    assert renewed.ends_at > made.ends_at
    assert renewed.authority.read_bytes() == known


def test_a_new_address_makes_a_new_one_that_known_browsers_still_believe(tmp_path):
    made = own(tmp_path)
    known = made.authority.read_bytes()
    moved = own(tmp_path, addresses=("192.168.1.77",))
    assert "192.168.1.77" in moved.names
    assert "192.168.1.20" not in moved.names
    assert moved.authority.read_bytes() == known


def test_a_certificate_made_by_a_wrong_clock_is_made_again(tmp_path):
    late = own(tmp_path, now=NOW + timedelta(days=4000))
    right = own(tmp_path)
    assert right.sha256 != late.sha256
    assert right.ends_at < NOW + timedelta(days=400)


@posix
def test_a_key_that_others_could_read_is_replaced(tmp_path):
    made = own(tmp_path)
    made.key.chmod(0o644)
    assert own(tmp_path).sha256 != made.sha256
    authority = made.authority.read_bytes()
    made.authority.with_suffix(".key").chmod(0o644)
    assert own(tmp_path).authority.read_bytes() != authority


@pytest.mark.parametrize("name", ["page.crt", "page.key", "authority.crt", "authority.key"])
def test_a_damaged_file_is_made_again(tmp_path, name):
    own(tmp_path)
    (tmp_path / "https" / name).write_bytes(b"rac")
    (tmp_path / "https" / name).chmod(0o600)
    certificates.context(own(tmp_path))


def test_the_authority_can_vouch_for_nobody_else(tmp_path):
    """Stolen, it opens no bank: browsers refuse what it signs outside its name constraints."""
    from broadcaster import vouching

    made = own(tmp_path)
    authority = x509.load_pem_x509_certificate(made.authority.read_bytes())
    secret = certificates._load_key(made.authority.with_suffix(".key"))
    for names, addresses in ((["bank.example"], []), ([], ["203.0.113.5"])):
        key = vouching.new_key()
        forged = vouching.make_leaf(key, authority, secret, names or ["tram"], addresses, NOW)
        file = tmp_path / "forged.crt"
        file.write_bytes(forged.public_bytes(certificates._PEM))
        checked = openssl("verify", "-attime", AT, "-CAfile", made.authority, file)
        assert "permitted subtree violation" in checked.stderr


def test_a_public_address_of_our_own_is_vouched_for(tmp_path):
    own(tmp_path)
    made = own(tmp_path, addresses=("203.0.113.5", "fd00::7"))
    assert openssl("verify", "-attime", AT, "-CAfile", made.authority, made.chain).returncode == 0


# --- one that is given ---


@pytest.fixture
def files(tmp_path):
    made = own(tmp_path / "khac")
    chain, key = tmp_path / "a.crt", tmp_path / "a.key"
    shutil.copy(made.chain, chain)
    shutil.copy(made.key, key)
    return chain, key


def test_a_given_certificate_is_used_as_it_is(files):
    found = certificates.given(*files, NOW)
    assert (found.chain, found.key, found.authority) == (*files, None)
    certificates.context(found)


def test_a_given_certificate_that_has_ended_is_refused(files):
    with pytest.raises(SettingsError, match="không còn hoặc chưa có hiệu lực"):
        certificates.given(*files, NOW + timedelta(days=800))


def test_a_key_of_another_certificate_is_refused(files, tmp_path):
    other = own(tmp_path / "nua").key
    with pytest.raises(SettingsError, match="certificate_key"):
        certificates.given(files[0], other, NOW)


@posix
def test_a_given_key_that_others_can_read_is_refused(files):
    files[1].chmod(0o644)
    with pytest.raises(SettingsError, match="chmod 600"):
        certificates.given(*files, NOW)


def test_files_that_are_not_there_are_named(tmp_path):
    with pytest.raises(SettingsError, match="certificate"):
        certificates.given(tmp_path / "x.crt", tmp_path / "x.key", NOW)


# --- addresses ---


def test_addresses_of_this_machine_lead_neither_home_nor_nowhere():
    for address in lan.addresses():
        assert not address.startswith(("127.", "169.254.", "fe80"))
    assert "::1" not in lan.addresses()


@pytest.mark.parametrize(
    ("address", "port", "shown"),
    [
        ("192.168.1.20", 8443, "https://192.168.1.20:8443"),
        ("192.168.1.20", 443, "https://192.168.1.20"),
        ("fd00::2", 8443, "https://[fd00::2]:8443"),
    ],
)
def test_an_address_is_shown_as_it_is_typed(address, port, shown):
    assert lan.at_port(address, port) == shown
