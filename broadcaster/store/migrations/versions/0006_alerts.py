"""alerts"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cap_source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("certificate", sa.Text(), nullable=False),
        sa.Column("is_obeyed", sa.Boolean(), nullable=False),
        sa.Column("zone_ids", sa.JSON(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f("fk_cap_source_created_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cap_source")),
    )
    op.create_table(
        "prepared_order",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("repeat_every_s", sa.Integer(), nullable=False),
        sa.Column("lasts_s", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("checked_at", sa.DateTime(), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["bulletin_id"], ["bulletin.id"], name=op.f("fk_prepared_order_bulletin_id_bulletin")
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["person.id"], name=op.f("fk_prepared_order_created_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prepared_order")),
    )
    op.create_table(
        "prepared_order_zone",
        sa.Column("prepared_order_id", sa.Integer(), nullable=False),
        sa.Column("zone_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["prepared_order_id"],
            ["prepared_order.id"],
            name=op.f("fk_prepared_order_zone_prepared_order_id_prepared_order"),
        ),
        sa.ForeignKeyConstraint(["zone_id"], ["zone.id"], name=op.f("fk_prepared_order_zone_zone_id_zone")),
        sa.PrimaryKeyConstraint("prepared_order_id", "zone_id", name=op.f("pk_prepared_order_zone")),
    )
    op.create_table(
        "alert",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=16), nullable=False),
        sa.Column("order_id", sa.Integer(), nullable=True),
        sa.Column("bulletin_id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("approval_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("clip_sha256", sa.String(length=64), nullable=True),
        sa.Column("script", sa.JSON(), nullable=False),
        sa.Column("voice", sa.Text(), nullable=False),
        sa.Column("rate", sa.Double(), nullable=False),
        sa.Column("is_drill", sa.Boolean(), nullable=False),
        sa.Column("may_cut", sa.Boolean(), nullable=False),
        sa.Column("repeat_every_s", sa.Integer(), nullable=False),
        sa.Column("raised_by", sa.Integer(), nullable=True),
        sa.Column("raised_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.Column("end_cause", sa.String(length=16), nullable=False),
        sa.Column("end_reason", sa.Text(), nullable=False),
        sa.Column("says_all_clear", sa.Boolean(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["approval_id"], ["approval.id"], name=op.f("fk_alert_approval_id_approval")),
        sa.ForeignKeyConstraint(["bulletin_id"], ["bulletin.id"], name=op.f("fk_alert_bulletin_id_bulletin")),
        sa.ForeignKeyConstraint(["clip_sha256"], ["clip.sha256"], name=op.f("fk_alert_clip_sha256_clip")),
        sa.ForeignKeyConstraint(["ended_by"], ["person.id"], name=op.f("fk_alert_ended_by_person")),
        sa.ForeignKeyConstraint(
            ["order_id"], ["prepared_order.id"], name=op.f("fk_alert_order_id_prepared_order")
        ),
        sa.ForeignKeyConstraint(["raised_by"], ["person.id"], name=op.f("fk_alert_raised_by_person")),
        sa.ForeignKeyConstraint(["request_id"], ["request.id"], name=op.f("fk_alert_request_id_request")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_alert")),
    )
    with op.batch_alter_table("alert", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alert_ended_at"), ["ended_at"], unique=False)

    op.create_table(
        "cap_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("received_by", sa.Integer(), nullable=True),
        sa.Column("identifier", sa.Text(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("sent", sa.DateTime(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("msg_type", sa.String(length=16), nullable=False),
        sa.Column("refers_to", sa.JSON(), nullable=False),
        sa.Column("is_signed", sa.Boolean(), nullable=False),
        sa.Column("language", sa.String(length=16), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("headline", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("urgency", sa.String(length=16), nullable=False),
        sa.Column("certainty", sa.String(length=16), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=True),
        sa.Column("closed_by", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alert.id"], name=op.f("fk_cap_message_alert_id_alert")),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"], name=op.f("fk_cap_message_closed_by_person")),
        sa.ForeignKeyConstraint(
            ["received_by"], ["person.id"], name=op.f("fk_cap_message_received_by_person")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["cap_source.id"], name=op.f("fk_cap_message_source_id_cap_source")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cap_message")),
        sa.UniqueConstraint(
            "sender", "identifier", "sent", name=op.f("uq_cap_message_sender_identifier_sent")
        ),
    )
    with op.batch_alter_table("cap_message", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_cap_message_state"), ["state"], unique=False)

    with op.batch_alter_table("airing", schema=None) as batch_op:
        batch_op.add_column(sa.Column("alert_id", sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f("ix_airing_alert_id"), ["alert_id"], unique=False)
        batch_op.create_foreign_key(batch_op.f("fk_airing_alert_id_alert"), "alert", ["alert_id"], ["id"])
