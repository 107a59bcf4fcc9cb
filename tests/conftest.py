"""The order of the suite: what waits for sound and browsers begins first, what only computes fills in."""

from __future__ import annotations

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys take up to a minute and leave the processor idle: the last of them must not be waited for."""
    items.sort(key=lambda item: item.get_closest_marker("journey") is None)
