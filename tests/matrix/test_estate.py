"""The gates stand on objects of every kind; this says whether all kinds are there."""

import httpx
import pytest
from fastapi import FastAPI

from company import open_company
from survey.estate import NOT_MADE, Estate
from survey.operations import survey

pytestmark = pytest.mark.anyio


async def test_every_path_leads_to_an_object_that_can_be_made(
    app: FastAPI, client: httpx.AsyncClient
) -> None:
    """A parameter that nothing makes needs a line in `survey.estate.WAYS`."""
    estate = Estate(await open_company(app, client), survey(app))
    lost = []
    for operation in estate.operations:
        if operation.path_names:
            try:
                await estate.values(operation)
            except NOT_MADE as error:
                lost.append(f"{operation.path}: {error}")
    assert not lost, "\n".join(lost)
