"""One question to the store that tells whether there is anything to do: asked many thousand times a day."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import exists, func, select, type_coerce
from sqlalchemy.orm import Session

from broadcaster.store.models import Airing, AiringState, Command, Hold, Moment


class Glance(NamedTuple):
    """What stands in the store and may ask for something."""

    has_orders: bool
    has_stranded: bool
    """Airings that this life of the station claimed and could not begin."""
    has_hold: bool
    first_planned: datetime | None


def glance(session: Session, boot_id: str) -> Glance:
    ours = Airing.state == AiringState.CLAIMED, Airing.boot_id == boot_id
    first = select(func.min(Airing.planned_at)).where(Airing.state == AiringState.PLANNED)
    row = session.execute(
        select(
            exists(select(Command.id).where(Command.taken_at.is_(None))),
            exists(select(Airing.id).where(*ours)),
            exists(select(Hold.id).where(Hold.lifted_at.is_(None))),
            type_coerce(first.scalar_subquery(), Moment()),
        )
    ).one()
    return Glance(*row)
