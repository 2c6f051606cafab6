"""What the tests of notifications do again and again."""

from typing import Any
from uuid import UUID, uuid4

from company import Company, Person
from crm_api.notifications.service import NotificationService
from crm_api.notifications.texts import Message
from crm_api.registry import JOBS

LEAD = uuid4()
HELLO = Message("rights_changed")


async def tell(company: Company, *people: Person | UUID, kind: str = "assignment", **more: Any) -> int:
    """As a use case of the house would."""
    ctx = company.context()
    ids = [one.id if isinstance(one, Person) else one for one in people]
    told = await NotificationService(ctx).notify(ids, kind, **({"title": HELLO} | more))
    await ctx.commit()
    await ctx.close()
    return told


async def work(company: Company, job: str, **payload: Any) -> None:
    """As the worker does, once."""
    ctx = company.context()
    try:
        ctx.begin()
        await JOBS[job](ctx, payload)
        await ctx.commit()
    finally:
        await ctx.close()


async def listed(company: Company, person: Person, **params: Any) -> list[dict[str, Any]]:
    answer = await company.client.get("/v1/notifications", params=params, headers=person.headers)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["data"])


async def speaks(company: Company, person: Person, language: str) -> None:
    me = (await company.send("GET", "/v1/users/me", by=person.headers)).json()
    body = {"language": language}
    answer = await company.send("PATCH", "/v1/users/me", body, by=person.headers, version=me["version"])
    assert answer.status_code == 200, answer.text


async def choose(company: Company, person: Person, *kinds: dict[str, Any], quiet: Any = None) -> None:
    now = (await company.send("GET", "/v1/notifications/preferences", by=person.headers)).json()
    answer = await company.send(
        "PUT",
        "/v1/notifications/preferences",
        {"kinds": [*kinds], "quiet_hours": quiet},
        by=person.headers,
        version=now["version"],
    )
    assert answer.status_code == 200, answer.text


# --- telling and reading
