"""A lead is looked up by the birth date given with it, never by its name alone

Revision de504f9ecb2a, after 0001, 2026-11-23 12:14:55.761273+00:00.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "de504f9ecb2a"
down_revision: str | Sequence[str] | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    op.drop_index(op.f("ix_leads_name_key"), table_name="leads", postgresql_where="(name_key IS NOT NULL)")
    op.create_index(
        "ix_leads_birth_index",
        "leads",
        ["organization_id", "birth_index"],
        unique=False,
        postgresql_where=sa.text("birth_index IS NOT NULL"),
    )
    op.drop_column("leads", "name_key")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    op.add_column("leads", sa.Column("name_key", sa.TEXT(), autoincrement=False, nullable=True))
    op.drop_index(
        "ix_leads_birth_index", table_name="leads", postgresql_where=sa.text("birth_index IS NOT NULL")
    )
    op.create_index(
        op.f("ix_leads_name_key"),
        "leads",
        ["organization_id", "name_key"],
        unique=False,
        postgresql_where="(name_key IS NOT NULL)",
    )
