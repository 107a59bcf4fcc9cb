"""history corrections"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("history", schema=None) as batch_op:
        batch_op.drop_constraint("uq_history_airing_id", type_="unique")
        batch_op.add_column(sa.Column("nth", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("corrects_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_history_corrects_id_history"), "history", ["corrects_id"], ["id"]
        )
    _unique_where("uq_history_airing_id", "airing_id", "corrects_id IS NULL")
    _unique_where("uq_history_corrects_id", "corrects_id", "corrects_id IS NOT NULL")
    op.create_index("ix_history_nth", "history", ["bulletin_id", "nth"])
    op.create_index("ix_history_bulletin_id", "history", ["bulletin_id", "planned_at", "id"])


def _unique_where(name: str, column: str, condition: str) -> None:
    some = sa.text(condition)
    op.create_index(name, "history", [column], unique=True, sqlite_where=some, postgresql_where=some)
