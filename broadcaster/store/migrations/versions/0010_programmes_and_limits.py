"""programmes and limits"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _programme_tables()
    _station_tables()
    with op.batch_alter_table("programme", schema=None) as batch_op:
        batch_op.add_column(sa.Column("changed_by", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_programme_changed_by_person"), "person", ["changed_by"], ["id"]
        )
    with op.batch_alter_table("airing", schema=None) as batch_op:
        batch_op.add_column(sa.Column("section", sa.Integer(), server_default="0", nullable=False))
    with op.batch_alter_table("request", schema=None) as batch_op:
        batch_op.add_column(sa.Column("days", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("times", sa.JSON(), nullable=True))
        batch_op.add_column(sa.Column("every_min", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("until", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("most", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("part_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("overrides", sa.JSON(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_request_part_id_programme_part"),
            "programme_part",
            ["part_id"],
            ["id"],
            ondelete="SET NULL",
        )


def _programme_tables() -> None:
    _of_programme(
        "programme_season",
        sa.Column("first_month", sa.Integer(), nullable=False),
        sa.Column("first_day", sa.Integer(), nullable=False),
        sa.Column("last_month", sa.Integer(), nullable=False),
        sa.Column("last_day", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.Time(), nullable=False),
    )
    _of_programme(
        "programme_pause",
        sa.Column("first_date", sa.Date(), nullable=False),
        sa.Column("last_date", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        *_made_by("programme_pause"),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
    )
    _of_programme(
        "programme_date",
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("starts_at", sa.Time(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        *_made_by("programme_date"),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
    )
    _of_programme(
        "programme_part",
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=True),
        sa.Column("longest_s", sa.Integer(), nullable=True),
        sa.Column("takes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bulletin_id"], ["bulletin.id"], name=op.f("fk_programme_part_bulletin_id_bulletin")
        ),
    )
    _of_programme(
        "programme_signature",
        sa.Column("definition", sa.Text(), nullable=False),
        sa.Column("definition_sha256", sa.String(length=64), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("signed_by", sa.Integer(), nullable=False),
        sa.Column("signed_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["person.id"], name=op.f("fk_programme_signature_asked_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["signed_by"], ["person.id"], name=op.f("fk_programme_signature_signed_by_person")
        ),
    )


def _station_tables() -> None:
    op.create_table(
        "station_day",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_date", sa.Date(), nullable=False),
        sa.Column("last_date", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        *_made_by("station_day"),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station_day")),
    )
    op.create_table(
        "limit_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("zone_id", sa.Integer(), nullable=True),
        sa.Column("code", sa.String(length=32), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("forbids", sa.Boolean(), nullable=False),
        sa.Column("overridden_by", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_date", sa.Date(), nullable=True),
        *_made_by("limit_rule", is_nullable=True),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_limit_rule_zone_id_zone")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_limit_rule")),
    )


def _of_programme(name: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(
        name,
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("programme_id", sa.Integer(), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.id"], name=op.f(f"fk_{name}_programme_id_programme")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
    )
    with op.batch_alter_table(name, schema=None) as batch_op:
        batch_op.create_index(batch_op.f(f"ix_{name}_programme_id"), ["programme_id"], unique=False)


def _made_by(name: str, *, is_nullable: bool = False) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("created_by", sa.Integer(), nullable=is_nullable),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f(f"fk_{name}_created_by_person")),
    )
