"""What somebody else saved of a plan while its form was open: told before it is written over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from sqlalchemy.orm import Session

from broadcaster.errors import EditedMeanwhile
from broadcaster.newsroom.plan_frames import audit_words, frame_of
from broadcaster.records import audit
from broadcaster.records.days import moment_words
from broadcaster.records.plan_progress import name_of
from broadcaster.store.models import Audit, Plan

EDITED, BEGUN = "plan.edited", "plan.put_in_force"
"""What the form of a plan would undo, and what makes it pass over quotas that were typed into it.

A quota that was changed stands whatever the form says.
"""
NAMES = {
    "plan_number": "số kế hoạch",
    "about": "nội dung về việc",
    "issuer": "cơ quan ban hành",
    "first_date": "ngày bắt đầu",
    "last_date": "ngày kết thúc",
    "issued_on": "ngày ban hành",
    "topics": "các nội dung",
    "people": "người phụ trách",
    "file": "tệp đính kèm",
}


def require_unedited(session: Session, plan: Plan, based_on: int, *, is_same: bool) -> None:
    """Raise EditedMeanwhile when the plan was edited after row `based_on` of the audit trail.

    Not for what is there already (`is_same`), as from a button that was pressed twice. It says who did it,
    when, and what stands there now; `newest_number` is what to base the next try on.
    """
    found = audit.after(session, based_on, f"plan {plan.id}", (BEGUN,) if is_same else (EDITED, BEGUN))
    if not found:
        return
    newest = found[-1]
    raise EditedMeanwhile(
        f"{newest.person} đã lưu {name_of(plan.number)} lúc {moment_words(newest.at)}: "
        f"{'; '.join(_changes(plan, found))}. Phần bạn vừa nhập chưa được lưu nhưng vẫn còn đây; hãy so với "
        "bản ấy rồi lưu lại, bản bạn lưu sẽ thay bản ấy.",
        newest.id,
    )


def _changes(plan: Plan, found: Sequence[Audit]) -> Iterator[str]:
    now = {
        **audit_words(frame_of(plan)),
        "file": plan.file_name,
        "people": [each.name for each in plan.people],
    }
    changed = {key for row in found for key in row.detail if row.act == EDITED}
    for key, name in NAMES.items():
        if key in changed:
            yield f"{name} nay là {_shown(key, now[key])}"
    if any(row.act == BEGUN for row in found):
        yield "kế hoạch nay đang thực hiện, chỉ tiêu chỉ đổi được bằng nút “Đổi chỉ tiêu”"


def _shown(key: str, value: object) -> str:
    if not value:
        return "(trống)"
    if isinstance(value, list):
        return ", ".join(f"“{each}”" for each in value)
    if key.endswith(("_date", "_on")):
        return f"{date.fromisoformat(str(value)):%d/%m/%Y}"
    return f"“{value}”"
