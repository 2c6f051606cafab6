"""Lists fill the fields that an organization defined, required ones too."""

from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from company import Company
from imports.files import brought, csv, lines_of, taken_in

pytestmark = pytest.mark.anyio
FIELDS: list[dict[str, Any]] = [
    {"key": "fidelite", "label_fr": "Carte fidélité", "type": "boolean", "required": True},
    {"key": "flotte", "label_fr": "Taille de flotte", "type": "integer"},
    {"key": "taux", "label_fr": "Taux", "type": "number"},
    {"key": "depuis", "label_fr": "Client depuis", "type": "date"},
    {"key": "prime", "label_fr": "Prime payée", "type": "money"},
    {"key": "note", "label_fr": "Remarque interne", "type": "text"},
    {
        "key": "niveau",
        "label_fr": "Niveau",
        "type": "enum",
        "options": [{"value": "gold", "label_fr": "Or"}, {"value": "silver", "label_fr": "Argent"}],
    },
]
HEADER = ";".join(
    ["Nom complet", "Tél", "Référence", *(field["label_fr"] for field in FIELDS if field["key"] != "note")]
    + ["custom.note"]
)


async def defined(company: Company, **more: Any) -> None:
    for field in FIELDS:
        body = {"entity": "lead"} | field | more
        answer = await company.send("POST", "/v1/custom-fields", body)
        assert answer.status_code == 201, answer.text


async def test_own_fields_are_filled_by_their_labels(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, company: Company
) -> None:
    who = company.admin.headers
    await defined(company)
    entities = (await client.get("/v1/imports/entities", headers=who)).json()["data"]
    lead = next(one for one in entities if one["entity"] == "lead")
    assert {"name": "custom.niveau", "label": "Niveau", "kind": "option", "matches": False} in lead["fields"]
    content = csv(
        HEADER,
        "Karim BOUCHAREB;0550123456;R-1;oui;12;0,5;31/12/2020;1 500,25;Or;=calme",
        "Lina HADDAD;0661223344;R-2;non;;;;;argent;",
        "Sans CARTE;0770112233;R-3;;;;;;;",
        "Faux NIVEAU;0770112234;R-4;oui;douze;a;31/02/2020;1.234;bronze;",
    )
    of = await brought(client, who, content)
    assert of["mapping"]["Carte fidélité"] == "custom.fidelite"
    of = await taken_in(app, client, owner, who, content)
    assert of["counts"]["created"] == 2
    lines = await lines_of(client, who, of)
    assert lines[3] == ["missing"]
    assert sorted(lines[4]) == [
        "invalid_amount_cell",
        "invalid_day",
        "invalid_number",
        "invalid_whole_number",
    ]
    results = (await client.get(f"/v1/jobs/{of['job_id']}/results", headers=who)).json()["data"]
    assert results[0]["faults"][0]["pointer"] == "/custom.fidelite"
    karim = (await client.get("/v1/external-ids/import/leads/R-1", headers=who)).json()
    assert karim["custom_fields"] == {
        "fidelite": True,
        "flotte": 12,
        "taux": 0.5,
        "depuis": "2020-12-31",
        "prime": {"amount": "1500.25", "currency": "DZD"},
        "niveau": "gold",
        "note": "=calme",
    }
    again = await taken_in(
        app,
        client,
        owner,
        who,
        csv(HEADER, "Karim BOUCHAREB;0550123456;R-1;oui;13;0,5;31/12/2020;1 500,25;Or;=calme"),
        mode="upsert",
        match_on="external_id",
    )
    assert again["counts"]["updated"] == 1
    same = await taken_in(
        app,
        client,
        owner,
        who,
        csv(HEADER, "Karim BOUCHAREB;0550123456;R-1;oui;13;0,5;31/12/2020;1 500,25;Or;=calme"),
        mode="upsert",
        match_on="external_id",
    )
    assert same["counts"]["unchanged"] == 1


async def test_own_fields_of_another_kind_are_not_offered(
    client: httpx.AsyncClient, company: Company
) -> None:
    await defined(company, entity="account")
    of = await brought(client, company.admin.headers, csv(HEADER, "Karim;0550123456;;;;;;;;"))
    assert not [field for field in of["mapping"].values() if field.startswith("custom.")]
