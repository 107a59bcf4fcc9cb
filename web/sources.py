"""Where the sound of a bulletin comes from, as people meet it: a mark in lists, and pages of its own."""

from __future__ import annotations

from dataclasses import dataclass

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from broadcaster.store.models import Bulletin, Source


@dataclass(frozen=True, slots=True)
class OwnPages:
    """What is shown and edited elsewhere than a text."""

    word: str
    icon: str
    show: str
    edit: str


OWN_PAGES: dict[str, OwnPages] = {
    Source.RECORDING: OwnPages("bản thu", "wave", "recordings.show", "recordings.edit"),
    Source.RELAY: OwnPages("tiếp âm", "headphones", "relays.show", "relays.edit"),
    Source.LIVE: OwnPages("trực tiếp", "microphone", "live.said", "live.said"),
}


def elsewhere(bulletin: Bulletin, *, to_edit: bool = False) -> ResponseReturnValue | None:
    """Return the way to the bulletin's own page; None for a text, whose page this is."""
    own = OWN_PAGES.get(bulletin.source)
    if own is None:
        return None
    return redirect(url_for(own.edit if to_edit else own.show, bulletin_id=bulletin.id), 303)
