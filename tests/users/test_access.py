"""The use cases that signing in builds on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest
from fastapi import FastAPI

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.passwords import WeakPassword, verify
from crm_api.core.principal import DataScope, system
from crm_api.kit.errors import InvalidTransition, NotFound
from crm_api.users.access import Login, UserAccess, find_login
from crm_api.users.errors import LoginTaken, PasswordUsedBefore
from crm_api.users.models import REMEMBERED_PASSWORDS, UserStatus
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


@asynccontextmanager
async def acting(app: FastAPI, login: Login) -> AsyncIterator[UserAccess]:
    """One use case, committed."""
    ctx = context(app, login.organization_id)
    try:
        yield UserAccess(ctx)
        await ctx.commit()
    finally:
        await ctx.close()


async def test_a_weak_password_or_a_name_makes_nothing(app: FastAPI, owner: asyncpg.Connection) -> None:
    for password in ("court", "motdepasse123456", "Nadia.Hamdi@example.com"):
        weak = SIGN_UP.model_validate(SIGN_UP.model_dump() | {"password": password})
        with pytest.raises(WeakPassword):
            await registered(app, weak)
    assert await owner.fetchval("SELECT count(*) FROM organizations") == 0


async def test_an_address_is_proved_once(app: FastAPI, owner: asyncpg.Connection) -> None:
    login = await registered(app)
    async with acting(app, login) as access:
        await access.verify_email(login.user_id)
    about = await UserAccess(context(app, login.organization_id)).credentials(login.user_id)
    assert about.status is UserStatus.ACTIVE
    assert about.email_verified_at is not None
    assert await owner.fetchval("SELECT administrator_verified_at IS NOT NULL FROM organizations")
    with pytest.raises(InvalidTransition):
        async with acting(app, login) as access:
            await access.verify_email(login.user_id)
    kinds = await owner.fetch(
        "SELECT kind FROM event_log WHERE kind IN ('user.registered', 'user.verified') ORDER BY id"
    )
    assert [row[0] for row in kinds] == ["user.registered", "user.verified"]


async def test_the_last_passwords_are_refused_and_an_older_one_is_not(app: FastAPI) -> None:
    login = await registered(app)
    first = SIGN_UP.password.get_secret_value()
    others = [f"phrase numéro {n} bien longue" for n in range(REMEMBERED_PASSWORDS)]
    for password in others:
        async with acting(app, login) as access:
            await access.set_password(login.user_id, password)
    about = await UserAccess(context(app, login.organization_id)).credentials(login.user_id)
    assert (await verify(others[-1], about.password_hash))[0]
    for password in others:
        with pytest.raises(PasswordUsedBefore):
            async with acting(app, login) as access:
                await access.set_password(login.user_id, password)
    with pytest.raises(WeakPassword) as refused:
        async with acting(app, login) as access:
            await access.set_password(login.user_id, "court", pointer="/new_password")
    assert refused.value.extra["errors"][0]["pointer"] == "/new_password"
    async with acting(app, login) as access:
        await access.set_password(login.user_id, first)


async def test_signing_in_is_counted_without_a_new_version(app: FastAPI, owner: asyncpg.Connection) -> None:
    login = await registered(app)
    state = "SELECT version, failed_login_count, last_login_at IS NOT NULL, password_hash FROM users"
    version = (await owner.fetchrow(state))[0]
    lines = await owner.fetchval("SELECT count(*) FROM audit_log")
    for expected in (1, 2):
        async with acting(app, login) as access:
            assert await access.note_failure(login.user_id) == expected
    async with acting(app, login) as access:
        await access.keep_hash(login.user_id, "$argon2id$new")
    assert tuple(await owner.fetchrow(state)) == (version, 2, False, "$argon2id$new")
    async with acting(app, login) as access:
        await access.note_sign_in(login.user_id)
    assert tuple(await owner.fetchrow(state))[:3] == (version, 0, True)
    assert await owner.fetchval("SELECT count(*) FROM audit_log") == lines


async def test_a_lock_ends_with_its_time(app: FastAPI, owner: asyncpg.Connection) -> None:
    login = await registered(app)
    with pytest.raises(InvalidTransition):
        async with acting(app, login) as access:
            await access.lock(login.user_id, now())
    async with acting(app, login) as access:
        await access.verify_email(login.user_id)
    async with acting(app, login) as access:
        await access.lock(login.user_id, now() + timedelta(minutes=15))
        assert not await access.end_lock(login.user_id)
    assert await owner.fetchval("SELECT status FROM users") == "locked"
    await owner.execute("UPDATE users SET locked_until = now() - interval '1 second'")
    async with acting(app, login) as access:
        assert await access.end_lock(login.user_id)
    assert await owner.fetchval("SELECT status FROM users") == "active"
    assert await owner.fetchval("SELECT count(*) FROM event_log WHERE kind = 'user.locked'") == 1


async def test_who_is_not_there_has_no_rights(app: FastAPI) -> None:
    login = await registered(app)
    ctx = context(app, login.organization_id)
    for question in (UserAccess(ctx).authority, UserAccess(ctx).credentials):
        with pytest.raises(NotFound):
            await question(uuid4())
        elsewhere = UserAccess(context(app, uuid4()))
        with pytest.raises(NotFound):
            await getattr(elsewhere, question.__name__)(login.user_id)
    assert await find_login(ctx, "nobody@example.com") is None
