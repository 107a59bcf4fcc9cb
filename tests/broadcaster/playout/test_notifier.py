"""What waits is sent together, tried again, kept within bounds, and the process ends when nothing is due."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from broadcaster.playout import notify, notify_call, notify_outbox, notify_ways
from broadcaster.playout.notifier import Notifier
from broadcaster.playout.notify_call import LOST_S, Caller
from broadcaster.playout.notify_outbox import MOST_AN_HOUR
from broadcaster.store import facts, pulse
from broadcaster.store.models import Notice, Sending
from schedules.clock import SystemClock
from tests.broadcaster.moments import NOW
from tests.broadcaster.playout.device import Hook, hook
from tests.broadcaster.playout.mail_server import mail_server
from tests.clocks import FakeClock


@pytest.fixture
def service() -> Iterator[Hook]:
    with hook() as made:
        yield made


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(NOW)


@pytest.fixture
def notifier(store, service, clock) -> Notifier:
    """One that posts to the loopback service."""
    way = notify_ways.webhook(
        {"preset": "generic", "url": f"{service.address}/bao", "header": "X-Dai: phuong"}
    )
    with store.write() as session:
        facts.put(session, facts.WEBHOOK, notify_ways.as_fact(way, True))
        facts.put(session, facts.STATION_NAME, "Đài An Phú")
    return Notifier(store, clock, threading.Event())


def tell(store, clock, *texts: str) -> None:
    with store.write() as session:
        for text in texts:
            notify.tell(session, "airing", text, clock.now())


def said(service: Hook) -> list[str]:
    return [json.loads(body)["text"] for body in service.bodies]


def states(store) -> list[str]:
    with store.read() as session:
        return [sending.state for sending in session.query(Sending).order_by(Sending.id)]


def test_all_that_is_due_goes_out_as_one_message(store, notifier, service, clock):
    tell(store, clock, "Lỡ “A”.", "Lỡ “B”.")
    assert notifier.send_due("webhook")
    assert said(service) == ["08:00 Lỡ “A”.\n08:00 Lỡ “B”."]
    assert states(store) == ["sent", "sent"]
    assert not notifier.send_due("webhook")


def test_what_could_not_be_sent_is_tried_again_later_and_nothing_is_lost(store, notifier, service, clock):
    service.status = 503
    tell(store, clock, "Lỡ “A”.")
    notifier.send_due("webhook")
    assert states(store) == ["waiting"]
    assert not notifier.send_due("webhook"), "not before its time"
    service.status = 200
    clock.advance(31)
    tell(store, clock, "Lỡ “B”.")
    notifier.send_due("webhook")
    assert said(service)[-1] == "08:00 Lỡ “A”.\n08:00 Lỡ “B”."
    assert states(store) == ["sent", "sent"]


def test_after_a_day_of_failures_it_is_given_up_and_the_reason_is_kept(store, notifier, service, clock):
    service.status = 500
    tell(store, clock, "Lỡ “A”.")
    for _ in range(40):
        notifier.send_due("webhook")
        clock.advance(3600)
    assert states(store) == ["failed"]
    assert len(service.calls) < 35
    with store.read() as session:
        assert session.query(Sending).one().error == "dịch vụ báo lỗi 500"


def test_a_storm_is_a_few_messages_and_every_line_arrives(store, notifier, service, clock):
    for number in range(60):
        tell(store, clock, f"Lỡ “{number}”.")
        notifier.send_due("webhook")
        clock.advance(10)
    assert len(service.calls) == MOST_AN_HOUR
    clock.advance(3600)
    notifier.send_due("webhook")
    assert len(service.calls) == MOST_AN_HOUR + 1
    assert sum(text.count("Lỡ") for text in said(service)) == 60
    assert set(states(store)) == {"sent"}


def test_a_test_goes_out_alone_and_at_once_even_in_a_storm_and_is_tried_once(
    store, notifier, service, clock, as_actor
):
    for number in range(MOST_AN_HOUR + 1):
        tell(store, clock, f"Lỡ “{number}”.")
        notifier.send_due("webhook")
    with store.write() as session:
        notify_outbox.ask_test(session, as_actor, "webhook", "Tin thử.", clock.now())
    notifier.send_due("webhook")
    assert said(service)[-1] == "Tin thử."
    service.status = 500
    with store.write() as session:
        failed = notify_outbox.ask_test(session, as_actor, "webhook", "Tin thử.", clock.now())
    notifier.send_due("webhook")
    with store.read() as session:
        assert notify_outbox.latest_test(session, "webhook").id == failed.id
        assert notify_outbox.latest_test(session, "webhook").state == "failed"


@pytest.fixture
def as_actor(store):
    from broadcaster.accounts.permissions import CONSOLE

    return CONSOLE


def test_a_channel_that_was_turned_off_lets_go_of_what_waits(store, notifier, clock):
    tell(store, clock, "Lỡ “A”.")
    with store.write() as session:
        facts.put(session, facts.WEBHOOK, {"is_on": False})
        notify_outbox.drop_unwanted(session)
    assert states(store) == ["dropped"]


def test_settings_that_cannot_be_used_are_a_failure_and_not_an_end(store, notifier, service, clock):
    with store.write() as session:
        facts.put(session, facts.WEBHOOK, {"is_on": True, "preset": "fax"})
    tell(store, clock, "Lỡ “A”.")
    notifier.send_due("webhook")
    with store.read() as session:
        assert "dịch vụ" in session.query(Sending).one().error


def test_it_ends_when_nothing_is_due_and_says_when_to_come_back(store, notifier, service, clock):
    service.status = 503
    tell(store, clock, "Lỡ “A”.")
    clock_stands = [notifier.send_due("webhook") for _ in range(4)]
    assert clock_stands == [True, False, False, False]
    for _ in range(3):
        clock.advance(600)
        notifier.send_due("webhook")
    notifier.run()
    assert notify_call.due_at(store.folder) > time.time() + 60
    service.status = 200
    clock.advance(3600)
    notifier.run()
    assert states(store) == ["sent"]
    assert notify_call.due_at(store.folder) is None


def test_mail_and_webhook_do_not_wait_for_each_other(store, notifier, service, clock):
    with mail_server() as server, store.write() as session:
        way = notify_ways.email(
            {
                "host": "127.0.0.1",
                "port": server.port,
                "security": "none",
                "sender": "a@b.vn",
                "recipients": "c@d.vn",
            }
        )
        facts.put(session, facts.EMAIL, notify_ways.as_fact(way, True))
        notify.tell(session, "disk", "Ổ đĩa sắp đầy.", clock.now())
    service.status = 500
    notifier.send_due("webhook")
    notifier.send_due("email")
    assert sorted(states(store)) == ["waiting", "waiting"], "the mail server is gone already"


def test_a_lost_station_is_told_by_whoever_is_left(store, clock):
    fake = FakeClock()
    caller = Caller(store.folder, fake.monotonic)
    pulse.beat(store.folder, "station")
    assert not caller()
    fake.advance(LOST_S + 1)
    assert caller()
    assert not caller(), "once"
    stopped = threading.Event()
    stopped.set()
    for _ in range(2):
        Notifier(store, clock, stopped).run()
    with store.read() as session:
        assert [notice.key for notice in session.query(Notice)] == [notify.STATION_LOST]
    time.sleep(0.002)  # so that the next beat has another time
    pulse.beat(store.folder, "station")
    assert not caller()
    fake.advance(LOST_S + 1)
    assert caller(), "lost again"


def test_the_process_sends_what_waits_and_ends(store, service, notifier):
    with store.write() as session:
        notify.tell(session, "airing", "Lỡ “A”.", SystemClock().now())
    command = [sys.executable, "-m", "broadcaster.playout.notifier", "--data", str(store.folder)]
    ended = subprocess.run(command, timeout=30, check=False, env=os.environ, capture_output=True)
    assert (ended.returncode, ended.stderr) == (0, b"")
    (text,) = said(service)
    assert text.endswith(" Lỡ “A”.")
