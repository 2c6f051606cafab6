"""A list of sales under way: of known accounts, in the stage where they stand, with their owner."""

from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from chores import done
from company import Company
from imports.files import brought, csv, lines_of, preview, taken_in, undo

pytestmark = pytest.mark.anyio
HEADER = (
    "Opportunité;Code client;Interlocuteur;Type;Produit;Montant;Date de clôture;Étape;Pipeline;Concurrent;"
    "Prochaine action;Prochaine action le;Agence;Commercial;Étiquettes;Référence"
)
PERSON = {
    "last_name": "Aïssani",
    "first_name": "Ilyès",
    "phones": [{"value": "0550123456"}],
    "create_household": True,
}


async def atlas(company: Company, **fields: Any) -> dict[str, Any]:
    agency = await company.agency("16012")
    body = {
        "name": "SARL Atlas",
        "type": "company",
        "agency_id": str(agency),
        "addresses": [{"kind": "head_office", "lines": ["1 rue Larbi Ben M'hidi"], "wilaya_code": "16"}],
    }
    answer = await company.send("POST", "/v1/accounts", body | fields)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def sales_of(client: httpx.AsyncClient, company: Company) -> list[dict[str, Any]]:
    answer = await client.get("/v1/opportunities?sort=name", headers=company.admin.headers)
    return list(answer.json()["data"])


async def test_sales_are_taken_in_where_they_stand(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, company: Company
) -> None:
    who = company.admin.headers
    account = await atlas(company)
    seller = await company.hire(agency_id=account["agency_id"])
    person = await company.send("POST", "/v1/contacts", PERSON | {"agency_id": account["agency_id"]})
    number = account["number"]
    content = csv(
        HEADER,
        f"Flotte Atlas;{number};0550 12 34 56;Affaire nouvelle;AUTO_FLOTTE;120 000,50 DA;31/01/2027;"
        f"Négociation;;SAA;Envoyer le devis;01/12/2026 09:30;16012;{seller.email};flotte, salon;OPP-1",
        f"Renouvellement Atlas;{number.lower()};;Renouvellement;AUTO_FLOTTE;80000;2027-02-28;;;;;;;;;OPP-2",
    )
    of = await taken_in(app, client, owner, who, content, "opportunity")
    assert (of["counts"]["created"], of["counts"]["failed"]) == (2, 0)
    assert of["by_agency"] == [{"agency_id": account["agency_id"], "created": 2}]
    fleet, renewal = await sales_of(client, company)
    expected = {
        "name": "Flotte Atlas",
        "account_id": account["id"],
        "contact_id": person.json()["id"],
        "amount": {"amount": "120000.50", "currency": "DZD"},
        "close_date": "2027-01-31",
        "stage": "negotiation",
        "probability": "0.7",
        "branch_code": fleet["branch_code"],
        "source": "import",
        "next_step": "Envoyer le devis",
        "next_step_at": "2026-12-01T08:30:00.000Z",
        "owner_user_id": str(seller.id),
        "tags": ["flotte", "salon"],
    }
    assert {name: fleet[name] for name in expected} == expected
    assert fleet["competitors"][0]["name"] == "SAA"
    assert (renewal["type"], renewal["owner_user_id"], renewal["agency_id"]) == (
        "renewal",
        None,
        account["agency_id"],
    )
    assert renewal["pipeline_id"] != fleet["pipeline_id"]
    named = await client.get("/v1/external-ids/import/opportunities/OPP-1", headers=who)
    assert named.json()["id"] == fleet["id"]
    stays = (await client.get(f"/v1/opportunities/{fleet['id']}/stages", headers=who)).json()["data"]
    assert [stay["stage"] for stay in stays] == ["negotiation"]
    written = "SELECT count(*) FROM audit_log WHERE action = 'opportunity.created'"
    assert await owner.fetchval(written) == 2


async def test_a_row_that_leads_nowhere_is_refused_and_told_and_the_others_come_in(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, company: Company
) -> None:
    who = company.admin.headers
    number = (await atlas(company))["number"]
    content = csv(
        "Opportunité;Code client;Interlocuteur;Produit;Montant;Date de clôture;Étape;Pipeline;Relance le",
        f"Bonne;{number};;AUTO_FLOTTE;1000;31/01/2027;;;",
        "Sans compte;C99999999;;AUTO_FLOTTE;1000;31/01/2027;;;",
        f"Sans personne;{number};0550999999;AUTO_FLOTTE;1000;31/01/2027;;;",
        f"Sans produit;{number};;RIEN;1000;31/01/2027;;;",
        f"Montant faux;{number};;AUTO_FLOTTE;1.234;31/01/2027;;;",
        f"Négatif;{number};;AUTO_FLOTTE;-5;31/01/2027;;;",
        f"Jour faux;{number};;AUTO_FLOTTE;1000;31/02/2027;;;",
        f"Gagnée;{number};;AUTO_FLOTTE;1000;31/01/2027;Gagnée;;",
        f"Étape inconnue;{number};;AUTO_FLOTTE;1000;31/01/2027;ailleurs;;",
        f"Pipeline inconnu;{number};;AUTO_FLOTTE;1000;31/01/2027;;ailleurs;",
        f"Heure fausse;{number};;AUTO_FLOTTE;1000;31/01/2027;;;01/12/2026 25:00",
    )
    of = await taken_in(app, client, owner, who, content, "opportunity")
    assert (of["counts"]["created"], of["status"]) == (1, "completed_with_errors")
    assert await lines_of(client, who, of) == {
        2: ["unknown_account"],
        3: ["unknown_person"],
        4: ["unknown_product"],
        5: ["invalid_amount_cell"],
        6: ["invalid_amount_cell"],
        7: ["invalid_day"],
        8: ["stage_closes_opportunity"],
        9: ["unknown_stage"],
        10: ["unknown_pipeline_code"],
        11: ["invalid_time"],
    }
    repaired = (await client.get(f"/v1/imports/{of['id']}/refused-rows", headers=who)).content
    assert repaired.decode().count("\r\n") == 11


async def test_what_an_account_is_being_sold_already_is_shown(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, company: Company
) -> None:
    who = company.admin.headers
    number = (await atlas(company))["number"]
    header = "Opportunité;Code client;Produit;Date de clôture"
    line = f"Flotte Atlas;{number};AUTO_FLOTTE;31/01/2027"
    await taken_in(app, client, owner, who, csv(header, line), "opportunity")
    of = await brought(
        client, who, csv(header, line, f"Autre;{number};AUTO_FLOTTE;31/01/2027"), "opportunity"
    )
    shown = await preview(client, who, of)
    told = [
        [(alike["type"], alike["score"], alike["reasons"]) for alike in row["duplicates"]]
        for row in shown["rows"]
    ]
    assert told == [
        [("opportunity", 90, ["same_sale"])],
        [("opportunity", 60, ["same_account_product"])],
    ]
    skipped = await taken_in(app, client, owner, who, csv(header, line), "opportunity", on_duplicate="skip")
    assert (skipped["counts"]["unchanged"], skipped["counts"]["created"]) == (1, 0)


async def test_known_ones_are_changed_and_everything_is_taken_back(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, company: Company
) -> None:
    who = company.admin.headers
    number = (await atlas(company))["number"]
    header = "Référence;Opportunité;Code client;Produit;Montant;Date de clôture;Agence"
    first = await taken_in(
        app,
        client,
        owner,
        who,
        csv(
            header,
            f"OPP-1;Flotte;{number};AUTO_FLOTTE;1000;31/01/2027;16012",
            f"OPP-2;Siège;{number};AUTO_FLOTTE;2000;31/01/2027;16012",
        ),
        "opportunity",
    )
    again = await taken_in(
        app,
        client,
        owner,
        who,
        csv(
            header,
            f"OPP-1;Flotte;{number};AUTO_FLOTTE;1500,25;28/02/2027;16012",
            f"OPP-2;Siège;{number};AUTO_FLOTTE;2000,00;31/01/2027;16012",
            f"OPP-3;Annexe;{number};AUTO_FLOTTE;10;31/01/2027;16012",
        ),
        "opportunity",
        mode="upsert",
        match_on="external_id",
    )
    counts = again["counts"]
    assert (counts["updated"], counts["unchanged"], counts["created"]) == (1, 1, 1)
    annex, fleet, office = await sales_of(client, company)
    assert (fleet["amount"]["amount"], fleet["close_date"]) == ("1500.25", "2027-02-28")
    await undo(client, who, again)
    await done(app, owner)
    fleet, office = await sales_of(client, company)
    assert (fleet["amount"]["amount"], fleet["close_date"]) == ("1000.00", "2027-01-31")
    gone = await client.get(f"/v1/opportunities/{annex['id']}", headers=who)
    assert gone.json()["deleted_at"] is not None
    moved = await company.send(
        "POST", f"/v1/opportunities/{office['id']}/move", {"stage": "negotiation"}, version=office["version"]
    )
    assert moved.status_code == 200, moved.text
    await undo(client, who, first)
    await done(app, owner)
    assert [one["name"] for one in await sales_of(client, company)] == ["Flotte", "Siège"]
