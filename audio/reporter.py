"""What a player says twice a second: how far each item is, and how loud it was since the last time."""

from __future__ import annotations

from audio.mixer import Mixer
from audio.player_words import SILENCE_DBFS, Report
from audio.voice import Voice, dbfs


class Reporter:
    """Used by one thread."""

    def __init__(self, mixer: Mixer) -> None:
        self._mixer = mixer
        self._measured: dict[str, tuple[int, float]] = {}
        """By item: frames and energy up to its last report."""

    def reports(self) -> list[Report]:
        """Return one for each item that sounds, else one that says silence."""
        age_s = self._mixer.callback_age_s
        playing = [voice for voice in self._mixer.voices if voice.state == "playing" and voice.accepted]
        said = [self._report(voice, age_s) for voice in playing]
        items = {voice.item for voice in playing}
        self._measured = {item: seen for item, seen in self._measured.items() if item in items}
        return said or [Report(None, 0.0, 0.0, SILENCE_DBFS, SILENCE_DBFS, age_s)]

    def _report(self, voice: Voice, age_s: float) -> Report:
        frames_before, energy_before = self._measured.get(voice.item, (0, 0.0))
        frames, energy = voice.accepted, voice.energy
        self._measured[voice.item] = (frames, energy)
        mean_square = (energy - energy_before) / max(1, frames - frames_before)
        peak, voice.peak = voice.peak, 0.0
        return Report(
            voice.item, voice.position_s, voice.seconds_accepted, dbfs(mean_square), dbfs(peak**2), age_s
        )
