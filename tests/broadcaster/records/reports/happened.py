"""A year at a station that holds every way in which an airing may end, and a plain list of it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy.orm import Session

from broadcaster.records import chain
from broadcaster.store import facts
from broadcaster.store.models import Airing, AiringState, Boot, History
from schedules.clock import LOCAL

AFTER = datetime(2027, 1, 4, 8, 0, tzinfo=LOCAL)
"""A Monday after the year: when its report is written."""
YEAR = 2026
TOPICS = ("Cải cách hành chính", "Y tế", "y tế", "An ninh", "")
PROGRAMMES = ("Bản tin sáng", "Bản tin chiều", "")
ZONES = ("Khu phố 1", "Khu phố 2", "Tổ 3")
OUTCOMES = (
    ("played", "", True, 30),
    ("played", "some_zones", True, 3),
    ("played", "", False, 3),
    ("cut", "person", True, 3),
    ("cut", "emergency", False, 1),
    ("failed", "silent", True, 2),
    ("failed", "no_output", False, 2),
    ("missed", "power_off", False, 4),
    ("missed", "busy", False, 2),
    ("cancelled", "removed", False, 3),
)
"""Result, cause, whether it reached a loudspeaker, how often out of 53."""
AddRow = Callable[..., History]


@dataclass(slots=True)
class Happened:
    """What was put into the history of the year: `rows` are those in force."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    superseded: int = 0

    def between(self, first: date, last: date) -> list[dict[str, Any]]:
        return [row for row in self.rows if first <= row["planned_at"].astimezone(LOCAL).date() <= last]


def fill(session: Session, add_row: AddRow, rows: int = 150, seed: int = 6) -> Happened:
    """Write a year of about `rows` airings, alerts, drills, live talks and corrections."""
    chance = random.Random(seed)
    happened = Happened()
    facts.put(session, facts.STATION_NAME, "Đài truyền thanh phường Bình Minh")
    moments = sorted(_moment(chance) for _ in range(rows))
    edges = [datetime.combine(day, at, LOCAL) for day, at in _EDGES]
    for at in [*moments, *edges]:
        _write(happened, add_row, at, _ordinary(chance))
    _write_rare(happened, add_row)
    _supersede(session, happened)
    _correct_one(session, happened)
    _go_off(session)
    session.flush()
    return happened


_EDGES = (
    (date(2025, 12, 31), time(23, 59, 59)),
    (date(2026, 1, 1), time(0, 0)),
    (date(2026, 3, 31), time(23, 59, 59)),
    (date(2026, 4, 1), time(0, 0)),
    (date(2026, 12, 31), time(23, 59, 59)),
    (date(2027, 1, 1), time(0, 0)),
)


def _moment(chance: random.Random) -> datetime:
    return datetime(2025, 11, 1, 5, 30, tzinfo=LOCAL) + timedelta(
        days=chance.randrange(426), minutes=30 * chance.randrange(30)
    )


def _ordinary(chance: random.Random) -> dict[str, Any]:
    weights = [each[3] for each in OUTCOMES]
    ((result, cause, loud, _),) = chance.choices(OUTCOMES, weights)
    number = chance.randrange(12)
    heard = chance.randrange(20, 400) + 0.125 if result in ("played", "cut") or cause == "silent" else 0.0
    zones = chance.sample(ZONES, chance.randrange(1, 4))
    return {
        "result": result,
        "cause": cause,
        "on_loudspeaker": loud,
        "seconds_heard": heard,
        "zones": [
            _zone(zone, 0.0 if cause == "some_zones" and n > 0 else heard) for n, zone in enumerate(zones)
        ],
        "bulletin_id": number + 1,
        "title": f"=Tin số {number + 1}",
        "topic": TOPICS[number % len(TOPICS)],
        "kind": "priority" if number % 5 == 0 else "routine",
        "programme": chance.choice(PROGRAMMES),
        "source": ("text", "recording", "relay", None)[number % 4],
        "details": {"overrides": [{"rule": "Quá giờ", "reason": 'tìm "drill": trẻ', "by": "A"}]}
        if number == 3
        else None,
    }


def _zone(zone: str, heard: float) -> dict[str, Any]:
    return {"zone": zone, "output": "Loa", "seconds_heard": heard, "level_dbfs": -20.0, "fault": ""}


def _write(happened: Happened, add_row: AddRow, at: datetime, values: dict[str, Any]) -> History:
    row = add_row(at, ended_at=at, started_at=at if values["seconds_heard"] else None, **values)
    happened.rows.append({"planned_at": at, "id": row.id, **values})
    return row


def _write_rare(happened: Happened, add_row: AddRow) -> None:
    """An alert of three turns and its end, a drill, a live talk."""
    at = datetime(YEAR, 9, 8, 14, 0, tzinfo=LOCAL)
    loud = {
        "result": "played", "cause": "", "on_loudspeaker": True, "seconds_heard": 40.0,
        "zones": [_zone("Khu phố 1", 40.0)], "kind": "emergency", "topic": "", "programme": "",
    }  # fmt: skip
    for turn in range(3):
        _write(happened, add_row, at + timedelta(minutes=turn), {
            **loud, "bulletin_id": 31, "title": "Sơ tán vùng trũng", "source": "alert",
            "details": {"alert": 1, "turn": turn, "why": "Nước lên"},
        })  # fmt: skip
    _write(happened, add_row, at + timedelta(minutes=9), {
        **loud, "bulletin_id": 31, "title": "Báo kết thúc: Sơ tán vùng trũng", "source": "alert",
        "details": {"alert": 1, "turn": 3, "why": "Nước lên", "all_clear": True},
    })  # fmt: skip
    _write(happened, add_row, at + timedelta(days=30), {
        **loud, "bulletin_id": 32, "title": "Diễn tập: Báo cháy", "source": "alert",
        "details": {"alert": 2, "turn": 0, "why": "Diễn tập PCCC", "drill": True},
    })  # fmt: skip
    _write(happened, add_row, at + timedelta(days=40), {
        **loud, "kind": "routine", "bulletin_id": 33, "title": "Chủ tịch nói chuyện", "source": "live",
        "details": None,
    })  # fmt: skip


def _supersede(session: Session, happened: Happened) -> None:
    for part in range(3):
        at = datetime(YEAR, 5, 5, 17, 0, tzinfo=LOCAL) + timedelta(hours=part)
        session.add(
            Airing(
                request_id=1, planned_at=at, part=50_000 + part, bulletin_id=1, deadline=at,
                state=AiringState.SUPERSEDED, cause="moved", ended_at=at,
            )
        )  # fmt: skip
        happened.superseded += 1


def _correct_one(session: Session, happened: Happened) -> None:
    """A played row of the year that was none: its correction says missed, and it counts no more."""
    wrong = next(
        row for row in happened.rows
        if row["result"] == "played" and row["on_loudspeaker"] and row["planned_at"].year == YEAR
    )  # fmt: skip
    told = session.get_one(History, wrong["id"])
    names = [column.key for column in History.__table__.columns if column.key not in _OF_THE_CHAIN]
    values = {name: getattr(told, name) for name in names}
    right = {
        "result": "missed", "cause": "power_off", "seconds_heard": 0.0, "on_loudspeaker": False,
        "zones": [{**zone, "seconds_heard": 0.0} for zone in wrong["zones"]],
    }  # fmt: skip
    row = History(**{**values, **right, "corrects_id": told.id})
    chain.link(session, row)
    session.flush()
    happened.rows[happened.rows.index(wrong)] = {**wrong, **right, "id": row.id}


_OF_THE_CHAIN = ("id", "previous_hash", "row_hash", "corrects_id")


def _go_off(session: Session) -> None:
    """The station was off for a night in June."""
    june = datetime(YEAR, 6, 1, 20, 0, tzinfo=LOCAL)
    session.add(Boot(started_at=datetime(2025, 11, 1, tzinfo=LOCAL), alive_at=june))
    session.add(Boot(started_at=june + timedelta(hours=11), alive_at=AFTER))
