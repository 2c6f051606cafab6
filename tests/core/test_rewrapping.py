"""The key of keys changes; what was sealed before opens with the new one alone."""

import os
from uuid import UUID, uuid4

import asyncpg
import pytest
from fastapi import FastAPI
from sqlalchemy import URL

from actors import actor, principal_of
from crm_api.core.context import Context
from crm_api.core.rewrapping import rewrap_all
from crm_api.core.seal import BlindRole
from crm_api.core.sealing import vault_of
from crm_api.core.vault import SealBroken, Vault

pytestmark = pytest.mark.anyio
OURS, THEIRS = uuid4(), uuid4()
ROW = uuid4()
OLD, NEW = os.urandom(32), os.urandom(32)


async def wrapped_keys(owner: asyncpg.Connection, organization: UUID) -> list[bytes]:
    sql = "SELECT wrapped FROM organization_keys WHERE organization_id = $1 ORDER BY id"
    return [row[0] for row in await owner.fetch(sql, organization)]


async def given(owner: asyncpg.Connection, organization: UUID, wrapped: bytes) -> None:
    sql = "INSERT INTO organization_keys (organization_id, wrapped) VALUES ($1, $2)"
    await owner.execute(sql, organization, wrapped)


@pytest.mark.usefixtures("app")
async def test_every_company_opens_its_data_with_the_new_key_alone(
    owner: asyncpg.Connection, owner_url: URL
) -> None:
    old = Vault(OLD)
    cells = {}
    for organization in (OURS, THEIRS):
        wrapped = old.new_wrapped_key(organization)
        await given(owner, organization, wrapped)
        sealing = old.unwrap([wrapped], organization)
        cells[organization] = sealing.seal({"nin": "1"}, table="contacts", row_id=ROW)
    assert await rewrap_all(owner_url, Vault(NEW, OLD)) == 2
    for organization, cell in cells.items():
        opening = Vault(NEW).unwrap(await wrapped_keys(owner, organization), organization)
        assert opening.open(cell, table="contacts", row_id=ROW) == {"nin": "1"}
    assert await rewrap_all(owner_url, Vault(NEW, OLD)) == 0


@pytest.mark.usefixtures("app")
async def test_one_key_that_does_not_open_leaves_all_as_they_were(
    owner: asyncpg.Connection, owner_url: URL
) -> None:
    ours, theirs = Vault(OLD).new_wrapped_key(OURS), Vault(os.urandom(32)).new_wrapped_key(THEIRS)
    await given(owner, OURS, ours)
    await given(owner, THEIRS, theirs)
    with pytest.raises(SealBroken):
        await rewrap_all(owner_url, Vault(NEW, OLD))
    assert await wrapped_keys(owner, OURS) == [ours]
    assert await wrapped_keys(owner, THEIRS) == [theirs]


async def test_a_server_that_knows_both_keys_goes_on_sealing_meanwhile(
    app: FastAPI, owner: asyncpg.Connection, owner_url: URL
) -> None:
    who = principal_of(actor(OURS))
    ctx = Context(who, app.state.database, app.state.tools)
    cell = (await vault_of(ctx)).seal({"nin": "1"}, table="contacts", row_id=ROW)
    await ctx.commit()
    await ctx.close()
    assert await rewrap_all(owner_url, app.state.tools.vault) == 0, "wrapped by the current key already"
    assert len(await wrapped_keys(owner, OURS)) == 1
    later = Context(who, app.state.database, app.state.tools)
    assert (await vault_of(later)).open(cell, table="contacts", row_id=ROW) == {"nin": "1"}
    await later.close()


async def test_a_role_that_sees_no_key_is_told_so_and_forgets_none(app: FastAPI, owner_url: URL) -> None:
    blind = app.state.database.url.set(database=owner_url.database)
    with pytest.raises(BlindRole):
        await rewrap_all(blind, Vault(NEW, OLD))
