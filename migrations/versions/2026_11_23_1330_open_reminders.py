"""The reminders of a user that are still open have an index of their own

Revision 7d20b6c1f3aa, after afe46d7892a8, 2026-11-23 13:30:00+00:00.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "7d20b6c1f3aa"
down_revision: str | Sequence[str] | None = "afe46d7892a8"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    op.create_index(
        "ix_reminders_open",
        "reminders",
        ["organization_id", "for_user_id", "remind_at", "id"],
        unique=False,
        postgresql_where=sa.text("status IN ('scheduled', 'fired') AND deleted_at IS NULL"),
    )


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    op.drop_index("ix_reminders_open", table_name="reminders")
