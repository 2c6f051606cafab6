"""What is killed under load loses nothing that was acknowledged, and does nothing twice."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from itertools import count
from time import monotonic
from uuid import uuid4

import httpx
import pytest

from faults.house import House, open_house

pytestmark = [pytest.mark.anyio, pytest.mark.fault]
PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
async def broken(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_house(tmp_path_factory.mktemp("faults")) as house:
        yield house


def described(name: str) -> dict[str, str]:
    return {"full_name": name, "phone": "0550 12 34 56", "source": "phone"}


async def names(house: House, beginning: str) -> Counter[str]:
    owner = await house.owner()
    rows = await owner.fetch("SELECT full_name FROM leads WHERE full_name LIKE $1", f"{beginning}%")
    await owner.close()
    return Counter(row[0] for row in rows)


async def test_postgresql_killed_under_load_loses_no_acknowledged_write(broken: House) -> None:
    acknowledged, strange, numbers = set[str](), list[str](), count()
    stopped, came_back = asyncio.Event(), asyncio.Event()
    killed = asyncio.Event()

    async def write(client: httpx.AsyncClient) -> None:
        while not stopped.is_set():
            code = f"K{next(numbers):06}"
            answer = await client.post("/v1/regions", json={"code": code, "name": code})
            if answer.status_code == 201:
                acknowledged.add(code)
                if killed.is_set():
                    came_back.set()
            elif answer.status_code != 503 or answer.headers["content-type"] != PROBLEM:
                strange.append(f"{answer.status_code} {answer.text[:200]}")

    async with broken.client() as client:
        writers = [asyncio.create_task(write(client)) for _ in range(8)]
        await asyncio.sleep(1)
        broken.kill_postgres()
        began = monotonic()
        await asyncio.sleep(0.1)  # what was acknowledged at that very moment has reached us
        killed.set()
        await asyncio.wait_for(came_back.wait(), 30)
        away = monotonic() - began
        await asyncio.sleep(0.5)
        stopped.set()
        await asyncio.gather(*writers)
    owner = await broken.owner()
    kept = {row[0] for row in await owner.fetch("SELECT code FROM regions WHERE code LIKE 'K%'")}
    await owner.close()
    assert not strange
    assert len(acknowledged) > 8
    assert acknowledged <= kept
    assert away < 30


async def test_an_api_killed_under_load_does_nothing_twice(broken: House) -> None:
    """Whoever got no answer asks again with the same key, until there is one."""
    done = set[str]()

    async def insist(client: httpx.AsyncClient, name: str) -> None:
        key = {"Idempotency-Key": str(uuid4())}
        while True:
            try:
                answer = await client.post("/v1/leads", json=described(name), headers=key)
            except httpx.TransportError:
                await asyncio.sleep(0.1)
                continue
            if answer.status_code == 201:
                done.add(name)
                return
            assert answer.status_code in (409, 503), answer.text
            await asyncio.sleep(0.05)

    async def write(client: httpx.AsyncClient, writer: int) -> None:
        for number in range(10):
            await insist(client, f"Once {writer}-{number}")

    async with broken.client() as client:
        writers = [asyncio.create_task(write(client, writer)) for writer in range(8)]
        while len(done) < 8:
            await asyncio.sleep(0.02)
        broken.kill_api()
        await broken.start()
        await asyncio.wait_for(asyncio.gather(*writers), 60)
    found = await names(broken, "Once ")
    assert len(found) == 80
    assert set(found.values()) == {1}


async def test_fifty_equal_requests_at_once_leave_one_record(broken: House) -> None:
    key = {"Idempotency-Key": str(uuid4())}
    async with broken.client() as client:
        calls = [client.post("/v1/leads", json=described("Alone"), headers=key) for _ in range(50)]
        answers = await asyncio.gather(*calls)
    told = Counter((answer.status_code, answer.json().get("code")) for answer in answers)
    assert set(told) <= {(201, None), (409, "idempotency_in_progress")}
    assert told[201, None] >= 1
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert await names(broken, "Alone") == {"Alone": 1}


async def test_of_twenty_changes_to_one_version_one_is_made(broken: House) -> None:
    async with broken.client() as client:
        made = (await client.post("/v1/leads", json=described("Contested"))).json()
        calls = [
            client.patch(f"/v1/leads/{made['id']}", json={"need": str(n)}, headers={"If-Match": '"1"'})
            for n in range(20)
        ]
        told = Counter(answer.status_code for answer in await asyncio.gather(*calls))
    assert told == {200: 1, 412: 19}


async def test_pages_stay_whole_while_rows_come_and_go(broken: House) -> None:
    stopped = asyncio.Event()

    async def churn(client: httpx.AsyncClient, writer: int) -> None:
        for number in count():
            if stopped.is_set():
                return
            made = await client.post("/v1/leads", json=described(f"Guest {writer}-{number}"))
            if number % 2:
                path = f"/v1/leads/{made.json()['id']}"
                await client.delete(path, headers={"If-Match": f'"{made.json()["version"]}"'})

    async def walk(client: httpx.AsyncClient, sort: str) -> list[str]:
        seen, cursor = list[str](), None
        while True:
            query = {"limit": 5, "sort": sort} | ({"cursor": cursor} if cursor else {})
            page = (await client.get("/v1/leads", params=query)).json()
            seen += [lead["id"] for lead in page["data"]]
            cursor = page["next_cursor"]
            if cursor is None:
                return seen

    async with broken.client() as client:
        stays = set[str]()
        for number in range(40):
            made = await client.post("/v1/leads", json=described(f"Resident {number}"))
            stays.add(made.json()["id"])
        guests = [asyncio.create_task(churn(client, writer)) for writer in range(3)]
        walks = await asyncio.gather(*[walk(client, sort) for sort in ("created_at", "-created_at")])
        stopped.set()
        await asyncio.gather(*guests)
    for seen in walks:
        times = Counter(id for id in seen if id in stays)
        assert set(times) == stays
        assert set(times.values()) == {1}


async def test_when_every_connection_is_taken_the_answer_is_503_and_the_process_lives(broken: House) -> None:
    owner = await broken.owner()

    async def ask(client: httpx.AsyncClient) -> tuple[int, float]:
        began = monotonic()
        answer = await client.get("/v1/regions")
        assert answer.status_code != 503 or answer.headers["retry-after"]
        return answer.status_code, monotonic() - began

    async with owner.transaction(), broken.client() as client:
        assert (await client.get("/v1/regions")).status_code == 200
        await owner.execute("LOCK TABLE regions IN ACCESS EXCLUSIVE MODE")
        waiting = [asyncio.create_task(ask(client)) for _ in range(30)]
        await asyncio.sleep(0.5)
        began = monotonic()
        assert (await client.get("/livez")).status_code == 200
        assert monotonic() - began < 0.5
        answers = await asyncio.gather(*waiting)
    await owner.close()
    assert {status for status, _ in answers} == {503}
    assert max(seconds for _, seconds in answers) < 3
