"""watch"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "aircheck",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("airing_id", sa.String(length=32), nullable=True),
        sa.Column("item", sa.String(length=128), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("output_id", sa.Integer(), nullable=False),
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.Column("level_dbfs", sa.Float(), nullable=True),
        sa.Column("likeness", sa.Float(), nullable=True),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("source_sha256", sa.String(length=64), nullable=False),
        sa.Column("kept_at", sa.DateTime(), nullable=False),
        sa.Column("removed_at", sa.DateTime(), nullable=True),
        sa.Column("removed_why", sa.Text(), nullable=True),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("row_hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["airing_id"], ["airing.id"], name=op.f("fk_aircheck_airing_id_airing")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aircheck")),
        sa.UniqueConstraint(
            "output_id", "item", "source_sha256", name=op.f("uq_aircheck_output_id_item_source_sha256")
        ),
    )
    op.create_index(op.f("ix_aircheck_airing_id"), "aircheck", ["airing_id"])
    op.create_index(op.f("ix_aircheck_began_at"), "aircheck", ["began_at"])
    op.create_index("ix_aircheck_removed_at_began_at", "aircheck", ["removed_at", "began_at"])
    op.create_table(
        "aircheck_hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("airing_id", sa.String(length=32), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.Integer(), nullable=False),
        sa.Column("placed_at", sa.DateTime(), nullable=False),
        sa.Column("released_by", sa.Integer(), nullable=True),
        sa.Column("released_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["airing_id"], ["airing.id"], name=op.f("fk_aircheck_hold_airing_id_airing")),
        sa.ForeignKeyConstraint(["placed_by"], ["person.id"], name=op.f("fk_aircheck_hold_placed_by_person")),
        sa.ForeignKeyConstraint(
            ["released_by"], ["person.id"], name=op.f("fk_aircheck_hold_released_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_aircheck_hold")),
    )
    op.create_index(op.f("ix_aircheck_hold_airing_id"), "aircheck_hold", ["airing_id"])
