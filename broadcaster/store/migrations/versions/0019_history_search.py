"""history search"""

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

FILTERED_BY = ("topic", "programme", "kind", "result")


def upgrade() -> None:
    op.drop_index("ix_history_words_id", "history")
    op.create_index("ix_history_words_id", "history", ["words_id", "planned_at", "id", *FILTERED_BY])
    op.create_index("ix_history_kind", "history", ["kind", "planned_at", "id"])
