"""The lexicon goes out as a table and comes back: first shown, then in force, never half."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from broadcaster.errors import Invalid, NotPermitted, Refused
from broadcaster.newsroom import readings, readings_csv
from broadcaster.records import audit
from broadcaster.store.models import Reading
from tests.broadcaster.moments import NOW, later


@pytest.fixture
def officer(as_role):
    return as_role("officer", "admin", name="Lê Thị Hoa")


@pytest.fixture
def kept(session, officer):
    for written, spoken in (("KP3", "khu phố ba"), ("NVH", "nhà văn hóa"), ("-5°", "âm năm độ")):
        readings.decide(session, officer, None, written, spoken, None, NOW)


def exported(session) -> bytes:
    return "".join(readings_csv.csv_lines(session)).encode()


def table(*rows: str, heading: str = "Chữ viết,Cách đọc") -> bytes:
    return "\n".join([heading, *rows]).encode()


def apply(session, officer, content, **options):
    return readings_csv.apply(session, officer, content, readings.version(session), later(hours=1), **options)


def said(session) -> dict[str, str]:
    return {each.written: each.spoken for each in readings.entries(session)}


def test_the_table_has_vietnamese_headings_and_is_marked_as_unicode(session, kept):
    content = exported(session)
    assert content.startswith("\ufeffChữ viết,Cách đọc,Chỉ khi đứng giữa,Người quyết định,Thời điểm".encode())
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows[2][:4] == ["KP3", "khu phố ba", "", "Lê Thị Hoa"]


def test_no_cell_is_run_as_a_formula(session, kept):
    rows = list(csv.reader(io.StringIO(exported(session).decode("utf-8-sig"))))
    assert rows[1][0] == "'-5°"
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]


def test_what_went_out_comes_in_unchanged(session, kept):
    shown = readings_csv.preview(session, exported(session), is_whole=True)
    assert (shown.unchanged, shown.changes, shown.refused) == (3, (), ())


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.text(min_size=1, max_size=30), some.text(max_size=20))
def test_any_writing_survives_the_way_out_and_in(session, officer, written, context):
    for row in readings.in_force(session, None):
        row.retired_at = NOW
    try:
        readings.decide(session, officer, None, written, "một hai", context, NOW)
    except Invalid:
        return
    shown = readings_csv.preview(session, exported(session), is_whole=True)
    assert (shown.unchanged, shown.changes, shown.refused) == (1, (), ())


def test_a_preview_tells_what_would_change_and_changes_nothing(session, kept):
    content = table("KP3,khu phố số ba", "TYT,trạm y tế", "NVH,nhà văn hóa", "ABC,", "12,12 giờ")
    shown = readings_csv.preview(session, content, is_whole=True)
    assert [(each.written, each.before, each.after) for each in shown.changed] == [
        ("KP3", "khu phố ba", "khu phố số ba")
    ]
    assert [(each.written, each.after, each.line) for each in shown.added] == [("TYT", "trạm y tế", 3)]
    assert [each.written for each in shown.removed] == ["-5°"]
    assert shown.unchanged == 1
    assert [(each.line, each.written) for each in shown.refused] == [(5, "ABC"), (6, "12")]
    assert "Chưa có cách đọc" in shown.refused[0].reason
    assert "Còn chữ số" in shown.refused[1].reason
    assert said(session)["KP3"] == "khu phố ba"


def test_an_import_is_applied_as_it_was_shown(session, officer, kept):
    apply(session, officer, table("KP3,khu phố số ba", "TYT,trạm y tế"))
    assert said(session) == {
        "KP3": "khu phố số ba",
        "TYT": "trạm y tế",
        "NVH": "nhà văn hóa",
        "-5°": "âm năm độ",
    }
    note = audit.latest(session)[0]
    assert (note.act, note.detail["added"], note.detail["changed"]) == ("lexicon_imported", 1, 1)


def test_what_the_file_does_not_name_is_removed_only_when_asked(session, officer, kept):
    apply(session, officer, table("NVH,nhà văn hóa"), is_whole=True)
    assert said(session) == {"NVH": "nhà văn hóa"}
    assert session.query(Reading).count() == 3


def test_an_import_that_changes_nothing_leaves_no_trace(session, officer, kept):
    before = readings.version(session)
    apply(session, officer, exported(session))
    assert readings.version(session) == before
    assert audit.latest(session)[0].act != "lexicon_imported"


def test_a_lexicon_that_changed_meanwhile_is_shown_again_first(session, officer, kept):
    content = table("KP3,khu phố số ba")
    based_on = readings_csv.preview(session, content).based_on
    readings.decide(session, officer, None, "TYT", "trạm y tế", None, NOW)
    with pytest.raises(Refused, match="xem lại"):
        readings_csv.apply(session, officer, content, based_on, NOW)
    assert said(session)["KP3"] == "khu phố ba"


def test_only_who_sets_up_the_station_imports(session, as_role, kept):
    with pytest.raises(NotPermitted):
        apply(session, as_role("officer"), table("TYT,trạm y tế"))


@pytest.mark.parametrize(
    "content",
    [
        "Chữ viết;Cách đọc\nTYT;trạm y tế".encode("utf-8-sig"),
        "Chữ viết\tCách đọc\nTYT\ttrạm y tế".encode("utf-16"),
        'CÁCH ĐỌC,"Ghi chú",CHỮ VIẾT\r\n"trạm y tế",x,TYT\r\n\r\n'.encode(),
    ],
)
def test_tables_of_every_spreadsheet_are_understood(session, content):
    shown = readings_csv.preview(session, content)
    assert [(each.written, each.after) for each in shown.added] == [("TYT", "trạm y tế")]


def test_a_place_named_twice_is_refused_the_second_time(session):
    shown = readings_csv.preview(session, table("TYT,trạm y tế", "TYT,tê i tê"))
    assert shown.refused[0].reason == "“TYT” đã có ở dòng 2 của tệp; hãy chỉ giữ một dòng."


def test_the_same_writing_in_another_context_is_another_row(session):
    content = table("TT,thị trấn,", "TT,trung tâm,tại | y tế", heading="Chữ viết,Cách đọc,Chỉ khi đứng giữa")
    assert len(readings_csv.preview(session, content).added) == 2


def test_saying_nothing_is_written_in_words(session, officer):
    address = "https://phuongtanminh.binhthuan.gov.vn/tin-tuc/123"
    apply(session, officer, table(f"{address},(không đọc)", "UBND,(không đọc)"))
    assert said(session) == {address: ""}
    assert f"{address},(không đọc)" in exported(session).decode()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "hai cột"),
        ("Từ,Đọc\nTYT,trạm y tế".encode(), "hai cột"),
        (b"PK\x03\x04" + bytes(range(256)), "không phải bảng CSV"),
        ('Chữ viết,Cách đọc\n"TYT,trạm y tế'.encode(), "không phải bảng CSV"),
        (("Chữ viết,Cách đọc\n" + "x" * 200_000).encode(), "không phải bảng CSV"),
        (table(*["TYT,trạm y tế"] * 5001), "hơn 5.000 dòng"),
        (b"x" * 2_000_001, "nặng hơn 2 MB"),
        ("Chữ viết,Cách đọc\nñy ban nh©n d©n ph­êng Th«ng b¸o vÒ".encode("latin-1", "replace"), "CSV"),
    ],
)
def test_what_is_no_such_table_is_refused_with_a_clear_sentence(session, content, words):
    with pytest.raises(Invalid, match=words) as refused:
        readings_csv.preview(session, content)
    assert refused.value.field == "file"
