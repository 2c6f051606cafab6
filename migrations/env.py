"""How Alembic reaches the database: as the owner of the tables, on one asynchronous connection.

The application hands its open connection over (core/migrate.py); the command line has CRM_DATABASE_URL.
"""

import asyncio
import os
import pkgutil
from importlib import import_module

from alembic import context
from sqlalchemy import Connection, make_url

import crm_api
from crm_api.core.db import Base
from crm_api.core.migrate import connected

ROOFS = {"crm_api.cli", "crm_api.main", "crm_api.worker"}  # they hold no table, and start things
FOREIGN_TABLES = ("pgqueuer",)  # kept by their own library, written down as SQL in our revisions


def import_every_table() -> None:
    for module in pkgutil.walk_packages(crm_api.__path__, "crm_api."):
        if module.name not in ROOFS:
            import_module(module.name)


def is_ours(name: str | None, kind: str, _: object) -> bool:
    return kind != "table" or name is None or not name.startswith(FOREIGN_TABLES)


def migrate(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_name=is_ours,
        transaction_per_migration=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


import_every_table()
if connection := context.config.attributes.get("connection"):
    migrate(connection)
else:
    asyncio.run(connected(make_url(os.environ["CRM_DATABASE_URL"]), migrate))
