from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from schedules.filling import Filled, LeftOut, Part, Wish, fill
from schedules.priority import Priority
from schedules.rundown import GAP_S

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
OPENING, NEWS, NOTICES = Part("opening", 20, is_fixed=True), Part("news"), Part("notices", 120)
PARTS = (OPENING, NEWS, NOTICES)


def wish(
    key: str, length_s: float = 60, *parts: str, priority: Priority = Priority.ROUTINE, position: int = 0
) -> Wish:
    return Wish(key, parts or ("news",), length_s, priority, position, NOW)


def placed(filled: Filled) -> list[tuple[str, str]]:
    return [(each.part, each.wish.key) for each in filled.placed]


def left(filled: Filled) -> dict[str, LeftOut]:
    return {each.wish.key: each.why for each in filled.left}


def test_wishes_come_in_the_order_of_the_parts():
    filled = fill(PARTS, [wish("n", 60, "notices"), wish("a"), wish("b", position=1)], 600)
    assert placed(filled) == [("news", "a"), ("news", "b"), ("notices", "n")]
    assert filled.seconds == 20 + 3 * 60 + 3 * GAP_S


def test_priority_goes_before_routine_and_then_the_officers_order():
    wishes = [wish("late", position=2), wish("early", position=1), wish("p", priority=Priority.PRIORITY)]
    assert placed(fill(PARTS, wishes, 600)) == [("news", "p"), ("news", "early"), ("news", "late")]


def test_what_does_not_fit_is_left_and_a_shorter_one_uses_the_room():
    filled = fill(PARTS, [wish("a", 100), wish("b", 100, position=1), wish("c", 30, position=2)], 170)
    assert placed(filled) == [("news", "a"), ("news", "c")]
    (rest,) = filled.left
    assert (rest.wish.key, rest.why, rest.missing_s) == (
        "b",
        LeftOut.NO_ROOM,
        20 + 100 + 100 + 2 * GAP_S - 170,
    )


def test_reasons_tell_the_part_from_the_programme():
    filled = fill(
        PARTS,
        [
            wish("x", 100, "notices"),
            wish("y", 100, "notices", position=1),
            wish("long", 590),
            wish("lost", 10, "music"),
        ],
        600,
    )
    assert left(filled) == {
        "y": LeftOut.NO_ROOM_IN_PART,
        "long": LeftOut.TOO_LONG,
        "lost": LeftOut.NO_PART,
    }


def test_a_full_part_sends_its_wish_to_the_next_that_takes_it():
    filled = fill(PARTS, [wish("x", 100, "notices"), wish("y", 100, "notices", "news", position=1)], 600)
    assert placed(filled) == [("news", "y"), ("notices", "x")]


def test_nothing_is_put_into_a_fixed_part():
    assert left(fill(PARTS, [wish("x", 5, "opening")], 600)) == {"x": LeftOut.NO_PART}


WISHES = st.lists(
    st.builds(
        Wish,
        key=st.uuids().map(str),
        parts=st.lists(st.sampled_from(["news", "notices", "opening", "none"]), max_size=3).map(tuple),
        length_s=st.floats(0, 700),
        priority=st.sampled_from([Priority.ROUTINE, Priority.PRIORITY]),
        position=st.integers(0, 3),
        asked_at=st.integers(0, 5).map(lambda minutes: NOW + timedelta(minutes=minutes)),
    ),
    max_size=25,
    unique_by=lambda each: each.key,
)


@given(wishes=WISHES, longest_s=st.integers(30, 1800))
def test_every_wish_comes_out_once_and_the_length_holds(wishes, longest_s):
    filled = fill(PARTS, wishes, longest_s)
    out = [each.wish.key for each in filled.placed] + [each.wish.key for each in filled.left]
    assert sorted(out) == sorted(each.key for each in wishes)
    assert filled.seconds <= max(longest_s, OPENING.longest_s) + 1e-6
    notices = [each.wish.length_s + GAP_S for each in filled.placed if each.part == "notices"]
    assert sum(notices) <= NOTICES.longest_s + GAP_S + 1e-6


@given(wishes=WISHES, longest_s=st.integers(30, 1800), data=st.data())
def test_the_order_in_which_wishes_are_told_does_not_matter(wishes, longest_s, data):
    assert fill(PARTS, data.draw(st.permutations(wishes)), longest_s) == fill(PARTS, wishes, longest_s)


@given(wishes=WISHES, longest_s=st.integers(30, 1800))
def test_filling_again_with_what_was_placed_changes_nothing(wishes, longest_s):
    first = fill(PARTS, wishes, longest_s)
    again = fill(PARTS, [each.wish for each in first.placed], longest_s)
    assert {each.wish.key for each in again.placed} == {each.wish.key for each in first.placed}
    assert again.left == ()
