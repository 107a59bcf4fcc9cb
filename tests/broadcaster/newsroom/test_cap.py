"""Warnings of others: what they say, who really sent them, and files that mean harm."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from broadcaster.errors import Invalid
from broadcaster.newsroom import cap as reader
from broadcaster.newsroom import cap_signature
from broadcaster.store.models import Kind
from tests.broadcaster.newsroom.cap_files import HOSTILE, NOW, SENDER, cap, key, refers_to


def test_a_warning_is_read_with_all_that_matters():
    told = reader.read(cap())
    assert (told.identifier, told.sender, told.sent) == ("VN-1", SENDER, NOW)
    assert (told.status, told.msg_type, told.scope) == ("Actual", "Alert", "Public")
    info = told.info
    assert info.title == "Cảnh báo lũ quét trên sông Cầu"
    assert info.words == "Mực nước lên 2,5 m trong 1 giờ.\nMời bà con ven sông sơ tán ngay."
    assert (info.event, info.area) == ("Lũ quét", "Phường Tân Minh")
    assert info.expires_at == NOW + timedelta(hours=6)
    assert info.kind == Kind.EMERGENCY


def test_vietnamese_is_preferred_to_what_stands_first():
    english = "<info><language>en-US</language><event>Flood</event><headline>Flood</headline></info>"
    told = reader.read(cap(more=english))
    assert len(told.infos) == 2
    assert told.info.event == "Lũ quét"
    assert reader.read(cap(language="en")).info.is_vietnamese is False


def test_version_1_1_is_read_too():
    assert reader.read(cap().replace(b"cap:1.2", b"cap:1.1")).identifier == "VN-1"


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({}, Kind.EMERGENCY),
        ({"urgency": "Expected", "severity": "Extreme", "certainty": "Likely"}, Kind.EMERGENCY),
        ({"certainty": "Possible"}, Kind.PRIORITY),
        ({"urgency": "Future"}, Kind.PRIORITY),
        ({"severity": "Minor"}, Kind.PRIORITY),
        ({"severity": "Minor", "urgency": "Future"}, Kind.ROUTINE),
        ({"severity": "Worst", "urgency": "Now"}, Kind.ROUTINE),
    ],
)
def test_how_grave_it_is_becomes_a_kind_of_bulletin(fields, kind):
    assert reader.read(cap(**fields)).info.kind == kind


def test_only_references_to_the_same_sender_count():
    both = f"{refers_to('VN-0')} kedoi@xa.vn,VN-9,{NOW.isoformat()} dòng-hỏng"
    assert reader.read(cap(references=both)).refers_to == ("VN-0",)


def test_a_cancellation_may_tell_nothing():
    told = reader.read(re.sub(rb"<info>.*</info>", b"", cap(msg_type="Cancel"), flags=re.S))
    assert told.info is None


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_file_that_means_harm_ends_in_a_sentence(content):
    with pytest.raises(Invalid, match=r"[.”]$") as refused:
        reader.read(content)
    assert refused.value.field == "file"


def test_every_field_has_an_end():
    told = reader.read(cap(headline="x" * 5_000, description="y" * 50_000))
    assert len(told.info.headline) == 300
    assert len(told.info.words) < 20_000


# --- who really sent it ---


def test_what_the_pinned_key_signed_comes_back():
    signed = key().sign(cap())
    part = cap_signature.signed_part(signed, key().certificate, NOW)
    assert reader.read(part).identifier == "VN-1"
    assert b"Signature" not in part


@pytest.mark.parametrize(
    "content",
    [
        cap(),
        key("Kẻ khác").sign(cap()),
        key().sign(cap()).replace("sơ tán ngay".encode(), "ở yên đó".encode()),
    ],
    ids=["unsigned", "another key", "changed after signing"],
)
def test_what_it_did_not_sign_does_not(content):
    assert cap_signature.signed_part(content, key().certificate, NOW) is None


def test_a_signed_warning_wrapped_in_a_forged_one_is_not_believed():
    signed = key().sign(cap())
    forged = cap("VN-2", headline="Giả").replace(b"</alert>", b"") + signed.split(b"?>")[-1] + b"</alert>"
    part = cap_signature.signed_part(forged, key().certificate, NOW)
    assert part is None or reader.read(part).identifier == "VN-1"


def test_a_certificate_past_its_time_proves_nothing():
    old = key("Cũ", days=10)
    assert cap_signature.signed_part(old.sign(cap()), old.certificate, NOW) is not None
    assert cap_signature.signed_part(old.sign(cap()), old.certificate, NOW + timedelta(days=11)) is None


def test_only_a_certificate_is_taken_for_one():
    assert cap_signature.checked_certificate(f"  {key().certificate}\n\n") == key().certificate
    assert "CN=Trung tâm cảnh báo" in cap_signature.name_of(key().certificate)
    with pytest.raises(Invalid) as refused:
        cap_signature.checked_certificate("xin chào")
    assert refused.value.field == "certificate"
