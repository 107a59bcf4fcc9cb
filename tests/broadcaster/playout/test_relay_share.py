"""How much of a relay was the stream: summed over a player's lives, of the output that had most of it."""

from __future__ import annotations

from audio.player_words import Relayed
from broadcaster.playout.relay_share import RelayShare


def test_nothing_was_told_yet():
    assert RelayShare().details() == {"stream_s": 0.0, "filler_s": 0.0}


def test_the_last_word_of_one_life_counts_and_a_new_life_is_added():
    share = RelayShare()
    for stream_s, filler_s in ((5.0, 0.0), (10.0, 2.0), (3.0, 1.0), (8.0, 1.0)):
        share.note(1, Relayed("r", stream_s, filler_s))
    assert (share.stream_s, share.filler_s) == (18.0, 3.0)


def test_the_output_that_received_most_stands_for_all():
    share = RelayShare()
    share.note(1, Relayed("r", 5.0, 55.0))
    share.note(2, Relayed("r", 58.0, 2.0))
    assert share.details() == {"stream_s": 58.0, "filler_s": 2.0}


def test_a_gap_is_told_when_it_is_worth_it():
    share = RelayShare()
    share.note(1, Relayed("r", 59.5, 0.5))
    assert share.gap_words() == ""
    share.note(1, Relayed("r", 100.0, 125.0))
    assert share.gap_words() == "Nguồn tiếp âm vắng 2 phút 5 giây; lúc đó phát tiếng chờ."
