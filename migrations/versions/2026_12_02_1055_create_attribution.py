"""create attribution: touches, and what campaigns came to

Revision a2055_attribution, after a2050_tracking, 2026-12-02. Frozen as SQL beside this file.
"""

from collections.abc import Sequence
from pathlib import Path

from alembic import op

revision: str = "a2055_attribution"
down_revision: str | Sequence[str] | None = "a2050_tracking"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    _run(".sql")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    _run(".down.sql")


def _run(suffix: str) -> None:
    """One statement at a time: asyncpg prepares each, and prepares only one."""
    connection = op.get_bind()
    for statement in Path(__file__).with_suffix(suffix).read_text("utf-8").split("\n;;\n"):
        if statement.strip():
            connection.exec_driver_sql(statement)
