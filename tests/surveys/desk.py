"""Who and what the tests of surveys need: a company, customers with an address, what they receive."""

import re
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from actors import Headers
from chores import done as work
from company import Company, open_company
from crm_api.core.mail import Mail

Answer = dict[str, Any]
SCORE: Answer = {"key": "note", "kind": "score", "label": {"fr": "Êtes-vous satisfait ?"}}
OTHERS: list[Answer] = [
    {"key": "rapide", "kind": "yes_no", "label": {"fr": "Rapide ?"}, "required": True},
    {
        "key": "canal",
        "kind": "choice",
        "label": {"fr": "Par où ?"},
        "options": [{"key": "tel", "label": {"fr": "Téléphone"}}, {"key": "mail", "label": {"fr": "Mail"}}],
    },
]


@dataclass
class Desk:
    """The quality desk of a company."""

    app: FastAPI
    company: Company
    owner: asyncpg.Connection
    mails: list[Mail] = field(default_factory=list)

    async def call(
        self, method: str, path: str, body: Any = None, by: Headers | None = None, **more: Any
    ) -> Answer:
        answer = await self.company.send(method, path, body, by=by, **more)
        assert answer.is_success, f"{path}: {answer.text}"
        return dict(answer.json())

    async def got(self, path: str, by: Headers | None = None, **query: Any) -> Answer:
        headers = by or self.company.admin.headers
        answer = await self.company.client.get(path, params=query, headers=headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def survey(self, code: str = "satisfaction", *, active: bool = True, **changed: Any) -> Answer:
        body = {
            "code": code,
            "name": "Satisfaction",
            "type": "csat",
            "questions": [SCORE],
            "cooldown_days": 0,
        }
        made = await self.call("POST", "/v1/surveys", body | changed)
        if active:
            made = await self.call("POST", f"/v1/surveys/{made['id']}/activate", version=1)
        return made

    async def customer(self, name: str = "Bouchareb", **more: Any) -> Answer:
        person = {"last_name": name, "first_name": "Karim", "create_household": True}
        person |= {"phones": [{"value": "0550123456"}], "emails": [{"value": f"{name.lower()}@example.test"}]}
        if "agency_id" not in more:
            listed = await self.got("/v1/agencies", limit=1)
            more["agency_id"] = (
                listed["data"][0]["id"] if listed["data"] else str(await self.company.agency())
            )
        return await self.call("POST", "/v1/contacts", person | more)

    async def work(self) -> None:
        await work(self.app, self.owner)

    async def link(self) -> str:
        """The address of the last mail, once it went out."""
        await self.work()
        found = re.search(r"#token=(\S+)", self.mails[-1].text)
        assert found is not None, self.mails[-1].text
        return f"/v1/public/surveys/{found[1]}"

    async def invited(self, survey: Answer, contact: Answer) -> str:
        await self.call("POST", f"/v1/surveys/{survey['id']}/invitations", {"contact_id": contact["id"]})
        return await self.link()

    async def answer(self, link: str, value: int, comment: str | None = None, **more: Any) -> httpx.Response:
        lines = [{"key": "note", "value": value}] + [{"key": k, "value": v} for k, v in more.items()]
        return await self.company.client.post(link, json={"answers": lines, "comment": comment})

    async def answered(self, link: str, value: int, **more: Any) -> Answer:
        answer = await self.answer(link, value, **more)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


async def open_desk(
    app: FastAPI, company: Company, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> Desk:
    desk = Desk(app, company, owner)

    async def send(_: object, mail: Mail) -> None:
        desk.mails.append(mail)

    monkeypatch.setattr(type(app.state.tools.mailer), "send", send)
    return desk


async def new_desk(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> Desk:
    return await open_desk(app, await open_company(app, client), owner, monkeypatch)
