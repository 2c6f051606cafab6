import httpx
import pytest
from fastapi import FastAPI

from quotes.desk import Desk


@pytest.fixture
async def desk(app: FastAPI, client: httpx.AsyncClient) -> Desk:
    return await Desk.of(app, client)
