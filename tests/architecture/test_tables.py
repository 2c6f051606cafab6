"""Every table keeps the rules of isolation, read off the database itself."""

import asyncpg
import pytest
from sqlalchemy import Table

from crm_api.core.db import Base
from crm_api.core.schema import is_of_an_organization

pytestmark = pytest.mark.anyio
NO_ORGANIZATION: dict[str, str] = {
    "identities": "logins are unique in the whole installation; reached only through definer functions",
    "sign_in_throttles": "failures are counted before anybody knows which organization is meant",
}
"""Tables that belong to no organization, and why each may."""


def of_organizations() -> list[Table]:
    return [t for t in Base.metadata.sorted_tables if is_of_an_organization(t) or t.info.get("key")]


def test_every_table_belongs_to_an_organization_or_says_why_not() -> None:
    others = {t.name for t in Base.metadata.sorted_tables} - {t.name for t in of_organizations()}
    assert others == set(NO_ORGANIZATION)


async def test_row_level_security_is_forced_and_checks_writes(owner: asyncpg.Connection) -> None:
    rows = await owner.fetch(
        """SELECT c.relname, c.relrowsecurity, c.relforcerowsecurity,
               exists(SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polqual IS NOT NULL
                      AND p.polwithcheck IS NOT NULL) AS checked
           FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace"""
    )
    found = {row["relname"]: tuple(row)[1:] for row in rows}
    for table in of_organizations():
        assert found[table.name] == (True, True, True), table.name


def test_every_key_and_reference_begins_with_the_organization() -> None:
    for table in of_organizations():
        if table.info.get("key"):
            continue
        assert next(iter(table.primary_key.columns)).name == "organization_id", table.name
        for foreign in table.foreign_key_constraints:
            assert foreign.column_keys[0] == "organization_id", f"{table.name}: {foreign.column_keys}"
        for index in table.indexes:
            first = next(iter(index.columns)).name
            assert first == "organization_id", f"{index.name} begins with {first}"


async def test_the_restricted_role_owns_nothing_and_bypasses_nothing(owner: asyncpg.Connection) -> None:
    role = await owner.fetchrow(
        "SELECT rolsuper, rolbypassrls, rolinherit FROM pg_roles WHERE rolname = 'crm_app'"
    )
    assert tuple(role) == (False, False, False)
    owned = await owner.fetchval(
        "SELECT count(*) FROM pg_class WHERE relowner = (SELECT oid FROM pg_roles WHERE rolname = 'crm_app')"
    )
    assert owned == 0
    truncatable = await owner.fetch(
        """SELECT table_name FROM information_schema.role_table_grants
           WHERE grantee = 'crm_app' AND privilege_type IN ('TRUNCATE', 'REFERENCES', 'TRIGGER')"""
    )
    assert truncatable == []


async def test_every_definer_function_pins_its_search_path(owner: asyncpg.Connection) -> None:
    loose = await owner.fetch(
        """SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace
           AND NOT coalesce(array_to_string(proconfig, ',') LIKE '%search_path=%', false)"""
    )
    assert loose == []


async def test_every_view_asks_as_its_caller(owner: asyncpg.Connection) -> None:
    loose = await owner.fetch(
        """SELECT relname FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = 'public'::regnamespace
           AND NOT coalesce('security_invoker=true' = ANY(reloptions), false)"""
    )
    assert loose == []
