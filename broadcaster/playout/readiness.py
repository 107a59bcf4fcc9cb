"""A quarter of an hour and two minutes before something sounds: is everything there that it needs?

Looked at by a thread of its own, for clips are read to the last byte; the engine writes down what was found.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.newsroom import approval, clips
from broadcaster.playout import schedule_signing, slots
from broadcaster.playout.running_order import standing_hold
from broadcaster.store import Store, pulse
from broadcaster.store.models import Airing, AiringState, ReadinessCheck
from schedules.clock import LOCAL, Clock

logger = logging.getLogger(__name__)

MINUTES_BEFORE = (15, 2)
LOOK_S = 20.0
"""How often the plan is looked at for what comes next."""
LATE_SIGN_S = 10.0
LEAST_FREE_BYTES = 200 << 20
"""Room for half an hour of sound and its record."""

Chore = Callable[[Session, datetime], object]


@dataclass(frozen=True, slots=True)
class Found:
    """What one look at one occurrence found."""

    programme_id: int | None
    planned_at: datetime
    minutes_before: int
    title: str
    problems: tuple[str, ...]


class Readiness:
    """Looks ahead; `ask` hands a chore to the engine's thread."""

    def __init__(self, store: Store, clock: Clock, ask: Callable[[Chore], None]) -> None:
        self._store = store
        self._clock = clock
        self._ask = ask
        self._looked: set[tuple[int | None, datetime, str, int]] = set()

    def look(self) -> None:
        """Check what starts within a quarter of an hour and was not checked at this distance yet."""
        for found in self._check(self._clock.now()):
            if found.problems:
                logger.warning("not ready for %s: %d problems", found.planned_at, len(found.problems))
            self._ask(partial(_write_down, found))

    def _check(self, now: datetime) -> list[Found]:
        signs = pulse.read(self._store.folder, "station")
        outputs = signs.detail.get("outputs", []) if signs and abs(signs.age_s) < LATE_SIGN_S else None
        with self._store.read() as session:
            common = [*_common_problems(session, self._store), *_output_problems(outputs)]
            return [
                Found(rows[0].programme_id, rows[0].planned_at, minutes, title, tuple(problems))
                for rows, minutes, title in self._due(session, now)
                for problems in [[*common, *_problems(session, self._store, rows)]]
            ]

    def _due(self, session: Session, now: datetime) -> Iterator[tuple[list[Airing], int, str]]:
        ahead = now + timedelta(minutes=MINUTES_BEFORE[0])
        rows = slots.airings_between(session, now, ahead)
        planned = [row for row in rows if row.state == AiringState.PLANNED]
        for _, group in groupby(sorted(planned, key=slots.group_of), key=slots.group_of):
            parts = list(group)
            title = parts[0].programme.name if parts[0].programme else parts[0].bulletin.title
            minutes = _distance(parts[0].planned_at - now)
            seen = (parts[0].programme_id, parts[0].planned_at, title, minutes)
            if seen not in self._looked:
                self._looked.add(seen)
                yield parts, minutes, title


def newest(session: Session, now: datetime) -> list[ReadinessCheck]:
    """Return the last check of each occurrence that is still to come."""
    query = select(ReadinessCheck).where(ReadinessCheck.planned_at >= now).order_by(ReadinessCheck.id)
    last = {(row.programme_id, row.planned_at, row.title): row for row in session.scalars(query)}
    return sorted(last.values(), key=lambda row: row.planned_at)


def _distance(left: timedelta) -> int:
    return min(minutes for minutes in MINUTES_BEFORE if left <= timedelta(minutes=minutes))


def _write_down(found: Found, session: Session, now: datetime) -> None:
    known = select(ReadinessCheck.id).where(
        ReadinessCheck.programme_id == found.programme_id,
        ReadinessCheck.planned_at == found.planned_at,
        ReadinessCheck.minutes_before == found.minutes_before,
        ReadinessCheck.title == found.title,
    )
    if session.scalar(known) is None:
        session.add(
            ReadinessCheck(
                programme_id=found.programme_id,
                planned_at=found.planned_at,
                minutes_before=found.minutes_before,
                checked_at=now,
                title=found.title,
                problems=list(found.problems),
            )
        )


# --- what may be wrong ---


def _common_problems(session: Session, store: Store) -> Iterator[str]:
    hold = standing_hold(session)
    if hold is not None:
        yield "Đang dừng tất cả hoặc chờ xác nhận đồng hồ; hãy cho phép phát lại."
    if shutil.disk_usage(store.folder).free < LEAST_FREE_BYTES:
        yield "Ổ đĩa gần đầy; hãy dọn bớt để còn ghi được nhật ký."


def _output_problems(outputs: Sequence[Mapping[str, Any]] | None) -> Iterator[str]:
    if outputs is None:
        yield "Bộ phát không trả lời; hãy xem “Tình trạng máy”."
        return
    for output in outputs:
        if not output["is_ready"]:
            yield f"Đường ra “{output['name']}” chưa mở được; hãy kiểm tra dây và nguồn."
        elif not output["is_loudspeaker"]:
            yield f"Đường ra “{output['name']}” chỉ ghi ra tệp, không ra loa."


def _problems(session: Session, store: Store, rows: Iterable[Airing]) -> Iterator[str]:
    unsigned = {programme.id for programme in schedule_signing.unsigned(session)}
    for row in rows:
        title = f"“{row.bulletin.title}”"
        signed = approval.valid_approval(session, row.bulletin_id, row.planned_at.astimezone(LOCAL).date())
        if row.programme_id in unsigned:
            yield "Chương trình chưa được ký duyệt; hãy nhờ người duyệt ký."
            unsigned.discard(row.programme_id)
        if signed is None:
            yield f"{title} chưa được duyệt nên sẽ không phát."
        elif signed.clip_sha256 and not clips.is_intact(store.folder, signed.clip_sha256):
            yield f"Bản thu của {title} bị mất hoặc đã thay đổi; hãy thu lại và duyệt lại."
        if not any(zone.is_active for zone in row.zones):
            yield f"{title} không còn cụm loa nào để phát."
