"""Outputs as people set them: each kind with what it needs, and no secret in the store."""

from __future__ import annotations

import pytest

from audio.outputs.output import output_for
from audio.outputs.spec import OutputSpec
from broadcaster.errors import Invalid
from broadcaster.playout import zones
from broadcaster.store.models import Output
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


def test_every_kind_offered_has_an_output():
    assert set(zones.KINDS) == {"soundcard", "file", *zones.NETWORKED}
