"""The forms of zones, outputs and the switches of their amplifiers."""

from __future__ import annotations

import shlex
from datetime import time
from typing import Any

import wtforms
from wtforms import FieldList, FormField, IntegerField, TextAreaField
from wtforms.validators import InputRequired, NumberRange, Optional

from broadcaster.errors import Invalid, Refused
from broadcaster.playout import switch_calls, switches, zones
from broadcaster.store.models import Output, Switch, Zone
from schedules.amplifier import Timing
from web.errors import tell
from web.forms import Form, Hour, longest, pick, text_field

ICECAST_FORMATS = {"opus": "Opus (trễ ít nhất)", "mp3": "MP3 (cho thiết bị cũ)"}
RTP_CODECS = {"L16": "L16 (không nén)", "G722": "G.722", "PCMU": "PCMU (G.711 µ)"}
SPARE_LEVELS = 2
"""Empty rows offered after those that are filled."""


def _number(label: str, most: int, **more: Any) -> IntegerField:
    words = f"Hãy nhập một số từ 0 đến {most:,}.".replace(",", ".")
    return IntegerField(label, [InputRequired(words), NumberRange(0, most, words)], default=0, **more)


class OutputForm(Form):
    name = text_field("Tên đường ra", "Hãy đặt tên.", 80)
    kind = pick("Loại", zones.KINDS)
    target = pick("Thiết bị")
    address = text_field("Địa chỉ", characters=300)
    format = pick("Dạng âm thanh của Icecast", ICECAST_FORMATS, default="opus")
    password_file = text_field("Tệp mật khẩu nguồn của Icecast", characters=300)
    codec = pick("Mã hoá của loa mạng RTP", RTP_CODECS, default="L16")
    interface = text_field("Card mạng gửi RTP", characters=40)
    switch_id = pick("Bật tắt âm ly, máy phát", coerce=int)
    latency_ms = _number("Bù trễ (phần nghìn giây)", zones.LONGEST_LATENCY_MS)

    @property
    def is_networked(self) -> bool:
        return self.kind.data in zones.NETWORKED

    def values(self) -> dict[str, Any]:
        """Return what is given, by the names of `zones.save_output`."""
        options = (self.format, self.password_file, self.codec, self.interface)
        return {
            "name": self.name.data,
            "kind": self.kind.data,
            "target": (self.address.data if self.is_networked else self.target.data) or "",
            "latency_ms": self.latency_ms.data,
            "options": {field.name: field.data or "" for field in options},
            "switch_id": self.switch_id.data or None,
        }

    def tell(self, error: Refused) -> None:
        """The store knows one target; the page shows a device or an address."""
        if isinstance(error, Invalid) and error.field == "target" and self.is_networked:
            error = Invalid(str(error), field="address")
        tell(error, self)


def output_data(known: Output | None) -> dict[str, Any]:
    """Return how an output's row fills the form."""
    if known is None:
        return {"switch_id": 0}
    network = {**known.options, "address": known.target} if known.kind in zones.NETWORKED else {}
    return {
        "name": known.name,
        "kind": known.kind,
        "target": known.target,
        "latency_ms": round(known.latency_ms),
        "switch_id": known.switch_id or 0,
        **network,
    }


class LevelForm(wtforms.Form):  # type: ignore[misc]
    """One span of quieter hours; a row that is left empty is none."""

    starts = Hour("Từ")
    ends = Hour("Đến")
    softer_db = IntegerField("Giảm (dB)", [Optional(), NumberRange(0, 40, "Từ 0 đến 40.")])

    @property
    def is_empty(self) -> bool:
        return self.starts.data is None and self.ends.data is None and self.softer_db.data is None

    def row(self) -> dict[str, Any]:
        """Return the span as a zone keeps it; what is missing stays empty and is refused there."""
        starts, ends, softer = self.starts.data, self.ends.data, self.softer_db.data
        return {
            "from": f"{starts:%H:%M}" if starts else "",
            "to": f"{ends:%H:%M}" if ends else "",
            "gain_db": -softer if softer is not None else "",
        }


class ZoneForm(Form):
    name = text_field("Tên cụm loa", "Hãy đặt tên.", 80)
    output_id = pick("Đi qua đường ra", coerce=int)
    sound_kind = pick("Loại loa", zones.SOUND_KINDS)
    surroundings = pick("Nơi đặt loa", zones.SURROUNDINGS)
    levels = FieldList(FormField(LevelForm), label="Giờ phát nhỏ hơn", max_entries=8)
    delay_ms = _number("Phát trễ hơn nơi khác (phần nghìn giây)", zones.LONGEST_DELAY_MS)

    def values(self) -> dict[str, Any]:
        """Return what is given, by the names of `zones.save_zone`."""
        rows = [entry.form for entry in self.levels]
        return {
            "name": self.name.data,
            "output_id": self.output_id.data,
            "sound_kind": self.sound_kind.data,
            "surroundings": self.surroundings.data,
            "levels": [row.row() for row in rows if not row.is_empty],
            "delay_ms": self.delay_ms.data,
        }


def zone_data(known: Zone | None) -> dict[str, Any]:
    """Return how a zone's row fills the form, with spare rows of quieter hours."""
    names = ("name", "output_id", "sound_kind", "surroundings", "delay_ms")
    kept = known.levels if known else []
    rows = [
        {
            "starts": time.fromisoformat(row["from"]),
            "ends": time.fromisoformat(row["to"]),
            "softer_db": round(-row["gain_db"]),
        }
        for row in kept
    ]
    levels = [*rows, *({} for _ in range(SPARE_LEVELS))][:8]
    return {"levels": levels} | ({name: getattr(known, name) for name in names} if known else {})


class SwitchForm(Form):
    name = text_field("Tên", "Hãy đặt tên.", 80)
    way = pick("Cách bật tắt", switches.WAYS)
    method = pick("Cách gọi", {each: each for each in switch_calls.METHODS})
    on_url = text_field("Địa chỉ để bật", characters=500)
    off_url = text_field("Địa chỉ để tắt", characters=500)
    state_url = text_field("Địa chỉ hỏi trạng thái", characters=500)
    header = text_field("Dòng tiêu đề gửi kèm", characters=500)
    on_body = TextAreaField("Nội dung gửi khi bật", [longest(4000)])
    off_body = TextAreaField("Nội dung gửi khi tắt", [longest(4000)])
    on_command = text_field("Lệnh bật", characters=500)
    off_command = text_field("Lệnh tắt", characters=500)
    state_command = text_field("Lệnh hỏi trạng thái", characters=500)
    expects = text_field("Chữ trong câu trả lời khi đang bật", characters=200)
    lead_in_s = _number("Bật trước khi có tiếng (giây)", round(switches.LONGEST_LEAD_IN_S))
    hold_s = _number("Giữ bật sau khi hết tiếng (giây)", round(switches.LONGEST_HOLD_S))
    longest_on_min = _number("Bật liền lâu nhất (phút)", 1440)

    def values(self) -> dict[str, Any]:
        """Return what is given, by the names of `switches.save_switch`."""
        calls = self._commands() if self.way.data == "command" else self._requests()
        if calls["state_call"] is not None:
            calls["state_call"]["expects"] = self.expects.data or ""
        timing = Timing(
            float(self.lead_in_s.data), float(self.hold_s.data), 60.0 * float(self.longest_on_min.data)
        )
        return {"name": self.name.data, "way": self.way.data, **calls, "timing": timing}

    def tell(self, error: Refused) -> None:
        """The rules know a call; the page shows its address or its command."""
        named = {"on": "on", "off": "off", "state": "state"}
        if isinstance(error, Invalid) and error.field in named:
            suffix = "command" if self.way.data == "command" else "url"
            error = Invalid(str(error), field=f"{named[error.field]}_{suffix}")
        elif isinstance(error, Invalid) and error.field == "longest_on_s":
            error = Invalid(str(error), field="longest_on_min")
        tell(error, self)

    def _commands(self) -> dict[str, Any]:
        state = _words(self.state_command.data)
        return {
            "on_call": {"argv": _words(self.on_command.data)},
            "off_call": {"argv": _words(self.off_command.data)},
            "state_call": {"argv": state} if state else None,
        }

    def _requests(self) -> dict[str, Any]:
        shared = {"header": self.header.data or ""}
        act = {**shared, "method": self.method.data}
        state = {**shared, "method": "GET", "url": self.state_url.data}
        return {
            "on_call": {**act, "url": self.on_url.data or "", "body": self.on_body.data or ""},
            "off_call": {**act, "url": self.off_url.data or "", "body": self.off_body.data or ""},
            "state_call": state if self.state_url.data else None,
        }


def switch_data(known: Switch | None) -> dict[str, Any]:
    """Return how a switch's row fills the form."""
    if known is None:
        return {"way": "http", "hold_s": 120, "longest_on_min": 240}
    on, off, state = known.on_call, known.off_call, known.state_call or {}
    return {
        "name": known.name,
        "way": known.way,
        "method": on.get("method", "GET"),
        "on_url": on.get("url", ""),
        "off_url": off.get("url", ""),
        "state_url": state.get("url", ""),
        "header": on.get("header", ""),
        "on_body": on.get("body", ""),
        "off_body": off.get("body", ""),
        "on_command": shlex.join(on.get("argv", ())),
        "off_command": shlex.join(off.get("argv", ())),
        "state_command": shlex.join(state.get("argv", ())),
        "expects": state.get("expects", ""),
        "lead_in_s": round(known.lead_in_s),
        "hold_s": round(known.hold_s),
        "longest_on_min": round(known.longest_on_s / 60),
    }


def _words(command: str | None) -> list[str]:
    """Split a command as a shell would, without one; an open quote makes one word of it, which is refused."""
    try:
        return shlex.split(command or "")
    except ValueError:
        return [command or ""]
