"""The chain of the audit log: whatever is changed behind its back is found."""

import asyncio
import io
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID, uuid4

import asyncpg
import pytest
from fastapi import FastAPI
from rich.console import Console
from sqlalchemy import URL

from audit_lines import note, seal, seal_until
from crm_api.core.context import Context
from crm_api.core.keys import SigningKeys
from crm_api.core.principal import system
from crm_api.core.seal import HEADS, seal_audit, verify, verify_all
from crm_api.core.settings import Settings
from crm_api.kit.ids import new_id

pytestmark = pytest.mark.anyio
Found = Callable[[], Awaitable[list[tuple[str, int | None]]]]


async def notes(app: FastAPI, organization: UUID, lines: int = 1) -> None:
    for _ in range(lines):
        await note(app, organization, uuid4(), "lead.read", new_id())


@pytest.fixture
async def organization(app: FastAPI, owner: asyncpg.Connection) -> UUID:
    """Five sealed lines."""
    organization = uuid4()
    await notes(app, organization, 5)
    await seal_until(app, owner, organization, 5)
    return organization


@pytest.fixture
def found(app: FastAPI, owner: asyncpg.Connection, organization: UUID) -> Found:
    async def find() -> list[tuple[str, int | None]]:
        tools = app.state.tools
        folder = tools.settings.data_dir / HEADS
        verdict = await verify(owner.fetch, organization, tools.keys, folder)
        return sorted((f.kind, f.seq) for f in verdict.findings)

    return find


async def tamper(owner: asyncpg.Connection, sql: str, *arguments: object) -> None:
    """As a superuser who switches the triggers off."""
    async with owner.transaction():
        await owner.execute("SET LOCAL session_replication_role = replica")
        await owner.execute(sql, *arguments)


async def test_a_chain_nobody_touched_is_intact(
    app: FastAPI, owner: asyncpg.Connection, organization: UUID, found: Found
) -> None:
    assert await found() == []
    await notes(app, organization, 3)
    await seal_until(app, owner, organization, 8)
    assert await found() == []
    assert (
        await owner.fetchval("SELECT count(*) FROM audit_heads WHERE organization_id = $1", organization) == 1
    )


@pytest.mark.parametrize(
    "change",
    [
        "changes = '{}'",
        "reason = NULL",
        "actor_id = gen_random_uuid()",
        "at = at + interval '1 millisecond'",
        "outcome = 'denied'",
        "object_id = gen_random_uuid()",
        "ip = '10.0.0.1'",
    ],
)
async def test_a_changed_line_is_found(
    owner: asyncpg.Connection, organization: UUID, found: Found, change: str
) -> None:
    line = "(SELECT audit_id FROM audit_seals WHERE organization_id = $1 AND seq = 3)"
    await tamper(owner, f"UPDATE audit_log SET {change} WHERE id = {line}", organization)
    assert await found() == [("line_changed", 3)]


async def test_a_removed_line_is_found(owner: asyncpg.Connection, organization: UUID, found: Found) -> None:
    line = "(SELECT audit_id FROM audit_seals WHERE organization_id = $1 AND seq = 2)"
    await tamper(owner, f"DELETE FROM audit_log WHERE id = {line}", organization)
    assert await found() == [("line_removed", 2)]


async def test_an_inserted_line_is_found(owner: asyncpg.Connection, organization: UUID, found: Found) -> None:
    await tamper(
        owner,
        """INSERT INTO audit_log (organization_id, actor_type, actor_id, action, object_type, object_id, xid)
        SELECT organization_id, actor_type, actor_id, action, object_type, object_id, xid - 1 FROM audit_log
        WHERE organization_id = $1 LIMIT 1""",
        organization,
    )
    assert await found() == [("line_inserted", None)]


async def test_a_line_removed_with_its_seal_is_found(
    owner: asyncpg.Connection, organization: UUID, found: Found
) -> None:
    line = "(SELECT audit_id FROM audit_seals WHERE organization_id = $1 AND seq = 3)"
    await tamper(owner, f"DELETE FROM audit_log WHERE id = {line}", organization)
    await tamper(owner, "DELETE FROM audit_seals WHERE organization_id = $1 AND seq = 3", organization)
    assert ("seal_removed", 3) in await found()


async def test_a_chain_cut_at_its_end_contradicts_the_signed_head(
    owner: asyncpg.Connection, organization: UUID, found: Found
) -> None:
    await tamper(owner, "DELETE FROM audit_seals WHERE organization_id = $1 AND seq > 3", organization)
    await tamper(
        owner,
        """DELETE FROM audit_log l WHERE organization_id = $1 AND NOT EXISTS (
            SELECT FROM audit_seals s WHERE s.audit_id = l.id AND s.organization_id = l.organization_id)""",
        organization,
    )
    assert await found() == [("head_contradicted", 5)]


async def test_a_chain_written_anew_contradicts_the_head_kept_outside(
    app: FastAPI, owner: asyncpg.Connection, organization: UUID, found: Found
) -> None:
    for table in ("audit_seals", "audit_heads"):
        await tamper(owner, f"DELETE FROM {table} WHERE organization_id = $1", organization)
    await tamper(owner, "UPDATE audit_log SET reason = 'another' WHERE organization_id = $1", organization)
    ctx = Context(system(organization), app.state.database, app.state.tools)
    file: Path = app.state.tools.settings.data_dir / HEADS / f"{organization}.jsonl"
    kept = file.read_bytes()
    await seal_audit(ctx, {})
    await ctx.commit()
    await ctx.close()
    file.write_bytes(kept)  # the attacker reaches the database only
    assert ("head_contradicted", 5) in await found()


async def test_a_head_signed_by_somebody_else_is_found(
    owner: asyncpg.Connection, organization: UUID, found: Found, tmp_path: Path
) -> None:
    kid, signature = SigningKeys(tmp_path / "theirs").sign(b"anything")
    await tamper(
        owner,
        "UPDATE audit_heads SET kid = $2, signature = $3 WHERE organization_id = $1",
        organization,
        kid,
        signature,
    )
    assert await found() == [("head_broken", 5)]


async def test_old_heads_verify_after_the_keys_have_changed(
    app: FastAPI, organization: UUID, found: Found, owner: asyncpg.Connection, tmp_path: Path
) -> None:
    keys = SigningKeys(tmp_path / "keys")
    kid, signature = keys.sign(b"content")
    keys.rotate()
    assert keys.signed(kid, b"content", signature)
    assert not keys.signed(kid, b"another", signature)
    assert not keys.signed("../keys/" + kid, b"content", b"no signature")


async def test_a_line_of_a_transaction_that_still_runs_holds_the_seal_back(
    app: FastAPI, owner: asyncpg.Connection
) -> None:
    organization = uuid4()
    slow = Context(system(organization), app.state.database, app.state.tools)
    slow.note("lead.read", "lead", new_id())
    await slow.session.flush()
    await notes(app, organization)
    await seal(app, organization)
    sealed = "SELECT count(*) FROM audit_seals WHERE organization_id = $1"
    assert await owner.fetchval(sealed, organization) == 0
    await slow.commit()
    await slow.close()
    await seal_until(app, owner, organization, 2)
    verdict = await verify(owner.fetch, organization, app.state.tools.keys)
    assert (verdict.checked, list(verdict.findings)) == (2, [])


async def test_two_sealers_make_one_chain(
    app: FastAPI, owner: asyncpg.Connection, organization: UUID
) -> None:
    await notes(app, organization, 20)
    await asyncio.gather(*(seal(app, organization) for _ in range(4)))
    await seal_until(app, owner, organization, 25)
    verdict = await verify(owner.fetch, organization, app.state.tools.keys)
    assert (verdict.checked, list(verdict.findings)) == (25, [])


async def test_the_command_names_every_organization_and_what_it_found(
    app: FastAPI, owner: asyncpg.Connection, owner_url: URL, organization: UUID, settings: Settings
) -> None:
    page = io.StringIO()
    keys = app.state.tools.keys
    assert await verify_all(owner_url, keys, settings.data_dir, Console(file=page)) == []
    assert f"✓ {organization}: 5 lines" in page.getvalue()
    await tamper(owner, "UPDATE audit_log SET reason = 'x' WHERE organization_id = $1", organization)
    findings = await verify_all(owner_url, keys, settings.data_dir, Console(file=page))
    assert [f.kind for f in findings] == ["line_changed"] * 5


async def test_the_application_can_neither_change_nor_remove_what_is_sealed(
    stranger: asyncpg.Connection, organization: UUID
) -> None:
    await stranger.execute("SELECT set_config('crm.organization', $1, false)", str(organization))
    for table in ("audit_log", "audit_seals", "audit_heads", "event_log"):
        for sql in (f"DELETE FROM {table}", f"UPDATE {table} SET organization_id = organization_id"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await stranger.execute(sql)
