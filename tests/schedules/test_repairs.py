from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from schedules.clock import LOCAL
from schedules.limits import AllowedHours, Span, broken_rules
from schedules.repairs import RepairKind, Taken, clashes, repairs
from schedules.rundown import GAP_S

ZONES = frozenset({1, 2})


def at(hour: int, minute: int = 0, second: int = 0, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, minute, second, tzinfo=LOCAL)


def span(start: datetime, minutes: float) -> Span:
    return Span(start, start + timedelta(minutes=minutes))


NOW = at(4)
NEWS = Taken("news", span(at(5, 30), 15), ZONES)
NOTICE = Taken("notice", span(at(5, 50), 5), frozenset({2}))


def is_allowed(wanted: Span) -> bool:
    return not broken_rules(wanted.starts_at, wanted.seconds, [AllowedHours()])


def offers(wanted: Span, taken: list[Taken], now: datetime = NOW) -> dict[str, datetime]:
    return {each.kind.value: each.starts_at for each in repairs(wanted, ZONES, taken, now, is_allowed)}


def test_sounds_that_touch_or_use_other_zones_do_not_clash():
    assert clashes(span(at(5, 45), 5), ZONES, [NEWS, NOTICE]) == ()
    assert clashes(span(at(5, 50), 5), frozenset({1}), [NEWS, NOTICE]) == ()
    assert repairs(span(at(5, 45), 5), ZONES, [NEWS, NOTICE], NOW, is_allowed) == ()


def test_a_clash_is_seen_across_midnight():
    late = Taken("late", span(at(23, 50), 20), ZONES)
    assert clashes(span(at(0, 5, day=24), 5), ZONES, [late]) == (late,)


def test_what_is_in_the_way_may_be_followed_preceded_moved_or_replaced():
    wanted = span(at(5, 40), 4)
    found = repairs(wanted, ZONES, [NEWS, NOTICE], NOW, is_allowed)
    assert [(each.kind, each.starts_at, each.about) for each in found] == [
        (RepairKind.AFTER, at(5, 45, 2), ("news",)),
        (RepairKind.BEFORE, at(5, 25, 58), ("news",)),
        (RepairKind.OTHER_DAY, at(5, 40, day=24), ()),
        (RepairKind.REPLACE, at(5, 40), ("news",)),
    ]


def test_the_place_after_one_thing_may_be_after_the_next():
    found = offers(span(at(5, 40), 10), [NEWS, NOTICE])
    assert found["after"] == at(5, 55, 2)


def test_only_what_is_allowed_and_still_to_come_is_offered():
    early = Taken("early", span(at(5, 0), 30), ZONES)
    assert "before" not in offers(span(at(5, 10), 10), [early])
    assert "before" not in offers(span(at(5, 40), 10), [NEWS], now=at(5, 25))
    last = Taken("last", span(at(21, 0), 30), ZONES)
    assert set(offers(span(at(21, 10), 10), [last])) == {"before", "other_day", "replace"}


MINUTES = st.integers(0, 3 * 24 * 60)
TAKEN = st.lists(
    st.builds(
        Taken,
        key=st.uuids().map(str),
        span=st.tuples(MINUTES, st.integers(1, 90)).map(
            lambda pair: span(at(0) + timedelta(minutes=pair[0]), pair[1])
        ),
        zones=st.sampled_from([frozenset({1}), frozenset({2}), ZONES, frozenset({3})]),
    ),
    max_size=12,
)


@given(taken=TAKEN, start=MINUTES, minutes=st.integers(1, 60))
def test_every_offer_is_free_allowed_and_to_come(taken, start, minutes):
    wanted = span(at(0) + timedelta(minutes=start), minutes)
    for offer in repairs(wanted, ZONES, taken, NOW, is_allowed):
        placed = span(offer.starts_at, minutes)
        others = [each for each in taken if each.key not in offer.about or offer.kind != RepairKind.REPLACE]
        assert clashes(placed, ZONES, others) == ()
        assert is_allowed(placed) and offer.starts_at > NOW
        if offer.kind in (RepairKind.AFTER, RepairKind.BEFORE):
            near = [each for each in taken if each.key in offer.about]
            assert min(abs(_distance(placed, each.span)) for each in near) == GAP_S


def _distance(placed: Span, other: Span) -> float:
    after = (placed.starts_at - other.ends_at).total_seconds()
    before = (other.starts_at - placed.ends_at).total_seconds()
    return max(after, before)
