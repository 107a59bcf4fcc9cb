"""One question to the store that tells whether there is anything to do: asked many thousand times a day."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, exists, func, select, type_coerce
from sqlalchemy.orm import Session

from broadcaster.store.models import Airing, AiringState, Command, Hold, Moment


class Glance(NamedTuple):
    """What stands in the store and may ask for something."""

    has_orders: bool
    has_stranded: bool
    """Airings that this life of the station claimed and could not begin."""
    has_hold: bool
    first_planned: datetime | None


_OURS = Airing.state == AiringState.CLAIMED, Airing.boot_id == bindparam("boot_id")
_FIRST = select(func.min(Airing.planned_at)).where(Airing.state == AiringState.PLANNED).scalar_subquery()
_QUESTION = select(
    exists(select(Command.id).where(Command.taken_at.is_(None))),
    exists(select(Airing.id).where(*_OURS)),
    exists(select(Hold.id).where(Hold.lifted_at.is_(None))),
    type_coerce(_FIRST, Moment()),
)


def glance(session: Session, boot_id: str) -> Glance:
    return Glance(*session.connection().execute(_QUESTION, {"boot_id": boot_id}).one())
