"""Who works here, and how do they prove it?"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from broadcaster.store.models.base import Base


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
