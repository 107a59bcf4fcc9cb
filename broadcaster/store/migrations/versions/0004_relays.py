"""relays"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "relay",
        sa.Column("version_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("filler_sha256", sa.String(length=64), nullable=True),
        sa.Column("filler_title", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["filler_sha256"], ["clip.sha256"], name=op.f("fk_relay_filler_sha256_clip")),
        sa.ForeignKeyConstraint(["version_id"], ["version.id"], name=op.f("fk_relay_version_id_version")),
        sa.PrimaryKeyConstraint("version_id", name=op.f("pk_relay")),
    )
