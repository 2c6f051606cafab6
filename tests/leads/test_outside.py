from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest

from actors import actor, principal_of
from leads.people import act, administrator, agency, colleague, lead

pytestmark = pytest.mark.anyio
OURS = uuid4()
ADMIN = administrator(OURS)
SITE = actor(OURS, "leads:capture", kind="client")
PARTNER = actor(OURS, "leads:read", "leads:write", kind="client", data_scope="own")
OTHER = actor(OURS, "leads:read", "leads:write", kind="client", data_scope="own")
FORM: dict[str, Any] = {
    "full_name": "Nadia HAMIDI",
    "phone": "0661 00 11 22",
    "consent": {"text_version": "2026-10", "marketing_email": True},
}
PUSH: dict[str, Any] = {"full_name": "Nadia HAMIDI", "phone": "0661 00 11 22", "external_id": "CMP-1"}
PROOF = {"text_version": "v3", "text": "J'accepte.", "accepted_at": "2026-11-20T10:00:00Z"}


async def capture(client: httpx.AsyncClient, **more: Any) -> httpx.Response:
    return await client.post("/v1/public/leads", json=FORM | more, headers=SITE)


async def push(client: httpx.AsyncClient, who: dict[str, str] = PARTNER, **more: Any) -> httpx.Response:
    return await client.post("/v1/partner/leads", json=PUSH | more, headers=who)


# --- the insurer's own forms (journey E-2)


async def test_a_form_becomes_a_lead_that_is_scored_routed_and_has_its_consent(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    here = await agency(client, ADMIN)
    seller = await colleague(owner, OURS, here)
    rule = {"name": "Web", "strategy": "round_robin", "sources": ["web_form"], "target_agency_id": str(here)}
    await client.post("/v1/lead-routing-rules", json=rule, headers=ADMIN)
    answer = await capture(
        client, utm_source="google", quote_completed=True, captcha_token="x", wilaya_code="16"
    )
    assert (answer.status_code, answer.json()) == (202, {"received": True})
    (made,) = (await client.get("/v1/leads", headers=ADMIN)).json()["data"]
    assert (made["source"], made["utm_source"], made["status"]) == ("web_form", "google", "assigned")
    assert (made["owner_user_id"], made["score"]) == (str(seller), 20)
    snapshot = made["consent_snapshot"]
    assert (snapshot["text_version"], snapshot["channels"], snapshot["only_for_request"]) == (
        "2026-10",
        ["marketing_email"],
        False,
    )
    assert snapshot["ip"]
    kinds = {row["kind"] for row in await owner.fetch("SELECT kind FROM event_log")}
    assert {"lead.created", "lead.assigned"} <= kinds


async def test_the_answer_never_tells_who_is_known(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    submission = str(uuid4())
    first = await capture(client, submission_id=submission)
    again = await capture(client, submission_id=submission, need="Autre texte")
    robot = await capture(client, website="http://spam.example.com")
    known = await capture(client, submission_id=str(uuid4()))
    assert {answer.status_code for answer in (first, again, robot, known)} == {202}
    assert {answer.text for answer in (first, again, robot, known)} == {'{"received":true}'}
    assert await owner.fetchval("SELECT count(*) FROM leads") == 2


async def test_a_form_without_consent_is_refused(client: httpx.AsyncClient) -> None:
    body = {name: value for name, value in FORM.items() if name != "consent"}
    answer = await client.post("/v1/public/leads", json=body, headers=SITE)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/consent")
    for field in ("owner_user_id", "agency_id", "phone_verified", "status", "score"):
        assert (await capture(client, **{field: "x"})).status_code == 422


async def test_a_write_key_can_do_nothing_else(client: httpx.AsyncClient) -> None:
    assert (await client.get("/v1/leads", headers=SITE)).status_code == 403
    assert (await client.post("/v1/leads", json=FORM, headers=SITE)).status_code == 403
    assert (await client.post("/v1/public/leads", json=FORM)).status_code == 401


# --- partners (journey E-3)


async def test_a_partner_sends_a_lead_and_follows_its_state(
    client: httpx.AsyncClient, owner: asyncpg.Connection
) -> None:
    sent = await push(client, source="comparator", consent=PROOF | {"marketing_sms": True})
    assert sent.status_code == 201, sent.text
    assert sent.headers["location"] == "/v1/partner/leads/CMP-1"
    assert set(sent.json()) == {"id", "external_id", "number", "status", "created_at", "updated_at"}
    seen = (await client.get(f"/v1/leads/{sent.json()['id']}", headers=ADMIN)).json()
    assert (seen["source"], seen["partner_id"]) == ("comparator", str(principal_of(PARTNER).id))
    assert seen["consent_snapshot"]["channels"] == ["marketing_sms"]
    await act(client, ADMIN, seen, "contact")
    followed = await client.get("/v1/partner/leads/CMP-1", headers=PARTNER)
    assert (followed.status_code, followed.json()["status"]) == (200, "contacted")
    assert (await client.get("/v1/partner/leads/CMP-1", headers=OTHER)).status_code == 404


async def test_the_same_reference_changes_the_lead_while_it_is_new(client: httpx.AsyncClient) -> None:
    first = await push(client)
    second = await push(client, need="Plus vite", phone="0661 00 11 23")
    assert (second.status_code, second.json()["id"]) == (200, first.json()["id"])
    now = (await client.get(f"/v1/leads/{first.json()['id']}", headers=ADMIN)).json()
    assert (now["need"], now["phone"], now["version"]) == ("Plus vite", "+213661001123", 2)
    assert (await push(client, OTHER)).status_code == 201, "another partner's references are its own"
    await act(client, ADMIN, now, "contact")
    late = await push(client, need="Trop tard")
    assert (late.status_code, late.json()["code"]) == (409, "partner_reference_taken")
    assert late.json()["existing_id"] == first.json()["id"]


async def test_the_same_key_has_one_effect(client: httpx.AsyncClient) -> None:
    keyed = PARTNER | {"Idempotency-Key": str(uuid4())}
    first, again = [await push(client, keyed) for _ in range(2)]
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again.headers["idempotency-replayed"] == "true"
    other = await push(client, keyed, need="autre")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")


@pytest.mark.parametrize("consent", [None, {"text_version": "v3", "marketing_email": True}])
async def test_without_proof_of_consent_marketing_is_refused(
    client: httpx.AsyncClient, consent: dict[str, Any] | None
) -> None:
    sent = await push(client, consent=consent)
    seen = (await client.get(f"/v1/leads/{sent.json()['id']}", headers=ADMIN)).json()
    snapshot = seen["consent_snapshot"]
    assert (snapshot["only_for_request"], snapshot["marketing"], snapshot["channels"]) == (True, False, [])


async def test_a_batch_answers_row_by_row(client: httpx.AsyncClient, owner: asyncpg.Connection) -> None:
    await push(client)
    rows = [
        PUSH | {"external_id": "CMP-2"},
        PUSH | {"external_id": "CMP-3", "phone": "12345"},
        PUSH | {"need": "changé"},
        PUSH | {"external_id": "CMP-2", "need": "deux fois"},
    ]
    answer = await client.post("/v1/partner/leads/batch", json={"leads": rows}, headers=PARTNER)
    assert answer.status_code == 200, answer.text
    result = answer.json()
    assert [row["status"] for row in result["results"]] == [201, 422, 200, 200]
    assert (result["succeeded"], result["failed"]) == (3, 1)
    assert result["results"][1]["problem"]["errors"][0]["pointer"] == "/phone"
    assert await owner.fetchval("SELECT count(*) FROM leads") == 2


async def test_partners_only(client: httpx.AsyncClient) -> None:
    refused = await push(client, ADMIN)
    assert (refused.status_code, refused.json()["code"]) == (403, "partners_only")


async def test_a_partner_sees_no_other_lead(client: httpx.AsyncClient) -> None:
    await lead(client, ADMIN)
    mine = (await push(client)).json()["id"]
    assert [row["id"] for row in (await client.get("/v1/leads", headers=PARTNER)).json()["data"]] == [mine]
