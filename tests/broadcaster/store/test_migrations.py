"""The tables on disk are the tables in `store.models`, and a migration loses nobody's rows."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

import broadcaster.store.migrate
from broadcaster.errors import StoreError
from broadcaster.store import Store
from broadcaster.store.migrate import SCRIPTS, SEARCH_TABLES, migrate
from broadcaster.store.models import Base, Person, SignIn
from tests.broadcaster.moments import NOW, later

NEXT = '''
"""a column more"""
import sqlalchemy as sa
from alembic import op
revision = "9999"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("person", recreate="always") as batch_op:
        batch_op.add_column(sa.Column("phone", sa.Text(), nullable=True))
    {more}
'''


@pytest.fixture
def next_migration(tmp_path, monkeypatch):
    """Put one more migration, which copies and drops the table of people, on top of ours."""

    def install(head: str, more: str = "") -> None:
        scripts = tmp_path / "migrations"
        shutil.copytree(SCRIPTS, scripts)
        (scripts / "versions" / "9999_next.py").write_text(NEXT.format(head=head, more=more))
        monkeypatch.setattr(broadcaster.store.migrate, "SCRIPTS", scripts)

    return install


@pytest.fixture
def filled(store):
    with store.write() as session:
        session.add(Person(id=1, login="a", name="A", roles=["admin"], is_active=True, created_at=NOW))
        session.flush()
        session.add(
            SignIn(token_hash="t", person_id=1, started_at=NOW, expires_at=later(hours=1), confirmed_at=NOW)
        )
    return store


def is_for_search(name: str | None) -> bool:
    return str(name).startswith(SEARCH_TABLES)


def rows(store: Store) -> tuple[int, int]:
    with store.engine.connect() as connection:
        count = [connection.execute(text(f"SELECT count(*) FROM {name}")) for name in ("person", "sign_in")]
        return tuple(each.scalar_one() for each in count)


def head(store: Store) -> str:
    with store.engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def test_migrations_make_exactly_the_tables_of_the_models(store):
    with store.engine.connect() as connection:
        opts = {"compare_type": True, "include_name": lambda name, *_: not is_for_search(name)}
        context = MigrationContext.configure(connection, opts=opts)
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_again_changes_nothing(filled):
    before = head(filled)
    assert migrate(filled) == before
    assert rows(filled) == (1, 1)
    assert list(filled.folder.glob("*.before-*")) == []


def test_a_migration_of_a_parent_table_keeps_the_rows_of_its_children(filled, next_migration):
    before = head(filled)
    next_migration(before)
    assert migrate(filled) == "9999"
    assert rows(filled) == (1, 1)
    assert "phone" in {column["name"] for column in inspect(filled.engine).get_columns("person")}


def test_a_filled_file_is_copied_aside_before_it_is_migrated(filled, next_migration):
    before = head(filled)
    next_migration(before)
    migrate(filled)
    copy = filled.folder / f"station.db.before-{before}"
    aside = Store(filled.folder.parent / "aside", f"sqlite:///{copy}")
    assert (rows(aside), head(aside)) == ((1, 1), before)
    aside.close()


def test_a_migration_that_leaves_orphans_is_undone(filled, next_migration):
    before = head(filled)
    next_migration(before, more='op.execute("DELETE FROM person")')
    with pytest.raises(StoreError, match="mồ côi"):
        migrate(filled)
    assert (rows(filled), head(filled)) == ((1, 1), before)


def test_an_empty_folder_gets_all_tables(tmp_path: Path):
    fresh = Store(tmp_path / "new")
    migrate(fresh)
    names = {name for name in inspect(fresh.engine).get_table_names() if not is_for_search(name)}
    assert names == {*Base.metadata.tables, "alembic_version"}
    fresh.close()
