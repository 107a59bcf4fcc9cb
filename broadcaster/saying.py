"""`broadcaster say`: a text to the loudspeaker at once, or to a mastered WAV; no store, no approval.

For trying voices and outputs at the machine itself: who may run this could also speak into the amplifier.
"""

from __future__ import annotations

from pathlib import Path

from audio.formats import write_wav
from audio.outputs.output import NoDevice, OutputError
from audio.outputs.spec import OutputSpec
from audio.playing import play
from audio.speech import engines
from audio.speech.chain import Chain
from audio.speech.engine import SpeechEngine, SpeechError
from audio.studio import Line, Script, speak_stream, speak_whole
from broadcaster import settings
from broadcaster.errors import BroadcasterError, NotFound, RenderingFailed
from broadcaster.text import Sentence, guard, to_spoken


def say(folder: Path, text: str, *, voice: str = "", out: Path | None = None, raw: bool = False) -> str:
    """Speak `text` and return the sentence that tells what was done.

    With `raw` the words go to the engine as they are, line by line. Without a sound card the sound goes to
    a file under `folder`, and the sentence says so. Raises NotFound for a voice that no engine has, and
    RenderingFailed.
    """
    known = settings.load(folder)
    lines, left_out = _lines(text, raw)
    try:
        engine = _engine_with(voice, known) if voice else _first_ready(known)
    except SpeechError as error:
        raise RenderingFailed(str(error)) from error
    try:
        if (reason := engine.check()) is not None:
            raise RenderingFailed(reason)
        if out is not None:
            return _to_file(lines, voice, known.target_lufs, engine, out) + left_out
        return _to_output(lines, voice, known, engine) + left_out
    except SpeechError as error:
        raise RenderingFailed(str(error)) from error
    finally:
        engine.close()


def _engine_with(voice: str, known: settings.Settings) -> SpeechEngine:
    """Return the engine that has `voice`, chosen in the settings or not. Raises NotFound."""
    names = dict.fromkeys((*known.engines, *engines.names(known.folder)))
    for name in names:
        if voice in {each.id for each in engines.voices([name], known.folder)}:
            return _built(name, known)
    ids = ", ".join(each.id for each in engines.voices(known.engines, known.folder))
    raise NotFound(f"Không có giọng “{voice}”; dùng được: {ids}. Xem mọi giọng bằng: broadcaster voices")


def _first_ready(known: settings.Settings) -> SpeechEngine:
    """Return the first engine of the settings that can speak here and now without a network."""
    for name in known.engines:
        engine = _built(name, known)
        if not engine.needs_network and engine.check() is None:
            return engine
        engine.close()
    return _built("espeak", known)


def _built(name: str, known: settings.Settings) -> SpeechEngine:
    [engine] = engines.build([name], known.folder / "cache", known.folder)
    return engine


def _lines(text: str, raw: bool) -> tuple[list[Line], str]:
    """Return what can be said, and a remark on what may not be said without a person's decision."""
    if raw:
        return [Line(line, 450) for line in text.splitlines() if line.strip()], ""
    spoken = to_spoken(text)
    unfit = [sentence for sentence in spoken.sentences if guard(sentence.text)]
    lines = [Line(sentence.text, sentence.pause_ms) for sentence in spoken.sentences if sentence not in unfit]
    return lines, _remark(unfit)


def _remark(unfit: list[Sentence]) -> str:
    if not unfit:
        return ""
    return f" Đã bỏ {len(unfit)} câu chưa đọc được, ví dụ: “{unfit[0].text[:80]}”."


def _to_file(lines: list[Line], voice: str, lufs: float, engine: SpeechEngine, out: Path) -> str:
    script = Script(tuple(lines), voice=voice, target_lufs=lufs, with_chime=False)
    mastered = speak_whole(script, Chain([engine]))
    try:
        write_wav(out, mastered.pcm)
    except OSError as error:
        raise BroadcasterError(f"Không ghi được {out}: {error.strerror}.") from error
    return f"Đã ghi {mastered.pcm.seconds:.1f} giây vào {out}.".replace(".", ",", 1)


def _to_output(lines: list[Line], voice: str, known: settings.Settings, engine: SpeechEngine) -> str:
    blocks = speak_stream(lines, engine, voice, target_lufs=known.target_lufs)
    try:
        heard = play(blocks, OutputSpec("soundcard", known.sound_device), "say")
        where = "ra loa"
    except NoDevice:
        heard = play(blocks, OutputSpec("file", folder=known.folder / "heard"), "say")
        where = f"vào tệp trong {known.folder / 'heard'} (không ra loa: không thấy card âm thanh)"
    except OutputError as error:
        raise BroadcasterError(str(error)) from error
    return f"Đã đọc {heard:.1f} giây {where}.".replace(".", ",", 1)
