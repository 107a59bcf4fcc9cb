"""The voices a bulletin may be read with, by the names people know."""

from __future__ import annotations

from broadcaster.store import Session, facts

KNOWN = {
    "vi": "Giọng miền Bắc",
    "vi-vn-x-central": "Giọng miền Trung",
    "vi-vn-x-south": "Giọng miền Nam",
}
STATION = "Giọng của đài"


def choices(session: Session, kept: str = "") -> list[tuple[str, str]]:
    """Return (id, name) pairs, the station's voice first; a voice in use is offered even if it is gone."""
    default = KNOWN.get(facts.get(session, facts.VOICE, "") or "vi", "")
    listed = [("", f"{STATION} ({default})" if default else STATION), *KNOWN.items()]
    return listed if not kept or kept in KNOWN else [*listed, (kept, kept)]


def name_of(session: Session, voice: str) -> str:
    return dict(choices(session, voice)).get(voice, voice)
