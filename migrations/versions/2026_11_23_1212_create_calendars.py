"""create calendars

Revision fbeeccecb895, after de504f9ecb2a, 2026-11-23 12:12:58.132739+00:00.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "fbeeccecb895"
down_revision: str | Sequence[str] | None = "de504f9ecb2a"
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
TABLES = ("business_calendars", "calendar_exceptions")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    op.create_table(
        "business_calendars",
        *_key(),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("timezone", sa.Text(), nullable=False),
        sa.Column("weekly_hours", postgresql.JSONB(), nullable=False),
        sa.Column("seasons", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("observes_holidays", sa.Boolean(), nullable=False),
        sa.Column("is_default", sa.Boolean(), nullable=False),
        _words("status", "active", "retired"),
        *_stamps(),
        _known("business_calendars", "status", "active", "retired"),
        _length("business_calendars", "code", 40),
        _length("business_calendars", "name", 80),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_business_calendars")),
    )
    op.create_index(
        "uq_business_calendars_code", "business_calendars", ["organization_id", "code"], unique=True
    )
    op.create_index(
        "uq_business_calendars_default",
        "business_calendars",
        ["organization_id"],
        unique=True,
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "calendar_exceptions",
        *_key(),
        sa.Column("calendar_id", sa.Uuid(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("hours", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("tentative", sa.Boolean(), nullable=False),
        _words("source", "holidays", "manual"),
        *_stamps(),
        _known("calendar_exceptions", "source", "holidays", "manual"),
        _length("calendar_exceptions", "name", 80),
        sa.ForeignKeyConstraint(
            ["organization_id", "calendar_id"],
            ["business_calendars.organization_id", "business_calendars.id"],
            name=op.f("fk_calendar_exceptions_organization_id_calendar_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_calendar_exceptions")),
    )
    op.create_index("ix_calendar_exceptions_day", "calendar_exceptions", ["organization_id", "day", "id"])
    op.create_index(
        "uq_calendar_exceptions_day",
        "calendar_exceptions",
        ["organization_id", "calendar_id", "day"],
        unique=True,
        postgresql_nulls_not_distinct=True,
    )
    _point_agencies_to_calendars()
    for table in TABLES:
        for statement in ISOLATED:
            op.execute(statement.format(table=table))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    op.drop_constraint("fk_agencies_calendar", "agencies", type_="foreignkey")
    for table in reversed(TABLES):
        op.drop_table(table)


def _point_agencies_to_calendars() -> None:
    """No calendar existed, so whatever an agency names is nothing; the owner looks past the policy for it."""
    op.execute("ALTER TABLE agencies NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE agencies SET opening_calendar_id = NULL WHERE opening_calendar_id IS NOT NULL")
    op.create_foreign_key(
        "fk_agencies_calendar",
        "agencies",
        "business_calendars",
        ["organization_id", "opening_calendar_id"],
        ["organization_id", "id"],
    )
    op.execute("ALTER TABLE agencies FORCE ROW LEVEL SECURITY")


def _key() -> tuple[sa.Column, ...]:
    return (
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
    )


def _stamps() -> tuple[sa.Column, ...]:
    moment = postgresql.TIMESTAMP(timezone=True, precision=3)
    now = sa.text("clock_timestamp()")
    return (
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", moment, server_default=now, nullable=False),
        sa.Column("updated_at", moment, server_default=now, nullable=False),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("updated_by_id", sa.Uuid(), nullable=True),
    )


def _words(name: str, *values: str) -> sa.Column:
    return sa.Column(name, sa.Enum(*values, native_enum=False, length=40), nullable=False)


def _known(table: str, column: str, *values: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=op.f(f"ck_{table}_{column}_known"))


def _length(table: str, column: str, most: int) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"char_length({column}) <= {most}", name=op.f(f"ck_{table}_{column}_length"))
