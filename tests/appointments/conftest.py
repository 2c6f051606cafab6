import httpx
import pytest
from fastapi import FastAPI

from appointments.people import Office
from company import open_company


@pytest.fixture
async def office(app: FastAPI, client: httpx.AsyncClient) -> Office:
    return await Office.of(await open_company(app, client))
