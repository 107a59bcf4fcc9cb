"""Can it speak, and is what it pays with kept to itself?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from broadcaster import settings
from broadcaster.doctor.findings import Check, Finding

if TYPE_CHECKING:
    from broadcaster.newsroom.voice_list import Engine


def _voices(folder: Path) -> Iterator[Finding]:
    """The engines of the settings; one that cannot speak is no fault while another can."""
    from audio.speech import engines  # noqa: PLC0415 - only here
    from audio.speech.engine import SpeechError  # noqa: PLC0415
    from broadcaster.newsroom import voice_list  # noqa: PLC0415

    chosen = settings.load(folder).engines
    try:
        engines.require_known(chosen, folder)
    except SpeechError as error:
        yield Finding("giọng đọc", False, str(error), f"Sửa mục “engines” trong {folder / 'settings.toml'}.")
        return
    for engine in voice_list.offered(folder, chosen):
        words = f"{engine.title}: {engine.wrong or f'sẵn sàng, {len(engine.voices)} giọng'}"
        yield Finding("giọng đọc", not engine.wrong, words, _advice(engine))
    for wrong in voice_list.broken_own(folder):
        yield Finding("giọng của đài", False, wrong, "Sửa tệp giọng rồi thử lại bằng: broadcaster voices")


def _advice(engine: Engine) -> str:
    if not engine.wrong:
        return ""
    if engine.name == "espeak":
        return "Cài lại chương trình bằng: make run"
    return "Làm theo câu trên, hoặc bỏ bộ đọc này khỏi mục “engines”; bản tin do bộ đọc kế tiếp đọc."


CHECKS: dict[str, Check] = {"giọng đọc": _voices}
