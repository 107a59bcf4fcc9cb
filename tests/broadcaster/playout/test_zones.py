"""Outputs as people set them: each kind with what it needs, and no secret in the store."""

from __future__ import annotations

import pytest

from audio.outputs.output import output_for
from audio.outputs.spec import OutputSpec
from broadcaster.errors import Invalid, Refused
from broadcaster.playout import requesting, zones
from broadcaster.records import audit
from broadcaster.store.models import Output, Zone
from tests.broadcaster.playout.room import Room


def save(room: Room, kind: str, target: str, output_id: int | None = None, **options: object) -> Output:
    with room.store.write() as rows:
        return zones.save_output(
            rows,
            room.operator,
            room.clock.now(),
            output_id=output_id,
            name="Loa xóm",
            kind=kind,
            target=target,
            options=options,
        )


@pytest.mark.parametrize(
    ("kind", "target", "options"),
    [
        ("icecast", "192.168.1.10:8000/loa", {"format": "mp3", "password_file": "/etc/loa/a.password"}),
        ("rtp", "239.10.20.30:5004", {"codec": "PCMU", "interface": ""}),
        ("snapcast", "/run/snapserver/loa", {}),
    ],
)
def test_a_network_output_is_kept_as_its_player_needs_it(room, kind, target, options):
    saved = save(room, kind, f" {target} ", **options, password="bí mật")
    assert (saved.target, saved.options) == (target, options)
    assert output_for(OutputSpec(saved.kind, saved.target, options=saved.options)).is_loudspeaker


@pytest.mark.parametrize(
    ("kind", "target", "options", "field"),
    [
        ("icecast", "", {}, "target"),
        ("icecast", "source:bi-mat@loa.vn/loa", {}, "target"),
        ("icecast", "loa.vn/loa", {"password_file": "/data/secret.key"}, "password_file"),
        ("rtp", "239.10.20.30:5004", {"codec": "MP3"}, "codec"),
        ("snapcast", "loa", {}, "target"),
        ("fax", "", {}, "kind"),
    ],
)
def test_what_a_player_could_not_use_is_refused(room, kind, target, options, field):
    with pytest.raises(Invalid) as refused:
        save(room, kind, target, **options)
    assert refused.value.field == field
    assert "bi-mat" not in str(refused.value)


def test_options_stay_while_the_kind_stays_and_go_with_it(room):
    output_id = save(room, "rtp", "239.10.20.30:5004", codec="G722", ttl=4).id
    assert save(room, "rtp", "239.10.20.31:5004", output_id).options == {"codec": "G722", "ttl": 4}
    assert save(room, "file", "", output_id, codec="G722").options == {}


def zone(room: Room, name: str, zone_id: int | None = None, **more: object) -> Zone:
    with room.store.write() as rows:
        return zones.save_zone(
            rows, room.operator, room.clock.now(), zone_id=zone_id, name=name, **({"output_id": 1} | more)
        )


def test_a_zone_keeps_its_kind_its_surroundings_its_quiet_hours_and_its_delay(room):
    night = {"from": "21:30:00", "to": "05:30", "gain_db": -6}
    kept = zone(room, " Khu  phố 3 ", sound_kind="fm", surroundings="school", levels=[night], delay_ms=250)
    assert (kept.name, kept.sound_kind, kept.surroundings, kept.delay_ms) == (
        "Khu phố 3",
        "fm",
        "school",
        250,
    )
    assert kept.levels == [{"from": "21:30", "to": "05:30", "gain_db": -6.0}]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"sound_kind": "trống"}, "sound_kind"),
        ({"surroundings": "biển"}, "surroundings"),
        ({"delay_ms": 10_001}, "delay_ms"),
        ({"delay_ms": -1}, "delay_ms"),
        ({"levels": [{"from": "21:30", "to": "21:30", "gain_db": -6}]}, "levels"),
        ({"levels": [{"from": "21:30", "to": "05:30", "gain_db": 6}]}, "levels"),
        ({"levels": [{"from": "tối", "to": "05:30", "gain_db": -6}]}, "levels"),
        ({"levels": [{"from": "20:00", "to": "22:00", "gain_db": -6}] * 2}, "levels"),
    ],
)
def test_a_zone_that_makes_no_sense_is_refused(room, wrong, field):
    with pytest.raises(Invalid) as refused:
        zone(room, "Khu phố 3", **wrong)
    assert refused.value.field == field


def test_two_in_use_never_share_a_name_however_it_is_written(room):
    decomposed = "TOA\u0300N PHU\u031bO\u031b\u0300NG"
    with pytest.raises(Invalid, match="Đã có cụm loa tên “Toàn phường”") as refused:
        zone(room, decomposed)
    assert refused.value.field == "name"
    save(room, "file", "")
    with pytest.raises(Invalid, match="Đã có đường ra tên “Loa xóm”"):
        save(room, "file", "")


def test_a_name_is_kept_capitalised_anew_and_free_again_once_out_of_use(room):
    assert zone(room, "TOÀN PHƯỜNG", 1).name == "TOÀN PHƯỜNG"
    output_id = save(room, "file", "").id
    close(room, output_id)
    assert save(room, "file", "").id != output_id


def close(room: Room, output_id: int, move_to: int | None = None) -> None:
    with room.store.write() as rows:
        zones.close_output(rows, room.operator, output_id, room.clock.now(), move_to=move_to)


def test_an_output_that_zones_use_is_not_closed_and_the_sentence_names_them(room):
    zone(room, "Khu phố 3")
    with pytest.raises(Refused, match="cụm loa “Toàn phường”, “Khu phố 3”"):
        close(room, 1)
    with pytest.raises(Invalid, match="khác với đường ra sắp ngừng"):
        close(room, 1, move_to=1)


def test_zones_go_to_another_output_when_theirs_is_closed(room):
    other = save(room, "file", "").id
    close(room, 1, move_to=other)
    with room.store.read() as rows:
        assert [(each.name, each.output_id) for each in zones.zones(rows)] == [("Toàn phường", other)]
        assert [each.id for each in zones.outputs(rows)] == [other]
        assert audit.latest(rows, limit=1)[0].detail["moved"] == [1]


def test_an_output_is_not_closed_while_it_sounds(room):
    other = save(room, "file", "").id
    number = room.approved("Tin")
    with room.store.write() as session:
        requesting.request_next(session, room.operator, number, [], room.clock.now())
    room.run(3)
    with pytest.raises(Refused, match="Đang phát qua đường ra"):
        close(room, 1, move_to=other)
    room.run(15)
    close(room, 1, move_to=other)


def test_every_kind_offered_has_an_output():
    assert set(zones.KINDS) == {"soundcard", "file", *zones.NETWORKED}
