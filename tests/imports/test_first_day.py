"""The first day (journey E-13): accounts, then people; agencies and colleagues before them."""

from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from chores import done
from company import Company
from imports.files import brought, csv, lines_of, preview, taken_in, undo

pytestmark = pytest.mark.anyio
ACCOUNTS = csv(
    "Raison sociale;Type;Tél;Wilaya;Ville;NIF;Agence;Référence",
    "SARL Transport El Amel;Entreprise;021 34 46 46;16;Alger;001516100972762;16012;A-1",
    "Famille AISSANI;Ménage;0550123456;31;Oran;;16012;A-2",
    "Jumelle SARL;Entreprise;0661223344;16;Alger;001516100972762;16012;A-3",
    "Perdue SARL;Entreprise;0661223345;16;Alger;;99999;A-4",
    "Transport El Amel SARL;Entreprise;021344646;16;Alger;;16012;A-1",
)
PEOPLE = csv(
    "Nom,Prénom,Mobile,Courriel,Date de naissance,NIN,Wilaya,Adresse,Agence,Code client",
    "Aïssani,Ilyès,0550 12 34 56,,17/05/1994,10 9900 1001 1234 5678,16,12 rue Didouche Mourad,16012,",
    "Haddad,Lina,,lina@example.com,,,,,16012,{account}",
    "Double,Nin,0770112233,,,109900100112345678,,,16012,",
    "Jeune,Tres,0770112234,,17/05/2020,,,,16012,",
)


async def test_accounts_are_taken_in_under_their_rules(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, company: Company
) -> None:
    who = company.admin.headers
    agency = await company.agency("16012")
    of = await taken_in(app, client, owner, who, ACCOUNTS, "account")
    assert await lines_of(client, who, of) == {
        3: ["tax_id_taken"],
        4: ["unknown_agency"],
        5: ["external_id_taken"],
    }
    assert of["by_agency"] == [{"agency_id": str(agency), "created": 2}]
    found = (await client.get("/v1/accounts?sort=name", headers=who)).json()["data"]
    assert [(one["name"], one["type"], one.get("wilaya_code")) for one in found] == [
        ("Famille AISSANI", "household", None),
        ("SARL Transport El Amel", "company", None),
    ]
    assert found[1]["addresses"][0] | {"kind": "head_office", "lines": ["Alger"]} == found[1]["addresses"][0]
    again = await taken_in(
        app,
        client,
        owner,
        who,
        csv("Raison sociale;Wilaya;NIF;Effectif", "Transport El Amel;16;001516100972762;42"),
        "account",
        mode="upsert",
        match_on="tax_id",
    )
    assert again["counts"]["updated"] == 1
    await undo(client, who, again)
    await done(app, owner)
    amel = (await client.get(f"/v1/accounts/{found[1]['id']}", headers=who)).json()
    assert (amel["name"], amel["employee_count"], amel["version"]) == ("SARL Transport El Amel", None, 3)
    await undo(client, who, of)
    await done(app, owner)
    left = (await client.get("/v1/accounts", headers=who)).json()["data"]
    assert [one["id"] for one in left] == [found[1]["id"]]


async def test_people_come_with_households_keys_and_sealed_facts_and_go_again(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, company: Company
) -> None:
    who = company.admin.headers
    await company.agency("16012")
    accounts = await taken_in(app, client, owner, who, ACCOUNTS, "account")
    number = (await client.get("/v1/accounts?q=amel", headers=who)).json()["data"][0]["number"]
    content = PEOPLE.replace(b"{account}", number.encode())
    of = await taken_in(app, client, owner, who, content, "contact")
    assert await lines_of(client, who, of) == {3: ["national_id_taken"], 4: ["age_out_of_range"]}
    found = (await client.get("/v1/contacts?sort=name", headers=who)).json()["data"]
    assert [(one["display_name"], one["national_id_number"]) for one in found] == [
        ("AÏSSANI Ilyès", "•••5678"),
        ("HADDAD Lina", None),
    ]
    assert await owner.fetchval("SELECT count(*) FROM accounts WHERE name = 'Famille AÏSSANI'") == 1
    asked = {"national_id_number": "109900100112345678"}
    by_number = await client.post("/v1/contacts/find-by-national-id", json=asked, headers=who)
    assert by_number.json()["id"] == found[0]["id"]
    assert (await client.get("/v1/contacts?phone=0550123456", headers=who)).json()["data"][0]["id"] == found[
        0
    ]["id"]
    logged = await owner.fetchval(
        """SELECT string_agg(changes::text || data::text, '') FROM audit_log
        JOIN event_log USING (organization_id, object_id)"""
    )
    assert "109900100112345678" not in logged
    assert "1994-05-17" not in logged
    await undo(client, who, of)
    await done(app, owner)
    assert (await client.get("/v1/contacts", headers=who)).json()["data"] == []
    assert (
        await owner.fetchval("SELECT count(*) FROM accounts WHERE deleted_at IS NULL")
        == accounts["counts"]["created"]
    )
    again = await taken_in(app, client, owner, who, content, "contact")
    assert again["counts"]["created"] == 2


async def test_people_on_record_are_shown_as_duplicates(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, company: Company
) -> None:
    who = company.admin.headers
    await company.agency("16012")
    await taken_in(
        app, client, owner, who, csv("Nom;Prénom;Mobile;Agence", "Aïssani;Ilyès;0550123456;16012"), "contact"
    )
    of = await brought(
        client, who, csv("Nom;Prénom;Mobile;Agence", "AISSANI;Ilyes;0550123456;16012"), "contact"
    )
    shown = await preview(client, who, of)
    [alike] = shown["rows"][0]["duplicates"]
    assert (alike["type"], alike["score"], alike["row"]) == ("contact", 80, None)
    UUID(alike["id"])
    skipped = await taken_in(
        app,
        client,
        owner,
        who,
        csv("Nom;Prénom;Mobile;Agence", "AISSANI;Ilyes;0550123456;16012"),
        "contact",
        on_duplicate="skip",
    )
    assert (skipped["counts"]["unchanged"], skipped["counts"]["created"]) == (1, 0)


async def test_the_network_and_the_staff_come_first(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, company: Company
) -> None:
    who = company.admin.headers
    await company.agency("16012")
    code = (await client.get("/v1/regions", headers=who)).json()["data"][0]["code"]
    network = csv(
        "N° agence;Dénomination;Type;Code région;Wilaya;Rattachement;Tel",
        f"16013;Agence Hydra;Agence directe;{code};16;16014;021 34 46 46",
        f"16014;Agence Kouba;direct_agency;{code};16;;",
        "16015;Agence Perdue;direct_agency;XX;16;;",
    )
    of = await brought(client, who, network, "agency")
    refused = await client.post(
        f"/v1/imports/{of['id']}/preview", json={"mapping": of["mapping"]}, headers=who
    )
    assert {fault["code"] for fault in refused.json()["errors"]} == {"mode_not_offered"}
    of = await taken_in(app, client, owner, who, network, "agency", mode="upsert", match_on="code")
    assert (of["counts"]["created"], await lines_of(client, who, of)) == (2, {3: ["unknown_region"]})
    assert (await undo(client, who, of)).json()["code"] == "import_cannot_be_undone"
    staff = csv(
        "Courriel;Agence;Profil", "lina@alliance.test;16013;Utilisateur", "karim@alliance.test;99999;"
    )
    of = await taken_in(app, client, owner, who, staff, "user")
    assert (of["counts"]["created"], await lines_of(client, who, of)) == (1, {2: ["unknown_agency_code"]})
    listed = (await client.get("/v1/invitations", headers=who)).json()["data"]
    assert [one["email"] for one in listed] == ["lina@alliance.test"]
