"""Are the keys there, are they only ours, and is the certificate still good?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from broadcaster import settings
from broadcaster.certificates import FOLDER as HTTPS
from broadcaster.doctor.findings import Check, Finding, has_station, is_private
from broadcaster.store import station_key
from schedules.clock import LOCAL

SOON = timedelta(days=21)
"""Time enough to ask for a new certificate."""


def _private(name: str, file: Path) -> Iterator[Finding]:
    if file.exists():
        is_well = is_private(file)
        words = "chỉ chủ tệp đọc được" if is_well else "người khác đọc được"
        yield Finding(name, is_well, words, "" if is_well else f"Chạy: chmod 600 {file}")


def _secret(folder: Path) -> Iterator[Finding]:
    yield from _private("khóa phiên", folder / settings.SECRET_FILE)


def _speech_keys(folder: Path) -> Iterator[Finding]:
    from audio.speech.services import KEYS_FILE  # noqa: PLC0415 - only here

    yield from _private("khóa giọng đọc", folder / KEYS_FILE)


def _notice_keys(folder: Path) -> Iterator[Finding]:
    yield from _private("khóa gửi thông báo", folder / "station-keys.toml")


def _station_key(folder: Path) -> Iterator[Finding]:
    if not has_station(folder):
        return
    if station_key.exists(folder):
        yield from _private("khóa của trạm", folder / station_key.FOLDER / station_key.FILE_NAME)
        return
    yield Finding(
        "khóa của trạm",
        False,
        "không có khóa ký của trạm",
        f"Lấy lại thư mục “{station_key.FOLDER}” từ bản sao lưu; trạm mới thì chạy một lần: broadcaster run",
    )


def _certificate(folder: Path) -> Iterator[Finding]:
    """Of the page for other machines: one that ran out keeps every phone out."""
    given = settings.load(folder).certificate
    for file in [Path(given)] if given else sorted((folder / HTTPS).glob("*.crt")):
        certificate = x509.load_pem_x509_certificate(file.read_bytes())
        left = certificate.not_valid_after_utc - datetime.now(UTC)
        ends = f"{certificate.not_valid_after_utc.astimezone(LOCAL):%d/%m/%Y}"
        if left <= timedelta():
            yield Finding("chứng chỉ", False, f"{file.name} hết hạn từ {ends}", _renew(given))
        elif given and left < SOON:
            yield Finding("chứng chỉ", False, f"{file.name} sắp hết hạn ({ends})", _renew(given))
        else:
            yield Finding("chứng chỉ", True, f"{file.name} dùng được đến {ends}")


def _renew(given: str) -> str:
    if given:
        return f"Xin chứng chỉ mới rồi thay tệp {given}."
    return "Khởi động lại trạm để trạm tự làm chứng chỉ mới."


CHECKS: dict[str, Check] = {
    "khóa phiên": _secret,
    "khóa của trạm": _station_key,
    "khóa giọng đọc": _speech_keys,
    "khóa gửi thông báo": _notice_keys,
    "chứng chỉ": _certificate,
}
