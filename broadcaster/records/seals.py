"""Seals: once a day the station signs how far every chain has come, and each seal names the one before.

A seal is a small text that a person can print, mail or carry away. Who rewrites the database afterwards,
with every hash in it, cannot make the rows fit a copy that lies elsewhere; without the station's key (a file
beside the database, `store.station_key`) not even the seals inside can be made anew.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcaster.errors import Invalid
from broadcaster.records import audit, chain, row_text
from broadcaster.records.chain import CHAIN_NAMES, GENESIS
from broadcaster.store import facts, station_key
from broadcaster.store.models import Seal
from broadcaster.store.station_key import StationKey
from schedules.clock import LOCAL

FOLDER = "seals"
MADE = "seal.made"
"""The act in the audit trail: it says which seals there must be."""
PAGE = 40
_TITLE = "DẤU NIÊM PHONG NHẬT KÝ"
_HEAD = re.compile(r"^[^\[\n]+ \[(\w+)\]: (\d+) dòng, dòng cuối số (\d+), mã ([0-9a-f]{64})$", re.MULTILINE)
_NUMBER = re.compile(r"\bsố:? +(\d{1,9})\b", re.IGNORECASE)
_DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
_WHOLE = re.compile(rf"^{_TITLE}\n.*?^Mã niêm phong: ([0-9a-f]{{64}})\nChữ ký: ([0-9a-f]+)\n?", re.M | re.S)


@dataclass(frozen=True, slots=True)
class Head:
    """Where one chain ended."""

    count: int
    id: int
    hash: str


@dataclass(frozen=True, slots=True)
class SealText:
    """What a seal says. Nothing of it is believed before `fault` has been asked."""

    number: int
    sealed_at: datetime
    heads: Mapping[str, Head]
    previous: str
    """Digest of the seal before; zeros for the first one."""
    public: bytes
    """The key that it says it was signed with."""
    sha256: str
    signature: bytes
    body: str
    """What was signed: all lines above the digest."""

    @property
    def day(self) -> date:
        return self.sealed_at.astimezone(LOCAL).date()

    @property
    def is_whole(self) -> bool:
        """Whether text, digest and signature fit each other; says nothing of whose key it was."""
        return self.sha256 == _sha256(self.body) and station_key.verify(
            self.public, self.signature, self.body.encode()
        )


def make(session: Session, key: StationKey, now: datetime, actor: audit.Named | None = None) -> Seal:
    """Seal every chain as it stands now, inside a write transaction; `actor` None: the nightly one."""
    last = latest(session, limit=1)
    number = last[0].id + 1 if last else 1
    body = _body(session, number, last[0].sha256 if last else GENESIS, key, now)
    sha256 = _sha256(body)
    text = f"{body}Mã niêm phong: {sha256}\nChữ ký: {key.sign(body.encode()).hex()}\n"
    seal = Seal(id=number, day=now.astimezone(LOCAL).date(), sha256=sha256, text=text)
    session.add(seal)
    session.flush()
    audit.note(session, actor, MADE, f"seal {number}", now, sha256=sha256)
    return seal


def latest(session: Session, before: int | None = None, limit: int = PAGE) -> list[Seal]:
    """Return the newest seals first; `before` is the number of the last one already seen."""
    statement = select(Seal).order_by(Seal.id.desc()).limit(limit)
    return list(session.scalars(statement if before is None else statement.where(Seal.id < before)))


def heads(session: Session) -> dict[str, Head]:
    """Return where every chain ends now, by its name."""
    found = {}
    for table in chain.tables():
        count = session.scalar(select(func.count()).select_from(table)) or 0
        row = session.execute(select(table.id, table.row_hash).order_by(table.id.desc()).limit(1)).first()
        found[table.__tablename__] = Head(count, *((row.id, row.row_hash) if row else (0, GENESIS)))
    return found


def read(text: str) -> SealText:
    """Return the parts of the seal that stands in `text`; Invalid when there is none."""
    found = _WHOLE.search(_tidy(text))
    if found is None:
        raise Invalid("Tệp này không chứa dấu niêm phong nào của đài; hãy chọn đúng tệp đã cất giữ.")
    body = found[0][: found[0].index("Mã niêm phong: ")]
    try:
        return SealText(
            number=int(_line(body, "Số")),
            sealed_at=datetime.fromisoformat(_line(body, "Lập lúc")),
            heads={
                name: Head(int(count), int(number), sha256)
                for name, count, number, sha256 in _HEAD.findall(body)
            },
            previous=_line(body, "Mã của dấu trước"),
            public=bytes.fromhex(_line(body, "Khóa của đài")),
            sha256=found[1],
            signature=bytes.fromhex(found[2]),
            body=body,
        )
    except ValueError as error:
        raise Invalid("Dấu niêm phong trong tệp này bị hỏng; hãy dùng một bản cất giữ khác.") from error


def mentioned(text: str) -> tuple[int, str]:
    """Return number and digest of a seal of which only these were kept, as in a mail; Invalid without."""
    number, digest = _NUMBER.search(text), _DIGEST.search(text.lower())
    if number is None or digest is None:
        raise Invalid("Tệp này không có dấu niêm phong; cần cả tệp, hoặc ít nhất số và mã niêm phong.")
    return int(number[1]), digest[0]


def file_name(seal: Seal) -> str:
    return f"niem-phong-{seal.id:05}-{seal.day.isoformat()}.txt"


def keep_files(seals: Sequence[Seal], folder: Path) -> None:
    """Write those of `seals` that `folder` does not hold, each whole or not at all. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    for seal in seals:
        file = folder / file_name(seal)
        if not file.exists():
            fresh = file.with_suffix(".new")
            fresh.write_bytes(seal.text.encode())
            fresh.replace(file)


def short(sha256: str) -> str:
    """Return the part of a digest that a person compares by eye: 16 of its 64 signs, in fours."""
    return " ".join(re.findall("....", sha256[:16].upper()))


def _body(session: Session, number: int, previous: str, key: StationKey, now: datetime) -> str:
    local = now.astimezone(LOCAL)
    lines = [
        _TITLE,
        f"Đài: {' '.join(str(facts.get(session, facts.STATION_NAME) or 'chưa đặt tên').split())}",
        f"Số: {number}",
        f"Ngày: {local:%d/%m/%Y}, {local:%H:%M:%S} giờ Việt Nam",
        f"Lập lúc: {row_text.moment_text(now)}",
    ]
    for name, head in heads(session).items():
        words = CHAIN_NAMES[name]
        end = f"{head.count} dòng, dòng cuối số {head.id}, mã {head.hash}"
        lines.append(f"{words[0].upper()}{words[1:]} [{name}]: {end}")
    lines += [f"Mã của dấu trước: {previous}", f"Khóa của đài: {key.public.hex()}"]
    return "".join(f"{line}\n" for line in lines)


def _line(body: str, name: str) -> str:
    found = re.search(rf"^{name}: (.+)$", body, re.MULTILINE)
    if found is None:
        raise ValueError(f"no line {name}")
    return found[1]


def _tidy(text: str) -> str:
    """Undo what mail programs and editors do to a text: other line ends, a byte order mark."""
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
