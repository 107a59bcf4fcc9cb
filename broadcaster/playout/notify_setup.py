"""Setting up how notices reach people, and trying it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from broadcaster.accounts.permissions import Actor, Permission, require
from broadcaster.errors import Refused
from broadcaster.playout import keys, notify_call, notify_outbox, notify_ways
from broadcaster.playout.notify import CHANNELS
from broadcaster.playout.notify_ways import Email, Webhook
from broadcaster.records import audit
from broadcaster.store import facts
from broadcaster.store.models import Sending

NAMES = {"email": "Thư điện tử", "webhook": "Telegram, Zalo hoặc dịch vụ khác"}
KEYS = {"email": notify_ways.EMAIL_KEY, "webhook": notify_ways.WEBHOOK_KEY}
TEST = "Đây là tin thử từ trang Thông báo của đài. Nếu bạn đọc được, cách gửi này dùng được."


def way_of(channel: str, fields: Mapping[str, Any]) -> Email | Webhook:
    """Return the way that `fields` describe; raises Invalid."""
    return notify_ways.email(fields) if channel == "email" else notify_ways.webhook(fields)


def save(
    session: Session, actor: Actor, channel: str, fields: Mapping[str, Any], is_on: bool, now: datetime
) -> None:
    """Keep how `channel` sends; needs CONFIGURE. Raises Invalid (`field` names the field)."""
    require(actor, Permission.CONFIGURE)
    way = way_of(channel, fields)
    facts.put(session, CHANNELS[channel], notify_ways.as_fact(way, is_on))
    place = way.host if isinstance(way, Email) else way.preset
    audit.note(session, actor, "notify.saved", f"channel {channel}", now, place=place, is_on=is_on)


def kept(session: Session, channel: str) -> dict[str, Any]:
    """Return what is set for `channel`; empty before anything was."""
    return dict(facts.get(session, CHANNELS[channel]) or {})


def test(session: Session, actor: Actor, channel: str, folder: Path, now: datetime) -> Sending:
    """Have a test sent within seconds, also while the channel is off."""
    if not kept(session, channel):
        raise Refused(f"Chưa đặt cách gửi bằng {NAMES[channel].lower()}; hãy đặt rồi gửi thử.")
    sending = notify_outbox.ask_test(session, actor, channel, TEST, now)
    notify_call.call(folder, 0.0)
    return sending


def key_place(folder: Path, channel: str) -> str:
    """Return where the channel's key belongs when there is none yet; empty when it is there."""
    return "" if keys.key(folder, KEYS[channel]) else keys.where_to_put(KEYS[channel])
