"""history words"""

import hashlib

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SEARCHED = """CREATE VIRTUAL TABLE history_words_fts USING fts5(
    folded, content='history_words', content_rowid='id', tokenize='unicode61 remove_diacritics 0'
)"""
SEARCHED_ON_POSTGRESQL = (
    "CREATE INDEX ix_history_words_folded ON history_words USING gin (to_tsvector('simple', folded))"
)


def upgrade() -> None:
    op.create_table(
        "history_words",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history_words")),
        sa.UniqueConstraint("sha256", name=op.f("uq_history_words_sha256")),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(SEARCHED if is_sqlite else SEARCHED_ON_POSTGRESQL)
    op.add_column("history", sa.Column("words_id", sa.Integer(), nullable=True))
    _carry_over()
    if is_sqlite:
        op.execute("INSERT INTO history_words_fts(history_words_fts) VALUES ('rebuild')")
    with op.batch_alter_table("history", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_history_result"))
        batch_op.drop_index(batch_op.f("ix_history_planned_at"))
        batch_op.drop_column("folded")
        batch_op.create_foreign_key(
            batch_op.f("fk_history_words_id_history_words"), "history_words", ["words_id"], ["id"]
        )
    op.create_index("ix_history_planned_at", "history", ["planned_at", "id"])
    for name in ("result", "topic", "programme", "words_id"):
        op.create_index(f"ix_history_{name}", "history", [name, "planned_at", "id"])


def _carry_over() -> None:
    connection = op.get_bind()
    for (folded,) in connection.execute(sa.text("SELECT DISTINCT folded FROM history")).all():
        values = {"folded": folded, "sha256": hashlib.sha256(folded.encode()).hexdigest()}
        connection.execute(
            sa.text("INSERT INTO history_words (sha256, folded) VALUES (:sha256, :folded)"), values
        )
        connection.execute(
            sa.text(
                "UPDATE history SET words_id = (SELECT id FROM history_words WHERE sha256 = :sha256) "
                "WHERE folded = :folded"
            ),
            values,
        )
