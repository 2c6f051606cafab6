"""Names by twos and the endings of numbers are found too: what the one search of everything reads.

What is recorded already is read once more, so on a large database this takes its time.
"""

from collections.abc import Sequence
from pathlib import Path

from alembic import op

revision: str = "0002_search"
down_revision: str | Sequence[str] | None = "b4e4308d0cb3"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    _run(".sql")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    _run(".down.sql")


def _run(suffix: str) -> None:
    """One statement at a time: asyncpg prepares each, and prepares only one."""
    connection = op.get_bind()
    for statement in Path(__file__).with_suffix(suffix).read_text("utf-8").split("\n;;\n"):
        connection.exec_driver_sql(statement)
