"""A recording is planned, aired and written down as a text is; the history says what language it was in."""

from __future__ import annotations

import wave

import numpy as np

from broadcaster.newsroom import approval, clips, recordings, recordings_queue
from broadcaster.newsroom.bulletins import Draft
from broadcaster.playout import requesting
from broadcaster.records import chain, history
from tests.broadcaster.newsroom.recorded import SPEECH_LUFS, made, sent_file


def _clip(folder):
    samples = np.random.default_rng(3).integers(-3000, 3000, 48_000 * 8).astype("<i2")
    with wave.open(str(folder / "new.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes(samples.tobytes())
    return clips.keep(folder, folder / "new.wav")


def _signed(room):
    """Return the number of a recording in Khmer, 8 s long, that two people have signed."""
    now = room.clock.now()
    sent = sent_file(room.store.folder, b"sound", "thu.mp3")
    draft = Draft("Phum sóc sạch đẹp", "Lời kêu gọi của sư cả.", language="km")
    with room.store.write() as session:
        number = recordings.begin(session, room.officer, draft, sent, SPEECH_LUFS, now).id
        work = recordings_queue.take(session, now)
        assert recordings_queue.publish(session, work, made(seconds=8.0), _clip(room.store.folder), now)
    room.sign(number)
    return number


def test_it_airs_whole_and_the_history_tells_source_and_language(room):
    number = _signed(room)
    with room.store.write() as session:
        requesting.request_next(session, room.operator, number, (), room.clock.now())
    room.run(60)
    with room.store.read() as session:
        row = next(iter(history.find(session)))
        assert (row.result, row.source, row.details) == ("played", "recording", {"language": "km"})
        assert row.seconds_heard >= 7.5
        assert (row.title, row.clip_sha256) == ("Phum sóc sạch đẹp", approval.valid_approval(
            session, number, room.clock.now().date()).clip_sha256)  # fmt: skip
        assert chain.verify(session) == []
