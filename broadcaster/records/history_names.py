"""The names that people may narrow the history by: those that stand in the tables of the station today."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from broadcaster.store.models import Person, Programme, Zone


@dataclass(frozen=True, slots=True)
class Names:
    """Each in order, also of what is no longer in use."""

    programmes: tuple[str, ...]
    zones: tuple[str, ...]
    people: tuple[str, ...]


def of_station(session: Session) -> Names:
    return Names(*(_distinct(session, column) for column in (Programme.name, Zone.name, Person.name)))


def _distinct(session: Session, column: InstrumentedAttribute[str] | ColumnElement[str]) -> tuple[str, ...]:
    return tuple(session.scalars(select(column).distinct().order_by(column)))
