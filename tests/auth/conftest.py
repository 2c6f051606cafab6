"""The application as it runs: credentials are looked up by `auth` itself; jobs run when told to."""

from collections.abc import AsyncIterator

import asyncpg
import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import URL

from auth.steps import Person, colleague, enrol, register, sign_in
from crm_api.core.identity import Identity
from crm_api.core.settings import Settings, app_url
from crm_api.core.tools import make_tools
from crm_api.main import create_app
from crm_api.registry import LISTENERS, OBJECTS


@pytest.fixture(scope="session")
async def house(settings: Settings, owner_url: URL) -> AsyncIterator[FastAPI]:
    """Stands where the suite's application stands, whose actors need not sign in."""
    tools = make_tools(settings, Identity(), LISTENERS, OBJECTS)
    app = create_app(app_url(settings, owner_url), tools)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def admin(client: httpx.AsyncClient, app: FastAPI, owner: asyncpg.Connection) -> Person:
    """Signed in, second factor enrolled."""
    person = await register(client, app, owner)
    assert (await sign_in(client, person)).status_code == 200
    await enrol(client, person)
    return person


@pytest.fixture
async def user(client: httpx.AsyncClient, owner: asyncpg.Connection, admin: Person) -> Person:
    """A colleague whose role needs no second factor, signed in."""
    person = await colleague(owner, admin)
    assert (await sign_in(client, person)).status_code == 200
    return person
