"""`broadcaster voices`: the engines and voices of this station, what is wrong with them, their licences."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from audio.speech import engines, piper_voices
from audio.speech.chain import what_is_wrong
from audio.speech.engine import SpeechEngine, SpeechError, SpeechRequest, Voice
from audio.speech.piper import PiperEngine
from audio.speech.piper_voices import PiperVoice
from broadcaster import settings
from broadcaster.errors import BroadcasterError, NotFound, Refused, SettingsError

_TRIAL = "Ủy ban nhân dân phường xin thông báo."
_TRIAL_DEADLINE_S = 60.0


@dataclass(frozen=True, slots=True)
class Engine:
    name: str
    """As it stands in the settings."""
    title: str
    is_chosen: bool
    needs_network: bool
    wrong: str | None
    voices: tuple[Voice, ...]


@dataclass(frozen=True, slots=True)
class Owned:
    """A Piper voice of the station."""

    name: str
    rate_hz: int
    wrong: str | None
    licence: str


@dataclass(frozen=True, slots=True)
class Found:
    engines: tuple[Engine, ...]
    owned: tuple[Owned, ...]

    @property
    def is_well(self) -> bool:
        """Return whether every chosen engine is ready and every voice of the station's own speaks."""
        chosen = (each.wrong for each in self.engines if each.is_chosen)
        return not any([*chosen, *(voice.wrong for voice in self.owned)])


def look(folder: Path) -> Found:
    """Look at all engines, the chosen ones first; each voice of the station's own says a sentence.

    Never asks the network. Raises SettingsError when settings or descriptions cannot be read.
    """
    chosen = settings.load(folder).engines
    try:
        others = (name for name in engines.names(folder) if name not in chosen)
        listed = tuple(_engine(name, folder, is_chosen=name in chosen) for name in (*chosen, *others))
    except SpeechError as error:
        raise SettingsError(str(error)) from error
    return Found(listed, tuple(_tried(folder / engines.VOICES_FOLDER)))


def licence(folder: Path, name: str) -> str:
    """Return the licence text of the Piper voice `name`, which may be given as its id too."""
    for each in piper_voices.found(folder / engines.VOICES_FOLDER):
        if name in (each.name, each.voice.id):
            return each.licence or str(each.wrong)
    raise NotFound(f"Không có giọng Piper “{name}” trong {folder / engines.VOICES_FOLDER}.")


def add(folder: Path, source: Path) -> tuple[str, ...]:
    """Copy the voices in `source` into the station, if all of them speak, and return their names.

    Raises Refused naming the first that does not. The model comes last and by a rename: a station that runs
    never sees half a voice.
    """
    tried = list(_tried(source))
    if not tried:
        raise NotFound(f"Không có tệp giọng .onnx nào trong {source}.")
    if broken := next((each.wrong for each in tried if each.wrong), None):
        raise Refused(broken)
    target = folder / engines.VOICES_FOLDER
    try:
        target.mkdir(parents=True, exist_ok=True)
        for voice in piper_voices.found(source):
            _copy(voice, target)
    except OSError as error:
        raise BroadcasterError(f"Không chép được giọng vào {target}: {error.strerror}.") from error
    return tuple(each.name for each in tried)


def _copy(voice: PiperVoice, target: Path) -> None:
    for file in reversed(piper_voices.files_of(voice)):
        aside = target / f".{file.name}.part"
        shutil.copyfile(file, aside)
        aside.replace(target / file.name)


def _engine(name: str, folder: Path, *, is_chosen: bool) -> Engine:
    [engine] = engines.build([name], station=folder)
    try:
        return Engine(name, engine.name, is_chosen, engine.needs_network, engine.check(), engine.voices())
    finally:
        engine.close()


def _tried(folder: Path) -> Iterator[Owned]:
    engine = PiperEngine(folder)
    try:
        for voice in piper_voices.found(folder):
            wrong = voice.wrong or _speaks_not(engine, voice)
            yield Owned(voice.name, voice.rate_hz, wrong, voice.licence)
    finally:
        engine.close()


def _speaks_not(engine: SpeechEngine, voice: PiperVoice) -> str | None:
    asked = SpeechRequest(_TRIAL, voice.voice.id)
    try:
        wrong = engine.check() or what_is_wrong(engine.synthesize(asked, _TRIAL_DEADLINE_S), asked)
    except SpeechError as error:
        return str(error)
    return f"Giọng {voice.name} đọc thử không đạt: {wrong}" if wrong else None


# --- as words ---


def as_json(found: Found) -> str:
    return json.dumps(asdict(found), ensure_ascii=False, indent=1)


def as_text(found: Found) -> str:
    return "\n".join(line for lines in (_engine_lines(found), _owned_lines(found)) for line in lines)


def _engine_lines(found: Found) -> Iterator[str]:
    for each in found.engines:
        chosen = "đang chọn" if each.is_chosen else "chưa chọn"
        network = ", cần mạng khi chuẩn bị" if each.needs_network else ""
        yield f"{each.name} – {each.title} ({chosen}{network}): {each.wrong or 'sẵn sàng'}"
        yield from (f"    {voice.id}  {voice.name}" for voice in each.voices)


def _owned_lines(found: Found) -> Iterator[str]:
    for each in found.owned:
        state = f"HỎNG  {each.wrong}" if each.wrong else f"ổn    {each.rate_hz} Hz"
        yield f"Giọng Piper {each.name}: {state}"
        if each.licence:
            yield f"    giấy phép: {each.licence.splitlines()[0][:100]}"
