"""`broadcaster demo`: the whole way of one bulletin in a temporary folder, with the real processes."""

from __future__ import annotations

import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from broadcaster.accounts import pen, people, signing_keys
from broadcaster.accounts.permissions import Actor, Role
from broadcaster.errors import BroadcasterError, RenderingFailed
from broadcaster.newsroom import approval, bulletins, readings, rendering
from broadcaster.newsroom.bulletins import Draft
from broadcaster.playout import requesting, zones
from broadcaster.records import chain, history
from broadcaster.store import Store, facts
from broadcaster.store.migrate import migrate
from broadcaster.store.models import History, Rendering, RenderingState
from schedules.clock import LOCAL, SystemClock

Tell = Callable[[str], object]
Found = TypeVar("Found")

TITLE = "Thông báo vệ sinh môi trường cuối tuần"
WRITTEN = "Theo Kế hoạch số 94/KH-UBND, 7h30 thứ 7 ngày 24/01/2026, UBND phường tổng vệ sinh tại 04 khu phố."
WAIT_S = 60.0
EXACT_S = 0.5


def demonstrate(tell: Tell) -> bool:
    """Write, approve, air and show one bulletin; True when it was heard whole and the history is sound."""
    with tempfile.TemporaryDirectory(prefix="ward-station-demo-") as name:
        store = Store(Path(name))
        try:
            migrate(store)
            author, approver = _furnish(store, tell)
            with _process("broadcaster.newsroom.renderer", Path(name)):
                number, rendering_id = _write(store, author, tell)
                _approve(store, author, approver, number, rendering_id, tell)
            with _process("broadcaster.playout.station", Path(name)):
                return _air(store, author, number, tell)
        finally:
            store.close()


def _furnish(store: Store, tell: Tell) -> tuple[Actor, Actor]:
    now = SystemClock().now()
    with store.write() as session:
        zones.ensure_first_zone(session)
        facts.put(session, facts.ALLOWED_HOURS, ["00:00", "23:59:59"])
        author = people.create(session, "soan", "Người soạn tin", [Role.OFFICER, Role.OPERATOR], now)
        approver = people.create(session, "duyet", "Người duyệt", [Role.APPROVER], now)
        tell("1. Hai người: người soạn tin và người duyệt.")
        return people.actor_of(author), people.actor_of(approver)


def _write(store: Store, author: Actor, tell: Tell) -> tuple[int, int]:
    now = SystemClock().now()
    with store.write() as session:
        bulletin = bulletins.write(session, author, Draft(title=TITLE, written=WRITTEN), now)
        spoken = bulletins.spoken_of(session, bulletin)
        asked = rendering.ask(
            session, bulletin, spoken, now, lexicon=readings.lexicon_for(session, bulletin.id).version
        )
        number, rendering_id = bulletin.id, asked.id
    tell(f"2. Văn bản:   {WRITTEN}")
    tell(f"   Lời đọc:   {spoken.text}")

    def finished() -> str | None:
        with store.read() as session:
            row = session.get_one(Rendering, rendering_id)
            if row.state == RenderingState.FAILED:
                raise RenderingFailed(row.error or "Không đọc được bản tin.")
            return row.clip_sha256

    _until(finished, "Bộ đọc không làm xong bản thu.")
    return number, rendering_id


def _approve(
    store: Store, author: Actor, approver: Actor, number: int, rendering_id: int, tell: Tell
) -> None:
    key, now = pen.new(secrets.token_urlsafe()), SystemClock().now()
    with store.write() as session:
        held = signing_keys.enter(session, people.get(session, approver.id), key, "typed", now)
        approval.submit(session, author, number, now)
        signed = approval.approve(session, approver, number, rendering_id, now, pen=held)
        clip = approval.require_clip(signed)
        tell(
            f"3. Đã duyệt: bản thu {clip.seconds:.2f} giây, {clip.loudness_lufs:.1f} LUFS, "
            f"giọng {clip.engine}, mã {clip.sha256[:12]}…"
        )


def _air(store: Store, author: Actor, number: int, tell: Tell) -> bool:
    with store.write() as session:
        airing = requesting.request_next(session, author, number, [], SystemClock().now())
        airing_id = airing.id
    tell("4. Đang phát…")

    def ended() -> History | None:
        with store.read() as session:
            return history.of_airing(session, airing_id)

    row = _until(ended, "Lượt phát không kết thúc.")
    with store.read() as session:
        breaks = chain.verify(session)
    where = "ra loa" if row.on_loudspeaker else "vào tệp (không ra loa)"
    level = "–" if row.level_dbfs is None else f"{row.level_dbfs:.1f} dBFS"
    start = row.started_at.astimezone(LOCAL).strftime("%H:%M:%S") if row.started_at else "–"
    tell(
        f"5. Nhật ký: {row.result} | {start} | {row.title} | nghe được {row.seconds_heard:.2f} / "
        f"{row.seconds_planned:.2f} giây | {level} | {where} | soạn: {row.author} | duyệt: {row.approver}"
    )
    if row.reason:
        tell(f"   {row.reason}")
    tell("6. Chuỗi nhật ký toàn vẹn." if not breaks else breaks[0].sentence)
    return row.result == "played" and abs(row.seconds_heard - row.seconds_planned) <= EXACT_S and not breaks


@contextmanager
def _process(module: str, folder: Path) -> Iterator[None]:
    process = subprocess.Popen((sys.executable, "-m", module, "--data", str(folder)))
    try:
        yield
    finally:
        process.terminate()
        process.wait(15)


def _until(look: Callable[[], Found | None], otherwise: str) -> Found:
    """Look again and again until there is something; BroadcasterError after `WAIT_S`."""
    deadline = time.monotonic() + WAIT_S
    while time.monotonic() < deadline:
        if (found := look()) is not None:
            return found
        time.sleep(0.1)
    raise BroadcasterError(otherwise)
