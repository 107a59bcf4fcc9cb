"""What a player's item was: which airing or test, on which output, and the signed clip to compare it with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from broadcaster.newsroom import clips
from broadcaster.store.models import Airing, Output

CHIME = re.compile(r"chime-\d+")
CHIME_TITLE = "Chuông thử"
OTHER_TITLE = "Âm thanh khác"
DRILL = "Diễn tập: "


@dataclass(frozen=True, slots=True)
class About:
    title: str
    output: str
    airing_id: str | None = None
    clip: Path | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None

    def began_at(self, written_at: datetime, seconds: float) -> datetime:
        """Return when the sound began: a file repaired after a break was last written long after that."""
        began_at = written_at - timedelta(seconds=seconds)
        if self.ended_at is not None:
            began_at = min(began_at, self.ended_at - timedelta(seconds=seconds))
        return max(began_at, self.started_at) if self.started_at is not None else began_at


def of(session: Session, folder: Path, item: str, output_id: int) -> About:
    """Return what is known of `item`; of one that nobody knows, that it was some sound."""
    output = session.get(Output, output_id)
    name = output.name if output else f"Đường ra số {output_id}"
    airing = session.get(Airing, item)
    if airing is None:
        return About(CHIME_TITLE if CHIME.fullmatch(item) else OTHER_TITLE, name)
    sha256 = airing.approval.clip_sha256 if airing.approval else None
    clip = clips.path_of(folder, sha256) if sha256 else None
    is_drill = airing.alert is not None and airing.alert.is_drill
    title = f"{DRILL}{airing.bulletin.title}" if is_drill else airing.bulletin.title
    return About(title, name, airing.id, clip, airing.started_at, airing.ended_at)
