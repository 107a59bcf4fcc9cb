"""What is wrong now, from the station's last sign of life and its disk: for the bar and for notices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from broadcaster.playout.notify import KINDS
from schedules.clock import LOCAL

NOT_WORKING = "Bộ phát không hoạt động"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One fault that stands."""

    key: str
    kind: str
    """A key of `notify.KINDS`."""
    text: str
    """Names the thing; without a full stop."""
    since: datetime | None = None

    def sentence(self, now: datetime) -> str:
        """Return `text` with the hour from which it stands, and the day when that is not today."""
        if self.since is None:
            return self.text
        here, there = now.astimezone(LOCAL), self.since.astimezone(LOCAL)
        day = "" if here.date() == there.date() else f" {there:%d/%m}"
        return f"{self.text}, từ {there:%H:%M}{day}"


def of_signs(signs: Mapping[str, Any], zones: Mapping[int, Sequence[str]]) -> Iterator[Trouble]:
    """Yield what the station says is wrong; `zones` names those behind each output.

    An output that reaches no zone may be silent without harm.
    """
    for row in signs.get("outputs", []):
        heard_by = zones.get(row["output_id"])
        if row["fault"] and heard_by:
            text = f"{', '.join(heard_by)} ({row['name']}): {_phrase(row['fault'])}"
            yield Trouble(f"output {row['output_id']}", "output", text, _moment(row.get("fault_since")))
    for row in signs.get("on_air", []):
        for fault in row["faults"]:
            yield Trouble(f"airing {row['airing_id']}", "airing", f"{row['title']}: {_phrase(fault)}")
    for row in signs.get("faults", []):
        kind = row["key"].split()[0]
        since = _moment(row.get("since"))
        yield Trouble(row["key"], kind if kind in KINDS else "other", _phrase(row["text"]), since)


def _phrase(text: str) -> str:
    return text.strip().rstrip(".")


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
