"""What is taken as a password, and how it is kept."""

from __future__ import annotations

import unicodedata

import pytest
from argon2 import PasswordHasher

from broadcaster.accounts import passwords
from broadcaster.errors import Invalid

GOOD = "mưa rơi trên mái tôn"


@pytest.mark.parametrize("password", ["", "ngắn quá", "chín chữ!", "x" * 201])
def test_too_short_and_too_long_are_refused(password):
    with pytest.raises(Invalid, match="ký tự") as refused:
        passwords.check(password)
    assert refused.value.field == "password"


@pytest.mark.parametrize("password", [GOOD, "Kh0ng-ai-biết", "mười chữ cá", "vịt cá bò 97 dê"])
def test_a_sentence_of_ones_own_is_taken(password):
    assert passwords.check(password, "hoa", "Nguyễn Thị Hoa") == password


@pytest.mark.parametrize(
    "password",
    [
        "matkhau123",
        "MatKhau@2026",
        "mật khẩu 123",
        "m@tkh@u123",
        "1234567890",
        "0987654321",
        "9876543210",
        "0912345678",
        "19051990190",
        "aaaaaaaaaaaa",
        "abababababab",
        "abcdefghij",
        "password123",
        "P@ssw0rd!!",
        "qwertyuiop",
        "1q2w3e4r5t",
        "anhyeuem123",
        "Vietnam2026!",
        "daitruyenthanh1",
        "123456789a",
        "iloveyou2000",
        "admin@12345",
    ],
)
def test_what_anybody_would_try_is_refused(password):
    with pytest.raises(Invalid, match="phổ biến"):
        passwords.check(password)


@pytest.mark.parametrize("password", ["canbo.hoa trời mưa", "Nguyễn Thị Hoa ơi", "nguyenthihoa xyz!"])
def test_login_and_name_are_not_part_of_a_password(password):
    with pytest.raises(Invalid, match="tên đăng nhập hoặc họ tên"):
        passwords.check(password, "canbo.hoa", "Nguyễn Thị Hoa")


def test_a_login_of_few_letters_may_occur_in_words():
    assert passwords.check("cả làng ăn tết", "an", "An")


def test_the_list_holds_some_hundred_and_only_folded_entries():
    listed = passwords._common()
    assert len(listed) > 400
    assert all(word == passwords.fold(word).replace(" ", "") for word in listed)


def test_a_password_opens_only_what_was_made_of_it(hasher):
    kept = passwords.hashed(GOOD, hasher)
    assert passwords.matches(kept, GOOD, hasher)
    assert not passwords.matches(kept, GOOD + " ", hasher)
    assert not passwords.matches(kept, "", hasher)


def test_the_same_password_is_kept_differently_each_time(hasher):
    assert passwords.hashed(GOOD, hasher) != passwords.hashed(GOOD, hasher)
    assert passwords.hashed(GOOD, hasher).startswith("$argon2id$")


def test_another_keyboard_program_types_the_same_password(hasher):
    kept = passwords.hashed(unicodedata.normalize("NFD", GOOD), hasher)
    assert passwords.matches(kept, unicodedata.normalize("NFC", GOOD), hasher)


@pytest.mark.parametrize("password", [GOOD, "", "\ud800", "x" * 100_000])
def test_nobody_has_no_password(hasher, password):
    assert not passwords.matches(None, password, hasher)


def test_a_damaged_hash_opens_nothing(hasher):
    assert not passwords.matches("not a hash", GOOD, hasher)


def test_a_hash_of_another_cost_is_to_be_made_anew(hasher):
    dearer = PasswordHasher(time_cost=2, memory_cost=8, parallelism=1)
    kept = passwords.hashed(GOOD, hasher)
    assert not passwords.needs_rehash(kept, hasher)
    assert passwords.needs_rehash(kept, dearer)


def test_the_station_hashes_at_the_cost_of_rfc_9106():
    assert passwords.HASHER.memory_cost >= 64 * 1024
    assert passwords.HASHER.time_cost >= 3
