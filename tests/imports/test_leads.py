"""A list of leads: brought, previewed, taken in with its mistakes, repaired, taken back."""

from datetime import date
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import actor
from chores import done
from company import Company
from imports.files import bring, brought, commit, csv, lines_of, preview, taken_in, undo, xlsx

pytestmark = pytest.mark.anyio
LIST = csv(
    "Nom;Prénom;Tél;Courriel;Wilaya;Échéance;Besoin;Opt-in marketing",
    "AISSANI;Ilyès;0550 12 34 56;Ilyes@Gmail.com;16;31/12/2026;Tous risques;oui",
    'Haddad;Lina;0661 22 33 44;;9;;"=HYPERLINK(""x"")";oui',
    "Sans;Téléphone;;;16;;;",
    "Mauvais;Jour;0770112233;;16;31/02/2026;;",
    "Aissani;Ilyes;+213550123456;;16;;;",
)


async def test_columns_are_understood_by_their_names_in_french(
    client: httpx.AsyncClient, company: Company
) -> None:
    of = await brought(client, company.admin.headers, LIST)
    assert of["mapping"] == {
        "Nom": "last_name",
        "Prénom": "first_name",
        "Tél": "phone",
        "Courriel": "email",
        "Wilaya": "wilaya_code",
        "Échéance": "current_expiry_date",
        "Besoin": "need",
    }
    assert (of["status"], of["row_count"], of["encoding"], of["delimiter"]) == ("uploaded", 5, "utf-8", ";")


async def test_a_preview_says_in_french_what_would_become_of_each_row_and_writes_nothing(
    client: httpx.AsyncClient, owner: asyncpg.Connection, company: Company
) -> None:
    who = company.admin.headers
    of = await brought(client, who, LIST)
    shown = await preview(client, who, of)
    assert [row["outcome"] for row in shown["rows"]] == ["created", "created", "failed", "failed", "created"]
    assert shown["rows"][2]["faults"][0]["detail"].startswith("Un numéro de téléphone ou une adresse")
    assert shown["rows"][3]["faults"] == [
        {
            "pointer": "/current_expiry_date",
            "code": "invalid_day",
            "detail": "Cette date n'existe pas ; écrivez-la 31/12/2026.",
        }
    ]
    assert shown["rows"][4]["duplicates"] == [
        {"type": "lead", "id": None, "row": 1, "score": 80, "reasons": ["name_phone", "phone", "name_wilaya"]}
    ]
    assert shown["ignored"] == ["Opt-in marketing"]
    assert "marketing commence refusé" in shown["notes"][0]
    for table in ("leads", "search_tokens"):
        assert await owner.fetchval(f"SELECT count(*) FROM {table}") == 0
    assert await owner.fetchval("SELECT count(*) FROM audit_log WHERE object_type = 'lead'") == 0


async def test_a_bad_row_never_stops_a_file_and_can_be_repaired(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, company: Company
) -> None:
    who = company.admin.headers
    of = await taken_in(app, client, owner, who, LIST)
    assert of["status"] == "completed_with_errors"
    assert of["counts"] == {
        "created": 3,
        "updated": 0,
        "unchanged": 0,
        "failed": 2,
        "duplicates": 1,
        "undone": 0,
    }
    assert await lines_of(client, who, of) == {
        3: ["unreachable"],
        4: ["invalid_day"],
        5: ["probable_duplicate"],
    }
    leads = (await client.get("/v1/leads?sort=created_at", headers=who)).json()["data"]
    ilyes = next(lead for lead in leads if lead["email"])
    assert (ilyes["full_name"], ilyes["phone"], ilyes["email"]) == (
        "Ilyès AISSANI",
        "+213550123456",
        "ilyes@gmail.com",
    )
    assert ilyes["consent_snapshot"]["marketing"] is False
    assert ilyes["source"] == "import"
    assert ilyes["current_expiry_date"] == "2026-12-31"
    lina = next(lead for lead in leads if lead["last_name"] == "Haddad")
    assert (lina["need"], lina["wilaya_code"]) == ('=HYPERLINK("x")', "09")
    refused = await client.get(f"/v1/imports/{of['id']}/refused-rows", headers=who)
    lines = refused.content.decode("utf-8-sig").splitlines()
    assert lines[0].endswith(";Motif")
    assert [line.split(";")[0] for line in lines[1:]] == ["Sans", "Mauvais"]
    repaired = refused.content.replace(b"31/02/2026", b"28/02/2027").replace(
        "Téléphone;;".encode(), "Téléphone;0559 88 77 66;".encode()
    )
    again = await taken_in(app, client, owner, who, repaired)
    assert again["counts"]["created"] == 2


async def test_each_lead_of_a_list_has_its_journal_and_is_found_by_words(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, company: Company
) -> None:
    who = company.admin.headers
    await taken_in(app, client, owner, who, LIST)
    found = (await client.get("/v1/leads?q=aissani 0550", headers=who)).json()["data"]
    assert len(found) == 2
    one = await client.post(
        "/v1/leads", json={"full_name": "Un Seul", "phone": "0560111222", "source": "phone"}, headers=who
    )
    lines = await owner.fetch(
        """SELECT a.object_id, a.actor_id, a.action, a.changes, e.data, e.kind
        FROM audit_log a JOIN event_log e
        USING (organization_id, object_id) WHERE a.object_type = 'lead' AND a.action = 'lead.created'
        AND e.kind = 'lead.created'"""
    )
    assert len(lines) == 4
    assert {line["actor_id"] for line in lines} == {company.admin.id}
    alone = next(line for line in lines if str(line["object_id"]) == one.json()["id"])
    many = next(line for line in lines if str(line["object_id"]) == found[0]["id"])
    assert '"phone": [null, "+213550123456"]' in many["changes"]
    assert "aissani" not in many["data"].lower()
    assert '"values"' in many["data"]
    assert '"values"' in alone["data"]


async def test_a_list_taken_in_can_be_taken_back_but_for_what_was_touched(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, company: Company
) -> None:
    who = company.admin.headers
    of = await taken_in(app, client, owner, who, LIST)
    leads = (await client.get("/v1/leads", headers=who)).json()["data"]
    touched = leads[0]["id"]
    changed = await client.patch(
        f"/v1/leads/{touched}", json={"best_time": "soir"}, headers=who | {"If-Match": '"1"'}
    )
    assert changed.status_code == 200
    answer = await undo(client, who, of)
    assert answer.status_code == 202, answer.text
    await done(app, owner)
    after = (await client.get(f"/v1/imports/{of['id']}", headers=who)).json()
    assert (after["status"], after["counts"]["undone"]) == ("rolled_back", 2)
    left = (await client.get("/v1/leads", headers=who)).json()["data"]
    assert [lead["id"] for lead in left] == [touched]
    assert list((await lines_of(client, who, after)).values()) == [["row_touched_since"]]
    again = await undo(client, who, of)
    assert (again.status_code, again.json()["code"]) == (409, "invalid_transition")


async def test_known_leads_are_changed_and_get_their_values_back(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, company: Company
) -> None:
    who = company.admin.headers
    await taken_in(
        app,
        client,
        owner,
        who,
        csv("Nom complet;Tél;Besoin;Référence", "Karim BOUCHAREB;0550123456;Auto;A-1"),
    )
    changed = csv(
        "Nom complet;Tél;Besoin;Référence",
        "Karim BOUCHAREB;0550123456;Habitation;A-1",
        "Nouvelle PERSONNE;0660123456;;A-2",
    )
    of = await taken_in(app, client, owner, who, changed, mode="upsert", match_on="external_id")
    assert (of["counts"]["updated"], of["counts"]["created"]) == (1, 1)
    [karim] = (await client.get("/v1/leads?phone=0550123456", headers=who)).json()["data"]
    assert (karim["need"], karim["version"]) == ("Habitation", 2)
    same = await taken_in(app, client, owner, who, changed, mode="upsert", match_on="external_id")
    assert same["counts"]["unchanged"] == 2
    await undo(client, who, of)
    await done(app, owner)
    [karim] = (await client.get("/v1/leads?phone=0550123456", headers=who)).json()["data"]
    assert (karim["need"], karim["external_ids"][0]["value"]) == ("Auto", "A-1")
    only = await taken_in(app, client, owner, who, changed, mode="update", match_on="external_id")
    assert (only["counts"]["updated"], only["counts"]["failed"]) == (1, 1)


async def test_a_rehearsal_judges_every_row_and_writes_none(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, company: Company
) -> None:
    who = company.admin.headers
    of = await brought(client, who, LIST)
    await preview(client, who, of)
    answer = await commit(client, who, of, dry_run=True)
    assert answer.status_code == 202
    busy = await commit(client, who, of)
    assert (busy.status_code, busy.json()["code"]) == (409, "import_busy")
    await done(app, owner)
    after = (await client.get(f"/v1/imports/{of['id']}", headers=who)).json()
    assert (after["status"], after["counts"]["created"], after["counts"]["failed"]) == ("validated", 3, 2)
    assert await owner.fetchval("SELECT count(*) FROM leads") == 0
    assert (await commit(client, who, of)).status_code == 202
    await done(app, owner)
    assert await owner.fetchval("SELECT count(*) FROM leads") == 3


async def test_a_workbook_keeps_leading_zeros_days_and_the_values_of_formulas(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, company: Company
) -> None:
    rows: list[list[Any]] = [
        ["Prospects du salon"],
        ["Nom complet", "Mobile", "Wilaya", "Code postal", "Date d'échéance", "Observation"],
        ["Karim BOUCHAREB", 550123456, 9, 9000, date(2026, 12, 31), "=1+41"],
        ["Lina HADDAD", "0661223344", "09", "09000", date(2027, 1, 15), 12.5],
    ]
    of = await taken_in(app, client, owner, company.admin.headers, xlsx(rows))
    assert (of["format"], of["counts"]["created"]) == ("xlsx", 2)
    leads = (await client.get("/v1/leads?sort=full_name", headers=company.admin.headers)).json()["data"]
    kept = ("phone", "wilaya_code", "postal_code", "current_expiry_date", "need")
    assert [[lead[name] for name in kept] for lead in leads] == [
        ["+213550123456", "09", "09000", "2026-12-31", "42"],
        ["+213661223344", "09", "09000", "2027-01-15", "12.5"],
    ]


async def test_what_a_user_said_of_columns_is_remembered(client: httpx.AsyncClient, company: Company) -> None:
    who = company.admin.headers
    content = csv("Qui;Appeler;Divers", "Karim BOUCHAREB;0550123456;x")
    of = await brought(client, who, content)
    assert of["mapping"] == {}
    of["mapping"] = {"Qui": "full_name", "Appeler": "phone"}
    await preview(client, who, of)
    again = await brought(client, who, csv("Divers;Appeler;Qui", "x;0550123456;Karim BOUCHAREB"))
    assert again["mapping"] == {"Qui": "full_name", "Appeler": "phone"}


async def test_who_may_not_write_leads_one_by_one_brings_no_list(
    client: httpx.AsyncClient, company: Company
) -> None:
    who = actor(company.organization_id, "data:import")
    answer = await bring(client, who, LIST)
    assert (answer.status_code, answer.json()["required_scopes"]) == (403, ["leads:write"])
    of = await brought(client, company.admin.headers, LIST)
    stranger = actor(uuid4(), "data:import", "leads:write")
    assert (await client.get(f"/v1/imports/{of['id']}", headers=stranger)).status_code == 404
