"""Keys and passwords of devices and services: from the environment, or a file that only its owner reads.

They never stand in the store, on a page or in a log.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from broadcaster.errors import SettingsError

FILE_NAME = "station-keys.toml"
VARIABLE = "BROADCASTER_KEY_"
PLACE = "{key}"
"""Stands in a template for the key itself."""
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


def is_name(text: str) -> bool:
    """Return whether a key may be called so: small letters, digits and dashes."""
    return _NAME.fullmatch(text) is not None


def key(folder: Path, name: str, environment: Mapping[str, str] | None = None) -> str:
    """Return the key called `name`, empty when there is none. Raises SettingsError, never showing it."""
    variable = VARIABLE + name.upper().replace("-", "_")
    found = (os.environ if environment is None else environment).get(variable, "").strip()
    found = found or _from_file(folder / FILE_NAME, name)
    if not found.isprintable():
        raise SettingsError(f"Khóa “{name}” có ký tự lạ; hãy chép lại khóa.")
    return found


def where_to_put(name: str) -> str:
    """Return the words that tell where a missing key belongs."""
    variable = VARIABLE + name.upper().replace("-", "_")
    return (
        f'ghi {name} = "…" vào tệp {FILE_NAME} (chmod 600) trong thư mục dữ liệu, '
        f"hoặc đặt biến môi trường {variable} rồi khởi động lại trạm"
    )


def filled(template: str, secret: str) -> str:
    return template.replace(PLACE, secret)


def _from_file(file: Path, name: str) -> str:
    if not file.exists():
        return ""
    if os.name == "posix" and file.stat().st_mode & 0o077:
        raise SettingsError(f"Tệp khóa {file} người khác đọc được; hãy chạy: chmod 600 {file}")
    try:
        return str(tomllib.loads(file.read_text(encoding="utf-8-sig")).get(name, "")).strip()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        raise SettingsError(f'Không đọc được tệp khóa {file}; mỗi dòng là: tên = "khóa".') from None
