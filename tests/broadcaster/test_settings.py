"""The settings file is read as it is written: nothing unknown passes, nothing set is lost."""

from __future__ import annotations

import os
import stat

import pytest

from broadcaster.errors import SettingsError
from broadcaster.settings import SECRET_FILE, Settings, load, session_secret

posix = pytest.mark.skipif(os.name != "posix", reason="modes mean something on POSIX only")


@pytest.fixture
def write(tmp_path):
    def put(text: str, mode: int = 0o644):
        file = tmp_path / "settings.toml"
        file.write_text(text, encoding="utf-8")
        file.chmod(mode)
        return tmp_path

    return put


def test_without_a_file_all_defaults_hold(tmp_path):
    assert load(tmp_path, {}) == Settings(folder=tmp_path)


def test_what_the_file_says_is_taken(write):
    folder = write('host = "0.0.0.0"\nport = 80\nengines = ["google", "espeak"]\ntarget_lufs = -18\n')
    settings = load(folder, {})
    assert (settings.host, settings.port) == ("0.0.0.0", 80)
    assert (settings.engines, settings.target_lufs) == (("google", "espeak"), -18.0)


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [("https", "false", False), ("port", "0", 0), ("trusted_proxies", "0", 0), ("sound_device", '""', "")],
)
def test_false_zero_and_empty_in_the_file_survive(write, key, text, value):
    settings = load(write(f"{key} = {text}\n"), {})
    assert getattr(settings, key) == value
    assert type(getattr(settings, key)) is type(value)


@pytest.mark.parametrize(("text", "value"), [("false", False), ("0", False), ("không", False), ("Có", True)])
def test_the_environment_says_no_over_a_yes_in_the_file(write, text, value):
    assert load(write("https = true\n"), {"BROADCASTER_HTTPS": text}).https is value


def test_the_environment_wins_over_the_file_and_the_command_line_over_both(write):
    folder = write("port = 1\n")
    assert load(folder, {"BROADCASTER_PORT": "0"}).port == 0
    assert load(folder, {"BROADCASTER_PORT": "2"}, port=3, host=None).port == 3


def test_the_command_line_is_held_to_the_same_rules(tmp_path):
    with pytest.raises(SettingsError, match="“port” trong dòng lệnh"):
        load(tmp_path, {}, port=70000)


def test_a_list_in_the_environment_is_split_at_commas(tmp_path):
    assert load(tmp_path, {"BROADCASTER_ENGINES": "espeak, google"}).engines == ("espeak", "google")


def test_variables_that_are_no_settings_are_left_alone(tmp_path):
    assert load(tmp_path, {"BROADCASTER_CLOCK_OFFSET_FILE": "x"}) == Settings(folder=tmp_path)


def test_an_unknown_key_is_refused_with_the_nearest_known_one(write):
    with pytest.raises(SettingsError, match=r"“prot”.*settings\.toml.*“port”"):
        load(write("prot = 80\n"), {})


@pytest.mark.parametrize(
    "line",
    [
        'port = "80"',
        "port = true",
        "port = 70000",
        "https = 1",
        'https = "false"',
        "engines = []",
        "engines = [1]",
        'log_level = "LOUD"',
        "target_lufs = 3.0",
        'host = ""',
    ],
)
def test_a_value_of_another_kind_is_refused_naming_key_and_file(write, line):
    key = line.split()[0]
    with pytest.raises(SettingsError, match=rf"“{key}” trong .*settings\.toml"):
        load(write(line), {})


@pytest.mark.parametrize("name", ["PORT", "HTTPS", "TARGET_LUFS"])
def test_a_variable_that_cannot_be_read_is_named(tmp_path, name):
    with pytest.raises(SettingsError, match=f"BROADCASTER_{name}"):
        load(tmp_path, {f"BROADCASTER_{name}": "nhiều"})


def test_a_broken_file_is_named(write):
    with pytest.raises(SettingsError, match="sai cú pháp"):
        load(write("port = = 1\n"), {})


@posix
def test_a_password_in_a_file_that_others_can_read_is_refused(write):
    line = 'database_url = "postgresql://dai:mat-khau@may-chu/dai"\n'
    with pytest.raises(SettingsError, match="chmod 600"):
        load(write(line), {})
    assert load(write(line, 0o600), {}).database_url.endswith("/dai")
    assert load(write('database_url = "sqlite:///x.db"\n'), {}).database_url == "sqlite:///x.db"


def test_a_password_is_never_printed(tmp_path):
    settings = load(tmp_path, {"BROADCASTER_DATABASE_URL": "postgresql://dai:mat-khau@may/dai"})
    assert "mat-khau" not in repr(settings)


def test_the_session_secret_is_made_once(tmp_path):
    first = session_secret(tmp_path / "data")
    assert len(first) == 32
    assert session_secret(tmp_path / "data") == first
    assert session_secret(tmp_path / "other") != first


@posix
def test_only_the_owner_may_read_the_session_secret(tmp_path):
    session_secret(tmp_path)
    assert stat.S_IMODE((tmp_path / SECRET_FILE).stat().st_mode) == 0o600


@posix
def test_a_session_secret_that_others_could_read_is_replaced(tmp_path):
    known = session_secret(tmp_path)
    (tmp_path / SECRET_FILE).chmod(0o644)
    fresh = session_secret(tmp_path)
    assert fresh != known
    assert session_secret(tmp_path) == fresh


def test_a_damaged_session_secret_is_replaced(tmp_path):
    (tmp_path / SECRET_FILE).write_bytes(b"")
    (tmp_path / SECRET_FILE).chmod(0o600)
    assert len(session_secret(tmp_path)) == 32
