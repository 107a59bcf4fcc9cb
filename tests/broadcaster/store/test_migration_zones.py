"""A station that ran before zones had kinds keeps them, and sounds as before."""

from __future__ import annotations

from alembic import command
from sqlalchemy import text

from broadcaster.store import Store
from broadcaster.store.migrate import config, migrate, newest_revision
from broadcaster.store.models import Output, Zone

BEFORE = "0004"


def test_zones_and_outputs_of_an_older_station_go_on(tmp_path):
    store = Store(tmp_path)
    with store.engine.begin() as connection:
        command.upgrade(config(connection), BEFORE)
        connection.execute(
            text(
                "INSERT INTO output (id, name, kind, target, options, latency_ms, is_active) "
                "VALUES (1, 'Loa của máy', 'soundcard', '', '{}', 0.0, 1)"
            )
        )
        connection.execute(
            text("INSERT INTO zone (id, name, output_id, is_active) VALUES (1, 'Toàn phường', 1, 1)")
        )
    assert migrate(store) == newest_revision()
    with store.read() as session:
        zone, output = session.get_one(Zone, 1), session.get_one(Output, 1)
        assert (zone.sound_kind, zone.surroundings, zone.levels, zone.delay_ms) == ("plain", "homes", [], 0)
        assert (output.switch_id, output.zones, zone.output) == (None, [zone], output)
    store.close()
