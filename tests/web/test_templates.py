"""Every page as a browser and a screen reader meet it."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from broadcaster.accounts.permissions import Role
from broadcaster.newsroom import plans
from broadcaster.newsroom.bulletins import Draft
from broadcaster.newsroom.plan_frames import PlanFrame, TopicFrame
from broadcaster.playout import programmes, requesting
from broadcaster.playout.programmes import Frame
from broadcaster.settings import Settings
from broadcaster.store import Store
from tests.broadcaster.moments import NOW, TODAY
from tests.clocks import FakeClock
from tests.desk import Desk
from tests.web.alarms import emergency_order, warning
from tests.web.conftest import Visitor
from web import create_app, listening

WEB = Path(__file__).parents[2] / "web"
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
STATIC = sorted(path for path in (WEB / "static").iterdir() if path.suffix in (".css", ".js", ".svg"))
XML_NAMES = "http://www.w3.org/2000/svg"
PAGES = (
    "/",
    "/?ngay=2026-11-20",
    "/ban-tin",
    "/ban-tin?words=khongco",
    "/ban-tin/moi",
    "/ban-tin/1",
    "/ban-tin/3?chu=0",
    "/ban-tin/4",
    "/ban-tin/4?chu=4",
    "/ban-tin/4/phan-thua",
    "/ban-tin/nhap",
    "/ban-thu/moi",
    "/tu-dien",
    "/tu-dien?words=khongco",
    "/tu-dien/them",
    "/tu-dien/1",
    "/tu-dien/thay-doi",
    "/tu-dien/nhap",
    "/ban-tin/1/sua",
    "/ban-tin/1/phien-ban/1",
    "/ban-tin/1/xep-lich",
    "/ban-tin/2",
    "/ban-tin/3",
    "/duyet",
    "/duyet/2",
    "/lich-phat",
    "/lich-phat/bang",
    "/lich-phat/lich-dien-tu",
    "/chuong-trinh/them",
    "/chuong-trinh/1",
    "/nhat-ky",
    "/nhat-ky?words=khongco",
    "/nhat-ky-thao-tac",
    "/toan-ven",
    "/bao-cao",
    "/phan-anh",
    "/ke-hoach",
    "/ke-hoach/them",
    "/ke-hoach/1",
    "/ke-hoach/1/sua",
    "/ke-hoach/1/chi-tieu/1",
    "/cai-dat",
    "/cai-dat/bat-dau",
    "/cai-dat/luu-giu",
    "/cai-dat/trang-nguoi-dan",
    "/cai-dat/nguoi-dung",
    "/cai-dat/nguoi-dung/them",
    "/cai-dat/nguoi-dung/1",
    "/khoa-ky",
    "/cai-dat/loa",
    "/cai-dat/duong-ra/1/ngung",
    "/cai-dat/am-ly/them",
    "/thong-bao",
    "/thong-bao/cach-gui",
    "/thong-bao/cach-gui/email",
    "/thong-bao/cach-gui/webhook",
    "/cai-dat/duong-ra/them",
    "/cai-dat/duong-ra/1",
    "/cai-dat/cum-loa/them",
    "/cai-dat/cum-loa/1",
    "/cai-dat/ket-noi",
    "/truc-tiep",
    "/tinh-trang",
    "/khan-cap",
    "/khan-cap/viet",
    "/khan-cap/viet?dien-tap=1",
    "/khan-cap/viet?lenh=1",
    "/khan-cap/lenh/them",
    "/khan-cap/lenh/1",
    "/khan-cap/canh-bao",
    "/khan-cap/nguon",
    "/khan-cap/nguon/them",
    "/khan-cap/nguon/1",
    "/khan-cap/viet?canh-bao=1",
    "/doi-mat-khau",
    "/khong-co",
)


@pytest.fixture(scope="module")
def everyone(tmp_path_factory, migrated_file):
    """A visitor who may do all, at a station with something of everything. They only look."""
    folder = tmp_path_factory.mktemp("station")
    shutil.copy(migrated_file, folder / "station.db")
    store = Store(folder)
    desk = Desk(store, FakeClock(NOW))
    desk.furnish()
    _put_something_of_everything(desk)
    app = create_app(Settings(folder=folder), store, desk.clock)
    yield Visitor(app, desk).enter(desk.person("moi", *Role))
    listening.close(app)
    store.close()


def _put_something_of_everything(desk):
    number = desk.approved("Vệ sinh môi trường")
    waiting = desk.draft("Tiêm chủng")
    desk.draft("Họp khu phố")
    with desk.store.write() as rows:
        from broadcaster.newsroom import approval, bulletins, readings

        pasted = Draft(
            "Dán từ web", "Gửi CT UBND lúc 7h30.\nChủ động chủ động hành chínhtrên mạng.\nLượt xem: 12"
        )
        bulletins.write(rows, desk.officer, pasted, NOW)
        readings.decide(rows, desk.officer, None, "KP3", "khu phố ba", None, NOW)

        approval.submit(rows, desk.officer, waiting, NOW)
        frame = Frame("Bản tin chiều", range(7), (NOW + timedelta(hours=9)).time())
        programme = programmes.add(rows, desk.operator, frame, NOW)
        requesting.request_in_programme(rows, desk.operator, number, programme.id, TODAY, None, NOW)
        requesting.request_in_programme(rows, desk.operator, waiting, programme.id, TODAY, None, NOW)
    emergency_order(desk)
    warning(desk)
    with desk.store.write() as rows:
        frame = PlanFrame("CCHC", TODAY, TODAY, "02/KH-UBND", topics=(TopicFrame("Cải cách hành chính"),))
        plans.put_in_force(rows, desk.officer, plans.write(rows, desk.officer, frame, NOW).id, NOW)


class Page(HTMLParser):
    """What a page is made of, as far as these tests ask."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.labels: set[str] = set()
        self.forms: list[dict[str, object]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = {name: value or "" for name, value in attrs}
        self.tags.append((tag, attributes))
        if tag == "label":
            self.labels.add(attributes.get("for", ""))
        if tag == "form":
            self.forms.append({**attributes, "fields": []})
        if tag in ("input", "select", "textarea") and self.forms:
            self.forms[-1]["fields"].append(attributes.get("name", ""))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(WEB / "templates")))
def test_templates_hold_no_code_no_style_and_no_other_host(template):
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"\son[a-z]+\s*=", text)
    assert "<style" not in text
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"(https?:)?//[a-z]", text)


@pytest.mark.parametrize("file", STATIC, ids=lambda path: path.name)
def test_static_files_ask_no_other_host(file):
    text = file.read_text(encoding="utf-8").replace(XML_NAMES, "")
    assert not re.search(r"https?://|url\(\s*['\"]?//|@import", text)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_can_be_read_filled_and_left_by_everybody(path, everyone):
    answer = everyone.get(path, follow_redirects=True)
    assert answer.status_code == (404 if path == "/khong-co" else 200)
    page = Page(answer.text)
    assert _twice(page) == []
    assert _nameless(page) == []
    assert sum(tag == "h1" for tag, _ in page.tags) == 1
    assert ("html", {"lang": "vi"}) in page.tags
    for form in page.forms:
        assert form.get("method") != "post" or "csrf_token" in form["fields"], form
    for tag, attributes in page.tags:
        address = attributes.get("href") or attributes.get("src") or ""
        assert address.startswith(("/", "#")) or not address, (tag, address)


def test_no_identifier_of_ours_and_no_english_is_shown(everyone):
    known = re.compile(
        r"\b(None|True|False|draft|submitted|approved|planned|played|missed|bulletin|airing|error|csrf)\b"
    )
    for path in PAGES:
        text = re.sub(r"<[^>]*>", " ", everyone.get(path, follow_redirects=True).text)
        assert known.search(text) is None, (path, known.search(text))


def test_every_icon_that_is_asked_for_is_drawn(everyone):
    drawn = set(re.findall(r'<symbol id="([^"]+)"', (WEB / "static" / "icons.svg").read_text()))
    for path in PAGES:
        asked = set(re.findall(r"icons\.svg\?v=\w+#([\w-]+)", everyone.get(path, follow_redirects=True).text))
        assert asked <= drawn, path


@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        ("grey", "grey-pale"),
        ("amber", "amber-pale"),
        ("blue", "blue-pale"),
        ("green", "green-pale"),
        ("orange", "orange-pale"),
        ("red", "red-pale"),
        ("dark-red", "paper"),
        ("red", "paper"),
        ("muted", "paper"),
        ("muted", "ground"),
        ("brand", "brand-pale"),
        ("ink", "ground"),
        ("paper", "red"),
        ("paper", "brand"),
    ],
)
def test_words_stand_out_from_what_is_behind_them(ink, paper):
    """WCAG 2.1, 1.4.3: at least 4.5 to 1."""
    colours = dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{3,6});", (WEB / "static" / "style.css").read_text()))
    light, dark = sorted((_luminance(colours[ink]), _luminance(colours[paper])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


def _luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.1 defines it."""
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _twice(page: Page) -> list[str]:
    counted = Counter(attributes["id"] for _, attributes in page.tags if "id" in attributes)
    return [name for name, count in counted.items() if count > 1]


def _nameless(page: Page) -> list[dict[str, str]]:
    """Return the fields without a label of their own."""
    return [
        attributes
        for tag, attributes in page.tags
        if tag in ("input", "select", "textarea")
        and attributes.get("type") not in ("hidden", "submit")
        and "hidden" not in attributes
        and attributes.get("id") not in page.labels
        and not attributes.get("aria-label")
    ]


@pytest.mark.parametrize(
    "address",
    [
        "/?ngay=9999-12-31",
        "/?ngay=0001-01-01",
        "/lich-phat?tuan=9999-12-31",
        "/lich-phat/bang?ngay=9999-12-31",
        "/lich-phat/ngay?thang=9999-12",
        "/chuong-trinh/1?ngay=0001-01-01",
    ],
)
def test_a_date_beyond_every_calendar_is_no_date(everyone, address):
    assert everyone.get(address).status_code == 200
