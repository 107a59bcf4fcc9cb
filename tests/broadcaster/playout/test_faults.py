from __future__ import annotations

from datetime import timedelta

from broadcaster import health
from broadcaster.playout.faults import MOST, Faults
from tests.broadcaster.moments import NOW, later


def texts(faults, now=NOW):
    return [fault.text for fault in faults.standing(now)]


def test_a_fault_stands_until_it_is_cleared():
    faults = Faults()
    faults.note("ear", "Không nghe thấy gì ở loa", NOW)
    assert texts(faults, later(days=3)) == ["Không nghe thấy gì ở loa"]
    faults.clear("ear")
    assert texts(faults) == []


def test_what_is_over_is_shown_for_a_while():
    faults = Faults()
    faults.note("dead_air 1", "Im lặng", NOW, lasts_s=600)
    assert texts(faults, NOW + timedelta(seconds=599)) == ["Im lặng"]
    assert texts(faults, NOW + timedelta(seconds=600)) == []


def test_a_fault_told_again_keeps_its_beginning_and_takes_the_new_words():
    faults = Faults()
    faults.note("disk", "Còn 1 GB", NOW)
    faults.note("disk", "Còn 0,5 GB", later(minutes=5))
    (fault,) = faults.standing(later(minutes=6))
    assert (fault.text, fault.since) == ("Còn 0,5 GB", NOW)


def test_a_duty_gone_wild_does_not_fill_the_page():
    faults = Faults()
    for number in range(MOST + 5):
        faults.note(f"key {number}", f"Lỗi {number}", NOW)
    assert len(faults.standing(NOW)) == MOST


def test_it_stands_on_every_page(room):
    room.engine._air.faults.note("dead_air 1", "Toàn phường: im lặng", room.clock.now(), 600)
    room.run(2)
    shown = health.on_air(room.store, room.clock.now()).faults
    assert any(fault.startswith("Toàn phường: im lặng") for fault in shown)
