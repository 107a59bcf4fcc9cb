"""The microphone's page: asking for the air, sending sound, seeing what the loudspeakers get."""

from __future__ import annotations

import pytest

from broadcaster.accounts.permissions import Role
from broadcaster.playout import live, live_spool, requesting
from broadcaster.store import pulse
from broadcaster.store.models import Live
from tests.broadcaster.moments import NOW
from web.security import HEADERS

PAGE = "/truc-tiep"
JSON = {"Accept": "application/json"}
PIECE = b"\1\0" * 9600


def ask(someone, **fields):
    """Press “Lên sóng” as the script does."""
    form = {"title": "Cắt điện", "zones": "1", "minutes": "10", "csrf_token": someone.token(), **fields}
    return someone.client.post(PAGE, data=form, headers=JSON)


@pytest.fixture
def told(operator):
    answer = ask(operator)
    assert answer.status_code == 200
    return answer.json


def send(someone, told, number=0, sound=PIECE):
    headers = {**JSON, "X-CSRFToken": someone.token(), "Content-Type": "application/octet-stream"}
    return someone.client.post(f"{told['sound']}{number}", data=sound, headers=headers)


def the_row(desk) -> Live:
    with desk.store.read() as rows:
        return rows.query(Live).one()


def go_on_air(desk, row):
    """Do what the station does."""
    with desk.store.write() as rows:
        from broadcaster.store.models import Boot

        rows.add(Boot(id="b", started_at=NOW, alive_at=NOW))
        rows.flush()
        return live.put_on_air(rows, live.get(rows, row.id), "b", NOW).id


def test_only_this_page_may_use_the_microphone_and_no_page_of_others(operator):
    policy = operator.get(PAGE).headers["Permissions-Policy"]
    assert "microphone=(self)" in policy
    assert "camera=()" in policy
    assert "microphone=()" in HEADERS["Permissions-Policy"]
    assert operator.get("/").headers["Permissions-Policy"] == HEADERS["Permissions-Policy"]


def test_it_offers_no_more_time_than_the_settings_allow(operator, settings):
    page = operator.get(PAGE).text
    assert '<option value="10" selected>' in page
    assert '<option value="60">' in page
    assert '<option value="90">' not in page


def test_asking_leaves_a_row_bound_to_this_sign_in(told, desk, operator):
    row = the_row(desk)
    assert (row.title, row.zone_ids, row.longest_s, row.waits) == ("Cắt điện", [1], 600, False)
    assert row.state == live.ASKED
    assert told["stop"] == f"{PAGE}/{row.id}/dung"
    assert row.sign_in not in str(told)


def test_what_is_missing_is_said_and_nothing_is_begun(operator, desk):
    answer = ask(operator, title=" ")
    assert answer.status_code == 409
    assert "Hãy ghi ngắn gọn" in answer.json["sentence"]
    with desk.store.read() as rows:
        assert rows.query(Live).count() == 0


def test_sound_reaches_the_spool(told, operator, desk, settings):
    assert send(operator, told, 7).status_code == 204
    (piece,) = live_spool.Spool(settings.folder, the_row(desk).id).take(0.0)
    assert (piece.number, piece.seconds) == (7, pytest.approx(0.2))


@pytest.mark.parametrize("sound", [b"", b"\0", b"\0" * 96_002])
def test_sound_of_another_kind_is_refused(told, operator, sound):
    assert send(operator, told, sound=sound).status_code == 409


def test_no_other_browser_speaks_into_it_not_even_the_same_persons(told, desk, visitor):
    for someone in (visitor(desk.operator), visitor("operator")):
        assert send(someone, told).status_code == 403


def test_sound_without_the_token_of_the_page_is_refused(told, operator):
    answer = operator.client.post(f"{told['sound']}0", data=PIECE, headers=JSON)
    assert answer.status_code == 400


def test_after_the_end_its_browser_is_told_to_be_silent(told, operator, desk):
    operator.client.post(told["stop"], data={"csrf_token": operator.token()}, headers=JSON)
    answer = send(operator, told)
    assert (answer.status_code, answer.json) == (200, {"is_over": True})


def test_the_page_shows_what_the_players_report(told, operator, desk, settings):
    row = the_row(desk)
    airing_id = go_on_air(desk, row)
    on_air = {"airing_id": airing_id, "seconds": 12.0, "level_dbfs": -20.0, "faults": ["mất tiếng"]}
    mine = {row.id: {"on_air_s": 12.4, "dropped_s": 2.0, "missing": 1}}
    pulse.beat(settings.folder, "station", on_air=[on_air], live=mine, outputs=[])
    seen = operator.client.get(told["status"], headers=JSON).json
    assert (seen["state"], seen["on_air_s"], seen["left_s"], seen["heard_s"]) == (
        live.ON_AIR,
        12.4,
        587.6,
        12.0,
    )
    assert seen["level"] == 60
    assert seen["faults"] == ["mất tiếng"]
    assert "2 giây" in seen["lost"]


def test_while_an_amplifier_warms_up_the_speaker_is_asked_to_wait(told, operator, desk, settings):
    row = the_row(desk)
    go_on_air(desk, row)
    pulse.beat(settings.folder, "station", on_air=[], live={row.id: {"on_air_s": -2.5}}, outputs=[])
    seen = operator.client.get(told["status"], headers=JSON).json
    assert (seen["on_air_s"], seen["starts_in_s"], seen["left_s"]) == (0.0, 2.5, 600.0)


def test_a_station_that_does_not_answer_is_told_of(told, operator, clock):
    assert operator.client.get(told["status"], headers=JSON).json["is_slow"] is False
    clock.advance(5)
    assert operator.client.get(told["status"], headers=JSON).json["is_slow"] is True


def test_who_else_is_at_a_microphone_stands_there_with_a_way_to_end_it(told, visitor, desk):
    other = visitor("admin")
    page = other.get(PAGE).text
    assert "Đang có người phát trực tiếp" in page
    assert "Truc" in page
    assert "Đã kết thúc phát trực tiếp" in other.post(told["stop"], follow=True).text
    assert the_row(desk).state == live.OVER


def test_what_a_microphone_would_cut_is_named_with_all_zones_that_hear_it(operator, desk):
    number = desk.approved("Vệ sinh môi trường")
    with desk.store.write() as rows:
        airing = requesting.request_next(rows, desk.operator, number, (), NOW)
        airing.state = "started"
    (there,) = operator.client.get(f"{PAGE}/dang-phat", headers=JSON).json["heard"]
    assert (there["title"], there["zones"], there["where"]) == ("Vệ sinh môi trường", [1], "Toàn phường")


def test_another_announcement_is_not_offered_to_be_cut(told, operator, desk):
    go_on_air(desk, the_row(desk))
    assert operator.client.get(f"{PAGE}/dang-phat", headers=JSON).json["heard"] == []


def test_leaving_the_page_ends_it_as_left(told, operator, desk):
    go_on_air(desk, the_row(desk))
    operator.client.post(told["stop"], data={"csrf_token": operator.token(), "how": "closed"})
    assert the_row(desk).stop == live.CLOSED


def test_its_title_in_the_running_order_leads_to_what_was_said(told, operator, desk):
    from broadcaster.playout import airings
    from broadcaster.playout.airings import Ending
    from broadcaster.store.models import AiringState

    airing_id = go_on_air(desk, the_row(desk))
    assert operator.get("/ban-tin/1", follow_redirects=True).request.path == "/"
    with desk.store.write() as rows:
        ending = Ending(AiringState.PLAYED, "", "", NOW, details={"live": {"missing": 3}})
        airings.finish(rows, airings.get(rows, airing_id), AiringState.STARTED, ending)
    answer = operator.get("/ban-tin/1", follow_redirects=True)
    assert answer.request.path == "/nhat-ky/1"
    assert "không, phát trực tiếp" in answer.text
    assert "có chỗ mất tiếng vì mạng chậm" in answer.text


@pytest.mark.parametrize("role", [Role.OFFICER, Role.APPROVER, Role.VIEWER])
def test_others_find_no_way_in(role, visitor):
    someone = visitor(role)
    assert someone.get(PAGE).status_code == 403
    assert PAGE not in someone.get("/").text


def test_without_script_it_says_what_is_needed(operator):
    assert "<noscript>" in operator.get(PAGE).text
