"""Looking at every approval that is in force, not only at those that are about to be heard."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.newsroom import signatures
from broadcaster.store.models import Approval, ApprovalEnd, Bulletin

_BATCH = 500


def broken(session: Session) -> Iterator[str]:
    """Yield one sentence for each approval in force whose signature does not hold."""
    ended = select(ApprovalEnd.approval_id)
    query = select(Approval).where(Approval.id.not_in(ended)).order_by(Approval.id)
    for approval in session.scalars(query.execution_options(yield_per=_BATCH)):
        if why := signatures.trouble(session, approval):
            bulletin = session.get(Bulletin, approval.bulletin_id)
            title = bulletin.title if bulletin else f"số {approval.bulletin_id}"
            yield f"Bản duyệt số {approval.id} của “{title}” không được tin, bản tin không phát: {why}"
