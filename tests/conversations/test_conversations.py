"""A customer and whoever looks after the account, in one conversation (journey E-8)."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import httpx
import pytest
from fastapi import FastAPI

from channels.house import Correspondence
from channels.test_channels import Gateway
from company import Person, open_company

pytestmark = pytest.mark.anyio


class Portal:
    """A customer who writes by the portal, and the manager of the account."""

    post: Correspondence
    gateway: Gateway
    manager: Person
    account_id: str
    contact_id: str

    async def write(self, text: str) -> None:
        sender = {"address": "0550 12 34 56", "name": "Karim Bouchareb"}
        body = {"external_id": uuid4().hex, "sender": sender, "text": text}
        assert (await self.gateway.tell("messages", body)).status_code == 202
        await self.post.jobs()

    async def conversation(self) -> dict[str, Any]:
        (row,) = await self.post.rows("/v1/conversations", account_id=self.account_id)
        return row

    async def ticket(self) -> dict[str, Any]:
        return await self.post.read(f"/v1/tickets/{(await self.conversation())['ticket_id']}")

    async def said(self) -> list[tuple[str, str]]:
        path = f"/v1/conversations/{(await self.conversation())['id']}/messages"
        return [(row["side"], row["body"]) for row in await self.post.rows(path)]

    async def away(self, user: Person, substitute: Person | None = None) -> None:
        until = (datetime.now(UTC) + timedelta(days=3)).isoformat()
        body: dict[str, Any] = {"out_of_office_until": until}
        if substitute is not None:
            body["substitute_user_id"] = str(substitute.id)
        version = await self.post.company.version(user.id)
        answer = await self.post.company.send("PATCH", "/v1/users/me", body, by=user.headers, version=version)
        assert answer.status_code == 200, answer.text


@pytest.fixture
async def portal(app: FastAPI, client: httpx.AsyncClient, owner: asyncpg.Connection) -> AsyncIterator[Portal]:
    self = Portal()
    self.post = await Correspondence.of(await open_company(app, client), owner)
    agency_id = str(await self.post.company.agency())
    self.manager = await self.post.company.hire(agency_id=agency_id)  # type: ignore[arg-type]
    person = {"first_name": "Karim", "last_name": "Bouchareb", "phones": [{"value": "0550 12 34 56"}]}
    person |= {"create_household": True, "agency_id": agency_id}
    made = await self.post.made("/v1/contacts", person)
    self.contact_id = made["id"]
    self.account_id = made["account_links"][0]["account_id"]
    account = await self.post.read(f"/v1/accounts/{self.account_id}")
    answer = await self.post.company.send(
        "POST",
        f"/v1/accounts/{self.account_id}/assign",
        {"manager_user_id": str(self.manager.id)},
        version=account["version"],
    )
    assert answer.status_code == 200, answer.text
    channel = await self.post.channel("portal_message", "portail")
    self.gateway = await Gateway.of(self.post, channel)
    yield self
    await self.post.close()


async def test_a_question_goes_to_the_manager_of_the_account(portal: Portal) -> None:
    await portal.write("Où est mon attestation ?")
    conversation, ticket = await portal.conversation(), await portal.ticket()
    assert conversation["owner_user_id"] == ticket["owner_user_id"] == str(portal.manager.id)
    assert (ticket["type"], ticket["channel"]) == ("question", "portal_message")
    assert ticket["requester_contact_id"] == portal.contact_id
    assert ticket["next_due_at"] is not None
    assert (conversation["staff_unread_count"], conversation["customer_unread_count"]) == (1, 0)


async def test_both_sides_are_one_conversation_over_one_ticket(portal: Portal) -> None:
    await portal.write("Où est mon attestation ?")
    await portal.write("Et ma carte verte ?")
    path = f"/v1/conversations/{(await portal.conversation())['id']}"
    body = {"body": "Elles partent aujourd'hui."}
    answer = await portal.post.made(f"{path}/messages", body, by=portal.manager.headers)
    assert (answer["side"], answer["author_id"]) == ("staff", str(portal.manager.id))
    ticket = await portal.ticket()
    assert ticket["first_response_at"] is not None
    conversation = await portal.conversation()
    assert (conversation["staff_unread_count"], conversation["customer_unread_count"]) == (0, 1)
    await portal.write("Merci !")
    assert await portal.said() == [
        ("customer", "Où est mon attestation ?"),
        ("customer", "Et ma carte verte ?"),
        ("staff", "Elles partent aujourd'hui."),
        ("customer", "Merci !"),
    ]
    assert len(await portal.post.tickets()) == 1
    read = await portal.post.made(f"{path}/read", None, by=portal.manager.headers)
    assert (read["staff_unread_count"], read["customer_unread_count"], read["message_count"]) == (0, 0, 4)


async def test_what_colleagues_say_to_each_other_is_not_in_it(portal: Portal) -> None:
    await portal.write("Où est mon attestation ?")
    ticket = await portal.ticket()
    await portal.post.answer(ticket["id"], "Client en retard de paiement.", visibility="internal")
    assert await portal.said() == [("customer", "Où est mon attestation ?")]


async def test_who_stands_in_answers_for_a_manager_who_is_away(portal: Portal) -> None:
    substitute = await portal.post.company.hire()
    await portal.away(portal.manager, substitute)
    await portal.write("Où est mon attestation ?")
    assert (await portal.ticket())["owner_user_id"] == str(substitute.id)
    assert (await portal.conversation())["owner_user_id"] == str(substitute.id)


async def test_when_nobody_is_there_it_waits_for_the_agency(portal: Portal) -> None:
    await portal.away(portal.manager)
    await portal.write("Où est mon attestation ?")
    ticket, conversation = await portal.ticket(), await portal.conversation()
    assert (ticket["owner_user_id"], conversation["owner_user_id"]) == (None, None)
    assert ticket["agency_id"] == conversation["agency_id"]


async def test_a_colleague_of_elsewhere_does_not_see_it(portal: Portal) -> None:
    await portal.write("Où est mon attestation ?")
    other = await portal.post.company.agency("31001")
    stranger = await portal.post.company.hire(agency_id=other)
    path = f"/v1/conversations/{(await portal.conversation())['id']}"
    for asked in (path, f"{path}/messages"):
        assert (await portal.post.company.send("GET", asked, by=stranger.headers)).status_code == 404
    assert await portal.post.rows("/v1/conversations", by=stranger.headers) == []


async def test_a_closed_question_is_not_answered_any_more(portal: Portal) -> None:
    await portal.write("Où est mon attestation ?")
    conversation = await portal.conversation()
    await portal.post.owner.execute(
        """UPDATE tickets t SET status = 'closed', closed_at = now(), status_id = s.id
           FROM ticket_statuses s WHERE s.organization_id = t.organization_id AND s.category = 'closed'"""
    )
    path = f"/v1/conversations/{conversation['id']}/messages"
    answer = await portal.post.company.send("POST", path, {"body": "Trop tard."})
    assert (answer.status_code, answer.json()["code"]) == (409, "conversation_over")
    await portal.write("Autre question")
    assert len(await portal.post.tickets()) == 2
    assert (await portal.conversation())["ticket_id"] != conversation["ticket_id"]
