"""Who and what the tests of interactions need around them."""

from typing import Any

import httpx

from actors import Headers
from company import Company, Person

Answer = dict[str, Any]
KARIM = {"full_name": "Karim BOUCHAREB", "phone": "0550 12 34 56", "source": "phone"}


async def made(company: Company, path: str, body: Answer, by: Headers | None = None) -> Answer:
    answer = await company.send("POST", path, body, by=by)
    assert answer.status_code in (200, 201), answer.text
    return dict(answer.json())


async def lead(company: Company, by: Headers | None = None, **more: Any) -> Answer:
    return await made(company, "/v1/leads", {**KARIM, **more}, by)


async def person(company: Company, by: Headers | None = None, **more: Any) -> Answer:
    """With a household of their own, unless an account is named."""
    if "agency_id" not in more:
        more["agency_id"] = (await agencies(company))[0]
    body = {"first_name": "Ilyès", "last_name": "Aïssani", "phones": [{"value": "0550 12 34 56"}]}
    if "account_links" not in more:
        body |= {"create_household": True}
    return await made(company, "/v1/contacts", body | more, by)


async def agencies(company: Company) -> list[str]:
    found = await company.send("GET", "/v1/agencies")
    if not found.json()["data"]:
        return [str(await company.agency())]
    return [one["id"] for one in found.json()["data"]]


async def call(
    company: Company, *links: tuple[str, Answer], by: Headers | None = None, **more: Any
) -> Answer:
    """An answered call of ours about these."""
    body = {"channel": "phone", "direction": "outbound", "outcome": "reached"} | more
    body["links"] = [{"object_type": kind, "object_id": of["id"]} for kind, of in links]
    return await made(company, "/v1/interactions", body, by)


async def seller(company: Company, code: str) -> Person:
    """A user of an agency of their own."""
    return await company.hire(agency_id=await company.agency(code))


async def get(company: Company, path: str, by: Headers | None = None, **params: Any) -> httpx.Response:
    return await company.client.get(path, params=params, headers=by or company.admin.headers)
