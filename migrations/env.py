"""How Alembic reaches the database: as the owner of the tables, on one asynchronous connection.

The application hands its open connection over (core/migrate.py); the command line has CRM_DATABASE_URL.
"""

import asyncio
import os
import warnings
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, TypeDecorator, make_url

import crm_api
from crm_api.core.db import Base
from crm_api.core.migrate import connected

FOREIGN_TABLES = ("pgqueuer",)  # kept by their own library, written down as SQL in our revisions


def import_every_table() -> None:
    """Tables stand in `models` rooms and in core; no other room need be sound for a database to move on."""
    house = Path(crm_api.__file__).parent
    for pattern in ("core/*.py", "*/models.py", "*/models/*.py"):
        for path in sorted(house.glob(pattern)):
            import_module(".".join(["crm_api", *path.relative_to(house).with_suffix("").parts]))


def is_ours(name: str | None, kind: str, _: object) -> bool:
    return kind != "table" or name is None or not name.startswith(FOREIGN_TABLES)


def without_our_code(kind: str, item: object, _: AutogenContext) -> str | Literal[False]:
    """A revision stays what it was when a type of ours changes: it names what the database stores."""
    if kind == "type" and isinstance(item, TypeDecorator):
        stored = item.impl_instance
        return f"{'postgresql' if 'postgresql' in type(stored).__module__ else 'sa'}.{stored!r}"
    return False


def with_late_keys(
    _: MigrationContext, __: str | Iterable[str | None] | Iterable[str], scripts: list[ops.MigrationScript]
) -> None:
    """Alembic leaves a key that waits for its other table (`use_alter`) out of the draft that makes both."""
    for script in scripts:
        assert script.upgrade_ops and script.downgrade_ops  # noqa: S101, PT018 - a draft has both
        made = [step.table_name for step in script.upgrade_ops.ops if isinstance(step, ops.CreateTableOp)]
        late = [
            key
            for name in made
            for key in Base.metadata.tables[name].foreign_key_constraints
            if key.use_alter
        ]
        script.upgrade_ops.ops += [ops.CreateForeignKeyOp.from_constraint(key) for key in late]
        script.downgrade_ops.ops[:0] = [ops.DropConstraintOp.from_constraint(key) for key in late]


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=is_ours,
        render_item=without_our_code,
        process_revision_directives=with_late_keys,
        transaction_per_migration=True,
        compare_server_default=True,
    )
    with warnings.catch_warnings(), context.begin_transaction():
        # Alembic compares texts, and PostgreSQL writes an expression in its own words.
        warnings.filterwarnings("ignore", "Computed default on .* cannot be modified")
        context.run_migrations()


import_every_table()
if connection := context.config.attributes.get("connection"):
    migrate(connection)
else:
    asyncio.run(connected(make_url(os.environ["CRM_DATABASE_URL"]), migrate))
