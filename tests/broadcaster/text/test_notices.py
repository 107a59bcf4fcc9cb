"""Long sentences of real kinds of notices: read rightly, asking about nothing that officers know."""

from __future__ import annotations

import pytest

from broadcaster.text import to_spoken
from tests.broadcaster.text.notices import NOTICES, Notice

FLAGS_PER_100_WORDS = 1.5


@pytest.mark.parametrize("notice", NOTICES, ids=lambda notice: notice.written[:40])
def test_a_notice_is_read_as_a_newsreader_reads_it(notice: Notice):
    said = to_spoken(notice.written).text
    assert notice.allows(said), f"{said}\n{notice.spoken}"


def test_few_words_wait_for_a_decision():
    flags = sum(len(to_spoken(notice.written).undecided) for notice in NOTICES)
    words = sum(len(notice.written.split()) for notice in NOTICES)
    assert 100 * flags / words <= FLAGS_PER_100_WORDS


def test_a_wrong_word_is_not_allowed():
    notice = NOTICES[0]
    assert notice.allows(notice.spoken) and not notice.allows(notice.spoken + " nữa")
    assert not notice.allows(notice.spoken.replace("mười", "một không", 1))
