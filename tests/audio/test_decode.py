"""Whatever a phone, a recorder or a camera makes becomes 48 kHz mono; what is no whole sound is refused."""

from __future__ import annotations

import io
import re
import struct

import numpy as np
import pytest

from audio import levels
from audio.decode import HEADROOM, decode_file
from audio.decode_kinds import kind_of
from audio.decode_words import length
from audio.formats import BadSound, Pcm, read_wav
from tests.audio import made_files
from tests.audio.made_files import KINDS, SECONDS, as_wav, made
from tests.audio.sounds import noise, sine

LONGEST_S = 3600.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("files")


def decoded(path, longest_s=LONGEST_S):
    wav = path.with_name("sound.wav")
    return decode_file(path, wav, path.name, longest_s), read_wav(wav)


@pytest.mark.parametrize("name", KINDS)
def test_every_kind_comes_out_as_long_and_as_loud_as_it_went_in(name, folder):
    found, sound = decoded(made(folder, name, sine(1000, SECONDS, 0.3)))
    assert sound.rate_hz == 48_000
    assert sound.seconds == pytest.approx(SECONDS, abs=0.15)
    assert found.seconds == pytest.approx(sound.seconds)
    inner = Pcm(sound.samples[24_000:72_000], 48_000)
    assert levels.rms_dbfs(inner) == pytest.approx(levels.to_db(0.3 / 2**0.5 * float(HEADROOM)), abs=0.6)
    spectrum = np.abs(np.fft.rfft(inner.samples))
    assert int(spectrum.argmax()) == pytest.approx(1000, abs=2)


def test_voice_notes_of_phones_are_read(folder):
    (folder / "ghi.amr").write_bytes(made_files.amr())
    for path in (folder / "ghi.amr", made_files.phone_note(folder)):
        found, sound = decoded(path)
        assert (found.codec, found.rate_hz) == ("amrnb", 8000)
        assert sound.seconds == pytest.approx(SECONDS, abs=0.1)


def test_what_is_on_one_side_only_is_heard(folder):
    one, nothing = sine(500, 2.0, 0.4), Pcm(np.zeros(96_000, np.float32), 48_000)
    _, sound = decoded(as_wav(folder / "trai.wav", [one, nothing]))
    assert levels.peak_dbfs(sound) > -26


def test_what_rises_above_full_scale_is_not_flattened(folder):
    loud = sine(1000, 2.0, 1.4)
    made_files.ffmpeg(
        "-f", "f32le", "-ar", "48000", "-ac", "1", "-i", "-", "-c:a", "pcm_f32le", folder / "to.wav",
        sound=loud.samples.tobytes(),
    )  # fmt: skip
    _, sound = decoded(folder / "to.wav")
    assert levels.clipped_runs(sound) == 0
    assert float(np.abs(sound.samples).max()) == pytest.approx(0.7, abs=0.01)


def test_numbers_that_are_none_are_silence(folder):
    samples = np.tile(np.array([np.nan, np.inf, -np.inf, 0.1], np.float32), 24_000)
    header = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 0, b"WAVE", b"fmt ", 16, 3, 1, 48_000, 192_000, 4, 32,
                         b"data", samples.nbytes)  # fmt: skip
    (folder / "nan.wav").write_bytes(header + samples.tobytes())
    _, sound = decoded(folder / "nan.wav")
    assert np.isfinite(sound.samples).all()


def test_a_wav_from_a_pipe_that_does_not_know_its_length_is_read(folder):
    raw = bytearray(made(folder, "thu.wav", noise(2.0)).read_bytes())
    raw[4:8] = b"\xff\xff\xff\xff"
    place = raw.index(b"data")
    raw[place + 4 : place + 8] = b"\xff\xff\xff\xff"
    (folder / "ong.wav").write_bytes(raw)
    assert decoded(folder / "ong.wav")[1].seconds == pytest.approx(2.0, abs=0.05)


@pytest.mark.parametrize("name", ["thu.wav", "bai.mp3", "ghi_am.m4a", "bai.flac", "phim.mkv"])
def test_half_a_file_is_refused_as_such(name, folder):
    path = made(folder, name, noise(20.0))
    half = path.with_name(f"nua_{name}")
    half.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(BadSound, match=r"nua_.*(cụt|hỏng)"):
        decoded(half)


def test_some_broken_packets_are_left_out_and_counted(folder):
    raw = bytearray(made(folder, "bai.ogg", noise(20.0)).read_bytes())
    raw[len(raw) // 2 : len(raw) // 2 + 40] = bytes(40)
    (folder / "xuoc.ogg").write_bytes(raw)
    assert decoded(folder / "xuoc.ogg")[1].seconds == pytest.approx(20.0, abs=2.0)


def test_what_is_longer_than_allowed_is_refused_whatever_it_claims(folder):
    path = made(folder, "bai_khong_ghi_do_dai.mp3", noise(4.0))
    with pytest.raises(BadSound, match="dài quá 2 giây"):
        decoded(path, 2.0)
    with pytest.raises(BadSound, match="dài 4 giây, quá 2 giây"):
        decoded(made(folder, "bai.flac", noise(4.0)), 2.0)


def test_a_name_says_nothing(folder):
    path = made(folder, "bai.mp3", noise(1.5)).rename(folder / "thong_bao.docx")
    assert decoded(path)[0].codec.startswith("mp3")


def test_an_mp3_behind_its_cover_picture_and_padding_is_found(folder):
    frames = made(folder, "bai.mp3", noise(1.5)).read_bytes()
    picture = b"APIC" + bytes(90_000)
    size = len(picture)
    tag = b"ID3\x04\0\0" + bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0))
    (folder / "bia.mp3").write_bytes(tag + picture + bytes(300) + frames)
    assert decoded(folder / "bia.mp3")[1].seconds == pytest.approx(1.5, abs=0.1)


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"", "trống"),
        (bytes(5000), "trống"),
        (b"PK\x03\x04aaaa", "ZIP"),
        (b"%PDF-1.7", "PDF"),
        (b"#EXTM3U\nhttp://x/a.mp3", "danh sách phát"),
        (b"ffconcat version 1.0\nfile '/etc/passwd'", "danh sách phát"),
        ("1\n00:00:01,000 --> 00:00:02,000\nXin chào".encode(), "tệp chữ"),
        (b"\x89PNG\r\n\x1a\n" + bytes(50), "ảnh"),
        (bytes(range(1, 200)), "không phải tệp âm thanh"),
    ],
)
def test_what_is_no_sound_is_named_for_what_it_is(head, words):
    with pytest.raises(BadSound, match=words) as refused:
        kind_of(io.BytesIO(head), "a.mp3")
    assert re.fullmatch(r"Tệp “a\.mp3” .*; hãy .*\.", str(refused.value))


def test_a_locked_song_is_told_from_a_broken_one(folder):
    raw = made(folder, "ghi_am.m4a", noise(2.0)).read_bytes()
    assert raw.count(b"mp4a") == 1
    (folder / "khoa.m4p").write_bytes(raw.replace(b"mp4a", b"drms"))
    with pytest.raises(BadSound, match="khóa bản quyền"):
        decoded(folder / "khoa.m4p")


def test_progress_ends_at_the_end(folder):
    told = []
    path = made(folder, "thu.wav", noise(5.0))
    decode_file(path, folder / "sound.wav", "a", LONGEST_S, told.append)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)


def test_sound_that_changes_its_rate_in_the_middle_goes_on(folder):
    slow = made(folder, "bai_khong_ghi_do_dai.mp3", noise(2.0)).read_bytes()
    (folder / "noi.mp3").write_bytes(slow + made(folder, "bai.mp3", noise(2.0)).read_bytes())
    assert decoded(folder / "noi.mp3")[1].seconds == pytest.approx(4.0, abs=0.3)


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.2, "chưa đến 1 giây"), (75, "1 phút 15 giây"), (7200, "2 giờ")]
)
def test_lengths_are_said_in_words(seconds, words):
    assert length(seconds) == words
