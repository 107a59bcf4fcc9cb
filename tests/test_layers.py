"""The house keeps its rooms: imports go `web -> broadcaster -> schedules, audio`, never back."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("schedules", "audio", "broadcaster", "web")
MAY_IMPORT = {
    "schedules": {"schedules"},
    "audio": {"audio"},
    "broadcaster": {"broadcaster", "schedules", "audio"},
    "web": {"web", "broadcaster", "schedules"},
}
FLOORS = (
    ("__main__", "cli"),
    ("demo", "running", "saying", "doctor", "nightly", "backups", "listing", "verifying", "voices"),
    ("prepare", "history_file"),
    ("keeping",),
    ("supervisor",),
    ("health",),
    ("playout",),
    ("newsroom",),
    ("accounts",),
    ("records",),
    ("store",),
    ("certificates", "lan"),
    ("settings", "lifeline", "logs", "private_file", "vouching"),
    ("errors",),
)
"""Rooms of broadcaster from the roof down; each may import its own floor and what lies below."""
LEVEL = {room: level for level, floor in enumerate(FLOORS) for room in floor}


def modules() -> Iterator[Path]:
    for package in PACKAGES:
        yield from sorted((ROOT / package).rglob("*.py"))


def imported_names(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: write imports in full"
            names.add(node.module or "")
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def room(dotted: str) -> str:
    parts = dotted.split(".")
    return parts[1] if len(parts) > 1 else ""


def dotted_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


@pytest.mark.parametrize("path", list(modules()), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_what_its_package_may(path):
    package = path.relative_to(ROOT).parts[0]
    ours = {name.split(".")[0] for name in imported_names(path)} & set(PACKAGES)
    assert ours <= MAY_IMPORT[package]


@pytest.mark.parametrize("path", sorted((ROOT / "broadcaster").rglob("*.py")), ids=dotted_name)
def test_inside_broadcaster_imports_go_down(path):
    own = room(dotted_name(path))
    for name in imported_names(path):
        other = room(name)
        if not name.startswith("broadcaster.") or other not in {*LEVEL, "text"} or own in ("__init__", other):
            continue
        assert own != "text", f"text imports {name}: it may import nothing of ours"
        assert other == "text" or LEVEL[own] <= LEVEL[other], f"{own} imports {name}: that is upward"


def test_only_wakeups_imports_apscheduler():
    users = [path for path in modules() if any(n.startswith("apscheduler") for n in imported_names(path))]
    assert [path.name for path in users] in ([], ["wakeups.py"])


def test_flask_stays_in_web():
    for path in modules():
        if path.relative_to(ROOT).parts[0] != "web":
            assert not any(name.startswith("flask") for name in imported_names(path)), path


def test_web_holds_no_sql_and_no_samples():
    for path in sorted((ROOT / "web").rglob("*.py")):
        forbidden = {"sqlalchemy", "numpy", "miniaudio", "av", "pydub"}
        assert not {name.split(".")[0] for name in imported_names(path)} & forbidden, path
