"""Copies hold the station's key: they go only where a person sent them, whatever the database says."""

from __future__ import annotations

import shutil
from datetime import time

import pytest

from broadcaster.accounts.permissions import CONSOLE
from broadcaster.errors import Invalid, StoreError
from broadcaster.keeping import places
from broadcaster.keeping.holdings import PLACE_MARK
from broadcaster.playout import notify
from broadcaster.store import facts
from tests.broadcaster.moments import NOW


@pytest.fixture
def usb(store, tmp_path_factory):
    place = tmp_path_factory.mktemp("usb")
    save(store, place)
    return place


def save(store, place, hour=1):
    with store.write() as session:
        places.save(session, CONSOLE, places.Wishes(time(hour, 30), str(place), airchecks=False), NOW)


def second(store):
    with store.read() as session:
        return places.second(session)


def told(store):
    with store.read() as session:
        return [notice.text for notice in notify.latest(session)]


def test_a_place_that_a_person_named_is_used_and_people_are_told_that_keys_go_there(store, usb):
    assert second(store) == usb
    [text] = told(store)
    assert str(usb) in text and CONSOLE.name in text and "khóa của trạm" in text


@pytest.mark.parametrize("mark", ["", "m", "00" * 64, "của người khác"])
def test_a_place_written_into_the_database_is_not_believed(store, usb, tmp_path_factory, mark):
    mine = tmp_path_factory.mktemp("mine")
    (mine / PLACE_MARK).write_text(mark, encoding="utf-8")
    with store.write() as session:
        facts.put(session, facts.BACKUPS, {"second": str(mine), "mark": mark})
    with pytest.raises(StoreError, match="Chưa ai xác nhận"):
        second(store)


def test_the_mark_of_one_place_says_nothing_for_another(store, usb, tmp_path_factory):
    mine = tmp_path_factory.mktemp("mine")
    shutil.copy(usb / PLACE_MARK, mine)
    with store.write() as session:
        facts.put(session, facts.BACKUPS, {"second": str(mine)})
    with pytest.raises(StoreError, match="Chưa ai xác nhận"):
        second(store)


def test_saving_again_marks_a_disk_that_was_swapped_and_tells_people(store, usb):
    save(store, usb, hour=2)
    assert len(told(store)) == 1
    (usb / PLACE_MARK).unlink()
    with pytest.raises(StoreError, match="Không thấy nơi cất thứ hai"):
        second(store)
    save(store, usb)
    assert second(store) == usb
    assert len(told(store)) == 2


def test_the_hour_can_be_changed_while_the_place_is_out_of_reach(store, usb):
    shutil.rmtree(usb)
    save(store, usb, hour=3)
    with store.read() as session:
        assert places.wishes(session).hour == time(3, 30)


@pytest.mark.parametrize("inside", [".", "sao-luu", "../data/sao-luu"])
def test_a_place_inside_the_data_folder_is_refused(store, inside):
    place = store.folder / inside
    place.mkdir(exist_ok=True)
    with pytest.raises(Invalid, match="thư mục dữ liệu") as refused:
        save(store, place)
    assert refused.value.field == "second"
