"""bring lists: imports, bulk edits, duplicates

Revision 07f950268ba3, after 7d20b6c1f3aa, 2026-11-23 13:15:37.278301+00:00.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "07f950268ba3"
down_revision: str | Sequence[str] | None = "7d20b6c1f3aa"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


TABLES = (
    "duplicate_pairs",
    "duplicate_scans",
    "import_mappings",
    "bulk_edits",
    "imports",
    "bulk_edit_parts",
    "import_parts",
)
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
        "duplicate_pairs",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "entity",
            sa.Enum("account", "contact", "lead", name="pairentity", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("first_id", sa.Uuid(), nullable=False),
        sa.Column("second_id", sa.Uuid(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column(
            "status",
            sa.Enum("open", "dismissed", "merged", name="pairstatus", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("survivor_id", sa.Uuid(), nullable=True),
        sa.Column("undo", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("decided_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
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
        sa.CheckConstraint(
            "entity IN ('account', 'contact', 'lead')", name=op.f("ck_duplicate_pairs_entity_known")
        ),
        sa.CheckConstraint(
            "status IN ('open', 'dismissed', 'merged')", name=op.f("ck_duplicate_pairs_status_known")
        ),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_duplicate_pairs_in_order")),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("ck_duplicate_pairs_score_range")),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_duplicate_pairs")),
    )
    op.create_index(
        "ix_duplicate_pairs_newest", "duplicate_pairs", ["organization_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "ix_duplicate_pairs_queue",
        "duplicate_pairs",
        ["organization_id", "status", "score", "id"],
        unique=False,
    )
    op.create_index(
        "uq_duplicate_pairs",
        "duplicate_pairs",
        ["organization_id", "entity", "first_id", "second_id"],
        unique=True,
    )
    op.create_table(
        "duplicate_scans",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organization_id", name=op.f("pk_duplicate_scans")),
    )
    op.create_table(
        "import_mappings",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column(
            "entity",
            sa.Enum(
                "agency",
                "user",
                "account",
                "contact",
                "lead",
                name="importentity",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("header_key", sa.Text(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("used_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=False),
        sa.CheckConstraint(
            "entity IN ('agency', 'user', 'account', 'contact', 'lead')",
            name=op.f("ck_import_mappings_entity_known"),
        ),
        sa.PrimaryKeyConstraint(
            "organization_id", "user_id", "entity", "header_key", name=op.f("pk_import_mappings")
        ),
    )
    op.create_table(
        "bulk_edits",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "entity",
            sa.Enum("account", "contact", "lead", name="editedentity", native_enum=False, length=40),
            nullable=False,
        ),
        sa.Column("filter", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("actor", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("parts_done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "sample", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        ),
        sa.Column("finished_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
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
        sa.CheckConstraint(
            "entity IN ('account', 'contact', 'lead')", name=op.f("ck_bulk_edits_entity_known")
        ),
        sa.ForeignKeyConstraint(
            ["organization_id", "job_id"],
            ["job_runs.organization_id", "job_runs.id"],
            name=op.f("fk_bulk_edits_organization_id_job_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_bulk_edits")),
    )
    op.create_index("ix_bulk_edits_job", "bulk_edits", ["organization_id", "job_id"], unique=False)
    op.create_index(
        "ix_bulk_edits_newest", "bulk_edits", ["organization_id", "created_at", "id"], unique=False
    )
    op.create_table(
        "imports",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "entity",
            sa.Enum(
                "agency",
                "user",
                "account",
                "contact",
                "lead",
                name="importentity",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "uploaded",
                "validating",
                "validated",
                "running",
                "completed",
                "completed_with_errors",
                "failed",
                "cancelled",
                "rolled_back",
                name="importstatus",
                native_enum=False,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_bytes", sa.Integer(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("encoding", sa.Text(), nullable=True),
        sa.Column("delimiter", sa.Text(), nullable=True),
        sa.Column("sheet", sa.Text(), nullable=True),
        sa.Column("sheets", sa.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("header", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column(
            "mapping", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column(
            "options", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'"), nullable=False
        ),
        sa.Column("job_id", sa.Uuid(), nullable=True),
        sa.Column("actor", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("dry_run", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("parts_done", sa.Integer(), server_default="0", nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "by_agency",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
        sa.Column("started_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("finished_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("undo_until", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.Column("file_deleted_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
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
        sa.CheckConstraint(
            "entity IN ('agency', 'user', 'account', 'contact', 'lead')", name=op.f("ck_imports_entity_known")
        ),
        sa.CheckConstraint(
            "status IN ('uploaded', 'validating', 'validated', 'running', 'completed', "
            "'completed_with_errors', 'failed', 'cancelled', 'rolled_back')",
            name=op.f("ck_imports_status_known"),
        ),
        sa.CheckConstraint("char_length(file_name) <= 200", name=op.f("ck_imports_file_name_length")),
        sa.CheckConstraint("parts_done >= 0", name=op.f("ck_imports_parts_done_range")),
        sa.ForeignKeyConstraint(
            ["organization_id", "job_id"],
            ["job_runs.organization_id", "job_runs.id"],
            name=op.f("fk_imports_organization_id_job_id"),
        ),
        sa.PrimaryKeyConstraint("organization_id", "id", name=op.f("pk_imports")),
    )
    op.create_index(
        "ix_imports_creator",
        "imports",
        ["organization_id", "created_by_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "ix_imports_job",
        "imports",
        ["organization_id", "job_id"],
        unique=False,
        postgresql_where=sa.text("job_id IS NOT NULL"),
    )
    op.create_index("ix_imports_newest", "imports", ["organization_id", "created_at", "id"], unique=False)
    op.create_table(
        "bulk_edit_parts",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("bulk_edit_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("ids", sa.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("versions", sa.ARRAY(sa.Integer()), nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id", "bulk_edit_id"],
            ["bulk_edits.organization_id", "bulk_edits.id"],
            name=op.f("fk_bulk_edit_parts_organization_id_bulk_edit_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", "bulk_edit_id", "number", name=op.f("pk_bulk_edit_parts")),
    )
    op.create_table(
        "import_parts",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("created", sa.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column("companions", sa.ARRAY(sa.Uuid()), server_default=sa.text("'{}'"), nullable=False),
        sa.Column(
            "updated", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'"), nullable=False
        ),
        sa.Column("undone_at", postgresql.TIMESTAMP(timezone=True, precision=3), nullable=True),
        sa.ForeignKeyConstraint(
            ["organization_id", "import_id"],
            ["imports.organization_id", "imports.id"],
            name=op.f("fk_import_parts_organization_id_import_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("organization_id", "import_id", "number", name=op.f("pk_import_parts")),
    )
    for table in TABLES:
        for statement in OF_ONE_ORGANIZATION:
            op.execute(statement.format(table=table))


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '2s'")
    op.execute("SET LOCAL statement_timeout = '60s'")
    op.drop_table("import_parts")
    op.drop_table("bulk_edit_parts")
    op.drop_index("ix_imports_newest", table_name="imports")
    op.drop_index("ix_imports_job", table_name="imports", postgresql_where=sa.text("job_id IS NOT NULL"))
    op.drop_index("ix_imports_creator", table_name="imports")
    op.drop_table("imports")
    op.drop_index("ix_bulk_edits_newest", table_name="bulk_edits")
    op.drop_index("ix_bulk_edits_job", table_name="bulk_edits")
    op.drop_table("bulk_edits")
    op.drop_table("import_mappings")
    op.drop_table("duplicate_scans")
    op.drop_index("uq_duplicate_pairs", table_name="duplicate_pairs")
    op.drop_index("ix_duplicate_pairs_queue", table_name="duplicate_pairs")
    op.drop_index("ix_duplicate_pairs_newest", table_name="duplicate_pairs")
    op.drop_table("duplicate_pairs")
