"""The planned beginning and end of what sounded, as the programme stood."""

from __future__ import annotations

from datetime import timedelta

from broadcaster.playout import programmes, requesting
from broadcaster.playout.programmes import Frame
from broadcaster.records import planned
from schedules.clock import LOCAL


def test_in_a_programme_each_begins_when_those_before_it_were_to_end(room):
    first, second = room.approved("Một", seconds=30.0), room.approved("Hai", seconds=20.0)
    at = room.at(60).astimezone(LOCAL).replace(microsecond=0)
    with room.store.write() as session:
        frame = Frame("Bản tin chiều", range(7), at.time())
        programme = programmes.add(session, room.operator, frame, room.clock.now())
        for number in (first, second):
            requesting.request_in_programme(
                session, room.operator, number, programme.id, at.date(), None, room.clock.now()
            )
    room.run(180)
    with room.store.read() as session:
        spans = {row.title: planned.span(session, row) for row in room.history()}
    assert spans["Một"] == (at, at + timedelta(seconds=30))
    assert spans["Hai"] == (at + timedelta(seconds=30), at + timedelta(seconds=50))


def test_on_its_own_it_begins_at_its_moment(room):
    number = room.approved("Tin", seconds=30.0)
    with room.store.write() as session:
        requesting.request_at(session, room.operator, number, room.at(10), [], room.clock.now())
    room.run(60)
    (row,) = room.history()
    with room.store.read() as session:
        assert planned.span(session, row) == (row.planned_at, row.planned_at + timedelta(seconds=30))
