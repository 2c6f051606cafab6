import httpx
import pytest
from fastapi import FastAPI

from opportunities.sales import Sales, open_sales


@pytest.fixture
async def sales(app: FastAPI, client: httpx.AsyncClient) -> Sales:
    return await open_sales(app, client)
