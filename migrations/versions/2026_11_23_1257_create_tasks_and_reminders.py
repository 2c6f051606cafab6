"""create tasks and reminders

Revision afe46d7892a8, after 3bc6820a310b, 2026-11-23 12:57:58.381301+00:00.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "afe46d7892a8"
down_revision: str | Sequence[str] | None = "3bc6820a310b"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


ISOLATED = (
    "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
    """CREATE POLICY own_organization ON {table}
    USING (organization_id = (SELECT crm_organization()))
    WITH CHECK (organization_id = (SELECT crm_organization()))""",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO crm_app",
)
TABLES = ("reminders", "tasks", "task_dependencies")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    op.create_table(
        "reminders",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("for_user_id", sa.Uuid(), nullable=True),
        sa.Column("for_contact_id", sa.Uuid(), nullable=True),
        sa.Column("remind_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "custom",
                "payment_due",
                "policy_renewal",
                "document_missing",
                "birthday",
                "licence_expiry",
                "callback",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("object_type", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("channels", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "repeat",
            sa.Enum("none", "daily", "weekly", "monthly", "yearly", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("repeat_until", sa.Date(), nullable=True),
        sa.Column("repeat_count", sa.Integer(), nullable=True),
        sa.Column("series_id", sa.Uuid(), nullable=True),
        sa.Column("series_starts_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("occurrence", sa.Integer(), nullable=True),
        sa.Column(
            "status",
            sa.Enum("scheduled", "fired", "acknowledged", "cancelled", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("snooze_count", sa.Integer(), nullable=False),
        sa.Column("fired_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("acknowledged_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("deliveries", postgresql.JSONB(), nullable=False),
        sa.Column("escalate_after_hours", sa.Integer(), nullable=True),
        sa.Column("escalate_to_user_id", sa.Uuid(), nullable=True),
        sa.Column("escalate_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("escalated_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("dedupe_key", sa.Text(), nullable=True),
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
        sa.Column("deleted_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("deleted_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "kind IN ('custom', 'payment_due', 'policy_renewal', 'document_missing', 'birthday', "
            "'licence_expiry', 'callback')",
            name=op.f("ck_reminders_kind_known"),
        ),
        sa.CheckConstraint(
            "repeat IN ('none', 'daily', 'weekly', 'monthly', 'yearly')",
            name=op.f("ck_reminders_repeat_known"),
        ),
        sa.CheckConstraint(
            "status IN ('scheduled', 'fired', 'acknowledged', 'cancelled')",
            name=op.f("ck_reminders_status_known"),
        ),
        sa.CheckConstraint("char_length(dedupe_key) <= 120", name=op.f("ck_reminders_dedupe_key_length")),
        sa.CheckConstraint("char_length(text) <= 300", name=op.f("ck_reminders_text_length")),
        sa.CheckConstraint("escalate_after_hours BETWEEN 1 AND 720", name=op.f("ck_reminders_escalation")),
        sa.CheckConstraint(
            "num_nonnulls(for_user_id, for_contact_id) = 1", name=op.f("ck_reminders_one_recipient")
        ),
        sa.CheckConstraint("snooze_count BETWEEN 0 AND 5", name=op.f("ck_reminders_snoozes")),
        sa.ForeignKeyConstraint(
            ["organization_id", "escalate_to_user_id"],
            ["users.organization_id", "users.id"],
            name="fk_reminders_escalation",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "for_contact_id"],
            ["contacts.organization_id", "contacts.id"],
            name="fk_reminders_contact",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "for_user_id"],
            ["users.organization_id", "users.id"],
            name="fk_reminders_user",
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_reminders")),
    )
    op.create_index(
        "ix_reminders_contact", "reminders", ["organization_id", "for_contact_id", "remind_at", "id"]
    )
    op.create_index(
        "ix_reminders_creator", "reminders", ["organization_id", "created_by_id", "remind_at", "id"]
    )
    op.create_index(
        "ix_reminders_object", "reminders", ["organization_id", "object_type", "object_id", "remind_at", "id"]
    )
    op.create_index(
        "ix_reminders_unanswered",
        "reminders",
        ["organization_id", "escalate_at"],
        postgresql_where=sa.text("status = 'fired' AND deleted_at IS NULL"),
    )
    op.create_index("ix_reminders_user", "reminders", ["organization_id", "for_user_id", "remind_at", "id"])
    op.create_index(
        "ix_reminders_waiting",
        "reminders",
        ["organization_id", "remind_at", "id"],
        postgresql_where=sa.text("status = 'scheduled' AND deleted_at IS NULL"),
    )
    op.create_index("uq_reminders_dedupe", "reminders", ["organization_id", "dedupe_key"], unique=True)
    op.create_index(
        "uq_reminders_occurrence", "reminders", ["organization_id", "series_id", "occurrence"], unique=True
    )
    op.create_table(
        "tasks",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column(
            "type",
            sa.Enum(
                "call",
                "email",
                "visit",
                "document",
                "approval",
                "follow_up",
                "other",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum("open", "in_progress", "done", "cancelled", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column(
            "priority",
            sa.Enum("low", "normal", "high", "urgent", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.Column("due_in_minutes", sa.Integer(), nullable=True),
        sa.Column("assignee_user_id", sa.Uuid(), nullable=True),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
        sa.Column("object_type", sa.Text(), nullable=True),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("rrule", sa.Text(), nullable=True),
        sa.Column("series_id", sa.Uuid(), nullable=True),
        sa.Column("series_starts_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("occurrence", sa.Integer(), nullable=True),
        sa.Column("checklist", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("estimate_minutes", sa.Integer(), nullable=True),
        sa.Column(
            "source",
            sa.Enum(
                "manual", "automation", "mission_order", "ticket", "system", native_enum=False, length=40
            ),
            nullable=False,
        ),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("started_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("completed_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("completed_by_id", sa.Uuid(), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column(
            "delegation",
            sa.Enum("offered", "accepted", "refused", native_enum=False, length=40),
            nullable=True,
        ),
        sa.Column("delegated_by_id", sa.Uuid(), nullable=True),
        sa.Column("delegation_note", sa.Text(), nullable=True),
        sa.Column("dedupe_key", sa.Text(), nullable=True),
        sa.Column("overdue_told_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
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
        sa.Column("deleted_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("deleted_by_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "delegation IN ('offered', 'accepted', 'refused')", name=op.f("ck_tasks_delegation_known")
        ),
        sa.CheckConstraint(
            "priority IN ('low', 'normal', 'high', 'urgent')", name=op.f("ck_tasks_priority_known")
        ),
        sa.CheckConstraint(
            "source IN ('manual', 'automation', 'mission_order', 'ticket', 'system')",
            name=op.f("ck_tasks_source_known"),
        ),
        sa.CheckConstraint(
            "status IN ('open', 'in_progress', 'done', 'cancelled')", name=op.f("ck_tasks_status_known")
        ),
        sa.CheckConstraint(
            "type IN ('call', 'email', 'visit', 'document', 'approval', 'follow_up', 'other')",
            name=op.f("ck_tasks_type_known"),
        ),
        sa.CheckConstraint("(object_type IS NULL) = (object_id IS NULL)", name=op.f("ck_tasks_whole_object")),
        sa.CheckConstraint(
            "assignee_user_id IS NOT NULL OR group_id IS NOT NULL", name=op.f("ck_tasks_somebody")
        ),
        sa.CheckConstraint("char_length(dedupe_key) <= 160", name=op.f("ck_tasks_dedupe_key_length")),
        sa.CheckConstraint("char_length(description) <= 4000", name=op.f("ck_tasks_description_length")),
        sa.CheckConstraint("char_length(outcome) <= 500", name=op.f("ck_tasks_outcome_length")),
        sa.CheckConstraint("char_length(rrule) <= 200", name=op.f("ck_tasks_rrule_length")),
        sa.CheckConstraint("char_length(title) <= 160", name=op.f("ck_tasks_title_length")),
        sa.CheckConstraint("due_in_minutes BETWEEN 0 AND 525600", name=op.f("ck_tasks_due_in")),
        sa.CheckConstraint("estimate_minutes BETWEEN 1 AND 2880", name=op.f("ck_tasks_estimate")),
        sa.ForeignKeyConstraint(
            ["organization_id", "agency_id"],
            ["agencies.organization_id", "agencies.id"],
            name="fk_tasks_agency",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "assignee_user_id"],
            ["users.organization_id", "users.id"],
            name="fk_tasks_assignee",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "delegated_by_id"],
            ["users.organization_id", "users.id"],
            name="fk_tasks_delegator",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "group_id"], ["groups.organization_id", "groups.id"], name="fk_tasks_group"
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_tasks")),
    )
    op.create_index(
        "ix_tasks_agency",
        "tasks",
        ["organization_id", "agency_id", "due_at", "id"],
        postgresql_where=sa.text("status IN ('open', 'in_progress') AND deleted_at IS NULL"),
    )
    op.create_index("ix_tasks_assigned", "tasks", ["organization_id", "assignee_user_id", "created_at", "id"])
    op.create_index(
        "ix_tasks_assignee",
        "tasks",
        ["organization_id", "assignee_user_id", "due_at", "id"],
        postgresql_where=sa.text("status IN ('open', 'in_progress') AND deleted_at IS NULL"),
    )
    op.create_index("ix_tasks_creator", "tasks", ["organization_id", "created_by_id", "created_at", "id"])
    op.create_index("ix_tasks_delegator", "tasks", ["organization_id", "delegated_by_id"])
    op.create_index("ix_tasks_due", "tasks", ["organization_id", "due_at", "id"])
    op.create_index(
        "ix_tasks_group",
        "tasks",
        ["organization_id", "group_id", "due_at", "id"],
        postgresql_where=sa.text("status IN ('open', 'in_progress') AND deleted_at IS NULL"),
    )
    op.create_index("ix_tasks_newest", "tasks", ["organization_id", "created_at", "id"])
    op.create_index(
        "ix_tasks_object", "tasks", ["organization_id", "object_type", "object_id", "created_at", "id"]
    )
    op.create_index(
        "ix_tasks_unfinished",
        "tasks",
        ["organization_id", "due_at", "id"],
        postgresql_where=sa.text("status IN ('open', 'in_progress') AND deleted_at IS NULL"),
    )
    op.create_index("uq_tasks_dedupe", "tasks", ["organization_id", "dedupe_key"], unique=True)
    op.create_index(
        "uq_tasks_occurrence", "tasks", ["organization_id", "series_id", "occurrence"], unique=True
    )
    op.create_table(
        "task_dependencies",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("blocker_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("task_id <> blocker_id", name=op.f("ck_task_dependencies_not_itself")),
        sa.ForeignKeyConstraint(
            ["organization_id", "blocker_id"],
            ["tasks.organization_id", "tasks.id"],
            name="fk_task_dependencies_blocker",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "task_id"],
            ["tasks.organization_id", "tasks.id"],
            name="fk_task_dependencies_task",
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "task_id", "blocker_id", name=op.f("pk_task_dependencies")
        ),
    )
    op.create_index("ix_task_dependencies_blocker", "task_dependencies", ["organization_id", "blocker_id"])
    for table in TABLES:
        for statement in ISOLATED:
            op.execute(statement.format(table=table))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    for table in reversed(TABLES):
        op.drop_table(table)
