"""Who talks in the tests of discussions, and how."""

from typing import Any

import httpx

from actors import Headers
from company import Company, Person

Answer = dict[str, Any]


async def told(company: Company, path: str, by: Headers | None = None, **query: Any) -> httpx.Response:
    return await company.client.get(path, params=query, headers=by or company.admin.headers)


async def got(company: Company, path: str, by: Headers | None = None, **query: Any) -> Any:
    answer = await told(company, path, by, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def done(
    company: Company, path: str, body: Any = None, by: Headers | None = None, **more: Any
) -> Answer:
    answer = await company.send(more.pop("method", "POST"), path, body, by=by, **more)
    assert answer.is_success, answer.text
    return dict(answer.json()) if answer.content else {}


async def room(company: Company, by: Headers | None = None, *others: Person, **more: Any) -> Answer:
    body = {"kind": "private", "name": "Sinistres", "member_ids": [str(one.id) for one in others]} | more
    return await done(company, "/v1/discussions", body, by)


async def say(company: Company, where: Answer, body: str, by: Headers | None = None, **more: Any) -> Answer:
    said = {"discussion_id": where["id"], "body": body} | more
    return await done(company, "/v1/discussion-messages", said, by)


async def messages(company: Company, where: Answer, by: Headers | None = None, **query: Any) -> list[Answer]:
    query = {"discussion_id": where["id"], "sort": "number"} | query
    return list((await got(company, "/v1/discussion-messages", by, **query))["data"])
