"""The Piper voices that a station owns: `<name>.onnx`, `<name>.onnx.json` and a licence file, in one folder.

Nothing is ever fetched. Licences of voices differ, some forbid public or paid use, and many were made from
recordings with terms of their own: a voice without its licence beside it is not used.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from audio.speech.engine import Voice

LONGEST_LICENCE_CHARS = 100_000


@dataclass(frozen=True, slots=True)
class PiperVoice:
    """One model in the folder, good or not."""

    name: str
    model: Path
    licence: str
    """The text beside it; empty when there is none."""
    rate_hz: int
    length_scale: float
    """The voice's own speed; larger is slower."""
    changed_ns: int
    """When model or description last changed; whoever holds an older one in memory must load it again."""
    wrong: str | None
    """Why it is not used, one Vietnamese sentence, or None."""

    @property
    def voice(self) -> Voice:
        return Voice(f"piper-{self.name}", f"Piper {self.name}", "", "")


def found(folder: Path) -> tuple[PiperVoice, ...]:
    """Return what lies in `folder`, by name; nothing when there is no such folder."""
    return tuple(_looked_at(model) for model in sorted(folder.glob("*.onnx")))


def usable(folder: Path) -> tuple[PiperVoice, ...]:
    return tuple(each for each in found(folder) if each.wrong is None)


def files_of(voice: PiperVoice) -> tuple[Path, ...]:
    """Return the files that make up a voice: model, description, licence."""
    licence = _licence_file(voice.model)
    return (voice.model, _description(voice.model), *([licence] if licence else []))


def digest(folder: Path) -> str:
    """Return what changes when a usable voice does; a few letters."""
    whole = hashlib.sha256()
    for each in usable(folder):
        for file in files_of(each)[:2]:
            state = file.stat()
            whole.update(f"{each.name} {_digest_of(file, state.st_size, state.st_mtime_ns)}".encode())
    return whole.hexdigest()[:8]


@lru_cache(maxsize=64)
def _digest_of(file: Path, _size: int, _changed_ns: int) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _looked_at(model: Path) -> PiperVoice:
    licence = _licence_text(model)
    try:
        described = json.loads(_description(model).read_text(encoding="utf-8"))
        rate_hz, length_scale = _speech_of(described)
        wrong = None if licence else _no_licence(model)
    except FileNotFoundError:
        wrong = f"Giọng {model.stem} thiếu tệp mô tả {_description(model).name}; hãy chép cả hai tệp vào."
        rate_hz, length_scale = 0, 1.0
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        wrong = f"Tệp mô tả {_description(model).name} không dùng được ({error})."
        rate_hz, length_scale = 0, 1.0
    changed_ns = max(
        (file.stat().st_mtime_ns for file in (model, _description(model)) if file.exists()), default=0
    )
    return PiperVoice(model.stem, model, licence, rate_hz, length_scale, changed_ns, wrong)


def _speech_of(described: dict[str, Any]) -> tuple[int, float]:
    """Return rate in Hz and length scale; raises ValueError or KeyError for what we cannot speak with."""
    if not str(described["espeak"]["voice"]).startswith("vi"):
        raise ValueError("không phải giọng tiếng Việt")
    if described.get("phoneme_type", "espeak") != "espeak":
        raise ValueError("cách ghi âm vị lạ")
    rate_hz, length_scale = (
        described["audio"]["sample_rate"],
        described.get("inference", {}).get("length_scale", 1),
    )
    if type(rate_hz) is not int or not 8_000 <= rate_hz <= 48_000:
        raise ValueError(f"tần số lấy mẫu {rate_hz}")
    if not 0.2 <= float(length_scale) <= 5:
        raise ValueError(f"length_scale {length_scale}")
    return rate_hz, float(length_scale)


def _description(model: Path) -> Path:
    return model.with_name(f"{model.name}.json")


def _licence_file(model: Path) -> Path | None:
    """Return `<name>.…license…` beside the model, in either spelling; not that of another voice."""
    beside = (file for file in sorted(model.parent.iterdir()) if file.is_file() and file != model)
    fits = (
        file
        for file in beside
        if file.name.startswith(f"{model.stem}.")
        and any(word in file.name[len(model.stem) :].lower() for word in ("licence", "license"))
    )
    return next(fits, None)


def _licence_text(model: Path) -> str:
    file = _licence_file(model)
    try:
        text = file.read_text(encoding="utf-8", errors="replace") if file else ""
    except OSError:
        return ""
    return text.strip()[:LONGEST_LICENCE_CHARS]


def _no_licence(model: Path) -> str:
    return (
        f"Giọng {model.stem} chưa có tệp giấy phép; hãy đọc giấy phép của giọng, "
        f"rồi lưu vào {model.stem}.license.txt bên cạnh nó."
    )
