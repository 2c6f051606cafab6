"""What the tests of mailings need: a company, customers who agreed, a mail server with a ledger."""

import email
import email.policy
import socket
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from fastapi import FastAPI
from sqlalchemy import Select, Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY

from chores import done as work
from company import Company, open_company
from crm_api.contacts.models import Contact
from crm_api.core.context import Context
from crm_api.core.plain import table_of
from crm_api.mailings.models import MailingChannel, SendSource
from crm_api.mailings.ordering import Content, Queued, SendOrder
from crm_api.mailings.service import Mailings

Answer = dict[str, Any]
WORDS = Content(
    subject="Bonjour {{ first_name }}",
    text="Bonjour {{ first_name }}, voyez https://offres.example/auto\nPartir : {{ unsubscribe_url }}",
    html='<html><body><p>Bonjour {{ first_name }}, {{ reason }}</p><a href="https://offres.example/auto?a=1&amp;b=2">Voir</a>'
    '<a href="{{ unsubscribe_url }}">Partir</a></body></html>',
)
BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"}


@dataclass
class Catcher:
    """A real mail server on loopback. `verdict`: what it answers to the next mails instead of taking them."""

    ledger: Counter[str] = field(default_factory=Counter)
    mails: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, str]] = field(default_factory=list)
    verdict: str | None = None
    refused: dict[str, str] = field(default_factory=dict)
    """By address."""
    port: int = 0

    async def handle_RCPT(  # noqa: N802 - as aiosmtpd calls it
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Sequence[str]
    ) -> str:
        if answer := self.refused.get(address):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.verdict is not None:
            return self.verdict
        content = envelope.content
        assert isinstance(content, bytes)
        mail = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.ledger[str(mail["Message-ID"])] += 1
        self.envelopes.append((str(envelope.mail_from), envelope.rcpt_tos[0]))
        return "250 Taken"

    def to(self, address: str) -> EmailMessage:
        (mail,) = [one for one in self.mails if one["To"] == address]
        return mail


@contextmanager
def catching() -> Iterator[Catcher]:
    catcher = Catcher()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        catcher.port = int(free.getsockname()[1])
    controller = Controller(catcher, hostname="127.0.0.1", port=catcher.port, enable_SMTPUTF8=False)
    controller.start()
    try:
        yield catcher
    finally:
        controller.stop()


@dataclass
class Post:
    """The marketing desk of a company."""

    app: FastAPI
    company: Company
    owner: asyncpg.Connection
    catcher: Catcher

    async def call(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        answer = await self.company.send(method, path, body, **more)
        assert answer.is_success, f"{path}: {answer.text}"
        return dict(answer.json())

    async def got(self, path: str, **query: Any) -> Answer:
        answer = await self.company.client.get(path, params=query, headers=self.company.admin.headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def provider(self, name: str = "Principal", port: int | None = None, **more: Any) -> Answer:
        body = {"name": name, "channel": "email", "host": "127.0.0.1", "security": "none"}
        return await self.call(
            "POST", "/v1/message-providers", body | {"port": port or self.catcher.port} | more
        )

    async def person(self, name: str, *, agrees: bool = True, **more: Any) -> UUID:
        person = {"last_name": name, "first_name": "Karim", "create_household": True}
        person["emails"] = [{"value": f"{name.lower()}@example.test"}]
        listed = await self.got("/v1/agencies", limit=1)
        agency = listed["data"][0]["id"] if listed["data"] else str(await self.company.agency())
        made = await self.call("POST", "/v1/contacts", person | {"agency_id": agency} | more)
        if agrees:
            await self.says(made["id"], "granted")
        return UUID(made["id"])

    async def says(self, contact_id: UUID | str, status: str) -> None:
        body = {"subject_type": "contact", "subject_id": str(contact_id), "purpose": "marketing_email"}
        body |= {"status": status, "channel": "phone", "text_version": "demande-2026-12"}
        await self.call("POST", "/v1/consents", body)

    def context(self) -> Context:
        return self.company.context()

    async def opened(self, **changed: Any) -> UUID:
        order: Answer = {
            "source_type": SendSource.CAMPAIGN,
            "source_id": uuid4(),
            "key": "A",
            "name": "Offre auto",
            "channel": MailingChannel.EMAIL,
            "contents": {"fr": WORDS},
            "purpose": "marketing_email",
            "sender": "offres@assura.example",
            "respects_hours": False,
        }
        ctx = self.context()
        send_id = await Mailings(ctx).open_send(SendOrder(**(order | changed)))
        await ctx.commit()
        await ctx.close()
        return send_id

    async def queue(self, send_id: UUID, *people: UUID) -> Queued:
        def chosen() -> Select[Any]:
            contact = table_of(Contact).c
            ids = bindparam("ids", type_=ARRAY(Uuid()))
            own = bindparam("organization_id", type_=Uuid())
            return select(contact.id).where(contact.organization_id == own, contact.id == any_(ids))

        ctx = self.context()
        queued = await Mailings(ctx).queue(send_id, chosen, {"ids": list(people)})
        await ctx.commit()
        await ctx.close()
        return queued

    async def sent(self, *people: UUID, **changed: Any) -> UUID:
        send_id = await self.opened(**changed)
        await self.queue(send_id, *people)
        await self.work()
        return send_id

    async def work(self) -> None:
        await work(self.app, self.owner)

    async def again(self) -> None:
        """What waits for another try is due now, and the minute's schedule looks."""
        await self.owner.execute(
            "UPDATE messages SET next_at = now() - interval '1 second' WHERE status IN ('retry', 'sending')"
        )
        await self.owner.execute("DELETE FROM pgqueuer")
        sends = await self.owner.fetch("SELECT id FROM sends WHERE status IN ('scheduled', 'sending')")
        ctx = self.context()
        ctx.begin()
        for row in sends:
            send = await Mailings(ctx).sends.load(row[0])
            await Mailings(ctx)._wake(send)
        await ctx.commit()
        await ctx.close()
        await self.work()

    async def messages(self, send_id: UUID) -> dict[str, Answer]:
        listed = await self.got(f"/v1/sends/{send_id}/messages", limit=200)
        return {one["contact_id"]: one for one in listed["data"]}

    async def results(self, send_id: UUID) -> Answer:
        return await self.got(f"/v1/sends/{send_id}/results")


async def open_post(
    app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection, catcher: Catcher
) -> Post:
    return Post(app, await open_company(app, client), owner, catcher)
