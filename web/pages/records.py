"""What people did: the audit trail, and the check that nothing in it was changed."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from broadcaster.records import audit
from web.acts import told
from web.context import reading

pages = Blueprint("records", __name__, url_prefix="/nhat-ky-thao-tac")

PAGE = 60


@pages.get("")
def audit_trail() -> ResponseReturnValue:
    before = request.args.get("truoc", type=int)
    rows = audit.latest(reading(), before=before, limit=PAGE + 1)
    return render_template(
        "history/audit.html",
        rows=[(row, told(row)) for row in rows[:PAGE]],
        older=rows[PAGE - 1].id if len(rows) > PAGE else None,
        is_first=before is None,
    )
