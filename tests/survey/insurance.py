"""Objects of the insurance floors that no plain POST makes, and bodies that span several fields."""

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from crm_api.kit.clock import today

if TYPE_CHECKING:
    from survey.estate import Estate, Values

ANY = "00000000-0000-0000-0000-000000000000"
RISK: dict[str, Any] = {
    "product_code": "AUTO_RC",
    "effective_on": (today() + timedelta(days=1)).isoformat(),
    "inputs": {
        "usage": "personal",
        "power": 8,
        "wilaya": "16",
        "driver_born_on": "1980-03-02",
        "licence_on": "2002-06-01",
    },
}
BODIES: Mapping[str, Mapping[str, Any]] = {
    "/v1/quotes": {**RISK, "plan_code": "RC", "account_id": ANY, "agency_id": ANY},
    "/v1/quotes/compare": RISK,
    "/v1/products": {"code": "TRACTEUR", "tax_profile_code": "AUTO", "branch_code": "11"},
    "/v1/products/{product_id}/plans": {"code": "BASE", "coverages": [{"code": "RC"}]},
    "/v1/coverage-definitions": {"code": "TRACT", "depends_on": [], "excludes": []},
    "/v1/tariff-rows": {"product_code": "AUTO_P", "coverage_code": "PTA", "part": "base", "rate": "0.05"},
}


async def plan(estate: "Estate") -> "Values":
    """One that the organization came with."""
    answer = await estate.client.get("/v1/plans", headers=estate.headers)
    return {"plan_id": str(answer.json()["data"][0]["id"])}


async def shared_quote(estate: "Estate") -> "Values":
    """The token of a quote that was sent."""
    quote = await estate.another("/v1/quotes/{quote_id}")
    for verb, body in (("rateQuote", None), ("sendQuote", {"by": "handed_over"})):
        operation = estate.called(verb)
        version = await estate.version(operation, quote)
        answer = await estate.send(operation, quote, body, version=version)
        assert answer.status_code == 200, answer.text
    link = await estate.client.get(f"/v1/quotes/{quote['quote_id']}/link", headers=estate.headers)
    assert link.status_code == 200, link.text
    return {"link": str(link.json()["url"]).partition("token=")[2]}
