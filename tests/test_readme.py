"""README.md names every command, setting and page, and stays short enough to be read."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from broadcaster.cli import main
from broadcaster.settings import Settings

README = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")


def test_every_command_is_named():
    for name, command in main.commands.items():
        assert f"broadcaster {name}" in README, name
        for option in (each for each in command.params if each.name != "help"):
            for word in option.opts:
                if word.startswith("--") and word != "--data":
                    assert word in README, f"{name} {word}"


def test_every_setting_is_named():
    for field in fields(Settings):
        assert field.name == "folder" or f"`{field.name}`" in README, field.name


def test_it_stays_short():
    assert len(README.splitlines()) <= 110
