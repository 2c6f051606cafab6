"""documents by their object: found by its id alone, also where PostgreSQL skips no column of an index

Revision a1300_documents, after 07f950268ba3, 2026-11-30.
"""

from collections.abc import Sequence

from alembic import op

revision: str = "a1300_documents"
down_revision: str | Sequence[str] | None = "07f950268ba3"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    op.drop_index("ix_file_links_object", table_name="file_links")
    _index("object_id", "object_type")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    op.drop_index("ix_file_links_object", table_name="file_links")
    _index("object_type", "object_id")


def _index(*object_columns: str) -> None:
    op.create_index(
        "ix_file_links_object", "file_links", ["organization_id", *object_columns, "linked_at", "id"]
    )
