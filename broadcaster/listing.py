"""What the command line prints of the plan and of the history."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, BinaryIO

from sqlalchemy.orm import Session

from broadcaster.playout.day import DayView, day_view
from broadcaster.records import history_files
from broadcaster.records.history import HistoryFilter
from broadcaster.records.history_csv import RESULT_WORDS
from broadcaster.store.models import AiringState
from schedules.clock import LOCAL

STATES: dict[str, str] = {
    AiringState.PLANNED: "sẽ phát",
    AiringState.CLAIMED: "chuẩn bị phát",
    AiringState.STARTED: "đang phát",
    **RESULT_WORDS,
}


def rundown(session: Session, dates: Sequence[date], now: datetime, *, as_json: bool) -> str:
    """Return the days' running order as text for a person, or as JSON with moments in UTC."""
    days = [day_view(session, day, now) for day in dates]
    if as_json:
        return json.dumps([_day_fields(day) for day in days], ensure_ascii=False, indent=1)
    return "\n".join(line for day in days for line in _day_lines(day))


def history(session: Session, first: date | None, last: date | None, form: str, target: BinaryIO) -> None:
    """Write the rows between two dates, oldest first, as `json`, `csv`, `xlsx` or `docx`."""
    history_files.write(session, HistoryFilter(first_date=first, last_date=last), form, target)


def _day_lines(day: DayView) -> Iterator[str]:
    yield f"{day.day:%d/%m/%Y}"
    for block in day.blocks:
        if not block.items and block.programme_id is None:
            continue  # only something that left the plan
        start = block.starts_at.astimezone(LOCAL)
        name = block.name or "Phát theo giờ"
        yield f"  {start:%H:%M:%S}  {name} ({', '.join(block.zones)})"
        if not block.items:
            yield f"            {block.rests or 'chưa có bản tin'}"
        for item in block.items:
            begin = item.starts_at.astimezone(LOCAL)
            words = f"{item.title} – {item.length_s:.0f} giây – {STATES[item.state]} {item.note}"
            yield f"    {begin:%H:%M:%S}  {words}".rstrip()


def _day_fields(day: DayView) -> dict[str, Any]:
    return {
        "date": day.day.isoformat(),
        "blocks": [
            {
                "programme": block.name,
                "starts_at": block.starts_at.isoformat(),
                "zones": list(block.zones),
                "airings": [
                    {
                        "airing": item.airing_id,
                        "bulletin": item.bulletin_id,
                        "title": item.title,
                        "kind": item.kind,
                        "state": item.state.value,
                        "starts_at": item.starts_at.isoformat(),
                        "ends_at": item.ends_at.isoformat(),
                        "seconds": round(item.length_s, 3),
                        "is_approved": item.is_approved,
                        "note": item.note,
                    }
                    for item in block.items
                ],
            }
            for block in day.blocks
            if block.items or block.programme_id is not None
        ],
    }
