"""The player of an output knows who hears it: the kinds of all zones in use behind it."""

from __future__ import annotations

from audio.profiles import OPTION, PROFILES, profile_of
from broadcaster.playout.station import Station
from broadcaster.playout.zones import SOUND_KINDS
from broadcaster.store.models import Output, Zone
from schedules.clock import SystemClock


def test_every_kind_of_zone_has_a_sound_profile():
    assert set(PROFILES) == set(SOUND_KINDS)


def test_an_output_is_described_with_the_zones_that_hear_it(store):
    with store.write() as rows:
        output = Output(name="Hội trường", kind="rtp", target="239.1.1.1:5004", options={"codec": "G722"})
        rows.add(output)
        rows.flush()
        for kind, is_active in (("horn", True), ("column", True), ("fm", False)):
            rows.add(Zone(name=kind, output_id=output.id, sound_kind=kind, is_active=is_active))
    station = Station(store, SystemClock())
    with store.read() as rows:
        spec = next(each.spec for each in station._wanted(rows) if each.name == "Hội trường")
    assert spec.options == {"codec": "G722", OPTION: ["column", "horn"]}
    assert profile_of(spec).high_pass_hz == PROFILES["horn"].high_pass_hz
    assert profile_of(spec).ceiling_dbtp == -3.0
