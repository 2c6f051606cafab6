"""The ledger and its present state: what was said last holds, and nothing is allowed that nobody allowed."""

import hashlib
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from actors import actor
from consents.desk import EMAIL, WORDS, Desk
from crm_api.consents.gate import Refusal
from crm_api.consents.models import ConsentStatus
from crm_api.core.db import now

pytestmark = pytest.mark.anyio


async def test_nothing_is_allowed_until_somebody_allows_it(desk: Desk) -> None:
    karim = await desk.customer()
    first = await desk.state(karim["id"])
    assert (first["status"], first["allowed"], first["recorded"]) == ("refused", False, False)
    assert await desk.gate(karim) is Refusal.NOT_GRANTED
    said = await desk.said(karim["id"])
    assert said["text_hash"] == hashlib.sha256(WORDS.encode()).hexdigest()
    assert (said["source"], said["text_version"], said["language"]) == ("staff", "v1", "fr")
    assert said["ip"]
    assert (await desk.state(karim["id"]))["consent_id"] == said["id"]
    assert await desk.gate(karim) is None
    await desk.said(karim["id"], "withdrawn", reason="Au téléphone")
    assert await desk.gate(karim) is Refusal.NOT_GRANTED
    listed = await desk.got("/v1/consents", subject_id=karim["id"], sort="captured_at")
    assert [one["status"] for one in listed["data"]] == ["granted", "withdrawn"]
    assert len(await desk.events("consent.granted")) == len(await desk.events("consent.withdrawn")) == 1


async def test_nothing_in_the_ledger_changes(desk: Desk) -> None:
    karim = await desk.customer()
    await desk.said(karim["id"])
    for change in (
        "UPDATE consents SET status = 'refused'",
        "DELETE FROM consents",
        "TRUNCATE consents CASCADE",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
            await desk.owner.execute(change)


async def test_a_consent_needs_its_proof(desk: Desk) -> None:
    karim = await desk.customer()
    bare = {"subject_id": karim["id"], "purpose": "profiling", "status": "granted", "channel": "phone"}
    refused = await desk.company.send("POST", "/v1/consents", bare)
    assert (refused.status_code, refused.json()["code"]) == (422, "consent_proof_needed")
    unknown = await desk.company.send("POST", "/v1/consents", bare | {"text_version": "jamais-vue"})
    assert (unknown.status_code, unknown.json()["code"]) == (422, "consent_text_unknown")
    kept = await desk.call(
        "POST", "/v1/consent-texts", {"text_version": "v2", "language": "fr", "body": WORDS}
    )
    other = await desk.company.send(
        "POST", "/v1/consents", bare | {"text_version": "v2", "text": "D'autres mots que ceux-là."}
    )
    assert (other.status_code, other.json()["code"]) == (409, "consent_text_differs")
    said = await desk.call("POST", "/v1/consents", bare | {"text_version": "v2", "language": "fr"})
    assert said["text_hash"] == kept["text_hash"]
    taken = await desk.company.send(
        "POST", "/v1/consent-texts", {"text_version": "v2", "language": "fr", "body": "Un autre texte."}
    )
    assert taken.json()["code"] == "consent_text_taken"


async def test_an_agency_records_a_consent_with_a_document_only(desk: Desk) -> None:
    agency = await desk.company.agency()
    karim = await desk.customer(agency_id=str(agency))
    scopes = ("consents:write", "consents:read", "contacts:read", "contacts:write")
    seller = actor(desk.company.organization_id, *scopes, data_scope="agency", agency_ids=(agency,))
    body = {"subject_id": karim["id"], "purpose": "marketing_sms", "status": "granted", "channel": "counter"}
    body |= {"text_version": "v1", "text": WORDS, "language": "fr"}
    refused = await desk.company.send("POST", "/v1/consents", body, by=seller)
    assert refused.json()["code"] == "consent_proof_needed"
    no = await desk.company.send("POST", "/v1/consents", body | {"status": "refused"}, by=seller)
    assert no.status_code == 201
    elsewhere = actor(desk.company.organization_id, *scopes, data_scope="agency", agency_ids=(uuid4(),))
    unseen = await desk.company.send("POST", "/v1/consents", body, by=elsewhere)
    assert unseen.status_code == 404
    assert (await desk.got("/v1/consents", by=elsewhere))["data"] == []
    assert (await desk.got("/v1/consents", by=seller))["data"]


async def test_a_consent_ends_by_itself(desk: Desk) -> None:
    karim = await desk.customer()
    begin, end = now() - timedelta(days=2), now() - timedelta(days=1)
    await desk.said(karim["id"], captured_at=begin.isoformat(), expires_at=end.isoformat())
    assert (await desk.state(karim["id"]))["allowed"] is False
    assert await desk.gate(karim) is Refusal.EXPIRED
    ahead = {"subject_id": karim["id"], "purpose": "push", "status": "refused", "channel": "web"}
    refused = await desk.company.send(
        "POST", "/v1/consents", ahead | {"captured_at": (now() + timedelta(hours=1)).isoformat()}
    )
    assert refused.json()["errors"][0]["code"] == "consent_ahead"


async def test_a_paper_of_yesterday_does_not_undo_the_no_of_today(desk: Desk) -> None:
    karim = await desk.customer()
    await desk.said(karim["id"], "withdrawn")
    await desk.said(karim["id"], captured_at=(now() - timedelta(days=1)).isoformat())
    assert await desk.gate(karim) is Refusal.NOT_GRANTED
    assert await desk.events("consent.granted") == []


async def test_a_brand_has_a_consent_of_its_own(desk: Desk) -> None:
    karim = await desk.customer()
    await desk.said(karim["id"], brand="takaful")
    assert await desk.gate(karim) is Refusal.NOT_GRANTED
    assert await desk.gate(karim, brand="takaful") is None
    await desk.said(karim["id"], "withdrawn")  # of the house: of every brand
    assert await desk.gate(karim, brand="takaful") is Refusal.NOT_GRANTED
    await desk.said(karim["id"])
    assert await desk.gate(karim, brand="takaful") is None
    await desk.said(karim["id"], "withdrawn", brand="takaful")
    assert await desk.gate(karim, brand="takaful") is Refusal.NOT_GRANTED
    assert await desk.gate(karim) is None


async def test_another_organization_sees_no_consent(desk: Desk) -> None:
    karim = await desk.customer()
    said = await desk.said(karim["id"])
    stranger = actor(uuid4(), "consents:read", "consents:write", "contacts:read")
    assert (await desk.company.send("GET", f"/v1/consents/{said['id']}", by=stranger)).status_code == 404
    body = {"subject_id": karim["id"], "purpose": "push", "status": "refused", "channel": "web"}
    assert (await desk.company.send("POST", "/v1/consents", body, by=stranger)).status_code == 404


# --- the property: effective is the last record, whatever the order in which it was written

SAID = st.lists(
    st.tuples(
        st.sampled_from([*ConsentStatus]),
        st.sampled_from(["", "takaful"]),
        st.integers(0, 6),
        st.sampled_from([None, None, -1, 30]),
        st.booleans(),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=SAID)
async def test_effective_is_the_last_record_and_nothing_is_allowed_without_a_grant(
    desk_of_one: tuple[Desk, dict[str, Any]], history: list[tuple[Any, ...]]
) -> None:
    """Some lines come one by one, others in one statement with the one before."""
    desk, karim = desk_of_one
    contact, moment = UUID(karim["id"]), now() - timedelta(days=10)
    async with desk.owner.transaction():
        await desk.owner.execute("SET LOCAL session_replication_role = replica")
        await desk.owner.execute("DELETE FROM consents")
        await desk.owner.execute("DELETE FROM consent_states")
    rows: list[tuple[Any, ...]] = []
    for status, brand, hours, ends, _ in history:
        captured = moment + timedelta(hours=hours)
        expires = None if ends is None else now() + timedelta(days=ends)
        rows.append((uuid4(), contact, str(status), brand, captured, expires))
    batches: list[list[tuple[Any, ...]]] = []
    for row, (*_, together) in zip(rows, history, strict=True):
        if together and batches:
            batches[-1].append(row)
        else:
            batches.append([row])
    for batch in batches:
        await desk.owner.execute(
            """INSERT INTO consents (organization_id, id, version, subject_type, subject_id, purpose, status,
                   brand, channel, source, captured_at, expires_at, request_id)
               SELECT $1, o.id, 1, 'contact', o.who, 'marketing_email', o.status, o.brand, 'web', 'staff',
                      o.captured, o.expires, o.id
               FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::timestamptz[],
                           $7::timestamptz[]) AS o (id, who, status, brand, captured, expires)""",
            desk.company.organization_id,
            *(list(column) for column in zip(*batch, strict=True)),
        )
    for brand in ("", "takaful"):
        mine = [row for row in rows if row[3] in ("", brand)]
        last = max(mine, key=lambda row: (row[4], row[0])) if mine else None
        holds = last is not None and last[2] == "granted" and (last[5] is None or last[5] > now())
        refusal = await desk.gate(karim, EMAIL, brand=brand)
        assert (refusal is None) == holds, (brand, rows)


@pytest.fixture
async def desk_of_one(desk: Desk) -> tuple[Desk, dict[str, Any]]:
    return desk, await desk.customer()
