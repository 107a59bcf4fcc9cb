"""Emergencies for a page's test."""

from __future__ import annotations

from broadcaster.playout import alert_orders, cap_intake, cap_sources
from broadcaster.playout.cap_intake import Arrival
from tests.broadcaster.newsroom.cap_files import cap, key
from tests.desk import Desk


def emergency_order(desk: Desk, title: str = "Sơ tán") -> int:
    """Return the number of a prepared order that two people have signed."""
    number = desk.approved(title, kind="emergency")
    with desk.store.write() as rows:
        order = alert_orders.save(
            rows, desk.operator, desk.clock.now(), name=title, bulletin_id=number
        )  # fmt: skip
        return order.id


def warning(desk: Desk, **fields: object) -> int:
    """Return the number of a signed warning that waits for a decision; its source is not obeyed."""
    with desk.store.write() as rows:
        now = desk.clock.now()
        source = cap_sources.save(
            rows, desk.operator, now, name="Đài khí tượng", certificate=key().certificate
        )  # fmt: skip
        return cap_intake.take_in(rows, Arrival(key().sign(cap(**fields)), "tin.xml", source), now).id
