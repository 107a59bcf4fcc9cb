"""What a player leaves in the archivist's inbox, and an archivist to take it in."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import av
import numpy as np

from audio.formats import Pcm, Samples, write_wav
from broadcaster.newsroom import workflow
from broadcaster.playout import aircheck_inbox, airings, requesting
from broadcaster.playout.aircheck_work import Archivist
from broadcaster.playout.airings import Ending
from broadcaster.records import airchecks
from broadcaster.store.models import Aircheck, Airing, AiringState
from tests.audio.talking import babble
from tests.broadcaster.playout.room import Room
from tests.desk import Desk

RATE_HZ = 48_000


def talk(seconds: float, seed: int = 1) -> Samples:
    return babble(seconds, seed, RATE_HZ)


def s16(samples: Samples) -> np.ndarray:
    return np.rint(samples * 32768).clip(-32768, 32767).astype(np.int16)


def leave(folder: Path, item: str, samples: Samples, output_id: int = 1, name: str = "") -> Path:
    """Put a WAV where the player of an output puts what its device accepted."""
    place = aircheck_inbox.incoming(folder, output_id)
    place.mkdir(parents=True, exist_ok=True)
    path = place / (name or f"{item}.wav")
    write_wav(path, Pcm(samples, RATE_HZ))
    return path


def archivist(room: Desk) -> Archivist:
    return Archivist(room.store, room.clock, threading.Event())


def rows(room: Room) -> list[Aircheck]:
    with room.store.read() as session:
        return airchecks.latest(session)[::-1]


def decoded(path: Path) -> Samples:
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])


def opus_files(folder: Path) -> list[Path]:
    return sorted((folder / aircheck_inbox.FOLDER).rglob("*.opus"))


def aired(
    room: Room, title: str = "Lịch tiêm chủng", seconds: float = 6.0, seed: int = 1
) -> tuple[str, Samples]:
    """Let a bulletin be heard; return its airing and its sound."""
    sound = talk(seconds, seed)
    number = room.approved(title, sound=s16(sound))
    with room.store.write() as session:
        asked = requesting.request_at(session, room.operator, number, room.at(10), [], room.clock.now()).id
    room.run(12 + seconds)
    return asked, sound


def ended(desk: Desk, title: str, sound: Samples, **more: Any) -> str:
    """End an airing and write its row, as the engine does; return it."""
    number, now, seconds = desk.approved(title, sound=s16(sound)), desk.clock.now(), len(sound) / RATE_HZ
    zone = {
        "zone": "Khu phố 3",
        "output": "Loa của máy",
        "seconds_heard": seconds,
        "level_dbfs": -18.0,
        "fault": "",
    }
    with desk.store.write() as rows:
        asked = requesting.request_at(rows, desk.operator, number, now, (), now)
        asked.approval = workflow.open_approval(rows, asked.bulletin_id)
        end = Ending(AiringState.PLAYED, "", "", now, now, seconds, -18.0, True, [zone], **more)
        airings.finish(rows, rows.get_one(Airing, asked.id), AiringState.PLANNED, end)
        return asked.id
