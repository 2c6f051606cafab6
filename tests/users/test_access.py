"""The use cases that signing in builds on."""

from uuid import UUID, uuid4

import asyncpg
import pytest
from fastapi import FastAPI

from crm_api.core.context import Context
from crm_api.core.principal import DataScope, system
from crm_api.users.access import Login, UserAccess, find_login
from crm_api.users.errors import LoginTaken
from crm_api.users.models import UserStatus
from crm_api.users.schemas import AdministratorSignUp

pytestmark = pytest.mark.anyio
SIGN_UP = AdministratorSignUp.model_validate(
    {
        "email": "Nadia.Hamdi@example.com",
        "password": "trois mots bien choisis 42",
        "first_name": "Nadia",
        "last_name": "Hamdi",
        "phone": "0550 12 34 56",
        "job_title": "Responsable GRC",
        "accept_terms": True,
    }
)


def context(app: FastAPI, organization_id: UUID) -> Context:
    return Context(system(organization_id), app.state.database, app.state.tools)


async def registered(app: FastAPI, data: AdministratorSignUp = SIGN_UP) -> Login:
    organization_id = uuid4()
    ctx = context(app, organization_id)
    try:
        user_id = await UserAccess(ctx).register_administrator(data)
        await ctx.commit()
    finally:
        await ctx.close()
    return Login(organization_id, user_id)


async def test_the_first_administrator_gets_a_draft_organization(app: FastAPI) -> None:
    login = await registered(app)
    assert await find_login(context(app, uuid4()), "NADIA.hamdi@example.com") == login
    ctx = context(app, login.organization_id)
    about = await UserAccess(ctx).credentials(login.user_id)
    assert (about.status, about.email) == (UserStatus.PENDING_VERIFICATION, "nadia.hamdi@example.com")
    authority = await UserAccess(ctx).authority(login.user_id)
    assert (authority.role_code, authority.data_scope) == ("administrator", DataScope.ALL)
    assert authority.mfa_required
    assert "organization:write" in authority.scopes
    assert "health:read" not in authority.scopes


async def test_an_address_signs_up_once_in_the_whole_installation(
    app: FastAPI, owner: asyncpg.Connection
) -> None:
    await registered(app)
    with pytest.raises(LoginTaken):
        await registered(app)
    assert await owner.fetchval("SELECT count(*) FROM organizations") == 1
