"""Journey E-2, steps 5 to 8: a lead is quoted, becomes a customer, and the sale follows its quote."""

from typing import Any

import pytest

from quotes.desk import Desk

pytestmark = pytest.mark.anyio


class Journey:
    """The administrator of the company does it all."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.headers = desk, desk.company.admin.headers

    async def send(self, method: str, path: str, body: Any = None, version: Any = None) -> dict[str, Any]:
        answer = await self.desk.company.send(method, path, body, by=self.headers, version=version)
        assert answer.is_success, answer.text
        return dict(answer.json())

    async def lead(self) -> dict[str, Any]:
        body = {"full_name": "Karim BOUCHAREB", "phone": "0550 12 34 56", "source": "phone"}
        body |= {"email": "karim@example.test", "wilaya_code": "16", "agency_id": str(self.desk.agency_id)}
        return await self.send("POST", "/v1/leads", body)

    async def step(self, lead: dict[str, Any], verb: str, body: Any = None) -> dict[str, Any]:
        now = await self.send("GET", f"/v1/leads/{lead['id']}")
        return await self.send("POST", f"/v1/leads/{lead['id']}/{verb}", body or {}, now["version"])

    async def quoted(self, lead: dict[str, Any], **more: Any) -> dict[str, Any]:
        parties = {"account_id": None, "lead_id": lead["id"], "agency_id": str(self.desk.agency_id)}
        made = await self.send("POST", "/v1/quotes", self.desk.body(**parties | more))
        return await self.desk.done(made, "rate", by=self.headers)


async def test_what_is_quoted_to_a_lead_follows_its_conversion(desk: Desk) -> None:
    journey = Journey(desk)
    lead = await journey.lead()
    quote = await journey.quoted(lead)
    assert (quote["lead_id"], quote["account_id"]) == (lead["id"], None)
    sent = await desk.done(quote, "send", {}, by=journey.headers)
    assert sent["sent_to"] == "karim@example.test"
    for verb in ("contact", "qualify"):
        await journey.step(lead, verb)
    became = await journey.step(lead, "convert")
    now = await desk.read(quote)
    assert (now["account_id"], now["contact_id"]) == (became["account_id"], became["contact_id"])


async def test_a_sale_follows_its_quote_forward_and_never_back(desk: Desk) -> None:
    journey = Journey(desk)
    sale = {"name": "Auto de M. Karim", "account_id": desk.account_id, "product_code": "AUTO_P"}
    sale = await journey.send("POST", "/v1/opportunities", sale | {"close_date": "2027-01-31"})
    assert sale["stage"] == "qualification"
    quote = await desk.rated(opportunity_id=sale["id"])
    await desk.done(quote, "send", {})
    assert (await journey.send("GET", f"/v1/opportunities/{sale['id']}"))["stage"] == "quote_sent"
    signed = await desk.signed(quote)
    await desk.done(quote, "accept", {"name": "Karim", "document_id": signed})
    after = await journey.send("GET", f"/v1/opportunities/{sale['id']}")
    assert (after["stage"], after["status"]) == ("documents_pending", "open")
    late = await desk.rated(opportunity_id=sale["id"])
    await desk.done(late, "send", {})
    assert (await journey.send("GET", f"/v1/opportunities/{sale['id']}"))["stage"] == "documents_pending"


async def test_a_quote_follows_its_agency_and_its_seller(desk: Desk) -> None:
    journey = Journey(desk)
    quote = await desk.sent()
    heir = await desk.company.agency("16099")
    agency = await journey.send("GET", f"/v1/agencies/{desk.agency_id}")
    body = {"transfer_to_agency_id": str(heir)}
    await journey.send("POST", f"/v1/agencies/{desk.agency_id}/close", body, agency["version"])
    assert (await desk.read(quote))["agency_id"] == str(heir)
