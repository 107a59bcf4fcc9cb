"""People and signed bulletins for a test's store, without waiting for a voice: the clip is given."""

from __future__ import annotations

import hashlib
import wave
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from broadcaster.accounts import people
from broadcaster.accounts.permissions import Actor, Role
from broadcaster.newsroom import approval, bulletins, clips
from broadcaster.newsroom.bulletins import Draft, sha256_of
from broadcaster.playout import zones
from broadcaster.store import Store, facts
from broadcaster.store.models import Clip, Rendering, RenderingState
from schedules.clock import Clock
from tests.keys import pen_of

RATE_HZ = 48_000
Samples = NDArray[np.int16]


def noise(seconds: float, seed: int) -> Samples:
    """Return noise at -20 dBFS that is like no other seed's: what an ear can find again in a recording."""
    random = np.random.default_rng(seed)
    return (random.standard_normal(round(seconds * RATE_HZ)) * 3277).clip(-32767, 32767).astype(np.int16)


class Desk:
    """The newsroom of a test: `approved` is a bulletin that two people have signed."""

    officer: Actor
    approver: Actor
    operator: Actor

    def __init__(self, store: Store, clock: Clock) -> None:
        self.store = store
        self.clock = clock

    def furnish(self) -> None:
        """Three people, one zone, and leave to sound at any hour."""
        self.officer = self.person("soan", Role.OFFICER)
        self.approver = self.person("duyet", Role.APPROVER)
        self.operator = self.person("truc", Role.OPERATOR, Role.ADMIN)
        with self.store.write() as session:
            zones.ensure_first_zone(session)
            facts.put(session, facts.ALLOWED_HOURS, ["00:00", "23:59:59"])

    def person(self, login: str, *roles: Role) -> Actor:
        with self.store.write() as session:
            return people.actor_of(people.create(session, login, login.title(), roles, self.clock.now()))

    def approved(
        self, title: str, seconds: float = 10.0, kind: str = "routine", sound: Samples | None = None
    ) -> int:
        """Return the number of a bulletin that a second person has signed, `seconds` long or with `sound`."""
        number = self.draft(title, seconds, kind, sound)
        self.sign(number)
        return number

    def draft(
        self, title: str, seconds: float = 10.0, kind: str = "routine", sound: Samples | None = None
    ) -> int:
        now = self.clock.now()
        draft = Draft(title=title, written=f"Nội dung {title}.", kind=kind)
        clip = self._clip(_quiet(seconds, title) if sound is None else sound)
        with self.store.write() as session:
            bulletin = bulletins.write(session, self.officer, draft, now)
            spoken = bulletins.spoken_of(session, bulletin).text
            if session.get(Clip, clip.sha256) is None:
                session.add(clip)
                session.flush()
            rendering = Rendering(
                key=sha256_of(f"{title} {bulletin.id}"),
                bulletin_id=bulletin.id,
                version_id=bulletin.version_id,
                spoken=spoken,
                spoken_sha256=sha256_of(spoken),
                script=[],
                voice="vi",
                rate=1.0,
                repeats=1,
                state=RenderingState.DONE,
                clip_sha256=clip.sha256,
                asked_at=now,
            )
            session.add(rendering)
            return bulletin.id

    def sign(self, number: int) -> None:
        with self.store.write() as session:
            sent = approval.submit(session, self.officer, number, self.clock.now())
            assert sent.rendering_id is not None
            pen = pen_of(session, self.approver)
            approval.approve(session, self.approver, number, sent.rendering_id, self.clock.now(), pen=pen)

    def _clip(self, sound: Samples) -> Clip:
        path = self.store.folder / f"new-{hashlib.sha256(sound.tobytes()).hexdigest()[:8]}.wav"
        _write(path, sound)
        sha256 = clips.keep(self.store.folder, path)
        path.unlink()
        return Clip(
            sha256=sha256,
            seconds=len(sound) / RATE_HZ,
            loudness_lufs=-16.0,
            true_peak_dbtp=-1.0,
            origin="speech",
            engine="espeak-ng 1.52.0",
            voice="vi",
            created_at=self.clock.now(),
        )


def _quiet(seconds: float, title: str) -> Samples:
    """Silence with a fingerprint at its end, so that no two titles share a clip."""
    sound = np.zeros(round(seconds * RATE_HZ), np.int16)
    sound[-8:] = np.frombuffer(hashlib.sha256(title.encode()).digest()[:16], np.int16)
    return sound


def _write(path: Path, sound: Samples) -> None:
    with wave.open(str(path), "wb") as clip:
        clip.setnchannels(1)
        clip.setsampwidth(2)
        clip.setframerate(RATE_HZ)
        clip.writeframes(sound.tobytes())
