import httpx
import pytest
from fastapi import FastAPI

from company import open_company
from missions.people import Directorate


@pytest.fixture
async def direction(app: FastAPI, client: httpx.AsyncClient) -> Directorate:
    return await Directorate.of(await open_company(app, client))
