"""A company whose colleagues are told things."""

import httpx
import pytest
from fastapi import FastAPI

from company import Company, open_company


@pytest.fixture
async def company(app: FastAPI, client: httpx.AsyncClient) -> Company:
    return await open_company(app, client)
