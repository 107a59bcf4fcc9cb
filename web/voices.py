"""The voices a bulletin may be read with, by the names people know."""

from __future__ import annotations

from broadcaster.store import Session, facts

KNOWN = {
    "vi": "Giọng miền Bắc",
    "vi-vn-x-central": "Giọng miền Trung",
    "vi-vn-x-south": "Giọng miền Nam",
}
STATION = "Giọng của đài"


def choices(session: Session, kept: str = "") -> dict[str, str]:
    """Return names by id, the station's voice first; a voice in use is offered even if it is gone."""
    default = KNOWN.get(facts.get(session, facts.VOICE, "") or "vi", "")
    listed = {"": f"{STATION} ({default})" if default else STATION, **KNOWN}
    return listed if not kept or kept in KNOWN else {**listed, kept: kept}


def stations(session: Session) -> dict[str, str]:
    """Return what the station's own voice may be; one that was set elsewhere is offered too."""
    kept = facts.get(session, facts.VOICE, "")
    listed = {"": KNOWN["vi"], **{voice: name for voice, name in KNOWN.items() if voice != "vi"}}
    return {**listed, kept: KNOWN.get(kept, kept)} if kept else listed


def name_of(session: Session, voice: str) -> str:
    return choices(session, voice).get(voice, voice)
