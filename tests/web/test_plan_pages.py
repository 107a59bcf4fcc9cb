"""The pages of plans: entered from paper, counted from history, and a way to what is still owed."""

from __future__ import annotations

import io
import re
from datetime import date, timedelta
from html import unescape

import pytest

from broadcaster.newsroom import plan_files, plans
from broadcaster.newsroom.plan_frames import PlanFrame, TopicFrame
from broadcaster.playout import requesting
from broadcaster.records import audit, history
from broadcaster.records.history import HistoryEntry
from broadcaster.store.models import Bulletin, Plan
from tests.broadcaster.moments import NOW, TODAY
from tests.broadcaster.records.conftest import ENTRY

CCHC = "Cải cách hành chính"
PDF = b"%PDF-1.7\n1 0 obj\n"
HEAD = {
    "about": "Tuyên truyền cải cách hành chính năm 2026",
    "number": "02/KH-UBND",
    "issued_on": "06/01/2026",
    "issuer": "UBND phường",
    "first_date": "01/01/2026",
    "last_date": "31/12/2026",
}


def row(place: int, name: str, amount: str = "1", per: str = "month", number: str = "") -> dict[str, str]:
    values = {"number": number, "name": name, "amount": amount, "unit": "items", "per": per, "topics": ""}
    return {f"topics-{place}-{field}": value for field, value in values.items()}


def form(*names: str, **more: str) -> dict[str, str]:
    rows = {key: value for number, name in enumerate(names) for key, value in row(number, name).items()}
    return {**HEAD, **rows, **more}


@pytest.fixture
def plan_id(desk) -> int:
    """A plan in force: one item a month of one topic in 2026."""
    frame = PlanFrame(HEAD["about"], date(2026, 1, 1), date(2026, 12, 31), HEAD["number"])
    with desk.store.write() as rows:
        made = plans.write(rows, desk.officer, with_topics(frame, TopicFrame(CCHC)), NOW)
        plans.put_in_force(rows, desk.officer, made.id, NOW)
        return made.id


def with_topics(frame: PlanFrame, *topics: TopicFrame) -> PlanFrame:
    return PlanFrame(frame.about, frame.first_date, frame.last_date, frame.number, topics=topics)


@pytest.fixture
def heard(desk):
    """`heard(bulletin)` makes an airing of it and ends it as played on a loudspeaker."""

    def hear(number: int, planned_at=NOW, topic: str = CCHC) -> None:
        with desk.store.write() as rows:
            at = NOW + timedelta(hours=1)
            airing = requesting.request_at(rows, desk.operator, number, at, (), NOW)
            airing.state, airing.on_loudspeaker, airing.planned_at = "played", True, planned_at
            values = {"airing_id": airing.id, "planned_at": planned_at, "bulletin_id": number, "topic": topic}
            history.add(rows, HistoryEntry(**{**ENTRY, **values}), NOW)

    return hear


def about(desk, number: int, topic: str = CCHC) -> int:
    """Give a bulletin its topic."""
    with desk.store.write() as rows:
        rows.get_one(Bulletin, number).topic = topic
    return number


def words(page: str) -> str:
    return re.sub(r" ([:,.])", r"\1", " ".join(unescape(re.sub(r"<[^>]+>", " ", page)).split()))


def test_a_year_plan_is_entered_put_in_force_and_counted(officer, desk):
    page = officer.post("/ke-hoach/them", follow=True, **form(CCHC, "Chuyển đổi số")).text
    assert "Đã lưu bản nháp" in page
    page = words(officer.post("/ke-hoach/1/thuc-hien", follow=True).text)
    assert "đang thực hiện" in page
    assert f"{CCHC}: còn thiếu 1 tin, bài của tháng 11, hạn 30/11" in page
    assert "Còn thiếu tin tháng 1, tháng 2" in page
    with desk.store.read() as rows:
        acts = [each.act for each in audit.latest(rows, limit=2)]
    assert acts == ["plan.put_in_force", "plan.written"]


def test_more_rows_are_had_without_a_script_and_nothing_typed_is_lost(officer):
    page = officer.post("/ke-hoach/them", **form(CCHC, **{"them-dong": "1"})).text
    assert f'value="{CCHC}"' in page
    assert 'name="topics-3-name"' in page
    assert "Đã lưu" not in page


def test_a_mistake_is_named_and_what_was_typed_stays(officer):
    page = officer.post("/ke-hoach/them", **form(CCHC, CCHC.lower(), last_date="31/12/2025")).text
    assert "Ngày cuối phải từ ngày đầu trở đi" in page
    page = officer.post("/ke-hoach/them", **form(CCHC, CCHC.upper())).text
    assert "trùng tên" in page
    assert f'value="{CCHC}"' in page


def test_a_plan_without_a_number_stays_a_draft(officer):
    officer.post("/ke-hoach/them", **form(CCHC, number=""))
    page = officer.post("/ke-hoach/1/thuc-hien", follow=True).text
    assert "chưa có số" in page
    assert "Cho thực hiện" in officer.get("/ke-hoach/1").text


def test_the_attached_file_comes_back_as_it_was_and_only_as_a_download(officer):
    sent = {**form(CCHC), "file": (io.BytesIO(PDF), "../Kế hoạch 02.exe.pdf")}
    officer.post("/ke-hoach/them", **sent)
    answer = officer.get("/ke-hoach/1/tep", buffered=True)
    assert answer.data == PDF
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    officer.post("/ke-hoach/1/sua", **form(CCHC, drops_file="y"))
    assert officer.get("/ke-hoach/1/tep").status_code == 404


@pytest.mark.parametrize("named", ["./../secret.key", "{folder}/secret.key"])
def test_a_row_that_was_changed_does_not_hand_over_a_secret(officer, desk, named):
    officer.post("/ke-hoach/them", **form(CCHC), file=(io.BytesIO(PDF), "kh.pdf"))
    with desk.store.write() as session:
        session.get_one(Plan, 1).file_sha256 = named.format(folder=desk.store.folder.absolute())
    answer = officer.get("/ke-hoach/1/tep", buffered=True)
    assert (desk.store.folder / "secret.key").is_file()
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "content", [b"<html><script>", b"MZ\x90\0", b"PK\x03\x04broken", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b""]
)
def test_what_is_no_paper_is_not_taken(officer, content):
    page = officer.post("/ke-hoach/them", **form(CCHC), file=(io.BytesIO(content), "ke-hoach.pdf")).text
    assert re.search("không phải Word|trống", page)
    assert f'value="{CCHC}"' in page
    assert officer.get("/ke-hoach/1").status_code == 404


def test_each_figure_opens_the_rows_behind_it(officer, desk, plan_id, heard):
    number = about(desk, desk.approved("Một cửa"))
    heard(number, NOW - timedelta(days=3))
    heard(number, NOW - timedelta(days=2))
    page = officer.get(f"/ke-hoach/{plan_id}").text
    link = re.search(r'period-figure" href="([^"]+)"[^>]*aria-label="tháng 11: 1 trên 1 tin, bài', page)
    assert link is not None
    assert "2 lượt" in words(page)
    assert "trên 12 tin, bài của cả kế hoạch" in words(page)
    assert officer.get(unescape(link[1])).status_code == 200


def test_what_is_owed_offers_to_begin_that_bulletin(officer, plan_id):
    page = officer.get(f"/ke-hoach/{plan_id}").text
    link = re.search(r'href="(/ban-tin/moi\?[^"]+)"', page)
    assert link is not None
    begun = officer.get(unescape(link[1])).text
    assert f'value="{CCHC} tháng 11/2026"' in begun
    assert re.search(rf'name="topic"[^>]*value="{CCHC}"', begun)
    assert f'<option value="{CCHC}">' in begun


def test_what_is_on_its_way_is_told_beside_what_is_owed(officer, desk, plan_id):
    about(desk, desk.draft("Nháp một cửa"))
    placed = about(desk, desk.approved("Dịch vụ công"))
    with desk.store.write() as rows:
        requesting.request_at(rows, desk.operator, placed, NOW + timedelta(days=2), (), NOW)
    page = words(officer.get(f"/ke-hoach/{plan_id}").text)
    assert "đã có 1 bản tin đã duyệt, 1 nháp, sẽ phát 25/11" in page
    assert "còn thiếu 1 tin, bài" in page


def test_a_bulletin_that_was_heard_is_no_longer_on_its_way(officer, desk, plan_id, heard):
    heard(about(desk, desk.approved("Tháng trước")), NOW - timedelta(days=30))
    page = words(officer.get(f"/ke-hoach/{plan_id}").text)
    assert "đã có" not in page


def test_a_quota_changes_from_a_day_on_and_the_past_stands(officer, plan_id):
    address = f"/ke-hoach/{plan_id}/chi-tieu/1"
    sent = {"from_date": "01/10/2026", "amount": "4", "unit": "items", "per": "month"}
    assert "những kỳ đã qua giữ nguyên" in officer.post(address, **sent).text
    page = words(officer.post(address, follow=True, **{**sent, "from_date": "01/11/2026"}).text)
    assert "còn thiếu 4 tin, bài của tháng 11" in page
    assert "Từ 01/11/2026: ít nhất 4 tin, bài mỗi tháng" in words(officer.get(address).text)


def test_a_topic_added_to_a_plan_in_force_is_due_from_the_running_month(officer, desk, plan_id):
    standing = row(0, CCHC, number="1", amount="99")
    officer.post(f"/ke-hoach/{plan_id}/sua", **{**HEAD, **standing, **row(1, "Y tế", "2")})
    with desk.store.read() as rows:
        topics = plans.get(rows, plan_id).topics
        asked = [[(quota.from_date, quota.amount) for quota in topic.quotas] for topic in topics]
    assert asked == [[(date(2026, 1, 1), 1)], [(date(2026, 1, 1), 0), (date(2026, 11, 1), 2)]]


def test_a_topic_of_a_plan_in_force_is_not_taken_out(officer, desk, plan_id):
    page = officer.post(f"/ke-hoach/{plan_id}/sua", **{**HEAD, **row(0, "Y tế")}).text
    assert "không xóa được" in page
    with desk.store.read() as rows:
        assert [topic.name for topic in plans.get(rows, plan_id).topics] == [CCHC]


def test_closing_ends_what_is_owed_and_opening_brings_it_back(officer, plan_id):
    page = officer.post(f"/ke-hoach/{plan_id}/dong", follow=True, reason="Có kế hoạch mới").text
    assert "đã đóng" in page
    assert "Kỳ này còn thiếu" not in page
    assert officer.post(f"/ke-hoach/{plan_id}/sua", **form(CCHC)).status_code == 409
    assert "Kỳ này còn thiếu" in officer.post(f"/ke-hoach/{plan_id}/mo-lai", follow=True).text


def test_a_plan_is_copied_into_the_next_year(officer, plan_id):
    officer.post(f"/ke-hoach/{plan_id}/sao-chep")
    page = words(officer.get("/ke-hoach/2").text)
    assert "01/01/2027 – 31/12/2027" in page
    assert "năm 2027" in page
    assert "chưa có số" in page


def test_a_draft_is_thrown_away(officer):
    officer.post("/ke-hoach/them", **form(CCHC))
    assert "Đã bỏ bản nháp" in officer.post("/ke-hoach/1/bo", follow=True).text
    assert officer.get("/ke-hoach/1").status_code == 404


def test_who_only_looks_sees_progress_and_no_button(visitor, plan_id):
    page = visitor("viewer").get(f"/ke-hoach/{plan_id}").text
    assert "Kỳ này còn thiếu" in page
    assert "Soạn bản tin" not in page
    assert "Đổi chỉ tiêu" not in page


def test_word_files_and_pictures_are_taken_and_macros_are_not(tmp_path):
    from zipfile import ZipFile

    def document(*names: str) -> bytes:
        made = io.BytesIO()
        with ZipFile(made, "w") as archive:
            for name in names:
                archive.writestr(name, "x")
        return made.getvalue()

    kept = plan_files.keep(tmp_path, "Kế hoạch.DOCX", document("word/document.xml"))
    assert kept.name == "Kế hoạch.docx"
    assert plan_files.path_of(tmp_path, kept.sha256).read_bytes().startswith(b"PK")
    assert plan_files.keep(tmp_path, "anh.jpeg", b"\xff\xd8\xff\xe0").name == "anh.jpg"
    with pytest.raises(plan_files.Invalid, match="macro"):
        plan_files.keep(tmp_path, "ke-hoach.docm", document("word/document.xml", "word/vbaProject.bin"))


def test_the_front_page_says_what_is_owed_first(officer, approver, operator, visitor, plan_id):
    for someone in (officer, approver, operator):
        page = words(someone.get("/").text)
        assert f"{CCHC}: còn thiếu 1 tin, bài của tháng 11" in page
        assert page.index("còn thiếu 1 tin") < page.index("thiếu tin tháng 1")
    assert "còn thiếu" not in visitor("viewer").get("/").text
    assert TODAY.year == 2026


def based_on(page: str) -> str:
    return re.search(r'name="based_on"[^>]*value="(\d+)"', page)[1]


@pytest.fixture
def second(visitor, desk):
    """Another officer, who has the same form open."""
    return visitor(desk.person("soan2", "officer"))


def test_who_saves_second_is_told_what_the_first_saved_and_loses_nothing(officer, second, desk, plan_id):
    address = f"/ke-hoach/{plan_id}/sua"
    seen = [based_on(someone.get(address).text) for someone in (officer, second)]
    standing = row(0, CCHC, number="1")
    first = {**HEAD, **standing, **row(1, "Y tế"), "number": "03/KH-UBND", "based_on": seen[0]}
    assert "Đã lưu kế hoạch" in officer.post(address, follow=True, **first).text
    mine = {**HEAD, **standing, "issuer": "UBND xã", "based_on": seen[1]}
    answer = second.post(address, **mine).text
    told = words(answer)
    assert f"{desk.officer.name} đã lưu Kế hoạch 03/KH-UBND lúc" in told
    assert "số kế hoạch nay là “03/KH-UBND”; cơ quan ban hành nay là “UBND phường”;" in told
    assert "“Y tế: ít nhất 1 tin, bài mỗi tháng (Y tế)”. Phần bạn vừa nhập chưa được lưu" in told
    assert 'value="UBND xã"' in answer
    assert 'value="Y tế"' in answer
    with desk.store.read() as rows:
        assert (plans.get(rows, plan_id).number, plans.get(rows, plan_id).issuer) == (
            "03/KH-UBND",
            "UBND phường",
        )
    again = {**mine, **row(1, "Y tế", number="2"), "based_on": based_on(answer)}
    assert "Đã lưu kế hoạch" in second.post(address, follow=True, **again).text
    with desk.store.read() as rows:
        plan = plans.get(rows, plan_id)
        assert (plan.number, plan.issuer, len(plan.topics)) == ("02/KH-UBND", "UBND xã", 2)


def test_a_form_typed_for_a_draft_is_told_when_the_plan_began(officer, second):
    officer.post("/ke-hoach/them", **form(CCHC))
    seen = based_on(second.get("/ke-hoach/1/sua").text)
    officer.post("/ke-hoach/1/thuc-hien")
    mine = {**HEAD, **row(0, CCHC, "7", number="1"), "based_on": seen}
    answer = second.post("/ke-hoach/1/sua", **mine).text
    assert "kế hoạch nay đang thực hiện, chỉ tiêu chỉ đổi được" in words(answer)
    again = second.post("/ke-hoach/1/sua", follow=True, **{**mine, "based_on": based_on(answer)})
    assert "Đã lưu kế hoạch" in again.text


def test_a_button_pressed_twice_saves_once_and_complains_of_nothing(officer, plan_id):
    address = f"/ke-hoach/{plan_id}/sua"
    sent = {**HEAD, **row(0, CCHC, number="1"), "based_on": based_on(officer.get(address).text)}
    for _ in range(2):
        assert "Đã lưu kế hoạch" in officer.post(address, follow=True, **sent).text


def test_other_acts_and_other_plans_are_in_nobodys_way(officer, second, plan_id):
    address = f"/ke-hoach/{plan_id}/sua"
    seen = based_on(second.get(address).text)
    officer.post("/ke-hoach/them", **form("Y tế"))
    officer.post("/ke-hoach/2/sua", **form("An ninh"))
    sent = {**HEAD, **row(0, CCHC, number="1"), "issuer": "UBND xã", "based_on": seen}
    assert "Đã lưu kế hoạch" in second.post(address, follow=True, **sent).text


def test_the_report_of_a_month_tells_a_quarter_that_goes_on_as_progress(officer, desk, heard):
    frame = PlanFrame(HEAD["about"], date(2026, 1, 1), date(2026, 12, 31), HEAD["number"])
    with desk.store.write() as rows:
        made = plans.write(
            rows, desk.officer, with_topics(frame, TopicFrame(CCHC, amount=3, per="quarter")), NOW
        )
        plans.put_in_force(rows, desk.officer, made.id, NOW)
    heard(about(desk, desk.approved("Một cửa")))
    page = words(officer.get("/bao-cao?tu=2026-11-01&den=2026-11-30").text)
    assert f"{CCHC} đang thực hiện: 1 trên 3 tin, bài đến hết quý IV" in page
    assert f"không có chỉ tiêu đến hạn; {CCHC} đang thực hiện: 1 trên 3 tin, bài đến hết quý IV." in page
    assert "đạt 33%" not in page
    assert "đạt 33%" in words(officer.get("/bao-cao?tu=2026-10-01&den=2026-12-31").text)
