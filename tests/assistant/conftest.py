import httpx
import pytest
from fastapi import FastAPI

from company import open_company
from knowledge.shelf import Shelf


@pytest.fixture
async def shelf(app: FastAPI, client: httpx.AsyncClient) -> Shelf:
    return Shelf(await open_company(app, client))
