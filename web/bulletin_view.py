"""Everything the page of one bulletin shows, put together once: words, sound, and what to do next."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from flask import request

from broadcaster.accounts.permissions import Permission
from broadcaster.newsroom import approval, bulletins, rendering, workflow
from broadcaster.newsroom.workflow import Action
from broadcaster.playout import lengths
from broadcaster.store import Session
from broadcaster.store.models import Approval, Bulletin, BulletinState, Rendering, RenderingState
from broadcaster.text import Spoken
from broadcaster.text.slips import Slip, find_slips
from web import choices, texts
from web.choices import Choice
from web.context import may, me
from web.words import local


@dataclass(frozen=True, slots=True)
class BulletinView:
    """One bulletin as the person who is signed in may see and treat it."""

    rows: list[texts.Row]
    looks: set[str]
    """What of the legend occurs."""
    undecided: list[Choice]
    open_word: Choice | None
    """The word that was chosen on the page, to see why it is read so or to have it read otherwise."""
    slips: tuple[Slip, ...]
    rendering: Rendering | None
    is_fresh: bool
    """The rendering says exactly the words shown."""
    length_s: float
    signature: Approval | None
    is_open: bool
    """Words may still be decided, and the clip made anew."""
    actions: frozenset[str]

    @property
    def may_decide(self) -> bool:
        return self.is_open and may(Permission.WRITE)

    @property
    def may_listen(self) -> bool:
        return may(Permission.WRITE) or may(Permission.APPROVE)

    @property
    def places_undecided(self) -> int:
        return sum(each.places for each in self.undecided)

    @property
    def is_rendering(self) -> bool:
        waiting = (RenderingState.WAITING, RenderingState.RUNNING)
        return self.rendering is not None and self.rendering.state in waiting

    @property
    def is_heard(self) -> bool:
        """There is a finished clip of these words."""
        made = self.rendering
        return self.is_fresh and made is not None and made.state == RenderingState.DONE

    @property
    def waits_for(self) -> str:
        """Return what has to be done before it can be sent for approval; empty when nothing has."""
        if self.undecided:
            return "Chọn cách đọc, nghe cả bài, rồi gửi duyệt."
        return "" if self.is_heard else "Nghe cả bài trước, rồi gửi duyệt."


def describe(session: Session, bulletin: Bulletin, now: datetime) -> BulletinView:
    spoken, written = bulletins.spoken_of(session, bulletin), written_of(bulletin)
    slips = find_slips(written)
    rows = texts.rows(written, spoken, slips)
    made = rendering.current(session, bulletin)
    return BulletinView(
        rows=rows,
        looks=texts.looks_in(rows),
        undecided=choices.undecided(written, spoken),
        open_word=_open_word(written, spoken),
        slips=slips,
        rendering=made,
        is_fresh=made is not None and _says(made, spoken, bulletin),
        length_s=lengths.predicted_seconds(session, bulletin),
        signature=approval.valid_approval(session, bulletin.id, local(now).date()),
        is_open=bulletin.state in (BulletinState.DRAFT, BulletinState.RETURNED),
        actions=frozenset(action.value for action in Action if workflow.may(me(), bulletin, action)),
    )


def written_of(bulletin: Bulletin) -> str:
    return bulletin.version.written if bulletin.version else ""


def _open_word(written: str, spoken: Spoken) -> Choice | None:
    token = texts.token_at(spoken, request.values.get("chu", type=int))
    return choices.choice_of(written, token) if token is not None else None


def _says(made: Rendering, spoken: Spoken, bulletin: Bulletin) -> bool:
    same_words = made.spoken_sha256 == hashlib.sha256(spoken.text.encode()).hexdigest()
    return same_words and (made.rate, made.repeats) == (bulletin.rate, bulletin.repeats)
