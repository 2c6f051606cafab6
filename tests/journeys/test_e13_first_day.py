"""E-13, for what exists: the base of before comes in, list after list, is reconciled, and could go again."""

from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import Headers
from chores import done
from company import Company
from imports.files import brought, commit, csv, lines_of, preview, taken_in, undo, xlsx
from journeys.steps import Answer, read

pytestmark = pytest.mark.anyio
Taken = Callable[..., Awaitable[Answer]]
STAFF = csv("Courriel;Agence;Profil", "lina@alliance.test;16013;Utilisateur", "omar@alliance.test;31001;")
ACCOUNTS: list[list[Any]] = [
    ["Raison sociale", "Type", "Tél", "Wilaya", "Ville", "NIF", "Agence", "Référence", "Opt-in marketing"],
    [
        "SARL Transport El Amel",
        "Entreprise",
        "021 34 46 46",
        16,
        "Alger",
        "001516100972762",
        "16013",
        "A-1",
        "oui",
    ],
    ["شركة النقل الأمل", "Entreprise", "041 33 22 11", 31, "وهران", "", "31001", "A-2", "oui"],
    ['Éts "Chez Omar"; pièces', "Entreprise", "041 33 22 12", 31, "Oran", "", "31001", "A-3", "non"],
    ["Jumelle SARL", "Entreprise", "0661223344", 16, "Alger", "001516100972762", "16013", "A-4", "oui"],
]
PEOPLE = csv(
    "Nom;Prénom;Mobile;Date de naissance;Wilaya;Adresse;Agence;Référence",
    "Aïssani;Ilyès;0550 12 34 56;17/05/1994;16;12 rue Didouche Mourad;16013;P-1",
    "Haddad;Lina;0661 00 11 22;01/02/1990;9;;31001;P-2",
    "AISSANI;Ilyes;0550123456;17/05/1994;16;;16013;P-3",
    "Jour;Faux;0770112234;31/02/1990;16;;16013;P-4",
    encoding="cp1252",
)
LEADS = csv(
    "Nom complet;Tél;Wilaya;Besoin;Agence;Référence",
    "Nadia HAMIDI;0661 77 88 99;16;Tous risques;16013;L-1",
    "Yacine BENALI;0770 11 22 33;31;Multirisque;31001;L-2",
)


def sales(first: str, second: str) -> bytes:
    return csv(
        "Opportunité;Code client;Produit;Montant;Date de clôture;Étape;Agence;Référence",
        f"Flotte El Amel;{first};AUTO_FLOTTE;1 200 000,00;31/01/2027;Négociation;16013;O-1",
        f"Flotte الأمل;{second};AUTO_FLOTTE;350 000,50;28/02/2027;Devis envoyé;31001;O-2",
        f"Déjà gagnée;{first};AUTO_FLOTTE;10,00;28/02/2027;Gagnée;16013;O-3",
    )


async def test_the_base_of_before_comes_in_and_could_go_again(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, company: Company
) -> None:
    who = company.admin.headers

    async def take(content: bytes, entity: str, **options: Any) -> Answer:
        return await taken_in(app, client, owner, who, content, entity, **options)

    # 1. The network, then the staff: invitations go out.
    agencies = await the_network_and_the_staff(take, company)

    # 2. Accounts: rehearsed first. Each fault names its column, nothing is written.
    of = await brought(client, who, xlsx(ACCOUNTS), "account")
    shown = await preview(client, who, of)
    assert shown["ignored"] == ["Opt-in marketing"]
    assert "marketing" in shown["notes"][0]
    rehearsal = await commit(client, who, of, dry_run=True)
    await done(app, owner)
    judged = await read(company, rehearsal.headers["location"])
    results = await read(company, f"{rehearsal.headers['location']}/results")
    assert [(one["number"], one["faults"][0]["pointer"]) for one in results["data"]] == [(4, "/tax_id")]
    assert judged["counts"] == {"total": 4, "done": 3, "failed": 1}
    assert (await read(company, "/v1/accounts/count"))["count"] == 0

    # 3. Then for good, and reconciled with the source by agency.
    assert (await commit(client, who, of)).status_code == 202
    await done(app, owner)
    accounts = await read(company, f"/v1/imports/{of['id']}")
    assert (accounts["status"], accounts["counts"]["created"]) == ("completed_with_errors", 3)
    assert {one["agency_id"]: one["created"] for one in accounts["by_agency"]} == {
        agencies["16013"]: 1,
        agencies["31001"]: 2,
    }
    amel, arabic = [await named(company, "accounts", name) for name in ("A-1", "A-2")]
    assert (arabic["name"], amel["tax_id"]) == ("شركة النقل الأمل", "001516100972762")

    # 4. People, from a Windows file: who is there twice is flagged, who has no day is refused.
    people = await take(PEOPLE, "contact")
    assert (people["encoding"], people["counts"]["created"], people["counts"]["duplicates"]) == (
        "cp1252",
        3,
        1,
    )
    assert (await lines_of(client, who, people))[4] == ["invalid_day"]
    lina = await named(company, "contacts", "P-2")
    assert lina["agency_id"] == agencies["31001"]

    # 5. Leads and sales under way; what is won already belongs to the history, not to the forecast.
    leads = await take(LEADS, "lead")
    under_way = await take(sales(amel["number"], arabic["number"]), "opportunity")
    assert await lines_of(client, who, under_way) == {3: ["stage_closes_opportunity"]}
    forecast = await read(
        company, "/v1/forecasts", start="2027-01-01", end="2027-03-01", group_by="agency_id"
    )
    assert forecast["open"]["amount"]["amount"] == "1550000.50"
    refused = await client.get(f"/v1/imports/{under_way['id']}/refused-rows", headers=who)
    assert "Déjà gagnée" in refused.text

    # 6. Nobody has agreed to marketing.
    consents = await owner.fetch("SELECT DISTINCT consent_snapshot->>'marketing_email' FROM leads")
    assert {row[0] for row in consents} <= {None, "false"}

    # 7. The same lists once more change nothing: a double run compares to zero.
    for content, entity in ((PEOPLE, "contact"), (LEADS, "lead"), (xlsx(ACCOUNTS), "account")):
        again = await take(content, entity, mode="upsert", match_on="external_id")
        assert (again["counts"]["created"], again["counts"]["updated"]) == (0, 0), (entity, again["counts"])
    again = await take(
        sales(amel["number"], arabic["number"]), "opportunity", mode="upsert", match_on="external_id"
    )
    assert (again["counts"]["created"], again["counts"]["unchanged"]) == (0, 2)

    # 8. Within 72 hours all of it can go, the last list first; what somebody worked on stays.
    hers = await named(company, "contacts", "P-2")
    kept = await company.send(
        "PATCH", f"/v1/contacts/{hers['id']}", {"contact_hours": "soir"}, version=hers["version"]
    )
    assert kept.status_code == 200, kept.text
    for one in (under_way, leads, people, accounts):
        assert (await undo(client, who, one)).status_code == 202
        await done(app, owner)
    assert (await read(company, "/v1/opportunities/count"))["count"] == 0
    assert (await read(company, "/v1/leads/count"))["count"] == 0
    left = (await read(company, "/v1/contacts"))["data"]
    assert [one["id"] for one in left] == [lina["id"]]
    assert {one["name"] for one in (await read(company, "/v1/accounts"))["data"]} == {"Famille HADDAD"}


async def the_network_and_the_staff(take: Taken, company: Company) -> dict[str, str]:
    """Number -> id of the agencies."""
    await company.agency("16012")
    region = (await read(company, "/v1/regions"))["data"][0]["code"]
    network = csv(
        "N° agence;Dénomination;Type;Code région;Wilaya",
        f"16013;Agence Hydra;Agence directe;{region};16",
        f"31001;Agence Oran;Agence directe;{region};31",
    )
    assert (await take(network, "agency", mode="upsert", match_on="code"))["counts"]["created"] == 2
    assert (await take(STAFF, "user"))["counts"]["created"] == 2
    assert len((await read(company, "/v1/invitations"))["data"]) == 2
    return {one["code"]: one["id"] for one in (await read(company, "/v1/agencies"))["data"]}


async def named(company: Company, what: str, name: str, by: Headers | None = None) -> Answer:
    """By what the system of before called it."""
    return await read(company, f"/v1/external-ids/import/{what}/{name}", by)
