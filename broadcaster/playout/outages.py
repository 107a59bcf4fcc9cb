"""Stretches of time in which nothing could be played, and the words for what was missed because of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from schedules.clock import LOCAL
from schedules.decision import Miss, MissWhy


@dataclass(frozen=True, slots=True)
class Outage:
    """The machine or the station was off from `start` to `end`."""

    start: datetime
    end: datetime
    cause = "power_off"

    def holds(self, moment: datetime) -> bool:
        return self.start <= moment <= self.end

    def words(self) -> str:
        return f"Máy không hoạt động từ {_words(self.start)} đến {_words(self.end)}."


class ClockGap(Outage):
    """Wall-clock time that never was: the clock was set forward over it."""

    cause = "clock"

    def words(self) -> str:
        return f"Đồng hồ bị chỉnh từ {_words(self.start)} sang {_words(self.end)}."


class RestoredGap(Outage):
    """Time that the books do not hold: the station was made again from a copy taken at its start."""

    cause = "restored"

    def words(self) -> str:
        return (
            f"Trạm được khôi phục từ bản sao lưu lúc {_words(self.start)}; "
            f"không rõ những gì đã phát từ đó đến {_words(self.end)}."
        )


def why_missed(missed: Miss, gaps: Iterable[Outage]) -> tuple[str, str]:
    """Return the cause (a key of `records.causes.CAUSES`) and the sentence for a person."""
    for gap in gaps:
        if gap.holds(missed.deadline):
            return gap.cause, gap.words()
    match missed.why:
        case MissWhy.HOLD:
            return "hold", "Đến giờ phát khi đài đang dừng, chờ người cho phát lại."
        case MissWhy.NO_ZONE:
            return "no_output", "Không có cụm loa nào để phát."
        case MissWhy.ON_AIR | MissWhy.BEHIND:
            return "busy", "Cụm loa bận cho đến khi quá giờ được phát trễ."
        case MissWhy.NEXT_PART:
            return "no_room", "Không đủ thời lượng chương trình."
        case _:
            return "late", "Không kịp bắt đầu trong khoảng được phát trễ."


def _words(moment: datetime) -> str:
    return f"{moment.astimezone(LOCAL):%H:%M:%S %d/%m/%Y}"
