"""Whoever asks: what the list shows is what can be opened, and the count counts just that (H-14)."""

import random
from collections.abc import AsyncIterator
from typing import NamedTuple
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from actors import Headers, actor, principal_of
from company import open_company
from survey.estate import Estate
from survey.operations import survey

pytestmark = pytest.mark.anyio
SEED = 20261123
KINDS = ("leads", "accounts", "contacts")


class Town(NamedTuple):
    """Rows of every kind, of many people and agencies."""

    client: httpx.AsyncClient
    organization: Estate
    agencies: list[str]
    people: list[Headers]
    ids: dict[str, list[str]]


@pytest.fixture
async def town(app: FastAPI, client: httpx.AsyncClient) -> AsyncIterator[Town]:
    dice = random.Random(SEED)  # noqa: S311 - the same town every time
    company = await open_company(app, client)
    estate = Estate(company, survey(app))
    agencies = [str(await company.agency(f"160{n:02}")) for n in range(4)]
    people = [_somebody(estate, agencies, dice) for _ in range(16)]
    ids: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for number in range(60):
        kind = KINDS[number % 3]
        poster = next(o for o in estate.operations if (o.method, o.path) == ("POST", f"/v1/{kind}"))
        writer, body = dice.choice(people), await estate.body(poster)
        if "agency_id" in body:
            body["agency_id"] = str(dice.choice(principal_of(writer).agency_ids))
        answer = await estate.send(poster, {}, body, by=writer)
        assert answer.status_code == 201, answer.text
        ids[kind].append(answer.json()["id"])
    yield Town(client, estate, agencies, people, ids)


def _somebody(estate: Estate, agencies: list[str], dice: random.Random) -> Headers:
    some = tuple(UUID(id) for id in dice.sample(agencies, dice.randint(1, 3)))
    scopes = estate.every_scope
    scope = dice.choice(["own", "agency", "region", "all"])
    return actor(
        estate.company.organization_id, *scopes, data_scope=scope, agency_id=some[0], agency_ids=some
    )


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_listed_can_be_opened_and_is_all_that_is_counted(town: Town, kind: str) -> None:
    assert len(town.ids[kind]) >= 10
    partly = False
    for who in town.people:
        opened = {
            id
            for id in town.ids[kind]
            if (await town.client.get(f"/v1/{kind}/{id}", headers=who)).status_code == 200
        }
        page = await town.client.get(f"/v1/{kind}", params={"limit": 200, "include": "total"}, headers=who)
        listed = {row["id"] for row in page.json()["data"]} & set(town.ids[kind])
        assert listed == opened
        more = len(page.json()["data"]) - len(listed)  # households made with the people
        assert page.json()["total"] == len(opened) + more
        counted = (await town.client.get(f"/v1/{kind}/count", headers=who)).json()["count"]
        assert counted == len(opened) + more
        searched = await town.client.post(f"/v1/{kind}/search", json={"limit": 200}, headers=who)
        assert {row["id"] for row in searched.json()["data"]} & set(town.ids[kind]) == opened
        partly |= 0 < len(opened) < len(town.ids[kind])
    assert partly, "everybody sees everything or nothing: the test proves nothing"
