"""Times of which the books know nothing, because the station was made again from an older copy."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.records.days import midnight, midnight_after, moment_words
from broadcaster.store.models import Restoration


def sentence(restoration: Restoration) -> str:
    """Say what is not known, for the page, the audit trail and the reports."""
    lost, until = moment_words(restoration.copied_at), moment_words(restoration.restored_at)
    return (
        f"Trạm được khôi phục từ bản sao lưu lúc {lost}; những gì phát từ đó đến {until} không có trong sổ."
    )


def newest(session: Session) -> Restoration | None:
    return session.scalar(select(Restoration).order_by(Restoration.id.desc()).limit(1))


def open_ones(session: Session) -> list[Restoration]:
    """Return those that nobody has acknowledged, newest first."""
    query = select(Restoration).where(Restoration.acknowledged_at.is_(None)).order_by(Restoration.id.desc())
    return list(session.scalars(query))


def between(session: Session, first: date, last: date) -> list[Restoration]:
    """Return those whose unknown time touches the dates `first` to `last`, both included, oldest first."""
    touches = Restoration.restored_at >= midnight(first), Restoration.copied_at < midnight_after(last)
    query = select(Restoration).where(*touches)
    return list(session.scalars(query.order_by(Restoration.id)))
