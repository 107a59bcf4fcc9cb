"""where sound comes from"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("bulletin", schema=None) as batch_op:
        batch_op.add_column(sa.Column("source", sa.String(length=16), server_default="text", nullable=False))
        batch_op.add_column(sa.Column("language", sa.String(length=16), server_default="vi", nullable=False))
    with op.batch_alter_table("approval", schema=None) as batch_op:
        batch_op.alter_column("clip_sha256", existing_type=sa.String(length=64), nullable=True)
    with op.batch_alter_table("history", schema=None) as batch_op:
        batch_op.add_column(sa.Column("source", sa.String(length=16), nullable=True))
        batch_op.add_column(sa.Column("details", sa.JSON(), nullable=True))
