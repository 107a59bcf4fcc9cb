"""What is wrong now, from the station's last sign of life and its disk: for the bar and for notices."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from broadcaster.playout.notify import KINDS
from schedules.clock import LOCAL

EVENTS = frozenset({"airing", "restart"})
"""What happened and is over, shown for a while; it has its hour in its words."""
NOT_WORKING = "Bộ phát không hoạt động"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One fault that stands."""

    key: str
    kind: str
    """A key of `notify.KINDS`."""
    text: str
    """What is wrong, without a full stop; it names the thing unless `where` does."""
    since: datetime | None = None
    where: str = ""
    """Which zones are silent because of it, and the output's name."""

    def sentence(self, now: datetime | None = None) -> str:
        """Return what stands on the page at `now`: since what hour, and what day if that is not today."""
        since = self._since(now)
        if self.where:
            return f"{self.where} không có tiếng{since}: {self.text}"
        return f"{self.text},{since}" if since else self.text

    def _since(self, now: datetime | None) -> str:
        if self.since is None or now is None:
            return ""
        here, there = now.astimezone(LOCAL), self.since.astimezone(LOCAL)
        return f" từ {there:%H:%M}" if here.date() == there.date() else f" từ {there:%H:%M %d/%m}"


def of_signs(signs: Mapping[str, Any], zones: Mapping[int, Sequence[str]]) -> Iterator[Trouble]:
    """Yield what the station says is wrong; `zones` names those behind each output.

    An output that reaches no zone may be silent without harm.
    """
    for row in signs.get("outputs", []):
        heard_by = zones.get(row["output_id"])
        if row["fault"] and heard_by:
            where, since = f"{', '.join(heard_by)} ({row['name']})", _moment(row.get("fault_since"))
            yield Trouble(f"output {row['output_id']}", "output", _phrase(row["fault"]), since, where)
    for row in signs.get("on_air", []):
        for fault in row["faults"]:
            yield Trouble(f"airing {row['airing_id']}", "airing", f"{row['title']}: {_phrase(fault)}")
    for row in signs.get("faults", []):
        kind = row["key"].split()[0]
        since = None if kind in EVENTS else _moment(row.get("since"))
        yield Trouble(row["key"], kind if kind in KINDS else "other", _phrase(row["text"]), since)


def _phrase(text: str) -> str:
    return text.strip().rstrip(".")


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
