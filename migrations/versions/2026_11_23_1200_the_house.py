"""the house: every table, policy, function and trigger of the foundation

Revision 0001, after nothing, 2026-11-23. Frozen as SQL beside this file: models may change, this may not.
"""

from collections.abc import Sequence
from pathlib import Path

from alembic import op

revision: str = "0001"
down_revision: str | Sequence[str] | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    _run(".sql")
    op.execute("GRANT SELECT ON alembic_version TO crm_app")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    op.execute("REVOKE SELECT ON alembic_version FROM crm_app")
    _run(".down.sql")


def _run(suffix: str) -> None:
    """One statement at a time: asyncpg prepares each, and prepares only one."""
    connection = op.get_bind()
    for statement in Path(__file__).with_suffix(suffix).read_text("utf-8").split("\n;;\n"):
        if statement.strip():
            connection.exec_driver_sql(statement)
