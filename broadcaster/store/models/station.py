"""What does the station sound through, and what do people tell it to do?"""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broadcaster.store.models.base import Base


class StationFact(Base):
    """What is set on the page rather than in the settings file: name of the station, self-approval …"""

    __tablename__ = "station_fact"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


class Output(Base):
    __tablename__ = "output"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    kind: Mapped[str]
    """`soundcard`, `file`, `icecast`, `rtp` or `snapcast`."""
    target: Mapped[str] = mapped_column(default="")
    """Name of the device (empty: the machine's default), address or folder."""
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    latency_ms: Mapped[float] = mapped_column(default=0.0)
    """Constant from the target second to what is heard, taken off each start; calibrated per machine."""
    is_active: Mapped[bool] = mapped_column(default=True)
    switch_id: Mapped[int | None] = mapped_column(ForeignKey("switch.id"))
    """What turns on the amplifier or transmitter behind it; None: it is always on."""
    switch: Mapped[Switch | None] = relationship()
    zones: Mapped[list[Zone]] = relationship(back_populates="output", viewonly=True)


class Zone(Base):
    __tablename__ = "zone"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    output_id: Mapped[int] = mapped_column(ForeignKey("output.id"))
    is_active: Mapped[bool] = mapped_column(default=True)
    sound_kind: Mapped[str] = mapped_column(String(16), default="horn", server_default="plain")
    """What makes the sound there, a key of `playout.zones.SOUND_KINDS`: for mastering."""
    surroundings: Mapped[str] = mapped_column(String(16), default="homes", server_default="homes")
    """Who hears it, a key of `playout.zones.SURROUNDINGS`: for the hours of quiet."""
    levels: Mapped[list[Any]] = mapped_column(default=list, server_default="[]")
    """Quieter hours, each {from, to, gain_db} on the station's clock; outside them 0 dB."""
    delay_ms: Mapped[int] = mapped_column(default=0, server_default="0")
    """How much later than elsewhere it sounds, for loudspeakers that overlap with slower ones."""
    output: Mapped[Output] = relationship(back_populates="zones")


class Switch(Base):
    """How an amplifier or transmitter is turned on before sound and off after it."""

    __tablename__ = "switch"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    way: Mapped[str] = mapped_column(String(16))
    """`http` or `command`."""
    on_call: Mapped[dict[str, Any]]
    """{method, url, header, body} or {argv}; `{key}` in header and body stands for the secret."""
    off_call: Mapped[dict[str, Any]]
    state_call: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What the device is asked for its state, and `expects`: the text of the answer while it is on."""
    lead_in_s: Mapped[float] = mapped_column(default=0.0)
    """From on to the first sample."""
    hold_s: Mapped[float] = mapped_column(default=120.0)
    """It stays on for so long after the last sample."""
    longest_on_s: Mapped[float] = mapped_column(default=14_400.0)
    is_active: Mapped[bool] = mapped_column(default=True)
    on_since: Mapped[datetime | None]
    """Written before it is turned on, and taken away once it is off: after a crash it is turned off."""


class Hold(Base):
    """Stop-all: nothing sounds until a named person lifts it with a reason."""

    __tablename__ = "hold"
    id: Mapped[int] = mapped_column(primary_key=True)
    placed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    placed_at: Mapped[datetime]
    reason: Mapped[str]
    cause: Mapped[str] = mapped_column(default="person")
    """`person` (stop-all) or `clock` (a wrong clock at boot, until confirmed)."""
    lifted_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    lifted_at: Mapped[datetime | None]
    lift_reason: Mapped[str | None]


class Command(Base):
    """An order of a person to the running station. Durable first, fast second."""

    __tablename__ = "command"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    """`cut` (this airing), `stop_programme` (it and the rest of its programme), `chime` (test an output)."""
    airing_id: Mapped[str | None] = mapped_column(ForeignKey("airing.id"))
    output_id: Mapped[int | None] = mapped_column(ForeignKey("output.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(default="")
    given_at: Mapped[datetime]
    taken_at: Mapped[datetime | None]
    outcome: Mapped[str | None]


class Boot(Base):
    """One life of the station process. `alive_at` is written every 30 s, so that an outage has two ends."""

    __tablename__ = "boot"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=lambda: uuid.uuid4().hex)
    started_at: Mapped[datetime]
    alive_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """Set by an orderly stop only."""
