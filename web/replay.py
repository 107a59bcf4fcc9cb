"""What was heard, to be heard again: the airchecks of one airing as the history shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from broadcaster.playout import aircheck_inbox
from broadcaster.records import airchecks
from broadcaster.store.models import Aircheck, AircheckHold, History
from web.context import reading, ward

ALIKE_AT = 0.6
"""Less than this is another sound than the one that was signed, or much of it is missing."""


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of sound on one output."""

    row: Aircheck
    likeness: str
    """Beside the signed sound, in words; empty when there is nothing to compare with."""
    is_alike: bool


@dataclass(frozen=True, slots=True)
class Replay:
    """Everything that one output was heard to play of an airing."""

    where: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """All that was kept of an airing, and who keeps it from being removed."""

    replays: tuple[Replay, ...]
    holds: tuple[AircheckHold, ...]
    is_coming: bool
    """More is on its way from the player to the archive."""

    @property
    def has_sound(self) -> bool:
        return any(part.row.removed_at is None for replay in self.replays for part in replay.parts)


def of(row: History) -> Kept:
    kept = airchecks.of_airing(reading(), row.airing_id)
    outputs = dict.fromkeys((each.output_id, each.output) for each in kept)
    return Kept(
        replays=tuple(
            Replay(_where(row.zones, output), tuple(part(each) for each in kept if each.output_id == number))
            for number, output in outputs
        ),
        holds=tuple(airchecks.holds_of(reading(), row.airing_id)),
        is_coming=aircheck_inbox.waits(ward().settings.folder, row.airing_id),
    )


def part(row: Aircheck) -> Part:
    if row.likeness is None:
        return Part(row, "", True)
    is_alike = row.likeness >= ALIKE_AT
    words = f"giống bản đã duyệt {row.likeness:.0%}" if is_alike else "khác bản đã duyệt, hãy nghe lại"
    return Part(row, words.replace("%", " %"), is_alike)


def ear_words(details: Mapping[str, Any] | None) -> str:
    """Return what the monitoring ear heard of an airing; empty when none listened."""
    heard = (details or {}).get("ear")
    if not isinstance(heard, Mapping) or not heard.get("compared_s"):
        return ""
    share = float(heard["heard_s"]) / float(heard["compared_s"])
    return f"nghe thấy {share:.0%} thời gian phát".replace("%", " %") if share else "không nghe thấy gì ở loa"


def _where(zones: Sequence[Mapping[str, Any]], output: str) -> str:
    names = [str(zone["zone"]) for zone in zones if zone.get("output") == output]
    return f"{', '.join(names)} ({output})" if names else output
