import httpx
import pytest
from fastapi import FastAPI

from tasks.work import Office, open_office


@pytest.fixture
async def office(app: FastAPI, client: httpx.AsyncClient) -> Office:
    return await open_office(app, client)
