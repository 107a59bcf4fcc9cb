"""Who may write the words of reports: the station's template, and the text of one report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import EditedMeanwhile
from broadcaster.records import audit
from broadcaster.records.days import moment_words
from broadcaster.records.reports import template
from broadcaster.records.reports.period import Period
from broadcaster.records.reports.template import Template
from broadcaster.store import facts

TEMPLATE = "report template"
"""How the audit trail calls it."""


def save_template(
    session: Session,
    actor: Actor,
    texts: Template,
    known: Mapping[str, str],
    now: datetime,
    based_on: int | None = None,
) -> None:
    """Keep the station's template; raises Invalid for a place that is not among `known`.

    Only what differs from the usual words is kept, so that these may still get better. `based_on` is the
    last row of the audit trail when the form was opened: raises EditedMeanwhile when another template was
    saved after it, and saves nothing.
    """
    require(actor, Permission.WRITE)
    parts, usual = asdict(texts), asdict(Template())
    template.check(parts, known)
    standing = asdict(template.of_station(session))
    if based_on is not None and standing != parts:
        _require_unedited(session, TEMPLATE, "mẫu báo cáo", based_on, standing, parts)
    changed = {name: text for name, text in parts.items() if text != usual[name]}
    facts.put(session, facts.REPORT_TEMPLATE, changed)
    audit.note(session, actor, "report.template", TEMPLATE, now, parts=sorted(changed))


def keep_words(
    session: Session,
    actor: Actor,
    period: Period,
    parts: Mapping[str, str],
    now: datetime,
    based_on: int | None = None,
) -> None:
    """Keep the officer's own words of one report; with none of them it is worded by the template again.

    Raises EditedMeanwhile as `save_template` does.
    """
    require(actor, Permission.WRITE)
    for name, text in parts.items():
        template.check_length(name, text)
    standing, subject = template.own_words(session, period).parts, f"report {period.key}"
    if based_on is not None and standing != parts:
        _require_unedited(session, subject, f"lời văn báo cáo {period.name}", based_on, standing, parts)
    kept: dict[str, Any] = {"parts": dict(parts), "at": now.isoformat(), "by": actor.name} if parts else {}
    facts.put(session, template.words_key(period), kept)
    audit.note(session, actor, "report.words", subject, now, parts=sorted(parts))


def _require_unedited(
    session: Session,
    subject: str,
    name: str,
    based_on: int,
    standing: Mapping[str, str],
    typed: Mapping[str, str],
) -> None:
    found = audit.after(session, based_on, subject, ("report.template", "report.words"))
    if not found:
        return
    parts = [key for key in template.LABELS if standing.get(key) != typed.get(key)]
    now = "; ".join(f"{template.LABELS[key]}: {_standing(standing.get(key))}" for key in parts)
    raise EditedMeanwhile(
        f"{found[-1].person} đã lưu {name} lúc {moment_words(found[-1].at)}. Phần bạn vừa nhập chưa được lưu "
        "nhưng vẫn còn đây; hãy so với bản ấy rồi lưu lại, bản bạn lưu sẽ thay bản ấy. Khác bản bạn nhập: "
        f"{now}.",
        found[-1].id,
    )


def _standing(text: str | None) -> str:
    """Return what stands in a part now."""
    if text is None:
        return "theo mẫu của đài"
    return f"“{' / '.join(text.splitlines())}”" if text else "(trống)"
