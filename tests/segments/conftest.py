import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from segments.desk import Desk, new_desk


@pytest.fixture
async def desk(app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection) -> Desk:
    return await new_desk(app, client, owner)
