"""readiness"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "readiness_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=True),
        sa.Column("planned_at", sa.DateTime(), nullable=False),
        sa.Column("minutes_before", sa.Integer(), nullable=False),
        sa.Column("checked_at", sa.DateTime(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("problems", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f("fk_readiness_check_programme_id_programme")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_readiness_check")),
        sa.UniqueConstraint(
            "programme_id",
            "planned_at",
            "minutes_before",
            "title",
            name=op.f("uq_readiness_check_programme_id_planned_at_minutes_before_title"),
        ),
    )
    with op.batch_alter_table("readiness_check", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_readiness_check_planned_at"), ["planned_at"], unique=False)
