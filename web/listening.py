"""Single sentences to listen to: one maker of sounds for each page server, its voice in another process."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Flask, current_app, send_file
from flask.typing import ResponseReturnValue

from broadcaster.newsroom.sentence_sound import Line, SentenceSounds
from broadcaster.settings import Settings
from broadcaster.store import facts
from web.context import reading

_KEY = "sentence_sounds"


def install(app: Flask, settings: Settings) -> None:
    app.extensions[_KEY] = SentenceSounds(settings.folder, settings.engines, settings.target_lufs)


def close(app: Flask) -> None:
    sounds: SentenceSounds = app.extensions[_KEY]
    sounds.close()


def send(lines: Iterable[Line], voice: str = "", rate: float = 1.0) -> ResponseReturnValue:
    """Answer with the sound of `lines`, in the station's voice when none is named. Raises Refused."""
    sounds: SentenceSounds = current_app.extensions[_KEY]
    wav = sounds.sound_of(lines, voice or facts.get(reading(), facts.VOICE, ""), rate)
    answer = send_file(wav, mimetype="audio/wav", conditional=True, etag=wav.stem, max_age=0)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer
