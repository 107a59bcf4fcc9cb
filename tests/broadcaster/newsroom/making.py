"""Bulletins at every stage of their life, with a clip that was never rendered: only its row."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor
from broadcaster.newsroom import approval, bulletins, render_queue, rendering
from broadcaster.newsroom.bulletins import Draft
from broadcaster.newsroom.render_queue import NewClip
from broadcaster.store.models import Approval, Bulletin, Rendering
from tests.broadcaster.moments import NOW
from tests.keys import pen_of

DRAFT = Draft(title="Lịch tiêm chủng", written="Kính mời bà con đến trạm y tế phường.", topic="y tế")


def drafted(session: Session, officer: Actor, **changes: Any) -> Bulletin:
    return bulletins.write(session, officer, replace(DRAFT, **changes), NOW)


def recorded(session: Session, bulletin: Bulletin, now: datetime = NOW) -> Rendering:
    """Finish the rendering of the bulletin's words of this moment, without a renderer."""
    asked = rendering.ask(session, bulletin, bulletins.spoken_of(session, bulletin), now)
    while (work := render_queue.take(session, now)) is not None:
        sha256 = hashlib.sha256(repr((work.rendering_id, work.lines)).encode()).hexdigest()
        clip = NewClip(sha256, 4.0, -16.0, -1.0, "espeak-ng 1.52.0", "vi", None)
        render_queue.publish(session, work, clip, now)
    session.refresh(asked)
    return asked


def submitted(session: Session, officer: Actor, now: datetime = NOW, **changes: Any) -> tuple[Bulletin, int]:
    """Return a bulletin that waits for its approver, and the rendering to be heard."""
    bulletin = drafted(session, officer, **changes)
    heard = recorded(session, bulletin, now)
    approval.submit(session, officer, bulletin.id, now)
    return bulletin, heard.id


def approved(session: Session, officer: Actor, approver: Actor, **changes: Any) -> tuple[Bulletin, Approval]:
    bulletin, heard = submitted(session, officer, **changes)
    return bulletin, approve(session, approver, bulletin.id, heard)


def approve(
    session: Session, approver: Actor, number: int, heard: int, now: datetime = NOW, comment: str = ""
) -> Approval:
    """Sign as `approver`, whose key everybody knows."""
    pen = pen_of(session, approver)
    return approval.approve(session, approver, number, heard, now, comment, pen=pen)
