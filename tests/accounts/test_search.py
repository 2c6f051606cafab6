from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest

from account_steps import EVERYTHING, agency, match, opened
from actors import actor
from crm_api.core.words import words_of
from crm_api.kit.errors import ValidationFailed

pytestmark = pytest.mark.anyio
OURS = uuid4()
ADMIN = actor(OURS, *EVERYTHING)


@pytest.fixture
async def ours(app: object, owner: asyncpg.Connection) -> UUID:
    return await agency(owner, OURS)


async def names(client: httpx.AsyncClient, **params: Any) -> list[str]:
    answer = await client.get("/v1/accounts", params={"sort": "name"} | params, headers=ADMIN)
    assert answer.status_code == 200, answer.text
    return [row["name"] for row in answer.json()["data"]]


async def test_words_are_found_in_any_order_without_accents(client: httpx.AsyncClient, ours: UUID) -> None:
    await opened(client, ADMIN, ours, name="Aïssani Ilyès", emails=[{"value": "ilyes.aissani@example.com"}])
    await opened(client, ADMIN, ours, name="Benali Ilyès", phones=[{"value": "0550123456"}])
    await opened(client, ADMIN, ours, name="أحمد بن علي", phones=[{"value": "021344646"}])
    assert await names(client, q="ILYES aiss") == ["Aïssani Ilyès"]
    assert await names(client, q="ilyes") == ["Aïssani Ilyès", "Benali Ilyès"]
    assert await names(client, q="ilyes.aissani@exam") == ["Aïssani Ilyès"]
    assert await names(client, q="احمد") == ["أحمد بن علي"]
    assert await names(client, q="0550 12") == ["Benali Ilyès"]
    assert await names(client, q="+213 550 12 34") == ["Benali Ilyès"]
    assert await names(client, q="00213550123456") == ["Benali Ilyès"]
    assert await names(client, q="benali 0550-12") == ["Benali Ilyès"]
    assert await names(client, q="c00000003") == ["أحمد بن علي"]
    assert await names(client, q="benali aissani") == []


async def test_the_words_follow_every_change(client: httpx.AsyncClient, ours: UUID) -> None:
    made = await opened(client, ADMIN, ours, name="Premier nom", tags=["vip"])
    await client.patch(
        f"/v1/accounts/{made['id']}", json={"name": "Second nom", "tags": ["or"]}, headers=ADMIN | match(1)
    )
    assert await names(client, q="premier") == []
    assert await names(client, q="second nom") == ["Second nom"]
    assert await names(client, tag="vip") == []
    assert await names(client, tag="or") == ["Second nom"]


async def test_all_given_tags_are_needed(client: httpx.AsyncClient, ours: UUID) -> None:
    await opened(client, ADMIN, ours, name="Deux", tags=["vip", "flotte"])
    await opened(client, ADMIN, ours, name="Un", tags=["vip"])
    assert await names(client, tag=["vip"]) == ["Deux", "Un"]
    assert await names(client, tag=["vip", "FLOTTE"]) == ["Deux"]
    assert await names(client, q="vip") == []


@pytest.mark.parametrize("q", ["--", "a b c d e f g h i", "x", "x" * 101])
async def test_a_search_without_words_or_with_too_many_is_refused(
    client: httpx.AsyncClient, ours: UUID, q: str
) -> None:
    answer = await client.get("/v1/accounts", params={"q": q}, headers=ADMIN)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "q"


@pytest.mark.parametrize(
    ("q", "words"),
    [
        ("P-2026-000777", ["p-2026-000777"]),
        ("Ben-Ali", ["ben", "ali"]),
        ("d'Alger", ["d", "alger"]),
        ("0550 12 34 ali", ["05501234", "ali"]),
        ("ali ali", ["ali"]),
        ("Müller@Example.com", ["muller@example.com"]),
        ("+213 (0) 550", ["2130550"]),
        ("٠٥٥٠ ١٢", ["055012"]),
    ],
)
def test_a_text_is_split_into_words(q: str, words: list[str]) -> None:
    assert words_of(q) == words


def test_nothing_but_signs_is_no_word() -> None:
    with pytest.raises(ValidationFailed):
        words_of("?! @ -")


KINDS: dict[str, dict[str, Any]] = {
    "fleet_size": {"type": "integer"},
    "network": {"type": "enum", "options": [{"value": v, "label_fr": v} for v in ("gold", "iron")]},
    "sites": {"type": "multi_enum", "options": [{"value": v, "label_fr": v} for v in ("alger", "oran")]},
    "renewal": {"type": "date"},
    "budget": {"type": "money"},
    "audited": {"type": "boolean"},
    "motto": {"type": "text"},
}
SMALL = {
    "fleet_size": 9,
    "network": "iron",
    "renewal": "2026-12-31",
    "budget": {"amount": "900.00", "currency": "DZD"},
}
BIG = {
    "fleet_size": 120,
    "network": "gold",
    "sites": ["alger", "oran"],
    "renewal": "2027-01-15",
    "budget": {"amount": "1000.50", "currency": "DZD"},
    "audited": True,
    "motto": "Élégance",
}


@pytest.fixture
async def three_fleets(client: httpx.AsyncClient, ours: UUID) -> None:
    """Petit, Grand and Sans, with the custom fields of a small fleet, of a big one, and with none."""
    manager = actor(OURS, "settings:manage")
    for key, kind in KINDS.items():
        body = {"entity": "account", "key": key, "label_fr": key} | kind
        assert (await client.post("/v1/custom-fields", json=body, headers=manager)).status_code == 201
    await opened(client, ADMIN, ours, name="Petit", custom_fields=SMALL)
    await opened(client, ADMIN, ours, name="Grand", custom_fields=BIG)
    await opened(client, ADMIN, ours, name="Sans")


async def by_body(client: httpx.AsyncClient, sort: str, *conditions: dict[str, Any]) -> httpx.Response:
    body = {"filter": {"all": list(conditions)}, "sort": [sort]}
    return await client.post("/v1/accounts/search", json=body, headers=ADMIN)


@pytest.mark.usefixtures("three_fleets")
@pytest.mark.parametrize(
    ("key", "op", "value", "found"),
    [
        ("fleet_size", "gt", 10, ["Grand"]),
        ("fleet_size", "in", [9, 10], ["Petit"]),
        ("network", "ne", "gold", ["Petit", "Sans"]),
        ("sites", "eq", "oran", ["Grand"]),
        ("sites", "in", ["oran", "constantine"], ["Grand"]),
        ("renewal", "lt", "2027-01-01", ["Petit"]),
        ("budget", "gte", {"amount": "1000.00", "currency": "DZD"}, ["Grand"]),
        ("audited", "eq", True, ["Grand"]),
        ("motto", "prefix", "eleg", ["Grand"]),
        ("fleet_size", "null", True, ["Sans"]),
    ],
)
async def test_a_search_by_body_uses_custom_fields(
    client: httpx.AsyncClient, key: str, op: str, value: Any, found: list[str]
) -> None:
    answer = await by_body(client, "name", {"field": f"custom.{key}", "op": op, "value": value})
    assert answer.status_code == 200, answer.text
    assert [row["name"] for row in answer.json()["data"]] == found


@pytest.mark.usefixtures("three_fleets")
@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ("-custom.fleet_size", ["Grand", "Petit", "Sans"]),
        ("custom.motto", ["Petit", "Sans", "Grand"]),
        ("-custom.budget", ["Grand", "Petit", "Sans"]),
    ],
)
async def test_a_search_by_body_is_sorted_by_custom_fields(
    client: httpx.AsyncClient, sort: str, found: list[str]
) -> None:
    answer = await by_body(client, sort)
    assert answer.status_code == 200, answer.text
    assert [row["name"] for row in answer.json()["data"]] == found


@pytest.mark.usefixtures("three_fleets")
@pytest.mark.parametrize(
    "wrong",
    [
        {"field": "custom.unknown", "value": 1},
        {"field": "custom.fleet_size", "op": "prefix", "value": "1"},
        {"field": "custom.fleet_size", "value": "many"},
        {"field": "risk_flag", "op": "match", "value": "fraud_suspicion"},
    ],
)
async def test_a_condition_that_makes_no_sense_is_refused(
    client: httpx.AsyncClient, wrong: dict[str, Any]
) -> None:
    assert (await by_body(client, "name", wrong)).status_code == 422


async def test_pages_go_on_when_sorted_by_a_custom_field(client: httpx.AsyncClient, ours: UUID) -> None:
    manager = actor(OURS, "settings:manage")
    body = {"entity": "account", "key": "rank", "label_fr": "Rang", "type": "number"}
    await client.post("/v1/custom-fields", json=body, headers=manager)
    for rank in (3, None, 1.5, 2, None):
        await opened(client, ADMIN, ours, name=f"Rang {rank}", custom_fields={"rank": rank} if rank else {})
    seen: list[Any] = []
    cursor = None
    for _ in range(5):
        asked = {"sort": ["custom.rank"], "limit": 2, "cursor": cursor}
        page = (await client.post("/v1/accounts/search", json=asked, headers=ADMIN)).json()
        seen += [row["custom_fields"].get("rank") for row in page["data"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen == [None, None, 1.5, 2, 3]
