"""The tables. No rules live here: what may happen to a row is decided by the rooms that own it.

Moments are aware datetimes, UTC in the store. Texts that people signed and sound that was aired are never
updated or deleted; corrections are new rows.
"""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    Time,
    TypeDecorator,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

NAMES = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept as naive UTC; a naive one is refused before it reaches the database."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"moment without a time zone: {value!r}")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Moment,
        str: Text,
        dict[str, Any]: JSON,
        list[Any]: JSON,
    }


def _unique_where(name: str, column: str, condition: str) -> Index:
    """Return an index under which `column` is unique among the rows of `condition`."""
    some = text(condition)
    return Index(name, column, unique=True, sqlite_where=some, postgresql_where=some)


class Kind(StrEnum):
    """Kinds of bulletin, lowest to highest priority (Thông tư 39/2020/TT-BTTTT, Điều 3)."""

    ROUTINE = "routine"
    PRIORITY = "priority"
    EMERGENCY = "emergency"


class BulletinState(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    APPROVED = "approved"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class AiringState(StrEnum):
    PLANNED = "planned"
    CLAIMED = "claimed"
    STARTED = "started"
    PLAYED = "played"
    CUT = "cut"
    FAILED = "failed"
    MISSED = "missed"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"

    @property
    def is_final(self) -> bool:
        return self not in (AiringState.PLANNED, AiringState.CLAIMED, AiringState.STARTED)


class Source(StrEnum):
    """Where the sound of a bulletin comes from."""

    TEXT = "text"
    RECORDING = "recording"
    """An uploaded or recorded sound with a transcript."""
    RELAY = "relay"
    """Another station's stream inside a window; it has no clip."""
    LIVE = "live"
    """A microphone; the row is made when it goes on the air."""


class RenderingState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


# --- people ---


class Person(Base):
    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    login: Mapped[str] = mapped_column(String(64), unique=True)
    """Folded (lower case, NFC); what is typed at sign-in."""
    name: Mapped[str]
    password_hash: Mapped[str | None]
    roles: Mapped[list[Any]]
    """Names of `accounts.Role`."""
    is_active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class SignIn(Base):
    """One browser that is signed in; only the hash of its secret is kept."""

    __tablename__ = "sign_in"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    started_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    confirmed_at: Mapped[datetime]
    """When the password was last typed; approving asks for it again after 15 minutes."""
    ended_at: Mapped[datetime | None]
    open_key: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """The person's signing key, sealed with the browser's secret, until the password is asked for again."""


class PersonKey(Base):
    """A key with which a person signs what may be heard; its private part opens with their password alone.

    A row is believed when the station's key has signed it, and signs approvals once it is confirmed.
    """

    __tablename__ = "person_key"
    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True)
    public: Mapped[bytes] = mapped_column(LargeBinary)
    """32 bytes, Ed25519."""
    wrapped: Mapped[dict[str, Any]]
    """The private part, sealed with what is derived from the password; emptied when the key ends."""
    how: Mapped[str] = mapped_column(String(16))
    """A key of `accounts.signing_keys.HOW`."""
    made_at: Mapped[datetime]
    register: Mapped[bytes] = mapped_column(LargeBinary)
    """The station's signature under person, public part, way and moment."""
    confirmed_at: Mapped[datetime | None]
    """Since when it is known to be an approver's."""
    confirmed_by: Mapped[int | None] = mapped_column(ForeignKey("person_key.id"))
    """The key of the approver who said so; None: the station, there being no other approver."""
    confirmer_signature: Mapped[bytes | None] = mapped_column(LargeBinary)
    confirmation: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The station's signature under the confirmation."""
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(default="")
    person: Mapped[Person] = relationship()


class OneTimeLink(Base):
    """A link that sets a password once: the first account, a new colleague, a forgotten password."""

    __tablename__ = "one_time_link"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str]
    """`first_account` or `set_password`."""
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInFailure(Base):
    """Failures in a row, by account (`login:x`) and by address (`address:y`)."""

    __tablename__ = "sign_in_failure"
    subject: Mapped[str] = mapped_column(String(128), primary_key=True)
    count: Mapped[int]
    last_at: Mapped[datetime]
    locked_until: Mapped[datetime | None]


# --- the station ---


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


class Notice(Base):
    """What a person should know without looking at the page: a fault with its end, or an event."""

    __tablename__ = "notice"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(16))
    """A key of `playout.notify.KINDS`."""
    key: Mapped[str] = mapped_column(String(120), default="", index=True)
    """What the fault is of; at most one with a key is open. Empty: an event, over as soon as told."""
    text: Mapped[str]
    ended_at: Mapped[datetime | None]


class Sending(Base):
    """One notice, or a test, on its way to people over one channel."""

    __tablename__ = "sending"
    id: Mapped[int] = mapped_column(primary_key=True)
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notice.id"), index=True)
    """None: a test."""
    channel: Mapped[str] = mapped_column(String(16))
    """`email` or `webhook`."""
    text: Mapped[str]
    state: Mapped[str] = mapped_column(String(16), default="waiting", index=True)
    """`waiting`, `sent`, `dropped` (over before it was told) or `failed`."""
    attempts: Mapped[int] = mapped_column(default=0)
    try_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    error: Mapped[str] = mapped_column(default="")
    notice: Mapped[Notice | None] = relationship()


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


# --- before air ---


class Bulletin(Base):
    __tablename__ = "bulletin"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    source: Mapped[str] = mapped_column(String(16), default=Source.TEXT, server_default=Source.TEXT)
    language: Mapped[str] = mapped_column(String(16), default="vi", server_default="vi")
    """ISO 639 code of what is said; the law asks for minority languages too."""
    is_music: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Songs and music: kept softer than speech."""
    kind: Mapped[str] = mapped_column(String(16), default=Kind.ROUTINE)
    topic: Mapped[str] = mapped_column(default="", index=True)
    state: Mapped[str] = mapped_column(String(16), default=BulletinState.DRAFT, index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    """Who wrote the present version."""
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    """Both inclusive, on the station's calendar."""
    voice: Mapped[str] = mapped_column(default="")
    """Empty: the station's voice."""
    rate: Mapped[float] = mapped_column(default=1.0)
    """1.0 = 180 syllables a minute."""
    repeats: Mapped[int] = mapped_column(default=1)
    """How often the whole text is said in one airing."""
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime] = mapped_column(index=True)
    folded: Mapped[str] = mapped_column(default="")
    """Title and text of the present version without diacritics, for finding."""
    version_id: Mapped[int | None] = mapped_column(
        ForeignKey("version.id", use_alter=True, name="fk_bulletin_version_id_version")
    )
    version: Mapped[Version | None] = relationship(foreign_keys=[version_id], post_update=True)
    author: Mapped[Person] = relationship()


class Version(Base):
    """One immutable written text of a bulletin."""

    __tablename__ = "version"
    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"))
    number: Mapped[int]
    title: Mapped[str]
    written: Mapped[str]
    written_sha256: Mapped[str] = mapped_column(String(64))
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("bulletin_id", "number"),)


class Reading(Base):
    """How a person decided that something written is said: in one bulletin, or always at this station."""

    __tablename__ = "reading"
    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int | None] = mapped_column(ForeignKey("bulletin.id"), index=True)
    """None: the station's own lexicon."""
    written: Mapped[str]
    spoken: Mapped[str]
    context: Mapped[str | None]
    """For a choice that holds once: the written words around it; None holds for every place."""
    decided_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime]
    retired_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    retired_at: Mapped[datetime | None]


class BulletinStep(Base):
    """One step in a bulletin's life: who did what, from which state to which, with which words."""

    __tablename__ = "bulletin_step"
    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"), index=True)
    version_id: Mapped[int | None] = mapped_column(ForeignKey("version.id"))
    rendering_id: Mapped[int | None] = mapped_column(ForeignKey("rendering.id"))
    """What was submitted: the spoken text and clip that the approver is to hear."""
    action: Mapped[str]
    from_state: Mapped[str]
    to_state: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """None: the program itself (expiry)."""
    comment: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime]
    person: Mapped[Person | None] = relationship()


class Clip(Base):
    """Finished sound: 48 kHz mono 16-bit WAV, in a file named by its SHA-256."""

    __tablename__ = "clip"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    seconds: Mapped[float] = mapped_column(Float)
    loudness_lufs: Mapped[float] = mapped_column(Float)
    true_peak_dbtp: Mapped[float] = mapped_column(Float)
    origin: Mapped[str]
    """`speech`, `upload` or `recording`."""
    engine: Mapped[str] = mapped_column(default="")
    """Name and version of the engine that spoke, e.g. `espeak-ng 1.52.0`."""
    voice: Mapped[str] = mapped_column(default="")
    target_lufs: Mapped[float | None] = mapped_column(Float)
    """How loud it was meant to be; None in clips older than the column."""
    created_at: Mapped[datetime]


class Rendering(Base):
    """The work of turning one spoken text into one clip; idempotent by `key`."""

    __tablename__ = "rendering"
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of script, voice, rate, repeats, engine choice and mastering version."""
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("version.id"))
    spoken: Mapped[str]
    """The words as they will be said."""
    spoken_sha256: Mapped[str] = mapped_column(String(64), index=True)
    script: Mapped[list[Any]]
    """Sentences in order: {text, pause_ms}."""
    voice: Mapped[str]
    rate: Mapped[float]
    repeats: Mapped[int]
    lexicon: Mapped[str] = mapped_column(default="")
    """Version of the readings in force."""
    state: Mapped[str] = mapped_column(String(16), default=RenderingState.WAITING, index=True)
    sentences_done: Mapped[int] = mapped_column(default=0)
    sentences_total: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    notice: Mapped[str | None]
    """What a person should know although it worked, e.g. that another engine had to speak."""
    clip_sha256: Mapped[str | None] = mapped_column(ForeignKey("clip.sha256"))
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    clip: Mapped[Clip | None] = relationship()


class Recording(Base):
    """The work of turning one file that somebody sent or recorded into one clip; the file's own data too."""

    __tablename__ = "recording"
    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"), index=True)
    origin: Mapped[str] = mapped_column(String(16))
    """`upload`, or `recording` for what the browser's microphone took."""
    file_name: Mapped[str]
    """As its owner called it, to be shown only."""
    file_sha256: Mapped[str] = mapped_column(String(64), index=True)
    file_bytes: Mapped[int] = mapped_column(BigInteger)
    cut_from_s: Mapped[float | None] = mapped_column(Float)
    cut_to_s: Mapped[float | None] = mapped_column(Float)
    """What a person keeps of it, in seconds of the file; None: from its beginning, to its end."""
    target_lufs: Mapped[float] = mapped_column(Float)
    state: Mapped[str] = mapped_column(String(16), default=RenderingState.WAITING, index=True)
    done: Mapped[float] = mapped_column(Float, default=0.0)
    """Part of the work that is done, 0 to 1."""
    lease_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None]
    notice: Mapped[str | None]
    """What a person should know although it worked."""
    found: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What was in the file: {codec, seconds, rate_hz, channels}."""
    kept: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    """The stretches that the clip is made of, each [from, to] in seconds of the file."""
    wave: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    """Outline of the whole file, 0 to 100 each, for drawing."""
    clip_wave: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    clip_sha256: Mapped[str | None] = mapped_column(ForeignKey("clip.sha256"))
    asked_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    clip: Mapped[Clip | None] = relationship()


class Relay(Base):
    """The stream that one version of a relayed bulletin names. Never changed: an edit makes a new version."""

    __tablename__ = "relay"
    version_id: Mapped[int] = mapped_column(ForeignKey("version.id"), primary_key=True, autoincrement=False)
    address: Mapped[str]
    minutes: Mapped[int]
    filler_sha256: Mapped[str | None] = mapped_column(ForeignKey("clip.sha256"))
    """What sounds while the stream is gone; None: the station's own quiet tone."""
    filler_title: Mapped[str] = mapped_column(default="")


class Approval(Base):
    """One person's signature under (written text, spoken text, clip). Never changed; a later row voids it."""

    __tablename__ = "approval"
    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("version.id"))
    written_sha256: Mapped[str] = mapped_column(String(64))
    spoken: Mapped[str]
    spoken_sha256: Mapped[str] = mapped_column(String(64))
    clip_sha256: Mapped[str | None] = mapped_column(ForeignKey("clip.sha256"))
    """None: a relay, whose sound nobody has heard yet; the written text then names its address and length."""
    lexicon: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    approver_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    approved_at: Mapped[datetime]
    is_self_approved: Mapped[bool] = mapped_column(Boolean, default=False)
    signature: Mapped[bytes | None] = mapped_column(LargeBinary)
    """By the approver's key under all of the above; None: from before there were keys, or an alert's."""
    key_id: Mapped[int | None] = mapped_column(ForeignKey("person_key.id"))
    approver: Mapped[Person] = relationship(foreign_keys=[approver_id])
    author: Mapped[Person] = relationship(foreign_keys=[author_id])
    clip: Mapped[Clip | None] = relationship()


class ApprovalEnd(Base):
    """Why an approval no longer holds: an edit, a withdrawal, expiry."""

    __tablename__ = "approval_end"
    approval_id: Mapped[int] = mapped_column(ForeignKey("approval.id"), primary_key=True)
    reason: Mapped[str]
    """`edited`, `withdrawn` or `expired`."""
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime]


# --- on air ---


programme_zone = Table(
    "programme_zone",
    Base.metadata,
    Column("programme_id", ForeignKey("programme.id"), primary_key=True),
    Column("zone_id", ForeignKey("zone.id"), primary_key=True),
)

request_zone = Table(
    "request_zone",
    Base.metadata,
    Column("request_id", ForeignKey("request.id"), primary_key=True),
    Column("zone_id", ForeignKey("zone.id"), primary_key=True),
)

airing_zone = Table(
    "airing_zone",
    Base.metadata,
    Column("airing_id", ForeignKey("airing.id"), primary_key=True),
    Column("zone_id", ForeignKey("zone.id"), primary_key=True),
)


class Programme(Base):
    """A recurring broadcast: the frame into which bulletins are put."""

    __tablename__ = "programme"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    days: Mapped[list[Any]]
    """Days of the week, 0 = Monday."""
    starts_at: Mapped[time] = mapped_column(Time)
    """On the station's clock (Asia/Ho_Chi_Minh)."""
    longest_s: Mapped[int] = mapped_column(default=1800)
    late_window_s: Mapped[int] = mapped_column(default=300)
    """How late it may still start; past that its airings are missed."""
    first_date: Mapped[date | None] = mapped_column(Date)
    last_date: Mapped[date | None] = mapped_column(Date)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """Who gave it its present shape, and so may not sign it."""
    zones: Mapped[list[Zone]] = relationship(secondary=programme_zone, order_by=Zone.id)
    seasons: Mapped[list[ProgrammeSeason]] = relationship(
        order_by="ProgrammeSeason.id", cascade="all, delete-orphan"
    )
    pauses: Mapped[list[ProgrammePause]] = relationship(order_by="ProgrammePause.id")
    dates: Mapped[list[ProgrammeDate]] = relationship(order_by="ProgrammeDate.id")
    parts: Mapped[list[ProgrammePart]] = relationship(
        order_by="ProgrammePart.place", cascade="all, delete-orphan"
    )


class ProgrammeSeason(Base):
    """A part of every year in which a programme starts at another time."""

    __tablename__ = "programme_season"
    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    first_month: Mapped[int]
    first_day: Mapped[int]
    last_month: Mapped[int]
    last_day: Mapped[int]
    """Both ends included; the last may lie before the first: over the new year."""
    starts_at: Mapped[time] = mapped_column(Time)


class ProgrammePause(Base):
    """Dates from–to on which a programme does not sound, both included."""

    __tablename__ = "programme_pause"
    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    first_date: Mapped[date] = mapped_column(Date)
    last_date: Mapped[date] = mapped_column(Date)
    reason: Mapped[str]
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """Taken back then."""


class ProgrammeDate(Base):
    """One date of a programme that is cancelled or starts at another time, without touching the rule."""

    __tablename__ = "programme_date"
    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    on: Mapped[date] = mapped_column(Date)
    starts_at: Mapped[time | None] = mapped_column(Time)
    """None: cancelled."""
    reason: Mapped[str]
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """Taken back, or replaced by a newer word about the same date."""


class ProgrammePart(Base):
    """One part in the order of a programme: always the same bulletin, or filled from what waits."""

    __tablename__ = "programme_part"
    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    place: Mapped[int]
    """0, 1, 2 … in the order of sounding."""
    kind: Mapped[str] = mapped_column(String(16))
    """`fixed` (this bulletin: opening words, a relay, closing words) or `queue`."""
    title: Mapped[str]
    bulletin_id: Mapped[int | None] = mapped_column(ForeignKey("bulletin.id"))
    longest_s: Mapped[int | None]
    """What a queue may take in all; None: as far as the programme reaches."""
    takes: Mapped[dict[str, Any]]
    """For a queue: {topics, kinds, sources}, each a list; an empty one takes all."""
    bulletin: Mapped[Bulletin | None] = relationship()


class ProgrammeSignature(Base):
    """A permitted person's word that a programme may sound as it stands; an edit asks for a new one."""

    __tablename__ = "programme_signature"
    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"), index=True)
    definition: Mapped[str]
    """Everything that decides when and what it sounds, as canonical JSON."""
    definition_sha256: Mapped[str] = mapped_column(String(64))
    asked_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    signed_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    signed_at: Mapped[datetime]


class ReadinessCheck(Base):
    """A look at one occurrence of a programme shortly before it: is everything there that it needs?"""

    __tablename__ = "readiness_check"
    id: Mapped[int] = mapped_column(primary_key=True)
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"))
    """None: an airing of its own."""
    planned_at: Mapped[datetime] = mapped_column(index=True)
    minutes_before: Mapped[int]
    checked_at: Mapped[datetime]
    title: Mapped[str]
    problems: Mapped[list[Any]]
    """Sentences for a person; empty when all is well."""
    __table_args__ = (UniqueConstraint("programme_id", "planned_at", "minutes_before", "title"),)


class StationDay(Base):
    """Days that the station declares itself: a holiday, a swapped working day, mourning, exams."""

    __tablename__ = "station_day"
    id: Mapped[int] = mapped_column(primary_key=True)
    first_date: Mapped[date] = mapped_column(Date)
    last_date: Mapped[date] = mapped_column(Date)
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(String(16))
    """One of `schedules.holidays.OwnKind`."""
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class LimitRule(Base):
    """One limit on when and how long a zone may sound, with where it comes from."""

    __tablename__ = "limit_rule"
    id: Mapped[int] = mapped_column(primary_key=True)
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id"))
    """None: every zone."""
    code: Mapped[str] = mapped_column(String(32))
    """Which of `schedules.limits`: allowed_hours, quiet_hours, days, session, sessions, minutes, least."""
    values: Mapped[dict[str, Any]]
    forbids: Mapped[bool] = mapped_column(default=True)
    """False: it only warns."""
    overridden_by: Mapped[str] = mapped_column(default="")
    """The role that may break it with a reason; empty: nobody."""
    source: Mapped[str] = mapped_column(default="")
    """The regulation it follows, with its number."""
    source_date: Mapped[date | None] = mapped_column(Date)
    created_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Request(Base):
    """A wish to broadcast one bulletin: at a moment, next, in a programme, often a day, or in a series."""

    __tablename__ = "request"
    id: Mapped[int] = mapped_column(primary_key=True)
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"), index=True)
    way: Mapped[str]
    """`at`, `next`, `programme`, `part` (a fixed part), `queue` (the next programme that takes it),
    `daily` or `series`; besides those, `live` and `alert`."""
    at: Mapped[datetime | None]
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"), index=True)
    first_date: Mapped[date | None] = mapped_column(Date)
    last_date: Mapped[date | None] = mapped_column(Date)
    days: Mapped[list[Any] | None]
    """For `daily`: days of the week, 0 = Monday; None: every day."""
    times: Mapped[list[Any] | None]
    """For `daily`: times of day, "HH:MM"."""
    every_min: Mapped[int | None]
    """For `series`: minutes between two airings."""
    until: Mapped[datetime | None]
    """For `series`: no airing starts after it."""
    most: Mapped[int | None]
    """For `series`: no more airings than this."""
    part_id: Mapped[int | None] = mapped_column(ForeignKey("programme_part.id", ondelete="SET NULL"))
    """For `part`: the fixed part it stands for."""
    overrides: Mapped[list[Any] | None]
    """Limits broken knowingly: each {rule, reason, by}."""
    late_window_s: Mapped[int] = mapped_column(default=1800)
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    """No airing is planned from it after this moment."""
    zones: Mapped[list[Zone]] = relationship(secondary=request_zone, order_by=Zone.id)
    bulletin: Mapped[Bulletin] = relationship()
    programme: Mapped[Programme | None] = relationship()


prepared_order_zone = Table(
    "prepared_order_zone",
    Base.metadata,
    Column("prepared_order_id", ForeignKey("prepared_order.id"), primary_key=True),
    Column("zone_id", ForeignKey("zone.id"), primary_key=True),
)


class PreparedOrder(Base):
    """An emergency bulletin that was written, spoken and signed beforehand, to be sent with two taps."""

    __tablename__ = "prepared_order"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"))
    repeat_every_s: Mapped[int]
    """From the end of one repetition to the beginning of the next."""
    lasts_s: Mapped[int]
    """An alert ends by itself after this long, unless somebody stands it down before."""
    position: Mapped[int] = mapped_column(default=0)
    is_active: Mapped[bool] = mapped_column(default=True)
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    checked_at: Mapped[datetime | None]
    trouble: Mapped[str] = mapped_column(default="")
    """Why it could not be sent as it was signed, found at `checked_at`; empty: it is ready."""
    bulletin: Mapped[Bulletin] = relationship()
    zones: Mapped[list[Zone]] = relationship(secondary=prepared_order_zone, order_by=Zone.id)


class Alert(Base):
    """An emergency order (lệnh khẩn cấp), or a drill of one: it stands until `ended_at` is set.

    Each time it is said is an airing of its bulletin; its zones are those of its request.
    """

    __tablename__ = "alert"
    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(16))
    """`person` or `cap`."""
    order_id: Mapped[int | None] = mapped_column(ForeignKey("prepared_order.id"))
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"))
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"))
    approval_id: Mapped[int] = mapped_column(ForeignKey("approval.id"))
    """Of a prepared order the one it had; of words typed in the emergency the sender's own."""
    title: Mapped[str]
    reason: Mapped[str]
    """Why it was raised."""
    clip_sha256: Mapped[str | None] = mapped_column(ForeignKey("clip.sha256"))
    """The signed sound; None: `script` is spoken while it plays."""
    script: Mapped[list[Any]]
    """Sentences in order: {text, pause_ms}."""
    voice: Mapped[str]
    rate: Mapped[float]
    is_drill: Mapped[bool]
    may_cut: Mapped[bool]
    """Whether it may cut what sounds; always so for a real alert."""
    repeat_every_s: Mapped[int]
    raised_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    """None: the program, for a signed message of a trusted sender."""
    raised_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    end_cause: Mapped[str] = mapped_column(String(16), default="")
    """A key of `playout.alerts.ENDS`."""
    end_reason: Mapped[str] = mapped_column(default="")
    says_all_clear: Mapped[bool] = mapped_column(default=False)
    trouble: Mapped[str] = mapped_column(default="")
    """What is wrong with its sound now, in words; empty: nothing."""
    vouched: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The station's signature: it took this order from somebody who may give it."""
    bulletin: Mapped[Bulletin] = relationship()
    request: Mapped[Request] = relationship()
    approval: Mapped[Approval] = relationship()
    order: Mapped[PreparedOrder | None] = relationship()
    raiser: Mapped[Person | None] = relationship(foreign_keys=[raised_by])
    ender: Mapped[Person | None] = relationship(foreign_keys=[ended_by])


class CapSource(Base):
    """Somebody whose CAP messages (OASIS CAP 1.2) are taken in."""

    __tablename__ = "cap_source"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    address: Mapped[str] = mapped_column(default="")
    """Of a feed or a message, asked for again and again; empty: its messages come as files."""
    certificate: Mapped[str] = mapped_column(default="")
    """PEM; messages signed with it are known to be this sender's."""
    is_obeyed: Mapped[bool] = mapped_column(default=False)
    """Signed urgent messages are orders; otherwise a person decides about each."""
    zone_ids: Mapped[list[Any]] = mapped_column(default=list)
    """Where its orders sound; empty: everywhere."""
    is_active: Mapped[bool] = mapped_column(default=True)
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    trouble: Mapped[str] = mapped_column(default="")
    """Why the last question was not answered; empty: it was."""
    vouched: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The station's signature: somebody who may do so had this certificate obeyed."""


class CapMessage(Base):
    """One CAP message as it came, and what became of it."""

    __tablename__ = "cap_message"
    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int | None] = mapped_column(ForeignKey("cap_source.id"))
    """The sender it was proven to be of, or the feed it came from; None: a file of unknown origin."""
    origin: Mapped[str]
    """Name of the file, or address."""
    received_at: Mapped[datetime]
    received_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    identifier: Mapped[str]
    sender: Mapped[str]
    sent: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(16))
    msg_type: Mapped[str] = mapped_column(String(16))
    refers_to: Mapped[list[Any]]
    """Identifiers of earlier messages that it updates or cancels."""
    is_signed: Mapped[bool] = mapped_column(default=False)
    """With the certificate of its source."""
    language: Mapped[str] = mapped_column(String(16))
    event: Mapped[str]
    headline: Mapped[str]
    words: Mapped[str]
    """Description and instruction."""
    area: Mapped[str]
    severity: Mapped[str] = mapped_column(String(16))
    urgency: Mapped[str] = mapped_column(String(16))
    certainty: Mapped[str] = mapped_column(String(16))
    kind: Mapped[str] = mapped_column(String(16))
    """The kind of bulletin that it calls for."""
    expires_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(String(16), index=True)
    """A key of `playout.cap_decisions.STATES`."""
    note: Mapped[str] = mapped_column(default="")
    """Why it is in this state, in words."""
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alert.id"))
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    closed_at: Mapped[datetime | None]
    raw: Mapped[str]
    source: Mapped[CapSource | None] = relationship()
    alert: Mapped[Alert | None] = relationship()
    __table_args__ = (UniqueConstraint("sender", "identifier", "sent"),)


class Live(Base):
    """One announcement by microphone: asked for, on the air, over. Its sound is kept as any other's."""

    __tablename__ = "live"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=lambda: uuid.uuid4().hex)
    """Also the name of the folder through which its sound reaches the station."""
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    sign_in: Mapped[str] = mapped_column(String(64))
    """Hash of the sign-in from which alone its sound may come."""
    title: Mapped[str]
    zone_ids: Mapped[list[Any]]
    longest_s: Mapped[int]
    waits: Mapped[bool]
    """It lets end what sounds in its zones; else that is cut."""
    overrides: Mapped[list[Any]]
    """Limits that it breaks knowingly, as in `Request.overrides`."""
    state: Mapped[str] = mapped_column(String(16), index=True)
    """`asked`, `on_air` or `over`."""
    asked_at: Mapped[datetime]
    airing_id: Mapped[str | None] = mapped_column(ForeignKey("airing.id"))
    stopped_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    stop: Mapped[str] = mapped_column(String(16), default="")
    """`person` (a button) or `closed` (its page was left), once somebody wants it to end."""
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(default="")
    """What came of it, in words for its speaker."""
    vouched: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The station's signature: it took this from somebody who may speak."""
    person: Mapped[Person] = relationship(foreign_keys=[person_id])


class Airing(Base):
    """One dated occurrence of one bulletin on given zones. Ends in exactly one final state, with a reason."""

    __tablename__ = "airing"
    id: Mapped[str] = mapped_column(String(32), primary_key=True, default=lambda: uuid.uuid4().hex)
    request_id: Mapped[int] = mapped_column(ForeignKey("request.id"))
    planned_at: Mapped[datetime]
    """Start of the programme, or the moment asked for; the rundown tells the predicted second."""
    part: Mapped[int] = mapped_column(default=0)
    programme_id: Mapped[int | None] = mapped_column(ForeignKey("programme.id"), index=True)
    bulletin_id: Mapped[int] = mapped_column(ForeignKey("bulletin.id"), index=True)
    section: Mapped[int] = mapped_column(default=0, server_default="0")
    """Place of its part in the programme's order of parts; 0 where there are none."""
    position: Mapped[int] = mapped_column(default=0)
    """The officer's own order among airings planned for the same moment."""
    deadline: Mapped[datetime]
    """Not started by then: missed."""
    state: Mapped[str] = mapped_column(String(16), default=AiringState.PLANNED)
    cause: Mapped[str] = mapped_column(String(32), default="")
    reason: Mapped[str] = mapped_column(default="")
    """Why it ended so, in words for a person."""
    placed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    approval_id: Mapped[int | None] = mapped_column(ForeignKey("approval.id"))
    """Bound when claimed."""
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alert.id"), index=True)
    """The alert that it says; its `part` counts how often that was said."""
    boot_id: Mapped[str | None] = mapped_column(ForeignKey("boot.id"))
    claimed_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    """Committed before the first sample."""
    ended_at: Mapped[datetime | None]
    seconds_heard: Mapped[float | None] = mapped_column(Float)
    """The most that any of its outputs accepted; kept up to date every few seconds while it plays."""
    on_loudspeaker: Mapped[bool] = mapped_column(default=False)
    """Whether people could hear it so far; kept with `seconds_heard`."""
    bulletin: Mapped[Bulletin] = relationship()
    programme: Mapped[Programme | None] = relationship()
    request: Mapped[Request] = relationship()
    approval: Mapped[Approval | None] = relationship()
    alert: Mapped[Alert | None] = relationship()
    zones: Mapped[list[Zone]] = relationship(secondary=airing_zone, order_by=Zone.id)
    __table_args__ = (
        UniqueConstraint("request_id", "planned_at", "part"),
        Index("ix_airing_state_planned_at", "state", "planned_at"),
        Index("ix_airing_planned_at", "planned_at"),
    )


# --- after air ---


class HistoryWords(Base):
    """Title and spoken text without diacritics, for finding: once, however often they were aired."""

    __tablename__ = "history_words"
    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    folded: Mapped[str]


class History(Base):
    """What was heard, one row per airing end. Append-only; each row's hash covers the one before."""

    __tablename__ = "history"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    """1, 2, 3 … without a gap."""
    written_at: Mapped[datetime]
    airing_id: Mapped[str] = mapped_column(ForeignKey("airing.id"))
    """Once among rows that correct nothing."""
    result: Mapped[str] = mapped_column(String(16))
    cause: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str]
    planned_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime]
    seconds_planned: Mapped[float] = mapped_column(Float)
    seconds_heard: Mapped[float] = mapped_column(Float)
    level_dbfs: Mapped[float | None] = mapped_column(Float)
    """RMS of what the outputs accepted; None when nothing was."""
    on_loudspeaker: Mapped[bool]
    """False: it went to a file only ("không ra loa")."""
    zones: Mapped[list[Any]]
    """Each {zone, output, seconds_heard, level_dbfs, fault}."""
    programme: Mapped[str]
    bulletin_id: Mapped[int]
    title: Mapped[str]
    kind: Mapped[str] = mapped_column(String(16))
    topic: Mapped[str]
    written_sha256: Mapped[str | None] = mapped_column(String(64))
    spoken_sha256: Mapped[str | None] = mapped_column(String(64))
    clip_sha256: Mapped[str | None] = mapped_column(String(64))
    engine: Mapped[str]
    voice: Mapped[str]
    lexicon: Mapped[str]
    author: Mapped[str]
    approver: Mapped[str]
    approved_at: Mapped[datetime | None]
    is_self_approved: Mapped[bool]
    operator: Mapped[str]
    """Who put it on the air."""
    approval_id: Mapped[int | None]
    source: Mapped[str | None] = mapped_column(String(16))
    """`text`, `recording`, `relay`, `live` or `alert`; None in rows older than the column."""
    details: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What only some airings have: faults of a relay, a drill, rules overridden …"""
    words_id: Mapped[int | None] = mapped_column(ForeignKey("history_words.id"))
    """What it is found by; not part of the chain."""
    nth: Mapped[int | None]
    """The n-th time that its bulletin was heard, as counted at writing; None: not heard, or an old row."""
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("history.id"))
    """The row in whose place this one stands; each is corrected once, a correction again."""
    previous_hash: Mapped[str] = mapped_column(String(64))
    row_hash: Mapped[str] = mapped_column(String(64))
    __table_args__ = (
        Index("ix_history_planned_at", "planned_at", "id"),
        _unique_where("uq_history_airing_id", "airing_id", "corrects_id IS NULL"),
        Index("ix_history_airing_id", "airing_id"),
        _unique_where("uq_history_corrects_id", "corrects_id", "corrects_id IS NOT NULL"),
        Index("ix_history_nth", "bulletin_id", "nth"),
        *(
            Index(f"ix_history_{name}", name, "planned_at", "id")
            for name in ("topic", "programme", "kind", "bulletin_id")
        ),
        # These hold all that a search narrows by: rows that lie far apart need not be read to be passed over.
        Index("ix_history_result", "result", "planned_at", "id", "topic", "programme", "kind", "words_id"),
        Index("ix_history_words_id", "words_id", "planned_at", "id", "topic", "programme", "kind", "result"),
    )


class Aircheck(Base):
    """What one output's device accepted of one item, kept as Opus. Chained; the row outlives its file."""

    __tablename__ = "aircheck"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    airing_id: Mapped[str | None] = mapped_column(ForeignKey("airing.id"), index=True)
    """None: no airing, e.g. a test chime."""
    item: Mapped[str] = mapped_column(String(128))
    """What the player called it."""
    title: Mapped[str]
    output_id: Mapped[int]
    output: Mapped[str]
    """The name of the output then."""
    began_at: Mapped[datetime] = mapped_column(index=True)
    seconds: Mapped[float] = mapped_column(Float)
    level_dbfs: Mapped[float | None] = mapped_column(Float)
    """RMS of the whole; None for digital silence."""
    likeness: Mapped[float | None] = mapped_column(Float)
    """How much its loudness moves as that of the signed clip, 0 to 1; None without a clip to compare."""
    file: Mapped[str]
    """Under the data folder."""
    size_bytes: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    source_sha256: Mapped[str] = mapped_column(String(64))
    """Of the WAV that the player left: the same one is never taken in twice."""
    kept_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
    removed_why: Mapped[str | None]
    """These two are not part of the chain; the audit trail says it too."""
    previous_hash: Mapped[str] = mapped_column(String(64))
    row_hash: Mapped[str] = mapped_column(String(64))
    __table_args__ = (
        UniqueConstraint("output_id", "item", "source_sha256"),
        Index("ix_aircheck_removed_at_began_at", "removed_at", "began_at"),
    )


class AircheckHold(Base):
    """A person's word that what was kept of an airing must outlive the retention: a complaint, an inquiry."""

    __tablename__ = "aircheck_hold"
    id: Mapped[int] = mapped_column(primary_key=True)
    airing_id: Mapped[str] = mapped_column(ForeignKey("airing.id"), index=True)
    reason: Mapped[str]
    placed_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    placed_at: Mapped[datetime]
    released_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    released_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship(foreign_keys=[placed_by])


class Complaint(Base):
    """What a resident reported of an airing or of the loudspeakers, and the answer of the station."""

    __tablename__ = "complaint"
    id: Mapped[int] = mapped_column(primary_key=True)
    code_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the code by which its sender sees the answer; the code itself is kept nowhere."""
    stamp_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    """Of the stamp in its form, so that a form sent twice is taken once."""
    received_at: Mapped[datetime] = mapped_column(index=True)
    airing_id: Mapped[str | None] = mapped_column(ForeignKey("airing.id"), index=True)
    """None: about the loudspeakers or the broadcasts in general."""
    kind: Mapped[str] = mapped_column(String(16))
    """A key of `records.complaints.KINDS`."""
    place: Mapped[str] = mapped_column(default="")
    """Where it was heard, or not: the name of a zone as it was then; empty: not said."""
    text: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    """These two only if the sender wished, and only for a while after the answer."""
    contact_removed_at: Mapped[datetime | None]
    sender_mark: Mapped[str] = mapped_column(String(64), default="", index=True)
    """A keyed hash of the day and the sender's address, to limit how many one may send; gone the next day."""
    state: Mapped[str] = mapped_column(String(16), default="new", index=True)
    """A key of `records.complaints.STATES`."""
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    taken_at: Mapped[datetime | None]
    answer: Mapped[str] = mapped_column(default="")
    is_public: Mapped[bool] = mapped_column(default=False)
    """Whether the answer is shown to all residents; the words of the sender never are."""
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    answered_at: Mapped[datetime | None]
    bulletin_id: Mapped[int | None] = mapped_column(ForeignKey("bulletin.id"))
    """The bulletin that was begun with the answer (Nghị định 49/2024/NĐ-CP asks to broadcast answers)."""
    airing: Mapped[Airing | None] = relationship()
    taker: Mapped[Person | None] = relationship(foreign_keys=[taken_by])
    answerer: Mapped[Person | None] = relationship(foreign_keys=[answered_by])


class Seal(Base):
    """How far every chain had come at one moment, signed by the station: what a copy elsewhere proves."""

    __tablename__ = "seal"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    """1, 2, 3 … without a gap."""
    day: Mapped[date] = mapped_column(Date, index=True)
    """Of the station's calendar, when it was made."""
    sha256: Mapped[str] = mapped_column(String(64))
    text: Mapped[str]
    """As it stands in its file; `records.seals.read` tells its parts."""


class Audit(Base):
    """Every act of a person, and what the program did in their absence. Chained like history."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(index=True)
    person_id: Mapped[int | None]
    person: Mapped[str]
    act: Mapped[str] = mapped_column(String(48))
    subject: Mapped[str]
    """What it was done to, e.g. `bulletin 12`."""
    detail: Mapped[dict[str, Any]]
    previous_hash: Mapped[str] = mapped_column(String(64))
    row_hash: Mapped[str] = mapped_column(String(64))


class NightlyOutcome(Base):
    """How one task of the night went, for the health page and `doctor`."""

    __tablename__ = "nightly_outcome"
    id: Mapped[int] = mapped_column(primary_key=True)
    task: Mapped[str] = mapped_column(String(32), index=True)
    """A key of `nightly.TASKS`."""
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime]
    is_well: Mapped[bool]
    words: Mapped[str]
    """What was done, or why it was not, for a person."""


class Removal(Base):
    """What was removed because its time was over: how much of which kind, and by which rule."""

    __tablename__ = "removal"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(32))
    """A key of `keeping.retention.RULES`."""
    days: Mapped[int]
    """How long that kind was to be kept then."""
    count: Mapped[int]
    size_bytes: Mapped[int] = mapped_column(BigInteger, default=0)
    oldest: Mapped[datetime | None]
    newest: Mapped[datetime | None]


class Restoration(Base):
    """This station was made again from a copy: what happened between the copy and then is not in its books."""

    __tablename__ = "restoration"
    id: Mapped[int] = mapped_column(primary_key=True)
    copied_at: Mapped[datetime]
    """When the copy was made: what was written later is lost."""
    restored_at: Mapped[datetime]
    source: Mapped[str]
    """Name of the copy's file or folder."""
    missed: Mapped[int] = mapped_column(default=0)
    """Airings planned in between, of which nobody knows whether they were heard."""
    acknowledged_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    acknowledged_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(default="")
    """What the person who acknowledged it knows of the time in between."""


# --- what was promised ---


plan_person = Table(
    "plan_person",
    Base.metadata,
    Column("plan_id", ForeignKey("plan.id"), primary_key=True),
    Column("person_id", ForeignKey("person.id"), primary_key=True),
)


class Plan(Base):
    """A propaganda plan (kế hoạch tuyên truyền): what the loudspeakers owe the ward, counted from history."""

    __tablename__ = "plan"
    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(64), default="")
    """As on the paper, e.g. `02/KH-UBND`."""
    issued_on: Mapped[date | None] = mapped_column(Date)
    issuer: Mapped[str] = mapped_column(default="")
    about: Mapped[str]
    """What it is about, as in its heading."""
    first_date: Mapped[date] = mapped_column(Date)
    last_date: Mapped[date] = mapped_column(Date)
    """Both inclusive, on the station's calendar."""
    state: Mapped[str] = mapped_column(String(16), index=True)
    """`draft`, `in_force` or `closed`."""
    closed_on: Mapped[date | None] = mapped_column(Date)
    """The last day that counts of a plan that was closed."""
    file_sha256: Mapped[str | None] = mapped_column(String(64))
    file_name: Mapped[str] = mapped_column(default="")
    """As its owner called it, to be shown only."""
    file_bytes: Mapped[int] = mapped_column(default=0)
    copied_from_id: Mapped[int | None] = mapped_column(ForeignKey("plan.id"))
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]
    topics: Mapped[list[PlanTopic]] = relationship(order_by="PlanTopic.place, PlanTopic.id")
    people: Mapped[list[Person]] = relationship(secondary=plan_person, order_by=Person.id)


class PlanTopic(Base):
    """One thing that a plan wants to be heard of."""

    __tablename__ = "plan_topic"
    id: Mapped[int] = mapped_column(primary_key=True)
    plan_id: Mapped[int] = mapped_column(ForeignKey("plan.id"), index=True)
    place: Mapped[int]
    name: Mapped[str]
    topics: Mapped[list[Any]]
    """Names of bulletin topics that count for it; the first is given to a bulletin begun from the plan."""
    quotas: Mapped[list[PlanQuota]] = relationship(
        order_by="PlanQuota.from_date, PlanQuota.id", cascade="all, delete-orphan"
    )


class PlanQuota(Base):
    """How much of a topic is due from a date on: a change during the year is a new row."""

    __tablename__ = "plan_quota"
    id: Mapped[int] = mapped_column(primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("plan_topic.id"), index=True)
    from_date: Mapped[date] = mapped_column(Date)
    amount: Mapped[int]
    """0: nothing is due any more."""
    unit: Mapped[str] = mapped_column(String(16))
    """A key of `records.plan_periods.UNITS`: items (different bulletins), airings or minutes."""
    per: Mapped[str] = mapped_column(String(16))
    """A key of `records.plan_periods.PERS`: week, month, quarter, half_year, year or whole."""
    created_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    created_at: Mapped[datetime]


class PlanReminder(Base):
    """That people were told of something owed before a period's end: once for each."""

    __tablename__ = "plan_reminder"
    topic_id: Mapped[int] = mapped_column(ForeignKey("plan_topic.id"), primary_key=True)
    first_date: Mapped[date] = mapped_column(Date, primary_key=True)
    """Of the period."""
    told_at: Mapped[datetime]
