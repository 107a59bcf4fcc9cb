"""One message for a fault and one for its end, whoever tells it and however often."""

from __future__ import annotations

import pytest

from broadcaster.playout import notify
from broadcaster.store import facts
from broadcaster.store.models import Sending
from tests.broadcaster.moments import NOW, later


@pytest.fixture
def rows(session):
    facts.put(session, facts.EMAIL, {"is_on": True})
    facts.put(session, facts.WEBHOOK, {"is_on": False})
    return session


def sent(rows):
    """Pretend that everything that waits has gone out."""
    for sending in rows.query(Sending).filter_by(state="waiting"):
        sending.state = "sent"


def texts(rows, state="waiting"):
    return [sending.text for sending in rows.query(Sending).filter_by(state=state)]


def test_an_event_is_sent_at_once_by_each_channel_that_is_on(rows):
    notify.tell(rows, "airing", "Lỡ bản tin “Họp dân”.", NOW)
    (sending,) = rows.query(Sending).all()
    assert (sending.channel, sending.text, sending.try_at) == ("email", "08:00 Lỡ bản tin “Họp dân”.", NOW)


def test_a_fault_is_told_once_while_it_lasts(rows):
    for seconds in (0, 10, 600):
        notify.tell(rows, "output", "Loa hỏng.", later(seconds=seconds), key="output:1")
    assert texts(rows) == ["08:00 Loa hỏng."]
    assert [notice.key for notice in notify.standing(rows)] == ["output:1"]


def test_the_end_of_a_fault_is_told_to_those_who_know_of_it(rows):
    notify.tell(rows, "output", "Loa hỏng.", NOW, key="output:1")
    sent(rows)
    notify.over(rows, "output:1", later(minutes=5))
    assert texts(rows) == ["08:05 Đã hết lỗi (từ 08:00): Loa hỏng."]
    assert notify.standing(rows) == []


def test_a_fault_that_is_soon_over_is_not_sent(rows):
    notify.tell(rows, "output", "Loa hỏng.", NOW, key="output:1")
    notify.over(rows, "output:1", later(seconds=3))
    assert texts(rows) == []
    assert len(texts(rows, "dropped")) == 1


def test_a_fault_whose_message_still_waits_for_the_mail_server_keeps_its_end(rows):
    notify.tell(rows, "output", "Loa hỏng.", NOW, key="output:1")
    notify.over(rows, "output:1", later(minutes=5))
    assert len(texts(rows)) == 2


def test_a_fault_that_comes_back_is_told_again(rows):
    for minutes in (0, 10):
        notify.tell(rows, "output", "Loa hỏng.", later(minutes=minutes), key="output:1")
        sent(rows)
        notify.over(rows, "output:1", later(minutes=minutes + 5))
        sent(rows)
    assert len(texts(rows, "sent")) == 4
    assert notify.over(rows, "output:1", later(minutes=30)) is None


def test_without_a_channel_it_still_stands_on_the_page(session):
    notice = notify.tell(session, "disk", "Ổ đĩa gần đầy.", NOW, key="disk")
    assert notify.sendings(session, [notice]) == {notice.id: []}
    assert notify.latest(session) == [notice]


def test_a_kind_that_nobody_knows_is_a_mistake_of_ours(session):
    with pytest.raises(ValueError, match="no such kind"):
        notify.tell(session, "fax", "…", NOW)
