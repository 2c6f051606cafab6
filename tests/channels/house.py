"""A company that is written to: its inbox, its channels, and real servers on the loopback."""

import smtplib
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from anyio import to_thread

from actors import Headers
from chores import done
from company import Company
from crm_api.mailroom import Mailroom

ADDRESS = "support@alliance.test"


@dataclass
class Correspondence:
    company: Company
    owner: asyncpg.Connection
    inbox_id: str = ""
    channel_id: str = ""
    port: int = 0
    room: Mailroom | None = None
    _folder: Path = field(init=False)
    _earlier: frozenset[Path] = field(init=False)

    @classmethod
    async def of(cls, company: Company, owner: asyncpg.Connection) -> "Correspondence":
        self = cls(company, owner)
        self._folder = company.app.state.tools.settings.data_dir / "mails"
        self._earlier = frozenset(self._folder.glob("*.eml"))
        made = await self.made("/v1/inboxes", {"name": "Service clients", "signature": "Le service clients"})
        self.inbox_id = made["id"]
        self.channel_id = (await self.channel("email", ADDRESS))["id"]
        state = company.app.state
        self.room = Mailroom(state.database, state.tools, "lmtp")
        self.port = await self.room.start("127.0.0.1", 0)
        return self

    async def close(self) -> None:
        if self.room is not None:
            await self.room.stop()

    # --- over HTTP

    async def made(self, path: str, body: Any, by: Headers | None = None) -> dict[str, Any]:
        answer = await self.company.send("POST", path, body, by=by)
        assert answer.status_code in (200, 201, 202), answer.text
        return dict(answer.json())

    async def read(self, path: str, by: Headers | None = None, **query: Any) -> dict[str, Any]:
        headers = by or self.company.admin.headers
        answer = await self.company.client.get(path, params=query, headers=headers)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def rows(self, path: str, by: Headers | None = None, **query: Any) -> list[dict[str, Any]]:
        return list((await self.read(path, by, **query))["data"])

    async def channel(self, kind: str, address: str, **more: Any) -> dict[str, Any]:
        body = {"inbox_id": self.inbox_id, "kind": kind, "name": "Service clients", "address": address}
        return await self.made("/v1/inbox-channels", body | more)

    async def jobs(self) -> None:
        await done(self.company.app, self.owner)

    async def tickets(self) -> list[dict[str, Any]]:
        return await self.rows("/v1/tickets", sort="created_at", limit=200)

    async def messages(self, ticket_id: str) -> list[dict[str, Any]]:
        return await self.rows(f"/v1/tickets/{ticket_id}/messages")

    async def answer(self, ticket_id: str, body: str, **more: Any) -> dict[str, Any]:
        return await self.made(f"/v1/tickets/{ticket_id}/messages", {"body": body, **more})

    # --- over LMTP

    async def deliver(self, content: bytes, *to: str, sender: str = "karim@exemple.dz") -> dict[str, Any]:
        """What the server said to each recipient that it did not take."""
        return await to_thread.run_sync(self._delivered, content, list(to) or [ADDRESS], sender)

    def _delivered(self, content: bytes, to: list[str], sender: str) -> dict[str, Any]:
        with smtplib.LMTP("127.0.0.1", self.port, timeout=20) as server:
            try:
                return dict(server.sendmail(sender, to, content))
            except smtplib.SMTPRecipientsRefused as refused:
                return dict(refused.recipients)

    async def written(self, text: str = "Bonjour, mon véhicule est immobilisé.", **headers: str) -> None:
        await self.deliver(mail(text, **headers))

    def sent(self) -> list[bytes]:
        """The mails that left since the test began, oldest first."""
        return [path.read_bytes() for path in sorted(self._folder.glob("*.eml")) if path not in self._earlier]


def mail(text: str, **headers: str) -> bytes:
    message = EmailMessage()
    given = {
        "From": "Karim Bouchareb <karim@exemple.dz>",
        "To": ADDRESS,
        "Subject": "Véhicule immobilisé",
        "Message_ID": "<1@exemple.dz>",
    } | headers
    for name, value in given.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()


def ids(rows: list[dict[str, Any]]) -> list[UUID]:
    return [UUID(row["id"]) for row in rows]
