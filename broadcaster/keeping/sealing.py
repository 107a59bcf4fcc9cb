"""The daily seal: made, kept as a file, carried to the second place, and told to people who asked for it."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from sqlalchemy.orm import Session

from broadcaster.errors import Invalid, StoreError
from broadcaster.keeping import places
from broadcaster.playout import notify
from broadcaster.records import integrity, seal_check, seals
from broadcaster.records.audit import Named
from broadcaster.records.days import moment_words
from broadcaster.store import Store, facts, station_key
from broadcaster.store.models import Seal


def seal(store: Store, now: datetime) -> str:
    """Seal every chain as it stands, as one of the tasks of the night.

    Raises StoreError when the rows do not fit the seal before any more: the new one is made all the same, for
    what comes after it must be protected too.
    """
    made, misfits = make(store, now)
    if misfits:
        raise StoreError(f"{misfits} Hãy mở trang “Kiểm tra toàn vẹn” và giữ lại các tệp niêm phong cũ.")
    return f"Đã lập dấu niêm phong số {made.id}, mã {seals.short(made.sha256)}."


def make(store: Store, now: datetime, actor: Named | None = None) -> tuple[Seal, str]:
    """Return a new seal, and in words what does not fit the one before; empty when all does."""
    key = station_key.of(store.folder)
    with store.write() as session:
        misfits = _misfits(session)
        made = seals.make(session, key, now, actor)
        if facts.get(session, facts.SEAL_NOTICES):
            notify.tell(session, "keeping", notice(made), now)
    keep_files(store)
    return made, misfits


def keep_files(store: Store) -> None:
    """Write the newest seals into the data folder and the second place, where they do not lie there yet.

    That the second place is out of reach is told by the task that brings backups there. Raises OSError.
    """
    with store.read() as session:
        kept = seals.latest(session)
        seals.keep_files(kept, store.folder / seals.FOLDER)
        with suppress(StoreError, OSError):
            if second := places.second(session):
                seals.keep_files(kept, second / seals.FOLDER)


def notice(made: Seal) -> str:
    """Return what a mail says of a seal: enough to check the station against it years later."""
    said = seals.read(made.text)
    when = moment_words(said.sealed_at)
    return f"Dấu niêm phong số {made.id}, lập lúc {when}, mã {made.sha256}. Hãy giữ lại tin này."


def _misfits(session: Session) -> str:
    last = seals.latest(session, limit=1)
    try:
        told = seal_check.against_rows(session, [seals.read(each.text) for each in last])
    except Invalid:
        return f"Dấu niêm phong số {last[0].id} đã bị sửa."
    return " ".join(integrity.sentence(session, each) for each in told)
