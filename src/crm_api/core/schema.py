"""What the database holds beside the tables: functions, the restricted role, policies, triggers, grants.

The API connects as crm_app, which owns nothing and cannot bypass a policy. A connection that names
no organization sees no row and may write none. The same statements run after `metadata.create_all`
and, frozen as text, in the migrations.
"""

from collections.abc import Iterable
from importlib import resources

from sqlalchemy import Connection, MetaData, Table, event

from crm_api.core.db import Base
from crm_api.kit.text import FOLD_SQL

ROLE = """DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'crm_app') THEN
        CREATE ROLE crm_app LOGIN NOINHERIT NOBYPASSRLS;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; -- another database of this server was quicker
END $$"""
BEFORE = (
    ROLE,
    "GRANT USAGE ON SCHEMA public TO crm_app",
    """CREATE OR REPLACE FUNCTION crm_organization() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('crm.organization', true), '')::uuid""",
    FOLD_SQL,
    # jsonb, so that ORM rows and one-statement rows write money alike
    """CREATE OR REPLACE FUNCTION crm_money(centimes bigint) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
    RETURN jsonb_build_object(
        'amount', to_char(centimes / 100.0, 'FM9999999999999990.00'), 'currency', 'DZD')""",
    """CREATE OR REPLACE FUNCTION crm_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END $$""",
)
POLICY = (
    "ALTER TABLE {table} ENABLE ROW LEVEL SECURITY",
    "ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
    """CREATE POLICY own_organization ON {table}
    USING ({key} = (SELECT crm_organization())) WITH CHECK ({key} = (SELECT crm_organization()))""",
)
APPEND_ONLY = (
    "GRANT SELECT, INSERT ON {table} TO crm_app",
    """CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION crm_refuse_change()""",
    """CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION crm_refuse_change()""",
)
WRITABLE = ("GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO crm_app",)


def queue_statements() -> list[str]:
    """The tables of the job queue: pgqueuer's own, without policies: a worker serves every organization.

    Payloads hold ids only. Alembic does not see these tables (`is_ours` in migrations/env.py).
    """
    text = (resources.files("crm_api.core") / "queue.sql").read_text("utf-8")
    return [statement.strip() for statement in text.split("--------\n")[1:]]


def is_of_an_organization(table: Table) -> bool:
    return "organization_id" in table.primary_key.columns


def statements_for(table: Table) -> Iterable[str]:
    """Policies and grants of one table; what is special about it stands in `Table.info`.

    info: `append_only` (no UPDATE, DELETE or TRUNCATE by anybody), `key` (the column that names the
    organization, where it is not organization_id), `closed` (crm_app reaches it only through definer
    functions), `ddl` (more statements: triggers, functions, partial policies).
    """
    key = table.info.get("key", "organization_id" if is_of_an_organization(table) else None)
    templates: list[str] = []
    if key and not table.info.get("closed"):
        templates += POLICY
    if table.info.get("append_only"):
        templates += APPEND_ONLY
    elif not table.info.get("closed"):
        templates += WRITABLE
    yield from (template.format(table=table.name, key=key) for template in templates)
    yield from table.info.get("ddl", ())


@event.listens_for(Base.metadata, "before_create")
def _before_tables(_: MetaData, connection: Connection, **__: object) -> None:
    for statement in BEFORE:
        connection.exec_driver_sql(statement)


@event.listens_for(Base.metadata, "after_create")
def _after_tables(metadata: MetaData, connection: Connection, **__: object) -> None:
    for table in metadata.sorted_tables:
        for statement in statements_for(table):
            connection.exec_driver_sql(statement)
    for statement in queue_statements():
        connection.exec_driver_sql(statement)
