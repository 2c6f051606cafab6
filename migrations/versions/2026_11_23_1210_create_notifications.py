"""create notifications: what the staff are told, and how each of them wishes to be told

Revision 86d4209cc325, after fbeeccecb895, 2026-11-23.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "86d4209cc325"
down_revision: str | Sequence[str] | None = "fbeeccecb895"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
TABLES = ("notifications", "notification_preferences")
OF_ONE_ORGANIZATION = (
    "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
    """CREATE POLICY own_organization ON {table}
    USING (organization_id = (SELECT crm_organization()))
    WITH CHECK (organization_id = (SELECT crm_organization()))""",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO crm_app",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    op.create_table(
        "notifications",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "recipient_type",
            sa.Enum("user", "portal_user", name="recipienttype", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "mention",
                "assignment",
                "approval_request",
                "decision",
                "reminder",
                "deadline",
                "appointment",
                "sla_warning",
                "sla_breach",
                "due_payment",
                "renewal",
                "claim_status",
                "document_missing",
                "import_done",
                "export_ready",
                "campaign_done",
                "system",
                "security",
                name="notificationkind",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "priority",
            sa.Enum("low", "normal", "high", name="notificationpriority", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("object_type", sa.Text(), nullable=True),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("in_app", sa.Boolean(), nullable=False),
        sa.Column(
            "mail",
            sa.Enum(
                "none",
                "waiting",
                "daily",
                "sent",
                "spared",
                "refused",
                name="mailstatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("read_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("dedupe_key", sa.Text(), nullable=True),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "created_at",
            postgresql.TIMESTAMP(timezone=True, precision=3),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            postgresql.TIMESTAMP(timezone=True, precision=3),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("updated_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('mention', 'assignment', 'approval_request', 'decision', 'reminder', "
            "'deadline', 'appointment', 'sla_warning', 'sla_breach', 'due_payment', "
            "'renewal', 'claim_status', 'document_missing', 'import_done', 'export_ready', "
            "'campaign_done', 'system', 'security')",
            name=op.f("ck_notifications_kind_known"),
        ),
        sa.CheckConstraint(
            "mail IN ('none', 'waiting', 'daily', 'sent', 'spared', 'refused')",
            name=op.f("ck_notifications_mail_known"),
        ),
        sa.CheckConstraint(
            "priority IN ('low', 'normal', 'high')", name=op.f("ck_notifications_priority_known")
        ),
        sa.CheckConstraint(
            "recipient_type IN ('user', 'portal_user')", name=op.f("ck_notifications_recipient_type_known")
        ),
        sa.CheckConstraint("char_length(body) <= 500", name=op.f("ck_notifications_body_length")),
        sa.CheckConstraint("char_length(dedupe_key) <= 160", name=op.f("ck_notifications_dedupe_key_length")),
        sa.CheckConstraint(
            "char_length(object_type) <= 60", name=op.f("ck_notifications_object_type_length")
        ),
        sa.CheckConstraint("char_length(title) <= 160", name=op.f("ck_notifications_title_length")),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_notifications")),
    )
    op.create_index(
        "ix_notifications_daily",
        "notifications",
        ["organization_id", "recipient_id", "created_at"],
        unique=False,
        postgresql_where=sa.text("mail = 'daily'"),
    )
    op.create_index(
        "ix_notifications_expiry", "notifications", ["organization_id", "expires_at"], unique=False
    )
    op.create_index(
        "ix_notifications_mine",
        "notifications",
        ["organization_id", "recipient_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_notifications_unread",
        "notifications",
        ["organization_id", "recipient_id", "kind"],
        unique=False,
        postgresql_where=sa.text("read_at IS NULL AND in_app"),
    )
    op.create_index(
        "uq_notifications_dedupe",
        "notifications",
        ["organization_id", "recipient_id", "dedupe_key"],
        unique=True,
    )
    op.create_table(
        "notification_preferences",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kinds", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("quiet_from", sa.Time(), nullable=True),
        sa.Column("quiet_until", sa.Time(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column(
            "created_at",
            postgresql.TIMESTAMP(timezone=True, precision=3),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            postgresql.TIMESTAMP(timezone=True, precision=3),
            server_default=sa.text("clock_timestamp()"),
            nullable=False,
        ),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("updated_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "(quiet_from IS NULL) = (quiet_until IS NULL)",
            name=op.f("ck_notification_preferences_quiet_from_and_until"),
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "user_id"],
            ["users.organization_id", "users.id"],
            name="fk_notification_preferences_user",
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_notification_preferences")),
    )
    op.create_index(
        "uq_notification_preferences_user",
        "notification_preferences",
        ["organization_id", "user_id"],
        unique=True,
    )
    for table in TABLES:
        for statement in OF_ONE_ORGANIZATION:
            op.execute(statement.format(table=table))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    op.drop_index("uq_notification_preferences_user", table_name="notification_preferences")
    op.drop_table("notification_preferences")
    op.drop_index("uq_notifications_dedupe", table_name="notifications")
    op.drop_index(
        "ix_notifications_unread",
        table_name="notifications",
        postgresql_where=sa.text("read_at IS NULL AND in_app"),
    )
    op.drop_index("ix_notifications_mine", table_name="notifications")
    op.drop_index("ix_notifications_expiry", table_name="notifications")
    op.drop_index(
        "ix_notifications_daily", table_name="notifications", postgresql_where=sa.text("mail = 'daily'")
    )
    op.drop_table("notifications")
