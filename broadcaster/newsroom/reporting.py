"""Who may write the words of reports: the station's template, and the text of one report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.records import audit
from broadcaster.records.reports import template
from broadcaster.records.reports.period import Period
from broadcaster.records.reports.template import Template
from broadcaster.store import facts


def save_template(
    session: Session, actor: Actor, texts: Template, known: Mapping[str, str], now: datetime
) -> None:
    """Keep the station's template; raises Invalid for a place that is not among `known`.

    Only what differs from the usual words is kept, so that these may still get better.
    """
    require(actor, Permission.WRITE)
    parts, usual = asdict(texts), asdict(Template())
    template.check(parts, known)
    changed = {name: text for name, text in parts.items() if text != usual[name]}
    facts.put(session, facts.REPORT_TEMPLATE, changed)
    audit.note(session, actor, "report.template", "report template", now, parts=sorted(changed))


def keep_words(
    session: Session, actor: Actor, period: Period, parts: Mapping[str, str], now: datetime
) -> None:
    """Keep the officer's own words of one report; with none of them it is worded by the template again."""
    require(actor, Permission.WRITE)
    for name, text in parts.items():
        template.check_length(name, text)
    kept: dict[str, Any] = {"parts": dict(parts), "at": now.isoformat(), "by": actor.name} if parts else {}
    facts.put(session, template.words_key(period), kept)
    audit.note(session, actor, "report.words", f"report {period.key}", now, parts=sorted(parts))
