"""What the tests of consent need: a company, customers, the gate, links, and the mails that go out."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from company import open_company
from crm_api.consents.centre import preferences_url
from crm_api.consents.gate import Gate, Person, Refusal
from crm_api.consents.leaving import unsubscribe_token
from crm_api.consents.models import ConsentPurpose, ConsentSubject, MarketingChannel
from crm_api.core.context import Context
from surveys.desk import Answer, open_desk
from surveys.desk import Desk as House

WORDS = "J'accepte de recevoir des offres par e-mail."
EMAIL, SMS = ConsentPurpose.MARKETING_EMAIL, ConsentPurpose.MARKETING_SMS


class Desk(House):
    """The marketing desk of a company."""

    async def said(self, contact_id: str, status: str = "granted", **more: Any) -> Answer:
        body = {
            "subject_id": contact_id,
            "purpose": "marketing_email",
            "status": status,
            "channel": "counter",
        }
        if status == "granted" and "proof_document_id" not in more:
            body |= {"text_version": "v1", "language": "fr", "text": WORDS}
        return await self.call("POST", "/v1/consents", body | more)

    async def state(self, contact_id: str, purpose: str = "marketing_email", **more: Any) -> Answer:
        listed = await self.got("/v1/consent-states", subject_id=contact_id, **more)
        return next(one for one in listed["data"] if one["purpose"] == purpose and one["brand"] == "")

    @asynccontextmanager
    async def context(self) -> AsyncIterator[Context]:
        ctx = self.company.context()
        yield ctx
        await ctx.commit()
        await ctx.close()

    async def gate(
        self,
        contact: Answer,
        purpose: ConsentPurpose | None = EMAIL,
        channel: MarketingChannel = MarketingChannel.EMAIL,
        **more: Any,
    ) -> Refusal | None:
        """What the gate says of this contact, at the address of its sheet."""
        where = "primary_email" if channel is MarketingChannel.EMAIL else "primary_phone"
        id = UUID(contact["id"])
        async with self.context() as ctx:
            address = more.pop("address") if "address" in more else contact[where]
            person = Person(ConsentSubject.CONTACT, id, address)
            return (await Gate(ctx).allowed(purpose, channel, [person], **more))[id]

    async def leaving(self, contact: Answer, purpose: ConsentPurpose = EMAIL) -> str:
        async with self.context() as ctx:
            return f"/v1/u/{unsubscribe_token(ctx, UUID(contact['id']), purpose)}"

    async def centre(self, contact: Answer) -> str:
        async with self.context() as ctx:
            token = preferences_url(ctx, UUID(contact["id"])).url.partition("#token=")[2]
        return f"/v1/public/preferences/{token}"

    async def asking(self) -> str:
        """The link of the last mail that asks for a consent."""
        await self.work()
        found = re.search(r"#token=(\S+)", self.mails[-1].text)
        assert found is not None, self.mails[-1].text
        return f"/v1/public/consents/{found[1]}"

    async def events(self, kind: str) -> list[Answer]:
        rows = await self.owner.fetch("SELECT data FROM event_log WHERE kind = $1 ORDER BY id", kind)
        return [row["data"] for row in rows]


async def new_desk(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> Desk:
    house = await open_desk(app, await open_company(app, client), owner, monkeypatch)
    return Desk(house.app, house.company, house.owner, house.mails)
