"""What a new interaction is made of: its parties, its agent, its clean text."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import MISSING

from crm_api.contacts.service import ContactService
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.objects import UnknownObject, require_object, seen_objects
from crm_api.interactions.errors import PartyMissing, UnknownAgent, UnknownRecording
from crm_api.interactions.events import Linked
from crm_api.interactions.html import cleaned
from crm_api.interactions.models import (
    CLOCK_SKEW,
    PARTIES,
    BodyFormat,
    Interaction,
    InteractionLink,
    PromiseStatus,
)
from crm_api.interactions.schemas import InteractionCreate, Participant
from crm_api.kit.errors import NotFound, ValidationFailed
from crm_api.users.service import UserService


class Recording:
    """Everything that must hold before an interaction is written down."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def links(self, data: InteractionCreate, known: Sequence[Linked] = ()) -> list[Linked]:
        """Those asked for, and the account of a person when none is named. Raises UnknownObject."""
        asked = [Linked(link.object_type, link.object_id) for link in data.links]
        links = list(dict.fromkeys(asked))
        await self.refuse_unknown(links)
        links = list(dict.fromkeys([*links, *known]))
        kinds = {link.object_type for link in links}
        if not kinds & PARTIES and data.anonymous_party is None:
            raise PartyMissing
        if "contact" in kinds and "account" not in kinds:
            links += await self._accounts_of([x.object_id for x in links if x.object_type == "contact"])
        return links

    async def refuse_unknown(self, links: Iterable[Linked]) -> None:
        asked: dict[str, list[UUID]] = defaultdict(list)
        for link in links:
            asked[link.object_type].append(link.object_id)
        for kind, ids in asked.items():
            missing = set(ids) - await seen_objects(self.ctx, kind, ids)
            if missing:
                raise UnknownObject(object_type=kind, object_id=str(min(missing)))

    async def _accounts_of(self, contact_ids: Sequence[UUID]) -> list[Linked]:
        """The household or company that each of them mainly belongs to."""
        found = []
        for contact_id in contact_ids:
            person = (await ContactService(self.ctx).get(contact_id)).value
            main = next((link for link in person.account_links if link.is_primary), None)
            if main is not None:
                found.append(Linked("account", main.account_id))
        return list(dict.fromkeys(found))

    async def agent(self, agent_user_id: UUID | None) -> tuple[UUID | None, UUID | None]:
        """Who took part, and for which agency. Machines name somebody, or nobody did."""
        me = self.ctx.principal
        if agent_user_id is None or agent_user_id == me.id:
            return (me.id if me.is_person else None), me.agency_id
        try:
            colleague = (await UserService(self.ctx).get(agent_user_id)).value
        except NotFound as error:
            raise UnknownAgent from error
        return colleague.id, colleague.agency_id

    async def refuse_unknown_participants(self, participants: Sequence[Participant]) -> None:
        for kind in ("user", "contact"):
            ids = [one.id for one in participants if one.kind == kind and one.id is not None]
            await self.refuse_unknown(Linked(kind, id) for id in ids)

    async def refuse_unknown_recording(self, document_id: UUID | None) -> None:
        if document_id is None:
            return
        if "document" not in self.ctx.tools.objects:
            raise UnknownRecording
        try:
            await require_object(self.ctx, "document", document_id)
        except UnknownObject as error:
            raise UnknownRecording from error


def moment(occurred_at: datetime | None) -> datetime:
    """When it took place; raises ValidationFailed for what has not happened yet."""
    if occurred_at is None:
        return now()
    if occurred_at > now() + CLOCK_SKEW:
        raise ValidationFailed.at("/occurred_at", "in_the_future", "It has not happened yet.")
    return occurred_at


def told(fields: dict[str, Any], body_format: BodyFormat) -> dict[str, Any]:
    """`fields` as they are kept: without what nobody gave, HTML cleaned."""
    kept = {name: value for name, value in fields.items() if value is not MISSING}
    if body_format is BodyFormat.HTML and kept.get("body"):
        kept["body"] = cleaned(kept["body"]) or None
    return kept


def set_promise(interaction: Interaction) -> None:
    """A promise is open from the day it was made; one taken out leaves nothing behind."""
    if interaction.promise_text is None:
        interaction.promise_due_on = interaction.promise_status = None
        interaction.promise_settled_at = interaction.promise_settled_by_id = None
    elif interaction.promise_status is None:
        interaction.promise_status = PromiseStatus.OPEN


def rows_of(interaction: Interaction, links: Iterable[Linked]) -> list[InteractionLink]:
    return [
        InteractionLink(
            interaction_id=interaction.id,
            object_type=link.object_type,
            object_id=link.object_id,
            occurred_at=interaction.occurred_at,
            has_promise=interaction.promise_text is not None,
        )
        for link in links
    ]
