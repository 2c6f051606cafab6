import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from tracking.site import Site, open_site


@pytest.fixture
async def site(app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection) -> Site:
    return await open_site(app, client, owner)
