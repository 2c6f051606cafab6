import random
from typing import Any
from uuid import uuid4

import httpx
import pytest

from leads.people import administrator, lead

pytestmark = pytest.mark.anyio
ADMIN = administrator(uuid4())
SORTS = [f"{sign}{key}" for key in ("created_at", "updated_at", "full_name", "score") for sign in ("", "-")]


async def recorded(client: httpx.AsyncClient, count: int) -> list[str]:
    """Many of one name and one score: the id alone tells them apart."""
    chance = random.Random(7)  # noqa: S311 - the same leads every time
    operations = [
        {
            "op": "create",
            "data": {
                "full_name": chance.choice(
                    ["Amina KACI", "amina kaci", "Élias BEY", "Zohra AÏT", "محمد علي"]
                ),
                "phone": f"0550{number:06d}",
                "source": chance.choice(["referral", "phone"]),
            },
        }
        for number in range(count)
    ]
    answer = await client.post("/v1/leads/batch", json={"operations": operations}, headers=ADMIN)
    assert answer.json()["failed"] == 0
    return [row["data"]["id"] for row in answer.json()["results"]]


async def page(client: httpx.AsyncClient, **params: Any) -> tuple[list[dict[str, Any]], str | None]:
    answer = await client.get("/v1/leads", params=params, headers=ADMIN)
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["has_more"] == (body["next_cursor"] is not None)
    return body["data"], body["next_cursor"]


async def test_pages_together_are_the_whole_list_in_its_order(client: httpx.AsyncClient) -> None:
    await recorded(client, 40)
    for sort in SORTS:
        whole, _ = await page(client, sort=sort, limit=200)
        for limit in (1, 7, 40):
            together: list[dict[str, Any]] = []
            cursor: str | None = None
            while True:
                rows, cursor = await page(
                    client, sort=sort, limit=limit, **({"cursor": cursor} if cursor else {})
                )
                together += rows
                if cursor is None:
                    break
            assert together == whole, (sort, limit)


@pytest.mark.parametrize("sort", SORTS)
async def test_who_stays_is_seen_once_however_others_come_and_go(
    client: httpx.AsyncClient, sort: str
) -> None:
    ids = await recorded(client, 30)
    chance = random.Random(sort)  # noqa: S311 - the same order every time
    leaving = chance.sample(ids, 10)
    seen: list[str] = []
    cursor: str | None = None
    while True:
        rows, cursor = await page(client, sort=sort, limit=4, **({"cursor": cursor} if cursor else {}))
        seen += [row["id"] for row in rows]
        if cursor is None:
            break
        await lead(
            client, ADMIN, full_name=chance.choice(["Aaa NOUVEAU", "Zzz NOUVEAU"]), phone="0770 00 00 00"
        )
        if leaving:
            path = f"/v1/leads/{leaving.pop()}"
            await client.delete(path, headers=ADMIN | {"If-Match": '"1"'})
    staying = set(ids) - {one for one in ids if one not in seen}
    assert all(seen.count(one) == 1 for one in staying)
    gone = set(ids) - set(seen)
    listed = {row["id"] for row in (await page(client, limit=200))[0]}
    assert not gone & listed, "whoever was missed had left"


async def test_a_cursor_serves_its_own_list_only(client: httpx.AsyncClient) -> None:
    await recorded(client, 5)
    _, cursor = await page(client, limit=2)
    for other in ({"sort": "score"}, {"status": "new"}, {"deleted": "with"}):
        answer = await client.get("/v1/leads", params={"cursor": cursor, "limit": 2, **other}, headers=ADMIN)
        assert (answer.status_code, answer.json()["code"]) == (400, "cursor_mismatch"), other
