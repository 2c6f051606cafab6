import json
from datetime import timedelta
from uuid import uuid4

import asyncpg
import pytest

from actors import actor
from crm_api.kit.clock import today
from opportunities.sales import Sales, amount, an_account

pytestmark = pytest.mark.anyio


async def test_an_organization_that_opens_has_four_pipelines(sales: Sales) -> None:
    pipelines = (await sales.get("/v1/pipelines"))["data"]
    assert [one["code"] for one in pipelines] == ["cross_sell", "new_business", "renewal", "win_back"]
    assert [one["code"] for one in pipelines if one["is_default"]] == ["new_business"]
    stages = (await sales.pipeline())["stages"]
    assert [(one["code"], one["label_fr"], one["probability"]) for one in stages] == [
        ("qualification", "Qualification", "0.1"),
        ("need_analysis", "Analyse du besoin", "0.25"),
        ("quote_sent", "Devis envoyé", "0.5"),
        ("negotiation", "Négociation", "0.7"),
        ("documents_pending", "Pièces en attente", "0.9"),
        ("won", "Gagnée", "1"),
        ("lost", "Perdue", "0"),
    ]


async def test_an_opportunity_is_opened_read_and_changed(sales: Sales) -> None:
    made = await sales.sale(amount=amount("120000.00"), next_step="Envoyer le devis")
    assert made["number"] == f"O-{today().year}-000001"
    assert (made["stage"], made["status"], made["probability"]) == ("qualification", "open", "0.1")
    assert (made["branch_code"], made["forecast_category"]) == ("11", "pipeline")
    assert made["weighted_amount"] == amount("12000.00")
    assert (made["owner_user_id"], made["agency_id"]) == (str(sales.company.admin.id), str(sales.agency_id))
    assert await sales.now(made) == made
    changed = await sales.patch(made, name="Flotte Atlas 2027", next_step=None, tags=["flotte"])
    assert changed.status_code == 200, changed.text
    after = changed.json()
    assert (after["name"], after["next_step"], after["tags"]) == ("Flotte Atlas 2027", None, ["flotte"])
    assert after["version"] == made["version"] + 1


async def test_each_type_goes_its_own_way(sales: Sales) -> None:
    codes = {}
    names = {one["id"]: one["code"] for one in (await sales.get("/v1/pipelines"))["data"]}
    for kind in ("new_business", "cross_sell", "up_sell", "renewal", "win_back"):
        made = await sales.sale(type=kind)
        codes[kind] = (names[made["pipeline_id"]], made["stage"])
    assert codes == {
        "new_business": ("new_business", "qualification"),
        "cross_sell": ("cross_sell", "identified"),
        "up_sell": ("cross_sell", "identified"),
        "renewal": ("renewal", "due"),
        "win_back": ("win_back", "contact_again"),
    }


async def test_the_amount_is_the_sum_of_the_lines(sales: Sales) -> None:
    lines = [
        {"product_code": "AUTO_FLOTTE", "quantity": 3, "unit_amount": amount("33333.33")},
        {"product_code": "MRP", "unit_amount": amount("0.01"), "description": "Siège"},
    ]
    made = await sales.sale(lines=lines)
    assert made["amount"] == amount("100000.00")
    assert [line["amount"] for line in made["lines"]] == [amount("99999.99"), amount("0.01")]
    for changes in ({"amount": amount("1.00")}, {"amount": amount("1.00"), "lines": lines}):
        refused = await sales.patch(made, **changes)
        assert (refused.status_code, refused.json()["code"]) == (422, "lines_disagree")
        assert "100 000,00 DA" in refused.json()["detail"]
    fewer = await sales.patch(made, lines=lines[:1])
    assert fewer.json()["amount"] == amount("99999.99")
    none = await sales.patch(made, lines=[], amount=amount("5.00"))
    assert (none.json()["amount"], none.json()["lines"]) == (amount("5.00"), [])


async def test_what_is_named_must_be_there(sales: Sales) -> None:
    nobody = str(uuid4())
    for fields, code in (
        ({"account_id": nobody}, "unknown_account"),
        ({"contact_id": nobody}, "unknown_contact"),
        ({"agency_id": nobody}, "unknown_agency"),
        ({"pipeline_id": nobody}, "unknown_pipeline"),
        ({"stage": "nowhere"}, "unknown_stage"),
        ({"stage": "won"}, "stage_closes_opportunity"),
    ):
        refused = await sales.ask("POST", "/v1/opportunities", sales.body(**fields))
        assert refused.json()["code"] == code, (fields, refused.text)
    for fields, pointer in (
        ({"owner_user_id": nobody}, "/owner_user_id"),
        ({"product_code": "FUSEE"}, "/product_code"),
        ({"lines": [{"product_code": "FUSEE", "unit_amount": amount("1")}]}, "/lines/0/product_code"),
        ({"amount": amount("-1.00")}, "/amount"),
        ({"amount": {"amount": "1.00", "currency": "EUR"}}, "/amount"),
    ):
        refused = await sales.ask("POST", "/v1/opportunities", sales.body(**fields))
        assert refused.status_code == 422, refused.text
        assert refused.json()["errors"][0]["pointer"].startswith(pointer), refused.text
    made = await sales.sale()
    for fields, code in (
        ({"account_id": nobody}, "unknown_account"),
        ({"contact_id": nobody}, "unknown_contact"),
    ):
        refused = await sales.patch(made, **fields)
        assert (refused.status_code, refused.json()["code"]) == (422, code)


async def test_the_list_filters_sorts_and_pages(sales: Sales) -> None:
    small = await sales.sale(name="Été à Béjaïa", amount=amount("10.00"), close_date="2027-03-01")
    large = await sales.sale(amount=amount("900000.00"), close_date="2027-02-01", tags=["flotte"])
    other = await sales.sale(type="renewal", amount=amount("500.00"), close_date="2027-01-01")
    ids = {"small": small["id"], "large": large["id"], "other": other["id"]}

    async def listed(**query: str) -> list[str]:
        data = (await sales.get("/v1/opportunities", **query))["data"]
        return [next(name for name, id in ids.items() if id == row["id"]) for row in data]

    assert await listed(sort="amount") == ["small", "other", "large"]
    assert await listed(sort="-close_date") == ["small", "large", "other"]
    assert await listed(q="bejaia") == ["small"]
    assert await listed(name_prefix="ete a") == ["small"]
    assert await listed(q=large["number"]) == ["large"]
    assert await listed(tag="flotte") == ["large"]
    assert await listed(type="renewal") == ["other"]
    assert await listed(amount_gte="500.00", sort="amount") == ["other", "large"]
    assert await listed(amount_lt="500.00") == ["small"]
    assert await listed(close_date_gte="2027-02-01", close_date_lt="2027-03-01") == ["large"]
    assert await listed(stage="due") == ["other"]
    assert await listed(status="won") == []
    assert (await sales.get("/v1/opportunities/count", stage="qualification"))["count"] == 2
    first = await sales.get("/v1/opportunities", sort="amount", limit="2", include="total")
    assert (first["total"], first["has_more"]) == (3, True)
    second = await sales.get("/v1/opportunities", sort="amount", limit="2", cursor=first["next_cursor"])
    assert [row["id"] for row in second["data"]] == [large["id"]]
    search = {"filter": {"all": [{"field": "amount", "op": "gte", "value": "500.00"}]}, "sort": ["amount"]}
    found = await sales.ask("POST", "/v1/opportunities/search", search)
    assert [row["id"] for row in found.json()["data"]] == [other["id"], large["id"]]


async def test_many_at_once_and_by_the_names_of_other_systems(sales: Sales) -> None:
    made = await sales.sale()
    operations = [
        {"op": "create", "data": sales.body(name="Par lot")},
        {"op": "update", "id": made["id"], "version": 1, "data": {"name": "Changée"}},
        {"op": "create", "data": sales.body(product_code="FUSEE")},
    ]
    batch = (await sales.ask("POST", "/v1/opportunities/batch", {"operations": operations})).json()
    assert [row["status"] for row in batch["results"]] == [201, 200, 422]
    new = batch["results"][0]["data"]["id"]
    read = await sales.ask("POST", "/v1/opportunities/batch-get", {"ids": [new, str(uuid4()), made["id"]]})
    assert [row and row["name"] for row in read.json()["data"]] == ["Par lot", None, "Changée"]
    path = "/v1/external-ids/orass/opportunities/AFF-7"
    first = await sales.ask("POST", path, sales.body(name="Venue d'ORASS", amount=amount("7.00")))
    again = await sales.ask("POST", path, sales.body(name="Encore", amount=amount("8.00")))
    assert (first.status_code, again.status_code) == (201, 200), again.text
    assert (again.json()["id"], again.json()["amount"]) == (first.json()["id"], amount("8.00"))
    assert (await sales.get(path))["id"] == first.json()["id"]


async def test_the_bin_takes_all_but_won_ones(sales: Sales) -> None:
    made, won = await sales.sale(), await sales.sale()
    await sales.done(won, "win", policy_number="16012.2026.11.1110.00042")
    path = f"/v1/opportunities/{won['id']}"
    refused = await sales.ask("DELETE", path, version=(await sales.now(won))["version"])
    assert (refused.status_code, refused.json()["code"]) == (409, "won_stays")
    assert (await sales.ask("DELETE", f"/v1/opportunities/{made['id']}", version=1)).status_code == 204
    assert (await sales.get("/v1/opportunities/count"))["count"] == 1
    assert (await sales.act(made, "move", stage="negotiation")).json()["code"] == "deleted"
    restorer = actor(sales.company.organization_id, "admin:restore", "opportunities:read")
    back = await sales.ask("POST", f"/v1/opportunities/{made['id']}/restore", by=restorer)
    assert (back.status_code, back.json()["deleted_at"]) == (200, None)


async def test_own_fields_are_checked_and_searched(sales: Sales) -> None:
    field = {"entity": "opportunity", "key": "fleet_size", "label_fr": "Taille du parc", "type": "integer"}
    assert (await sales.ask("POST", "/v1/custom-fields", field)).status_code == 201
    made = await sales.sale(custom_fields={"fleet_size": 12})
    refused = await sales.patch(made, custom_fields={"fleet_size": "beaucoup"})
    assert refused.json()["errors"][0]["pointer"] == "/custom_fields/fleet_size"
    search = {"filter": {"all": [{"field": "custom.fleet_size", "op": "gte", "value": 10}]}}
    found = await sales.ask("POST", "/v1/opportunities/search", search)
    assert [row["id"] for row in found.json()["data"]] == [made["id"]]


async def test_rows_are_seen_as_everywhere(sales: Sales) -> None:
    made = await sales.sale()
    ours, elsewhere = sales.company.organization_id, uuid4()
    scopes = ("opportunities:read", "opportunities:write", "forecasts:read")
    neighbour = actor(ours, *scopes, data_scope="agency", agency_id=elsewhere, agency_ids=(elsewhere,))
    colleague = actor(
        ours, *scopes, data_scope="agency", agency_id=sales.agency_id, agency_ids=(sales.agency_id,)
    )
    stranger = actor(uuid4(), *scopes)
    for who, status in ((neighbour, 404), (stranger, 404), (colleague, 200)):
        for path in ("", "/stages"):
            answer = await sales.ask("GET", f"/v1/opportunities/{made['id']}{path}", by=who)
            assert answer.status_code == status
    assert (await sales.get("/v1/opportunities", neighbour))["data"] == []
    assert (await sales.get("/v1/pipelines", stranger))["data"] == []
    foreign = await sales.ask(
        "POST", "/v1/opportunities", sales.body(agency_id=str(sales.agency_id)), by=neighbour
    )
    assert foreign.json()["code"] == "unknown_agency"
    period = {"start": "2027-01-01", "end": "2027-02-01"}
    for who, count in ((neighbour, 0), (stranger, 0), (colleague, 1)):
        assert (await sales.get("/v1/forecasts", who, **period))["open"]["count"] == count


async def test_what_others_do_moves_it_along(sales: Sales) -> None:
    company = sales.company
    made = await sales.sale()
    heir = await company.agency("16099")
    version = (await sales.get(f"/v1/agencies/{sales.agency_id}"))["version"]
    closed = await sales.ask(
        "POST", f"/v1/agencies/{sales.agency_id}/close", {"transfer_to_agency_id": str(heir)}, version=version
    )
    assert closed.status_code == 200, closed.text
    assert (await sales.now(made))["agency_id"] == str(heir)
    leaver, stayer = await company.hire(agency_id=heir), await company.hire(agency_id=heir)
    assert (await sales.patch(made, owner_user_id=str(leaver.id))).status_code == 200
    gone = await sales.ask(
        "POST",
        f"/v1/users/{leaver.id}/deactivate",
        {"reassign_to": str(stayer.id)},
        version=await company.version(leaver.id),
    )
    assert gone.status_code == 200, gone.text
    assert (await sales.now(made))["owner_user_id"] == str(stayer.id)


async def test_it_follows_an_account_that_is_merged_and_holds_one_that_would_go(sales: Sales) -> None:
    made = await sales.sale()
    survivor = await an_account(sales.company, sales.agency_id, "SARL Atlas")
    path = f"/v1/accounts/{sales.account_id}"
    held = await sales.ask("DELETE", path, version=(await sales.get(path))["version"])
    assert (held.status_code, held.json()["code"]) == (409, "account_in_use")
    version = (await sales.get(f"/v1/accounts/{survivor}"))["version"]
    merged = await sales.ask(
        "POST", f"/v1/accounts/{survivor}/merge", {"account_id": sales.account_id}, version=version
    )
    assert merged.status_code == 200, merged.text
    assert (await sales.now(made))["account_id"] == survivor
    version = (await sales.get(path))["version"]
    undone = await sales.ask("POST", f"{path}/unmerge", version=version)
    assert undone.status_code == 200, undone.text
    assert (await sales.now(made))["account_id"] == sales.account_id


async def test_money_reads_the_same_in_the_journal_whichever_way_it_was_written(
    sales: Sales, owner: asyncpg.Connection
) -> None:
    made = await sales.sale(amount=amount("120.00"))
    await sales.patch(made, amount=amount("130.00"))
    lines = await owner.fetch(
        "SELECT changes FROM audit_log WHERE object_type = 'opportunity' AND changes ? 'amount' ORDER BY id"
    )
    told = [json.loads(line["changes"])["amount"] for line in lines]
    assert told == [[None, amount("120.00")], [amount("120.00"), amount("130.00")]]


async def test_what_stands_still_is_stagnant(sales: Sales, owner: asyncpg.Connection) -> None:
    idle, slow, fresh = [await sales.sale() for _ in range(3)]
    waiting = await sales.sale(stage="quote_sent")
    await owner.execute(
        "UPDATE opportunities SET stagnant_at = now() - interval '1 second' WHERE id = ANY($1::uuid[])",
        [idle["id"], slow["id"]],
    )
    listed = (await sales.get("/v1/opportunities", stagnant="true"))["data"]
    assert {row["id"] for row in listed} == {idle["id"], slow["id"]}
    assert all(row["stagnant"] for row in listed)
    others = (await sales.get("/v1/opportunities", stagnant="false"))["data"]
    assert {row["id"] for row in others} == {fresh["id"], waiting["id"]}
    touched = await sales.patch(idle, next_step="Rappeler")
    assert touched.json()["stagnant"] is False
    expected = await owner.fetchval(
        "SELECT stagnant_at - last_activity_at FROM opportunities WHERE id = $1", waiting["id"]
    )
    assert expected == timedelta(days=14), "no activity for fourteen days comes before 21 in the stage"


async def test_what_is_talked_about_does_not_stand_still(sales: Sales, owner: asyncpg.Connection) -> None:
    made, other = await sales.sale(), await sales.sale()
    late = "UPDATE opportunities SET stagnant_at = now() - interval '1 second'"
    await owner.execute(late)
    body = {
        "channel": "phone",
        "direction": "outbound",
        "outcome": "reached",
        "links": [
            {"object_type": "account", "object_id": sales.account_id},
            {"object_type": "opportunity", "object_id": made["id"]},
        ],
    }
    answer = await sales.ask("POST", "/v1/interactions", body)
    assert answer.status_code == 201, answer.text
    assert (await sales.now(made))["stagnant"] is False
    assert (await sales.now(other))["stagnant"] is True
