"""GET /v1/search: one question, every kind of object."""

from typing import Any, get_args
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from account_steps import agency, match
from actors import Headers, actor
from contacts.people import contact
from crm_api.kit.names import spellings
from crm_api.registry import OBJECTS
from crm_api.search.kinds import KINDS, NAME
from crm_api.search.schemas import Place, SearchType
from files.papers import PDF, added
from leads.people import lead
from plans import recorded

pytestmark = pytest.mark.anyio
OURS, THEIRS = uuid4(), uuid4()
READS = ("organization:read", "leads:read", "accounts:read", "contacts:read", "documents:read")
WRITES = ("leads:write", "leads:delete", "accounts:write", "accounts:merge")
WRITES += ("contacts:write", "documents:write")
ADMIN = actor(OURS, *READS, *WRITES, "agencies:read", "pii:read")


@pytest.fixture
async def place(app: FastAPI, owner: asyncpg.Connection) -> UUID:
    return await agency(owner, OURS)


async def account(client: httpx.AsyncClient, place: UUID, name: str, **more: Any) -> dict[str, Any]:
    address = {"kind": "home", "lines": ["1"], "wilaya_code": "16"}
    body = {"type": "household", "name": name, "addresses": [address], "agency_id": str(place)} | more
    answer = await client.post("/v1/accounts", json=body, headers=ADMIN)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def found(client: httpx.AsyncClient, q: str, who: Headers = ADMIN, **more: Any) -> list[dict[str, Any]]:
    answer = await client.get("/v1/search", params={"q": q} | more, headers=who)
    assert answer.status_code == 200, answer.text
    groups: list[dict[str, Any]] = answer.json()["data"]
    return groups


async def titles(client: httpx.AsyncClient, q: str, who: Headers = ADMIN, **more: Any) -> list[str]:
    return [hit["title"] for group in await found(client, q, who, **more) for hit in group["hits"]]


@pytest.mark.parametrize(
    ("q", "title"),
    [
        ("karim bouchareb", "Karim BOUCHAREB"),
        ("BOUCHAREB karim", "Karim BOUCHAREB"),
        ("bouch kar", "Karim BOUCHAREB"),
        ("karim bou", "Karim BOUCHAREB"),
        ("kàrîm", "Karim BOUCHAREB"),
        ("k", "Karim BOUCHAREB"),
        ("كريم", "Karim BOUCHAREB"),
        ("كريم bouchareb", "Karim BOUCHAREB"),
        ("كريم بوشارب", "Karim BOUCHAREB"),
        ("kareem", "Karim BOUCHAREB"),
        ("0550 12 34 56", "Karim BOUCHAREB"),
        ("0550123456", "Karim BOUCHAREB"),
        ("550 12 34 56", "Karim BOUCHAREB"),
        ("+213 550-12-34-56", "Karim BOUCHAREB"),
        ("00213 (0) 550.12.34.56", "Karim BOUCHAREB"),
        ("٠٥٥٠ ١٢ ٣٤ ٥٦", "Karim BOUCHAREB"),
        ("0550 12", "Karim BOUCHAREB"),
        ("123456", "Karim BOUCHAREB"),
        ("3456", "Karim BOUCHAREB"),
        ("bouchareb 3456", "Karim BOUCHAREB"),
        ("karim.b@example.com", "Karim BOUCHAREB"),
        ("karim.b@exa", "Karim BOUCHAREB"),
        ("bouchareb symbol", "Karim BOUCHAREB"),
        ("symbol karim bouchareb", "Karim BOUCHAREB"),
        ("zghoud sarl", "SARL Zghoud & Fils"),
        ("fils", "SARL Zghoud & Fils"),
        ("c00000001", "SARL Zghoud & Fils"),
        ("001516100972762", "SARL Zghoud & Fils"),
        ("0015161", "SARL Zghoud & Fils"),
        ("امينه", "MEZIANE Amina"),
        ("أمينة مزيان", "MEZIANE Amina"),
        ("meziane amina", "MEZIANE Amina"),
        ("amina kaci", "MEZIANE Amina"),
    ],
)
async def test_what_people_type_finds_what_they_mean(
    client: httpx.AsyncClient, place: UUID, q: str, title: str
) -> None:
    await lead(client, ADMIN, email="karim.b@example.com", need="Assurer une Renault Symbol de 2021")
    await lead(client, ADMIN, full_name="Lina HADDAD", phone="0661 99 88 77")
    await account(client, place, "SARL Zghoud & Fils", type="company", tax_id="001516100972762")
    await contact(
        client,
        str(place),
        ADMIN,
        first_name="Amina",
        last_name="Meziane",
        first_name_ar="أمينة",
        last_name_ar="مزيان",
        maiden_name="Kaci",
        civility="mme",
        phones=[{"value": "0770 11 22 33"}],
    )
    first = await titles(client, q)
    assert title in first
    assert "Lina HADDAD" not in first


async def test_a_number_is_found_whole_begun_or_by_its_end(client: httpx.AsyncClient, place: UUID) -> None:
    made = await lead(client, ADMIN)
    number, year = made["number"], made["number"].split("-")[1]
    short = number.rpartition("-")[2].lstrip("0")
    for q in (number, number.lower(), f"P-{year}", f"p-{year}-0000", number[2:], number[-6:], short):
        assert await titles(client, q, types="lead") == ["Karim BOUCHAREB"], q
    assert await found(client, f"P-{int(year) + 1}") == []


async def test_the_best_come_first_and_say_where_they_matched(client: httpx.AsyncClient, place: UUID) -> None:
    await lead(
        client, ADMIN, full_name="Samir ROUIBA", phone="0550 12 34 57", need="Devis pour Karim, son fils"
    )
    await lead(client, ADMIN, full_name="Karima SAADI", phone="0550 12 34 58")
    await lead(client, ADMIN)
    await account(client, place, "Famille Karim")
    groups = await found(client, "karim")
    shown = [(g["type"], [(h["title"], h["matched"], h["score"]) for h in g["hits"]]) for g in groups]
    assert shown == [
        (
            "lead",
            [("Karim BOUCHAREB", "name", 1.0), ("Karima SAADI", "name", 0.8), ("Samir ROUIBA", "need", 0.5)],
        ),
        ("account", [("Famille Karim", "name", 1.0)]),
    ]
    assert groups[0]["hits"][2]["snippet"] == "Devis pour Karim, son fils"
    (by_phone,) = await found(client, "0550 12 34 56")
    assert (by_phone["hits"][0]["matched"], by_phone["hits"][0]["snippet"]) == ("phone", "+213550123456")


async def test_a_long_text_is_cut_around_what_matched(client: httpx.AsyncClient, place: UUID) -> None:
    await lead(client, ADMIN, need="mot " * 200 + "hydrogéologue " + "mot " * 200)
    (group,) = await found(client, "hydrogeo")
    snippet = group["hits"][0]["snippet"]
    assert "hydrogéologue" in snippet
    assert len(snippet) <= 170
    assert snippet.startswith("… mot")
    assert snippet.endswith(" …")


async def test_each_kind_has_a_group_of_its_own_size(client: httpx.AsyncClient, place: UUID) -> None:
    for at in range(4):
        await lead(client, ADMIN, full_name=f"Karim B{at}", phone=f"05501200{at:02d}")
    (group,) = await found(client, "karim", limit=3)
    assert (len(group["hits"]), group["has_more"]) == (3, True)
    (group,) = await found(client, "karim", limit=4)
    assert (len(group["hits"]), group["has_more"]) == (4, False)
    await account(client, place, "Karim SPA")
    assert {g["type"] for g in await found(client, "karim")} == {"lead", "account"}
    assert {g["type"] for g in await found(client, "karim", types=["account", "contact"])} == {"account"}


@pytest.mark.parametrize("q", ["?", "--", "%", "_ _", "' OR 1=1 --", "\\", "@", "%karim%x", "!؟،", "\u200f"])
async def test_signs_are_no_words_and_no_wildcards(client: httpx.AsyncClient, place: UUID, q: str) -> None:
    await lead(client, ADMIN)
    assert await found(client, q) == []


@pytest.mark.parametrize(("q", "code"), [("", "string_too_short"), ("x" * 201, "string_too_long")])
async def test_a_question_has_its_length(client: httpx.AsyncClient, place: UUID, q: str, code: str) -> None:
    answer = await client.get("/v1/search", params={"q": q}, headers=ADMIN)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, code)


async def test_nine_words_are_too_many(client: httpx.AsyncClient, place: UUID) -> None:
    for q in ("a b c d e f g h i", " ".join(f"w{at}" for at in range(50))):
        answer = await client.get("/v1/search", params={"q": q}, headers=ADMIN)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "too_many_words")
    assert await found(client, "a b c d e f g h") == []
    assert await found(client, " ".join(["karim"] * 20)) == []


async def test_every_change_is_found_at_once(client: httpx.AsyncClient, place: UUID) -> None:
    made = await lead(client, ADMIN)
    path = f"/v1/leads/{made['id']}"
    body = {"full_name": "Sofiane DJEBBAR", "phone": "0770 00 11 22"}
    await client.patch(path, json=body, headers=ADMIN | match(1))
    assert await titles(client, "bouchareb") == await titles(client, "123456") == []
    assert await titles(client, "djebbar sofiane") == await titles(client, "001122") == ["Sofiane DJEBBAR"]
    await client.delete(path, headers=ADMIN | match(2))
    assert await titles(client, "djebbar") == []


async def test_what_was_merged_away_is_not_found(client: httpx.AsyncClient, place: UUID) -> None:
    kept, gone = [await account(client, place, name) for name in ("Famille AISSANI", "Famille AISSANI bis")]
    assert len(await titles(client, "aissani")) == 2
    merge, body = f"/v1/accounts/{kept['id']}/merge", {"account_id": gone["id"]}
    answer = await client.post(merge, json=body, headers=ADMIN | match(1))
    assert answer.status_code == 200, answer.text
    assert await titles(client, "aissani") == ["Famille AISSANI"]


async def test_everybody_finds_the_rows_they_see(client: httpx.AsyncClient, place: UUID) -> None:
    mine, other = uuid4(), uuid4()
    await lead(client, ADMIN, full_name="Karim AGENCE", phone="0550 12 34 01", agency_id=str(place))
    me = actor(OURS, *READS, "leads:write", id=mine, data_scope="own")
    await lead(client, me, full_name="Karim MIEN", phone="0550 12 34 02")
    assert sorted(await titles(client, "karim")) == ["Karim AGENCE", "Karim MIEN"]
    assert await titles(client, "karim", me) == ["Karim MIEN"]
    assert await titles(client, "karim", actor(OURS, *READS, data_scope="own")) == []
    local = actor(OURS, *READS, data_scope="agency", agency_ids=(place,))
    assert await titles(client, "karim", local) == ["Karim AGENCE"]
    assert await titles(client, "karim", actor(OURS, *READS, data_scope="agency", agency_ids=(other,))) == []
    assert await titles(client, "karim", actor(THEIRS, *READS)) == []


async def test_a_document_is_found_by_its_name_while_it_is_the_last_version(
    client: httpx.AsyncClient, place: UUID
) -> None:
    first = await added(client, ADMIN, PDF, "carte-grise-symbol.pdf", title="Carte grise de Karim")
    assert await titles(client, "grise carte") == ["carte-grise-symbol.pdf"]
    assert await titles(client, "karim") == ["carte-grise-symbol.pdf"]
    await added(client, ADMIN, PDF + b"%", "carte-grise-2.pdf", supersedes_id=first["id"])
    assert await titles(client, "carte grise") == ["carte-grise-2.pdf"]


async def test_nobody_finds_what_the_role_does_not_read(client: httpx.AsyncClient, place: UUID) -> None:
    await lead(client, ADMIN)
    await account(client, place, "Karim SPA")
    clerk = actor(OURS, "organization:read", "accounts:read")
    assert await titles(client, "karim", clerk) == ["Karim SPA"]
    refused = await client.get("/v1/search", params={"q": "karim", "types": "lead"}, headers=clerk)
    assert (refused.status_code, refused.json()["required_scopes"]) == (403, ["leads:read"])
    assert await found(client, "karim", actor(OURS, "organization:read")) == []


async def test_a_rare_row_among_many_of_the_same_word_is_found(
    client: httpx.AsyncClient, app: FastAPI, owner: asyncpg.Connection, place: UUID
) -> None:
    """The short way gives up after some hundreds; the long way goes to the end."""
    me = actor(OURS, *READS, "leads:write", data_scope="own")
    await lead(client, me, full_name="Karim ZZYAD", phone="0550 00 00 00")
    await owner.execute(FILL, OURS)
    with recorded(app) as sent:
        assert await titles(client, "karim", me) == ["Karim ZZYAD"]
    assert len(sent) == 2
    with recorded(app) as sent:
        assert len(await titles(client, "karim", types="lead")) == 5
    assert len(sent) == 1


FILL = """INSERT INTO leads (organization_id, id, version, number, full_name, type, source, status, score,
    score_band, score_explanation, consent_snapshot, quote_completed, contact_attempts, answered_calls,
    contact_invalid, product_interest, phone, first_contact_due_at)
SELECT $1, gen_random_uuid(), 1, 'P-2025-' || n, 'Karim A' || n, 'individual', 'phone', 'new', 0, 'cold',
    '[]', '{}', false, 0, 0, false, '{}', '+2136' || lpad(n::text, 8, '0'), now()
FROM generate_series(1, 1500) n"""


def test_every_kind_is_named_everywhere() -> None:
    assert set(get_args(SearchType)) == set(KINDS)
    assert {place for kind in KINDS.values() for place in kind.shown} == set(get_args(Place))
    for label, kind in KINDS.items():
        assert kind.model.label == label
        assert OBJECTS[label].model is kind.model
        assert next(iter(kind.shown)) == NAME


def test_spellings_are_of_both_scripts() -> None:
    assert {"karim", "kareem", "كريم"} == set(spellings("Kârim"))
    assert "mohammed" in spellings("محمد")
    assert spellings("bouchareb") == () or "bouchareb" in spellings("bouchareb")
    assert spellings("") == ()
