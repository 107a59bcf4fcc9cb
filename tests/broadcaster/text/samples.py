"""Sentences as wards write them, with what a newsreader says; data in samples.tsv."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Sample:
    written: str
    spoken: str


def _load() -> tuple[Sample, ...]:
    lines = (Path(__file__).parent / "samples.tsv").read_text(encoding="utf-8").splitlines()
    return tuple(Sample(*line.split("\t")) for line in lines if line and not line.startswith("#"))


SAMPLES = _load()


def words(text: str) -> str:
    """Return only the words of `text`, lower case: pauses may differ."""
    return " ".join(re.findall(r"[^\W_]+", text.lower()))
