"""Which accounts of its organization a principal sees: own, agency, region, all (domain.md C-5)."""

from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from account_steps import EVERYTHING, agency, match, opened
from actors import Headers, actor, principal_of
from leads.people import colleague

pytestmark = pytest.mark.anyio
OURS = uuid4()
ADMIN = actor(OURS, *EVERYTHING)


@pytest.fixture
async def places(app: object, owner: asyncpg.Connection) -> tuple[UUID, UUID, UUID]:
    here, near, far = [await agency(owner, OURS, code) for code in ("16001", "16002", "31001")]
    return here, near, far


async def seen(client: httpx.AsyncClient, who: Headers) -> set[str]:
    """By every way of reading: they must agree."""
    everything = (await client.get("/v1/accounts", headers=ADMIN)).json()["data"]
    ids = [row["id"] for row in everything]
    listed = {row["id"] for row in (await client.get("/v1/accounts", headers=who)).json()["data"]}
    count = (await client.get("/v1/accounts/count", headers=who)).json()["count"]
    found = {
        row["id"] for row in (await client.post("/v1/accounts/search", json={}, headers=who)).json()["data"]
    }
    words = await client.get("/v1/accounts", params={"q": "famille"}, headers=who)
    many = (await client.post("/v1/accounts/batch-get", json={"ids": ids}, headers=who)).json()["data"]
    single = {id for id in ids if (await client.get(f"/v1/accounts/{id}", headers=who)).status_code == 200}
    assert listed == found == single == {row["id"] for row in many if row}
    assert listed == {row["id"] for row in words.json()["data"]}
    assert count == len(listed)
    return listed


async def test_each_scope_sees_its_rows_by_every_way(
    client: httpx.AsyncClient, places: tuple[UUID, UUID, UUID], owner: asyncpg.Connection
) -> None:
    here, near, far = places
    clerk = actor(OURS, *EVERYTHING, data_scope="own", agency_id=here)
    chief = actor(OURS, *EVERYTHING, data_scope="agency", agency_id=here, agency_ids=(here,))
    director = actor(OURS, *EVERYTHING, data_scope="region", agency_id=here, agency_ids=(here, near))
    one, two, three = [(await opened(client, ADMIN, place))["id"] for place in places]
    mine = (await opened(client, clerk, here))["id"]
    await colleague(owner, OURS, far, id=principal_of(clerk).id)
    given = await opened(client, ADMIN, far, manager_user_id=str(principal_of(clerk).id))
    assert await seen(client, clerk) == {mine, given["id"]}
    assert await seen(client, chief) == {one, mine}
    assert await seen(client, director) == {one, two, mine}
    assert await seen(client, ADMIN) == {one, two, three, mine, given["id"]}


async def test_what_is_not_seen_cannot_be_touched(
    client: httpx.AsyncClient, places: tuple[UUID, UUID, UUID]
) -> None:
    here, _, far = places
    theirs = await opened(client, ADMIN, far)
    chief = actor(OURS, *EVERYTHING, data_scope="agency", agency_id=here, agency_ids=(here,))
    mine = await opened(client, chief, here)
    path = f"/v1/accounts/{theirs['id']}"
    tries = [
        await client.patch(path, json={"name": "Volé"}, headers=chief | match(1)),
        await client.delete(path, headers=chief | match(1)),
        await client.post(f"{path}/close", headers=chief | match(1)),
        await client.post(f"{path}/assign", json={"manager_user_id": None}, headers=chief | match(1)),
        await client.post(f"{path}/unmask", json={"fields": ["kyc"], "reason": "Curiosité"}, headers=chief),
        await client.post(f"{path}/merge", json={"account_id": mine["id"]}, headers=chief | match(1)),
        await client.get(f"{path}/ancestors", headers=chief),
        await client.get(f"{path}/children", headers=chief),
    ]
    assert [answer.status_code for answer in tries] == [404] * len(tries)
    swallow = await client.post(
        f"/v1/accounts/{mine['id']}/merge", json={"account_id": theirs["id"]}, headers=chief | match(1)
    )
    assert swallow.status_code == 404
    assert (await client.get(path, headers=ADMIN)).json() == theirs


async def test_nobody_opens_or_moves_accounts_into_foreign_agencies(
    client: httpx.AsyncClient, places: tuple[UUID, UUID, UUID]
) -> None:
    here, _, far = places
    chief = actor(OURS, *EVERYTHING, data_scope="agency", agency_id=here, agency_ids=(here,))
    mine = await opened(client, chief, here)
    moved = await client.post(
        f"/v1/accounts/{mine['id']}/assign",
        json={"manager_user_id": None, "agency_id": str(far)},
        headers=chief | match(1),
    )
    assert (moved.status_code, moved.json()["code"]) == (422, "unknown_agency")
