"""Emergencies for a page's test."""

from __future__ import annotations

from broadcaster.playout import alert_orders
from tests.desk import Desk


def emergency_order(desk: Desk, title: str = "Sơ tán") -> int:
    """Return the number of a prepared order that two people have signed."""
    number = desk.approved(title, kind="emergency")
    with desk.store.write() as rows:
        order = alert_orders.save(
            rows, desk.operator, desk.clock.now(), name=title, bulletin_id=number
        )  # fmt: skip
        return order.id
