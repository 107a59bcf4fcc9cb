"""history search"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

VECTOR_ON_POSTGRESQL = (
    "ALTER TABLE history_words ADD COLUMN vector tsvector "
    "GENERATED ALWAYS AS (to_tsvector('simple', folded)) STORED",
    "DROP INDEX ix_history_words_folded",
    "CREATE INDEX ix_history_words_vector ON history_words USING gin (vector)",
)
"""Kept, for a phrase has to be looked for in it: to make it anew for every text took 120 ms."""
FILTERED_BY = ("topic", "programme", "kind")


def upgrade() -> None:
    op.drop_index("ix_history_words_id", "history")
    op.create_index(
        "ix_history_words_id", "history", ["words_id", "planned_at", "id", *FILTERED_BY, "result"]
    )
    op.drop_index("ix_history_result", "history")
    op.create_index("ix_history_result", "history", ["result", "planned_at", "id", *FILTERED_BY, "words_id"])
    op.create_index("ix_history_kind", "history", ["kind", "planned_at", "id"])
    # The unique one knows only rows that correct nothing.
    op.create_index("ix_history_airing_id", "history", ["airing_id"])
    if op.get_bind().dialect.name == "postgresql":
        # 0001 names it before the table it points at: SQLite takes that, here it was left out.
        op.create_foreign_key("fk_bulletin_version_id_version", "bulletin", "version", ["version_id"], ["id"])
        for line in VECTOR_ON_POSTGRESQL:
            op.execute(line)
