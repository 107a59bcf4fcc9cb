"""What waits for the person who looks at the front page: each role has its own part of the desk."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from broadcaster.accounts.permissions import Permission
from broadcaster.newsroom import bulletins
from broadcaster.playout import lengths, planning, wishes
from broadcaster.records import complaints
from broadcaster.store.models import Bulletin, BulletinState
from web import plan_view
from web.context import may, me, now, reading
from web.pages.approvals import may_sign, queue

SHOWN = 6
"""Of each kind; the rest is behind a link."""
SEE_PLANS = (Permission.WRITE, Permission.APPROVE, Permission.CONFIGURE)
"""Who is told on the front page what the plans still want."""


@dataclass(frozen=True, slots=True)
class ToSign:
    """One bulletin that waits for a signature, with what its reader wants to know first."""

    bulletin: Bulletin
    seconds: float
    airs_at: datetime | None
    """Its next place in the running order; None: nobody has placed it yet."""
    may_sign: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """Lists of at most SHOWN; empty ones do not show."""

    to_sign: tuple[ToSign, ...] = ()
    returned: tuple[Bulletin, ...] = ()
    drafts: tuple[Bulletin, ...] = ()
    unplaced: tuple[Bulletin, ...] = ()
    """Signed, and no airing of it was ever planned."""
    plans: plan_view.Panel = plan_view.NOTHING
    complaints: int = 0
    """How many of residents wait for an answer."""

    @property
    def is_clear(self) -> bool:
        lists = self.to_sign or self.returned or self.drafts or self.unplaced
        return not (lists or self.complaints or self.plans.is_owing)


def of_today() -> Desk:
    """Return the desk of the person who asks; parts of other roles stay empty."""
    writes, places = may(Permission.WRITE), may(Permission.REQUEST)
    return Desk(
        to_sign=tuple(_to_sign()) if may(Permission.APPROVE) else (),
        returned=tuple(_mine_first(BulletinState.RETURNED)) if writes else (),
        drafts=tuple(_mine_first(BulletinState.DRAFT)) if writes else (),
        unplaced=tuple(wishes.unplaced(reading(), SHOWN)) if places else (),
        plans=plan_view.panel() if any(may(each) for each in SEE_PLANS) else plan_view.NOTHING,
        complaints=complaints.count_open(reading()) if writes or may(Permission.OPERATE) else 0,
    )


def _to_sign() -> list[ToSign]:
    coming = {row.bulletin_id: row.planned_at for row in reversed(planning.coming(reading(), now()))}
    return [
        ToSign(
            bulletin=each,
            seconds=lengths.predicted_seconds(reading(), each),
            airs_at=coming.get(each.id),
            may_sign=may_sign(each),
        )
        for each in queue()[:SHOWN]
    ]


def _mine_first(state: BulletinState) -> list[Bulletin]:
    """Return my own before those of others: an officer may finish what a colleague began."""
    found = bulletins.find(reading(), state=state, limit=bulletins.PAGE)
    return sorted(found, key=lambda bulletin: bulletin.author_id != me().id)[:SHOWN]
