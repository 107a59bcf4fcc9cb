"""What is wrong with this station, and what to do: one finding for each thing that can be."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from broadcaster.doctor import keeping, machine, secret_files, speech, station
from broadcaster.doctor.findings import Check, Finding
from broadcaster.errors import BroadcasterError

__all__ = ["CHECKS", "Check", "Finding", "as_json", "as_text", "examine"]

CHECKS: dict[str, Check] = {
    **station.CHECKS,
    **machine.CHECKS,
    **secret_files.CHECKS,
    **speech.CHECKS,
    **keeping.CHECKS,
}
"""In the order in which they are told; the name stands for a check that could not run."""


def examine(folder: Path) -> list[Finding]:
    """Look at everything without changing anything; a check that cannot run is a finding too."""
    return [finding for name, check in CHECKS.items() for finding in _guarded(name, check, folder)]


def as_text(findings: list[Finding]) -> str:
    lines = []
    for finding in findings:
        lines.append(f"{'ổn ' if finding.is_well else 'HỎNG'}  {finding.name}: {finding.words}")
        if finding.advice:
            lines.append(f"      → {finding.advice}")
    return "\n".join(lines)


def as_json(findings: list[Finding]) -> str:
    return json.dumps([asdict(finding) for finding in findings], ensure_ascii=False, indent=1)


def _guarded(name: str, check: Check, folder: Path) -> list[Finding]:
    try:
        return list(check(folder))
    except (BroadcasterError, OSError, ValueError) as error:
        return [Finding(name, False, str(error), "Xem câu báo lỗi và sửa theo đó.")]
    except SQLAlchemyError:  # tables of an older shape, on PostgreSQL
        return [Finding(name, False, "không đọc được bảng dữ liệu", "Chạy trạm một lần: broadcaster run")]
