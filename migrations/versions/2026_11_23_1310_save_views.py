"""save views: ways to look at a list that people keep; and tickets for streams

Revision 3bc6820a310b, after 0002_search, 2026-11-23.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "3bc6820a310b"
down_revision: str | Sequence[str] | None = "0002_search"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None
TABLES = ("event_tickets", "saved_views", "saved_view_defaults")
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
        "event_tickets",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "digest", name=op.f("pk_event_tickets")),
    )
    op.create_index(
        "ix_event_tickets_expiry", "event_tickets", ["organization_id", "expires_at"], unique=False
    )
    op.create_table(
        "saved_views",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_user_id", sa.Uuid(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("columns", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("filters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("sort", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("group_by", sa.Text(), nullable=True),
        sa.Column(
            "visibility",
            sa.Enum("private", "role", "team", "all", name="viewvisibility", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("role_id", sa.Uuid(), nullable=True),
        sa.Column("agency_id", sa.Uuid(), nullable=True),
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
            "(visibility = 'role') = (role_id IS NOT NULL)", name=op.f("ck_saved_views_role_for_role")
        ),
        sa.CheckConstraint(
            "(visibility = 'team') = (agency_id IS NOT NULL)", name=op.f("ck_saved_views_agency_for_team")
        ),
        sa.CheckConstraint(
            "visibility IN ('private', 'role', 'team', 'all')", name=op.f("ck_saved_views_visibility_known")
        ),
        sa.CheckConstraint("char_length(entity) <= 60", name=op.f("ck_saved_views_entity_length")),
        sa.CheckConstraint("char_length(group_by) <= 60", name=op.f("ck_saved_views_group_by_length")),
        sa.CheckConstraint("char_length(name) <= 80", name=op.f("ck_saved_views_name_length")),
        sa.ForeignKeyConstraint(
            ["organization_id", "agency_id"],
            ["agencies.organization_id", "agencies.id"],
            name="fk_saved_views_agency",
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "role_id"], ["roles.organization_id", "roles.id"], name="fk_saved_views_role"
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_saved_views")),
    )
    op.create_index(
        "ix_saved_views_name", "saved_views", ["organization_id", "entity", "name", "id"], unique=False
    )
    op.create_index(
        "uq_saved_views_name",
        "saved_views",
        ["organization_id", "owner_user_id", "entity", "name"],
        unique=True,
        postgresql_where=sa.text("deleted_at IS NULL"),
    )
    op.create_table(
        "saved_view_defaults",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("view_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "view_id"],
            ["saved_views.organization_id", "saved_views.id"],
            name="fk_saved_view_defaults_view",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", "user_id", "entity", name=op.f("pk_saved_view_defaults")),
    )
    for table in TABLES:
        for statement in OF_ONE_ORGANIZATION:
            op.execute(statement.format(table=table))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    op.drop_table("saved_view_defaults")
    op.drop_index(
        "uq_saved_views_name", table_name="saved_views", postgresql_where=sa.text("deleted_at IS NULL")
    )
    op.drop_index("ix_saved_views_name", table_name="saved_views")
    op.drop_table("saved_views")
    op.drop_index("ix_event_tickets_expiry", table_name="event_tickets")
    op.drop_table("event_tickets")
