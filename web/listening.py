"""Single sentences to listen to: one maker of sounds for each page server, its voice in another process."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from flask import Flask, current_app, send_file
from flask.typing import ResponseReturnValue

from broadcaster.errors import Refused
from broadcaster.newsroom.sentence_sound import Line, SentenceSounds
from broadcaster.settings import Settings
from broadcaster.store import facts
from web.context import reading

NOTICE = "X-Notice"
"""Header with what the listener must know, percent-encoded."""
_KEY = "sentence_sounds"


def install(app: Flask, settings: Settings) -> None:
    app.extensions[_KEY] = SentenceSounds(settings.folder, settings.engines, settings.target_lufs)


def close(app: Flask) -> None:
    sounds: SentenceSounds = app.extensions[_KEY]
    sounds.close()


def send(lines: Iterable[Line], voice: str = "", rate: float = 1.0) -> ResponseReturnValue:
    """Answer with the sound of `lines`, in the station's voice when none is named. Raises Refused.

    Where another voice had to speak, the answer says so.
    """
    return _sound(lines, voice or facts.get(reading(), facts.VOICE, ""), rate)


def send_trial(lines: Iterable[Line], voice: str, rate: float) -> ResponseReturnValue:
    """Answer with `lines` in exactly this voice, or Refused: a trial by another one would be no trial."""
    return _sound(lines, voice, rate, is_trial=True)


def _sound(lines: Iterable[Line], voice: str, rate: float, *, is_trial: bool = False) -> ResponseReturnValue:
    sounds: SentenceSounds = current_app.extensions[_KEY]
    heard = sounds.sound_of(lines, voice, rate)
    if is_trial and heard.notice:
        raise Refused(f"Chưa nghe được giọng này. {heard.notice}")
    answer = send_file(heard.wav, mimetype="audio/wav", conditional=True, etag=heard.wav.stem, max_age=0)
    answer.headers["Cache-Control"] = "private, no-cache"
    if heard.notice:
        answer.headers[NOTICE] = quote(heard.notice)
    return answer
