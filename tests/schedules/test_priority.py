from __future__ import annotations

from itertools import product

from schedules.priority import Priority, may_interrupt


def test_only_an_emergency_interrupts_and_never_another_emergency():
    allowed = {(new, current) for new, current in product(Priority, Priority) if may_interrupt(new, current)}
    assert allowed == {
        (Priority.EMERGENCY, Priority.ROUTINE),
        (Priority.EMERGENCY, Priority.PRIORITY),
    }


def test_priorities_are_ordered():
    assert Priority.ROUTINE < Priority.PRIORITY < Priority.EMERGENCY
