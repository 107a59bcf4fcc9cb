"""Once a day the station signs how far its books have come; no seal is changed, removed or forged unseen."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import text

from broadcaster.accounts.permissions import CONSOLE
from broadcaster.errors import Invalid, StoreError
from broadcaster.keeping import places, sealing
from broadcaster.keeping.holdings import PLACE_MARK
from broadcaster.keeping.places import Wishes
from broadcaster.playout import notify
from broadcaster.records import audit, chain, integrity, seals
from broadcaster.store import Store, facts, station_key
from broadcaster.store.models import Audit, Seal
from broadcaster.store.station_key import StationKey
from tests.broadcaster.moments import NOW, later


@pytest.fixture
def store(store: Store) -> Store:
    """A station whose books were sealed on three evenings."""
    for day in range(3):
        with store.write() as session:
            audit.note(session, None, "did", f"bulletin {day}", later(days=day))
        sealing.make(store, later(days=day, hours=12))
    return store


def examine(store: Store) -> integrity.Integrity:
    with store.read() as session:
        return integrity.examine(session, station_key.of(store.folder).public, store.folder)


def tamper(store: Store, statement: str, **values: object) -> list[str]:
    with store.engine.begin() as connection:
        connection.execute(text(statement), values)
    return [each.sentence for each in examine(store).wrong_seals]


def text_of(store: Store, number: int) -> str:
    with store.read() as session:
        return session.get_one(Seal, number).text


def against(store: Store, kept: str) -> integrity.Comparison:
    with store.read() as session:
        return integrity.against(session, kept, station_key.of(store.folder).public)


def forget_notes_and_files(store: Store) -> None:
    """What a forger with all rights on the machine would do too."""
    for file in (store.folder / seals.FOLDER).glob("*"):
        file.unlink()
    with store.write() as session:
        for row in session.query(Audit).where(Audit.act == seals.MADE):
            row.act = "x"


def test_a_seal_names_the_end_of_every_chain_and_the_seal_before(store):
    first, second = (seals.read(text_of(store, number)) for number in (1, 2))
    assert (first.number, first.day, first.is_whole) == (1, NOW.date(), True)
    assert (first.previous, second.previous) == (chain.GENESIS, first.sha256)
    assert first.heads["history"] == seals.Head(0, 0, chain.GENESIS)
    with store.read() as session:
        row = session.get_one(Audit, 1)
        assert first.heads["audit"] == seals.Head(1, 1, row.row_hash)


def test_every_seal_lies_as_a_file_of_its_own(store):
    files = sorted((store.folder / "seals").iterdir())
    assert [file.name for file in files] == [
        "niem-phong-00001-2026-11-23.txt",
        "niem-phong-00002-2026-11-24.txt",
        "niem-phong-00003-2026-11-25.txt",
    ]
    assert files[0].read_text(encoding="utf-8") == text_of(store, 1)


def test_a_file_that_was_lost_is_written_again_and_one_that_lies_there_is_left(store):
    folder = store.folder / "seals"
    (folder / "niem-phong-00001-2026-11-23.txt").unlink()
    (folder / "niem-phong-00002-2026-11-24.txt").write_text("mine")
    with store.read() as session:
        seals.keep_files(seals.latest(session), folder)
    assert (folder / "niem-phong-00001-2026-11-23.txt").exists()
    assert (folder / "niem-phong-00002-2026-11-24.txt").read_text() == "mine"


def test_untouched_seals_are_believed(store):
    seen = examine(store)
    assert seen.is_sound
    assert [said.number for said in seen.believed] == [1, 2, 3]
    assert integrity.good_words(seen) == (
        "Đã kiểm tra nhật ký phát thanh 0 dòng, nhật ký thao tác 6 dòng, sổ bản lưu phát sóng 0 dòng; "
        "khớp 3 dấu niêm phong từ ngày 23/11/2026 đến 20:00 ngày 25/11/2026."
    )


@pytest.mark.parametrize(
    "change",
    [
        "sha256 = upper(sha256)",
        "day = '2026-11-20'",
        "text = replace(text, '3 dòng', '2 dòng')",
        "text = replace(text, 'Chữ ký: ', 'Chữ ký: 00')",
        "text = ''",
        "text = (SELECT text FROM seal WHERE id = 1)",
    ],
)
def test_a_changed_seal_is_named(store, change):
    assert any("số 2 đã bị sửa" in each for each in tamper(store, f"UPDATE seal SET {change} WHERE id = 2"))


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_removed_seal_is_named(store, number):
    wrong = tamper(store, f"DELETE FROM seal WHERE id = {number}")
    assert wrong == [f"Dấu niêm phong số {number} đã bị xóa."]


def test_removed_seals_are_known_from_their_files_alone(store):
    with store.write() as session:
        for row in session.query(Audit).where(Audit.act == seals.MADE):
            row.act = "x"
    assert tamper(store, "DELETE FROM seal") == [f"Dấu niêm phong số {each} đã bị xóa." for each in (1, 2, 3)]


REPLACED = "UPDATE seal SET text = :fake, sha256 = :sha256 WHERE id = {}"


def forged(store: Store, number: int, key: StationKey) -> str:
    """Return a seal as somebody else would make it: it fits itself."""
    said = seals.read(text_of(store, number))
    body = said.body.replace(said.public.hex(), key.public.hex())
    lines = f"Mã niêm phong: {seals._sha256(body)}\nChữ ký: {key.sign(body.encode()).hex()}\n"
    return body + lines


def test_a_seal_forged_without_the_stations_key_is_named(store):
    fake = forged(store, 3, StationKey(Ed25519PrivateKey.generate()))
    forget_notes_and_files(store)
    sha256 = seals.read(fake).sha256
    wrong = tamper(store, REPLACED.format(3), fake=fake, sha256=sha256)
    assert "không do khóa của đài ký" in wrong[0]


def test_a_seal_signed_anew_with_the_stations_key_is_known_by_what_was_noted_of_the_old_one(store):
    said = seals.read(text_of(store, 3))
    for file in (store.folder / seals.FOLDER).iterdir():
        file.unlink()
    key = station_key.of(store.folder)
    body = said.body.replace("5 dòng", "4 dòng")
    fake = f"{body}Mã niêm phong: {seals._sha256(body)}\nChữ ký: {key.sign(body.encode()).hex()}\n"
    sha256 = seals.read(fake).sha256
    wrong = tamper(store, REPLACED.format(3), fake=fake, sha256=sha256)
    assert wrong == ["Dấu niêm phong số 3 đã bị thay bằng dấu khác: mã không khớp với lần lập."]


def test_a_seal_replaced_in_the_middle_no_longer_joins_the_next(store):
    said = seals.read(text_of(store, 2))
    key = station_key.of(store.folder)
    body = said.body.replace("3 dòng", "2 dòng")
    fake = f"{body}Mã niêm phong: {seals._sha256(body)}\nChữ ký: {key.sign(body.encode()).hex()}\n"
    forget_notes_and_files(store)
    sha256 = seals.read(fake).sha256
    wrong = tamper(store, REPLACED.format(2), fake=fake, sha256=sha256)
    assert "số 3 không nối tiếp dấu trước nó" in wrong[0]


# --- a seal kept elsewhere ---


def test_a_seal_from_outside_that_fits_says_so(store):
    answer = against(store, text_of(store, 2))
    assert (answer.is_sound, answer.number) == (True, 2)
    assert "khớp" in answer.sentences[0]


def test_a_seal_that_went_through_a_mail_program_is_read(store):
    kept = text_of(store, 2)
    assert against(store, kept.replace("\n", "\r\n")).is_sound
    assert against(store, f"\ufeffKính gửi\n\n{kept}\n--\nĐài phường").is_sound


def test_a_mail_with_number_and_digest_is_enough(store):
    with store.read() as session:
        mail = sealing.notice(session.get_one(Seal, 2))
    assert against(store, mail).is_sound
    assert not against(store, mail.replace("số 2", "số 3")).is_sound
    assert not against(store, mail.replace("số 2", "số 9")).is_sound


def test_a_whole_station_written_anew_does_not_fit_a_seal_from_outside(store, tmp_path):
    kept = text_of(store, 2)
    other = Store(tmp_path / "other")
    from broadcaster.store.migrate import migrate

    migrate(other)
    (other.folder / "keys").mkdir()
    (other.folder / "keys" / "station.key").write_bytes((store.folder / "keys" / "station.key").read_bytes())
    for day in range(3):
        with other.write() as session:
            audit.note(session, None, "did something else", f"bulletin {day}", later(days=day))
        sealing.make(other, later(days=day, hours=12))
    assert examine(other).is_sound
    answer = against(other, kept)
    assert not answer.is_sound
    assert "dấu trong sổ đã bị thay" in answer.sentences[0]
    assert "đã bị viết lại" in answer.sentences[1]
    other.close()


def test_a_changed_seal_from_outside_is_not_believed(store):
    answer = against(store, text_of(store, 2).replace("3 dòng", "9 dòng"))
    assert not answer.is_sound
    assert "trong tệp đã bị sửa: nội dung không khớp chữ ký" in answer.sentences[0]


def test_a_seal_of_another_station_is_named(store):
    fake = forged(store, 2, StationKey(Ed25519PrivateKey.generate()))
    assert any("khóa khác" in each for each in against(store, fake).sentences)


@pytest.mark.parametrize("kept", ["", "Xin chào", "Dấu niêm phong số 5"])
def test_a_file_without_a_seal_is_refused(store, kept):
    with pytest.raises(Invalid, match="niêm phong"):
        against(store, kept)


# --- every night ---


def test_the_seal_of_the_night_says_what_no_longer_fits_and_is_made_all_the_same(store):
    assert sealing.seal(store, later(days=3)).startswith("Đã lập dấu niêm phong số 4, mã ")
    tamper(store, "DELETE FROM audit WHERE id >= 6")
    with store.write() as session:
        row = session.get_one(Audit, 5)
        facts.put(session, "chain_head:audit", {"id": 5, "hash": row.row_hash})
    with pytest.raises(StoreError, match="Dòng 6 của nhật ký thao tác đã bị cắt mất ở cuối sổ"):
        sealing.seal(store, later(days=4))
    with store.read() as session:
        assert seals.latest(session, limit=1)[0].id == 5


def test_people_are_told_the_digest_only_when_they_asked_for_it(store):
    with store.write() as session:
        assert notify.latest(session) == []
        facts.put(session, facts.SEAL_NOTICES, True)
    made, _ = sealing.make(store, later(days=3))
    with store.read() as session:
        assert [notice.text for notice in notify.latest(session)] == [sealing.notice(made)]
    assert made.sha256 in sealing.notice(made)


def test_seals_are_carried_to_the_second_place(store, tmp_path: Path):
    second = tmp_path / "usb"
    second.mkdir()
    wanted = Wishes(time(1, 30), str(second), airchecks=False)
    with store.write() as session:
        places.save(session, CONSOLE, wanted, NOW)
    (second / PLACE_MARK).unlink()
    sealing.make(store, later(days=3))
    assert list(second.iterdir()) == []
    with store.write() as session:
        places.save(session, CONSOLE, wanted, NOW)
    sealing.make(store, later(days=4))
    assert len(list((second / "seals").iterdir())) == 5


def test_a_short_digest_is_easy_to_compare():
    assert seals.short("0123456789abcdef" * 4) == "0123 4567 89AB CDEF"
