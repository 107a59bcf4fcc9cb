"""Everything the page of one relay shows, put together once: where it comes from, and what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from broadcaster.newsroom import approval, relays, workflow
from broadcaster.newsroom.workflow import Action
from broadcaster.store import Session
from broadcaster.store.models import Approval, Bulletin, BulletinState, Relay
from web.context import me
from web.words import local


@dataclass(frozen=True, slots=True)
class RelayView:
    """One relay as the person who is signed in may see and treat it."""

    relay: Relay | None
    signature: Approval | None
    is_open: bool
    actions: frozenset[str]

    @property
    def waits_for(self) -> str:
        """Return what has to be done before it can be sent for approval; empty when nothing has."""
        return "" if self.relay is not None else "Ghi địa chỉ nguồn (bấm “Sửa”), rồi gửi duyệt."

    @property
    def host(self) -> str:
        return urlsplit(self.relay.address).hostname or "" if self.relay is not None else ""


def describe(session: Session, bulletin: Bulletin, now: datetime) -> RelayView:
    return RelayView(
        relay=relays.of_version(session, bulletin.version_id),
        signature=approval.valid_approval(session, bulletin.id, local(now).date()),
        is_open=bulletin.state in (BulletinState.DRAFT, BulletinState.RETURNED),
        actions=frozenset(action.value for action in Action if workflow.may(me(), bulletin, action)),
    )
