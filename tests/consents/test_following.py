"""Consent follows people: from the form to the lead, the contact, another sheet, and back."""

from typing import Any

import pytest

from actors import actor
from consents.desk import WORDS, Desk
from crm_api.consents.gate import Refusal
from crm_api.consents.models import ConsentPurpose, MarketingChannel

pytestmark = pytest.mark.anyio
SMS = ConsentPurpose.MARKETING_SMS
HOME = {"kind": "home", "lines": ["12, rue Didouche Mourad"], "wilaya_code": "16"}
FORM: dict[str, Any] = {
    "full_name": "Nadia HAMIDI",
    "phone": "0661 00 11 22",
    "email": "nadia@example.test",
    "consent": {"text_version": "2026-10", "text": WORDS, "marketing_email": True},
}


async def captured(desk: Desk, **consent: Any) -> dict[str, Any]:
    site = actor(desk.company.organization_id, "leads:capture", kind="client")
    form = FORM | {"consent": FORM["consent"] | consent}
    answer = await desk.company.client.post("/v1/public/leads", json=form, headers=site)
    assert answer.status_code == 202, answer.text
    return dict((await desk.got("/v1/leads"))["data"][0])


async def converted(desk: Desk, lead: dict[str, Any]) -> dict[str, Any]:
    path = f"/v1/leads/{lead['id']}"
    await desk.owner.execute("UPDATE leads SET status = 'qualified'")
    version = (await desk.got(path))["version"]
    done = await desk.call(
        "POST",
        f"{path}/convert",
        {"address": HOME, "agency_id": str(await desk.company.agency())},
        version=version,
    )
    return await desk.got(f"/v1/contacts/{done['contact_id']}")


async def test_what_a_form_says_is_in_the_ledger_and_follows_into_the_contact(desk: Desk) -> None:
    lead = await captured(desk)
    about = {"subject_type": "lead", "subject_id": lead["id"]}
    (said,) = (await desk.got("/v1/consents", **about))["data"]
    assert (said["status"], said["purpose"], said["source"]) == ("granted", "marketing_email", "lead_form")
    assert (said["channel"], said["text_version"]) == ("web", "2026-10")
    assert said["text_hash"]
    assert said["ip"]
    nadia = await converted(desk, lead)
    (copied,) = (await desk.got("/v1/consents", subject_id=nadia["id"]))["data"]
    same = ("purpose", "status", "text_hash", "text_version", "captured_at", "ip", "channel")
    assert {name: copied[name] for name in same} == {name: said[name] for name in same}
    assert (copied["source"], copied["request_id"]) == ("lead_conversion", lead["id"])
    assert await desk.gate(nadia) is None
    assert await desk.gate(nadia, SMS, MarketingChannel.SMS) is Refusal.NOT_GRANTED


async def test_a_form_with_empty_boxes_allows_nothing(desk: Desk) -> None:
    lead = await captured(desk, marketing_email=False)
    nadia = await converted(desk, lead)
    assert (await desk.got("/v1/consents"))["data"] == []
    assert await desk.gate(nadia) is Refusal.NOT_GRANTED


async def merged(desk: Desk, one: dict[str, Any], other: dict[str, Any]) -> None:
    await desk.call(
        "POST", f"/v1/contacts/{one['id']}/merge", {"other_id": other["id"]}, version=one["version"]
    )


async def test_the_strictest_state_wins_when_sheets_become_one_and_goes_again(desk: Desk) -> None:
    one, other = await desk.customer("Karim"), await desk.customer("Kari")
    await desk.said(other["id"], "withdrawn")
    await desk.said(one["id"])
    await desk.said(one["id"], "refused", purpose="profiling")
    await desk.said(other["id"], purpose="profiling")
    await desk.said(other["id"], purpose="partner_sharing")
    await merged(desk, one, other)
    states = {
        purpose: (await desk.state(one["id"], purpose))["status"]
        for purpose in ("marketing_email", "profiling", "partner_sharing")
    }
    assert states == {"marketing_email": "withdrawn", "profiling": "refused", "partner_sharing": "granted"}
    assert len(await desk.events("consent.withdrawn")) == 1
    merges = (await desk.got(f"/v1/contacts/{one['id']}/merges"))["data"]
    version = (await desk.got(f"/v1/contacts/{one['id']}"))["version"]
    await desk.call("POST", f"/v1/contacts/{one['id']}/merges/{merges[0]['id']}/undo", version=version)
    assert (await desk.state(one["id"]))["status"] == "granted"
    assert (await desk.state(one["id"], "partner_sharing"))["allowed"] is False
    assert (await desk.state(other["id"]))["status"] == "withdrawn"


async def test_an_imported_contact_starts_refused(desk: Desk) -> None:
    """Whoever is brought by another system has said nothing; `consent` columns are never read."""
    path = "/v1/external-ids/policy_admin/contacts/CL-77"
    agency = await desk.company.agency()
    body = {"last_name": "Saïdi", "first_name": "Amel", "create_household": True, "agency_id": str(agency)}
    answer = await desk.company.client.post(
        path, json=body | {"emails": [{"value": "amel@example.test"}]}, headers=desk.company.admin.headers
    )
    assert answer.status_code == 201, answer.text
    amel = answer.json()
    listed = (await desk.got("/v1/consent-states", subject_id=amel["id"]))["data"]
    assert {(one["status"], one["allowed"]) for one in listed} == {("refused", False)}
    assert await desk.gate(amel) is Refusal.NOT_GRANTED
