from __future__ import annotations

from audio.speech.engine import Transient
from broadcaster.playout.warm_voice import WarmVoice


def test_a_machine_that_cannot_start_the_voice_is_told_once_and_tried_again(monkeypatch, caplog):
    voice = WarmVoice()
    answers = [OSError("no more processes"), OSError("no more processes"), Transient("dừng giữa chừng"), None]

    def warm():
        if (answer := answers.pop(0)) is not None:
            raise answer

    monkeypatch.setattr(voice._link, "warm", warm)
    for _ in range(4):
        voice.check()
    assert answers == []
    assert [record.getMessage() for record in caplog.records] == [
        "no warm voice: no more processes",
        "no warm voice: dừng giữa chừng",
    ]


def test_the_voice_is_ready_after_the_start_and_again_after_its_death():
    voice = WarmVoice()
    voice.start()
    first = voice._link.pid
    try:
        voice._link._worker.process.kill()
        voice._link._worker.process.wait()
        voice.check()
        assert voice._link.pid not in (None, first)
    finally:
        voice.close()
