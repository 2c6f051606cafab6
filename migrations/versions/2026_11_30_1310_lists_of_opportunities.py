"""Opportunities come in by lists and are changed by filters; what hangs on merged sheets follows them

Revision 5d1f0c7e9a42, after a1300_documents, 2026-11-30 18:10:00+00:00.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "5d1f0c7e9a42"
down_revision: str | Sequence[str] | None = "a1300_documents"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

BROUGHT = ("agency", "user", "account", "contact", "lead")
EDITED = ("account", "contact", "lead")
KNOWN = {"import_mappings": BROUGHT, "imports": BROUGHT, "bulk_edits": EDITED}

OF_ONE_ORGANIZATION = (
    "ALTER TABLE carried_objects ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE carried_objects FORCE ROW LEVEL SECURITY",
    """CREATE POLICY own_organization ON carried_objects
    USING (organization_id = (SELECT crm_organization()))
    WITH CHECK (organization_id = (SELECT crm_organization()))""",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON carried_objects TO crm_app",
)


def _replace(*more: str) -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    for table, entities in KNOWN.items():
        listed = ", ".join(f"'{entity}'" for entity in (*entities, *more))
        op.execute(f"ALTER TABLE {table} DROP CONSTRAINT ck_{table}_entity_known")
        op.execute(f"ALTER TABLE {table} ADD CONSTRAINT ck_{table}_entity_known CHECK (entity IN ({listed}))")


def upgrade() -> None:
    _replace("opportunity")
    op.create_table(
        "carried_objects",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("via_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("from_type", sa.Text(), nullable=False),
        sa.Column("from_id", sa.Uuid(), nullable=False),
        sa.Column("to_type", sa.Text(), nullable=False),
        sa.Column("to_id", sa.Uuid(), nullable=False),
        sa.Column("ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "via_id", "kind", name=op.f("pk_carried_objects")),
    )
    for statement in OF_ONE_ORGANIZATION:
        op.execute(statement)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.drop_table("carried_objects")
    for table in KNOWN:
        op.execute(f"DELETE FROM {table} WHERE entity = 'opportunity'")  # noqa: S608 - our own names
    _replace()
