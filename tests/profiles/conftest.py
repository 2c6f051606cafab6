import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from policies.portfolio import Portfolio, open_portfolio


@pytest.fixture
async def portfolio(app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection) -> Portfolio:
    return await open_portfolio(app, client, owner)
