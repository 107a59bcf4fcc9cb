"""What is set on the page and kept in the store: one JSON value by key. It asks nobody's permission."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from broadcaster.store.models import StationFact

STATION_NAME = "station_name"
SELF_APPROVAL = "self_approval"
VOICE = "voice"
RATE = "rate"
DEFAULT_OUTPUT = "default_output"
AIRCHECK_DAYS = "aircheck_days"
"""How long what was heard is kept."""
ALLOWED_HOURS = "allowed_hours"
"""Two local times, e.g. ["05:00", "21:30"]."""
CANCEL_DELAY = "cancel_delay_s"
"""How long "play now" waits, so that it can be taken back."""
SIGNED_SCHEDULE = "signed_schedule"
"""Whether a programme sounds only when a second person has signed it."""
CALENDAR_SECRET = "calendar_secret"  # noqa: S105 - the name of a fact
"""The part of the calendar's address that nobody guesses. It opens the schedule for reading: never logged."""
EMAIL = "notify_email"
WEBHOOK = "notify_webhook"
"""How notices reach people: settings of `playout.notify_ways`, no secrets."""
NOTICED = "noticed_history"
"""The last history row of which people were told, if there was anything to tell."""

RESIDENTS = "residents_page"
"""Whether anybody may open the page for residents, without an account."""
RESIDENTS_DAYS = "residents_days"
"""For how many past days it shows what was aired."""
CONTACT_DAYS = "contact_days"
"""How long after the answer the name and telephone of who complained are kept."""
SEAL_NOTICES = "seal_notices"
"""Whether people are told the digest of every daily seal, to be kept where the station cannot reach."""
NIGHTLY_HOUR = "nightly_hour"
"""When the tasks of the night are due, e.g. "01:30"."""
BACKUPS = "backups"
"""Second place and what is copied: settings of `keeping.places`."""
RETENTION = "retention"
"""For how many days each kind is kept, by keys of `records.removals.KINDS`."""
NIGHTS_SINCE = "nights_since"
"""From when on nights count that were missed."""

REPORT_TEMPLATE = "report_template"
"""The station's own parts of the text of its reports."""
NOTICED_KEYS = "noticed_keys"
"""The last row of the audit trail of which people were told, where it was about a signing key."""

LAN = "lan"
"""Whether other machines may open the page, by https."""


def get(session: Session, key: str, default: Any = None) -> Any:
    """Return the value kept under `key`; `default` when there is none (a kept false, 0 or "" is one)."""
    fact = session.get(StationFact, key)
    return default if fact is None else fact.value


def put(session: Session, key: str, value: Any) -> None:
    """Keep `value` (anything that JSON can hold) under `key`, in place of what was there."""
    fact = session.get(StationFact, key)
    if fact is None:
        session.add(StationFact(key=key, value=value))
    else:
        fact.value = value
