"""Ten years of a busy ward in the history: a million chained rows over ten thousand texts, made fast."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, text

from broadcaster.records import chain
from broadcaster.records.chain import GENESIS
from broadcaster.records.fold import fold
from broadcaster.store import Store, facts
from broadcaster.store.models import Airing, Bulletin, History, HistoryWords, Person, Request, Zone
from broadcaster.store.models import Output as OutputRow

FIRST = datetime(2016, 11, 22, 22, 30, tzinfo=UTC)
TOPICS = ("Cải cách hành chính", "Y tế", "An ninh", "Văn hóa", "Nông nghiệp", "Giáo dục", "Thông báo")
PROGRAMMES = ("Bản tin sáng", "Bản tin chiều", "Thông báo trưa", "")
RESULTS = ("played",) * 94 + ("cut",) * 2 + ("missed",) * 3 + ("failed",)
WORDS = [
    "thông",
    "báo",
    "lịch",
    "tiêm",
    "chủng",
    "trạm",
    "y",
    "tế",
    "phường",
    "đường",
    "dây",
    "nóng",
    "cải",
    "cách",
    "hành",
    "chính",
    "hồ",
    "sơ",
    "trực",
    "tuyến",
    "người",
    "dân",
    "khu",
    "phố",
    "tổ",
    "dân",
    "phố",
    "vệ",
    "sinh",
    "môi",
    "trường",
    "phòng",
    "cháy",
    "chữa",
    "cháy",
    "nghĩa",
    "vụ",
    "quân",
    "sự",
    "bầu",
    "cử",
    "bảo",
    "hiểm",
    "xã",
    "hội",
    "thuế",
    "đất",
    "nước",
    "sạch",
    "điện",
    "cắt",
    "sửa",
    "chữa",
    "họp",
    "chi",
    "bộ",
    "hội",
    "phụ",
    "nữ",
    "đoàn",
    "thanh",
    "niên",
    "người",
    "cao",
    "tuổi",
    "học",
    "sinh",
    "khai",
    "giảng",
    "mưa",
    "bão",
    "ngập",
    "lụt",
    "sơ",
    "tán",
    "dịch",
    "sốt",
    "xuất",
    "huyết",
    "diệt",
    "lăng",
    "quăng",
    "căn",
    "cước",
    "công",
    "dân",
    "định",
    "danh",
    "chữ",
    "ký",
    "số",
    "thanh",
    "toán",
]
BATCH = 5000


def fill(store: Store, rows: int, texts: int = 10_000, seed: int = 1) -> None:
    """Write `rows` airings with their history, chained, into an empty migrated store."""
    chance = random.Random(seed)
    with store.write() as session:
        _people(session)
        said = [_text(chance, number) for number in range(texts)]
        session.execute(
            insert(HistoryWords),
            [
                {"id": number + 1, "sha256": f"{number:064d}", "folded": fold(f"{title} {words}")}
                for number, (title, words) in enumerate(said)
            ],
        )
        session.execute(text("INSERT INTO history_words_fts(history_words_fts) VALUES ('rebuild')"))
    last = GENESIS
    for first in range(0, rows, BATCH):
        with store.write() as session:
            made = list(_rows(chance, said, first, min(BATCH, rows - first)))
            session.execute(insert(Airing), [_airing(row) for row in made])
            for row in made:
                row["previous_hash"] = last
                row["row_hash"] = last = chain.row_hash(History, row)
            session.execute(insert(History), made)
            facts.put(session, "chain_head:history", {"id": made[-1]["id"], "hash": last})


def _rows(
    chance: random.Random, said: list[tuple[str, str]], first: int, count: int
) -> Iterator[dict[str, Any]]:
    step = timedelta(days=3650) / 1_000_000
    for number in range(first, first + count):
        planned = FIRST + number * step
        words = chance.randrange(len(said)) if number % 10 else number // 100 % len(said)
        yield _row(chance, number + 1, planned, words, said[words][0])


def _row(chance: random.Random, number: int, planned: datetime, words: int, title: str) -> dict[str, Any]:
    result, seconds = chance.choice(RESULTS), chance.uniform(20, 400)
    heard = seconds if result == "played" else seconds / 2 if result == "cut" else 0.0
    zone = {"zone": "Khu phố 1", "output": "Loa", "seconds_heard": heard, "level_dbfs": -20.5, "fault": ""}
    return {
        **dict.fromkeys(column.key for column in History.__table__.columns),
        "id": number,
        "written_at": planned + timedelta(seconds=seconds),
        "airing_id": uuid.UUID(int=chance.getrandbits(128)).hex,
        "result": result,
        "cause": "" if result == "played" else "power_off",
        "reason": "",
        "planned_at": planned,
        "started_at": planned if heard else None,
        "ended_at": planned + timedelta(seconds=heard),
        "seconds_planned": seconds,
        "seconds_heard": heard,
        "level_dbfs": -20.5 if heard else None,
        "on_loudspeaker": heard > 0,
        "zones": [zone],
        "programme": PROGRAMMES[number % len(PROGRAMMES)],
        "bulletin_id": words + 1,
        "title": title,
        "kind": "priority" if number % 9 == 0 else "routine",
        "topic": TOPICS[words % len(TOPICS)],
        "written_sha256": "ab" * 32,
        "spoken_sha256": "cd" * 32,
        "clip_sha256": "ef" * 32,
        "engine": "espeak-ng 1.52.0",
        "voice": "vi",
        "lexicon": "1",
        "author": "Người soạn",
        "approver": "Người duyệt",
        "approved_at": planned - timedelta(hours=5),
        "is_self_approved": False,
        "operator": "Người vận hành",
        "source": "recording" if number % 20 == 0 else "text",
        "words_id": words + 1,
    }


def _text(chance: random.Random, number: int) -> tuple[str, str]:
    title = f"{chance.choice(TOPICS)} số {number}"
    return title, " ".join(chance.choices(WORDS, k=180)) + (
        " chiến dịch hè tình nguyện" if number % 500 == 0 else ""
    )


def _airing(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": row["airing_id"],
        "request_id": 1,
        "planned_at": row["planned_at"],
        "part": row["id"],
        "bulletin_id": 1,
        "deadline": row["planned_at"],
        "state": row["result"],
        "ended_at": row["ended_at"],
    }


def _people(session: Any) -> None:
    for each in (
        Person(id=1, login="a", name="Người soạn", roles=[], created_at=FIRST),
        OutputRow(id=1, name="Loa", kind="file"),
        Zone(id=1, name="Khu phố 1", output_id=1),
        Bulletin(id=1, title="B", author_id=1, created_at=FIRST, changed_at=FIRST),
        Request(id=1, bulletin_id=1, way="at", created_by=1, created_at=FIRST),
    ):
        session.add(each)
        session.flush()
