"""Everything the page of one bulletin shows, put together once: words, sound, and what to do next."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from broadcaster.newsroom import approval, bulletins, rendering, workflow
from broadcaster.newsroom.workflow import Action
from broadcaster.playout import lengths
from broadcaster.store import Session
from broadcaster.store.models import Approval, Bulletin, BulletinState, Rendering, RenderingState
from broadcaster.text import Spoken
from web import texts
from web.context import me
from web.words import local


@dataclass(frozen=True, slots=True)
class BulletinView:
    """One bulletin as the person who is signed in may see and treat it."""

    rows: list[texts.Row]
    undecided: list[texts.Choice]
    rendering: Rendering | None
    is_fresh: bool
    """The rendering says exactly the words shown."""
    length_s: float
    signature: Approval | None
    is_open: bool
    """Words may still be decided, and the clip made anew."""
    actions: frozenset[str]

    @property
    def is_rendering(self) -> bool:
        waiting = (RenderingState.WAITING, RenderingState.RUNNING)
        return self.rendering is not None and self.rendering.state in waiting

    @property
    def is_heard(self) -> bool:
        """There is a finished clip of these words."""
        made = self.rendering
        return self.is_fresh and made is not None and made.state == RenderingState.DONE


def describe(session: Session, bulletin: Bulletin, now: datetime) -> BulletinView:
    spoken = bulletins.spoken_of(session, bulletin)
    written = bulletin.version.written if bulletin.version else ""
    made = rendering.current(session, bulletin)
    return BulletinView(
        rows=texts.rows(written, spoken),
        undecided=texts.undecided(written, spoken),
        rendering=made,
        is_fresh=made is not None and _says(made, spoken, bulletin),
        length_s=lengths.predicted_seconds(session, bulletin),
        signature=approval.valid_approval(session, bulletin.id, local(now).date()),
        is_open=bulletin.state in (BulletinState.DRAFT, BulletinState.RETURNED),
        actions=frozenset(action.value for action in Action if workflow.may(me(), bulletin, action)),
    )


def _says(made: Rendering, spoken: Spoken, bulletin: Bulletin) -> bool:
    same_words = made.spoken_sha256 == hashlib.sha256(spoken.text.encode()).hexdigest()
    return same_words and (made.rate, made.repeats) == (bulletin.rate, bulletin.repeats)
