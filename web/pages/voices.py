"""The voices of the station: which there are, what is wrong with them, their licences, and how they sound."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from broadcaster.newsroom import voice_list
from broadcaster.store.models import Kind
from web import listening, voices
from web.context import reading, ward

pages = Blueprint("voices", __name__, url_prefix="/giong-doc")

TRIAL = (("Đây là đài truyền thanh. Kính mời bà con và các bạn cùng nghe thông báo.", 300),)


@dataclass(frozen=True, slots=True)
class Shown:
    """One voice on the page."""

    id: str
    name: str
    about: str
    licence: str


@pages.get("")
def show() -> ResponseReturnValue:
    return render_template(
        "voices/show.html",
        engines=[(engine, [_shown(voice) for voice in engine.voices]) for engine in voices.engines()],
        broken=voice_list.broken_own(ward().settings.folder),
        station_voice=voices.station_voice(reading()),
    )


@pages.route("/nghe.wav", methods=["GET", "POST"])
def hear() -> ResponseReturnValue:
    """Say one sentence with the voice and the speed of a form, saved or not."""
    voice = request.values.get("voice", "")[:80]
    if not voice and "dai" not in request.args:
        voice = voices.station_voice(reading())
    return listening.send_trial(TRIAL, voice, _rate())


def _rate() -> float:
    kind = request.values.get("kind", "")
    wished = request.values.get("rate", type=float)
    usual = voice_list.usual_rate(reading(), kind if kind in set(Kind) else Kind.ROUTINE)
    return min(max(wished or usual, 0.5), 2.0)


def _shown(voice: voice_list.Offered) -> Shown:
    about = ", ".join(part for part in (voice.gender, f"miền {voice.region}" if voice.region else "") if part)
    return Shown(voice.id, voice.name, about, voice_list.licence_of(ward().settings.folder, voice.id))
