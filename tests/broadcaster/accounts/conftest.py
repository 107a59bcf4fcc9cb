from __future__ import annotations

import pytest
from argon2 import PasswordHasher

from broadcaster.accounts import passwords, people
from broadcaster.accounts.permissions import Role
from broadcaster.store import Store
from tests.broadcaster.moments import NOW

PASSWORD = "mưa rơi trên mái tôn"


@pytest.fixture
def hoa(store: Store, hasher: PasswordHasher) -> int:
    """The officer `hoa`, who can sign in; an administrator `lan` is there as well."""
    with store.write() as session:
        for login, role in (("lan", Role.ADMIN), ("hoa", Role.OFFICER)):
            person = people.create(session, login, login.title(), [role], NOW)
            person.password_hash = passwords.hashed(PASSWORD, hasher)
        session.flush()
        return person.id
