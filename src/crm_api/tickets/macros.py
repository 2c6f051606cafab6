"""Macros: several changes and an answer under one name."""

from typing import Any
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.events import Event
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import InsufficientScope, NotFound, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json
from crm_api.tickets.categories import TicketCategoryService
from crm_api.tickets.errors import TicketMacroUnusable, UnknownTicketPart
from crm_api.tickets.holding import TicketDesk
from crm_api.tickets.messaging import Messaging
from crm_api.tickets.models.setup import MacroScope, TicketMacro
from crm_api.tickets.models.ticket import Ticket
from crm_api.tickets.repository.macros import TicketMacroRepository
from crm_api.tickets.routing import Routing
from crm_api.tickets.schemas.content import TicketPatch
from crm_api.tickets.schemas.macros import (
    PLACE,
    TicketMacroActions,
    TicketMacroCreate,
    TicketMacroPage,
    TicketMacroPatch,
    TicketMacroQuery,
    TicketMacroRead,
)
from crm_api.tickets.schemas.messages import TicketMessageCreate
from crm_api.tickets.schemas.ticket import TicketRead
from crm_api.tickets.service import TicketService
from crm_api.users.service import UserService

_SHARED = "settings:manage"
"""What it takes to make a macro that others use."""


class TicketMacros:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.desk, self.macros = TicketDesk(ctx), TicketMacroRepository(ctx)

    async def page(self, query: TicketMacroQuery) -> Json[TicketMacroPage]:
        return await self.macros.page(query, TicketMacroPage)

    async def get(self, macro_id: UUID) -> Json[TicketMacroRead]:
        return await self.macros.get(macro_id)

    async def create(self, data: TicketMacroCreate) -> Json[TicketMacroRead]:
        """Raises InsufficientScope for one that others use, UnknownTicketPart."""
        self.ctx.begin()
        self._refuse_sharing(data.scope)
        await self._refuse_unknown(data.actions)
        personal = data.scope is MacroScope.PERSONAL
        row = TicketMacro(
            id=new_id(),
            name=data.name,
            scope=data.scope,
            owner_user_id=self.ctx.principal.id if personal else None,
            group_id=data.group_id,
            actions=data.actions.model_dump(mode="json"),
        )
        await self.macros.save(row)
        return await self.macros.get(row.id)

    async def update(self, macro_id: UUID, data: TicketMacroPatch, version: int) -> Json[TicketMacroRead]:
        row = await self._taken(macro_id, version)
        given = data.given()
        if "actions" in given:
            await self._refuse_unknown(given["actions"])
            given["actions"] = given["actions"].model_dump(mode="json")
        for name, value in given.items():
            setattr(row, name, value)
        await self.macros.save(row)
        return await self.macros.get(macro_id)

    async def delete(self, macro_id: UUID, version: int) -> None:
        await self.macros.remove(await self._taken(macro_id, version))

    async def use(self, ticket_id: UUID, macro_id: UUID, version: int) -> Json[TicketRead]:
        """All of it, or nothing. Raises what its parts raise, TicketMacroUnusable, UnknownTicketPart."""
        try:
            row = await self.macros.load(macro_id)
        except NotFound as unknown:
            raise UnknownTicketPart(what="macro", id=str(macro_id)) from unknown
        if not row.is_active:
            raise TicketMacroUnusable
        actions = TicketMacroActions.model_validate(row.actions)
        ticket = await self.desk.take_unclosed(ticket_id, version)
        await self._change(ticket, actions)
        await self._write(ticket, actions)
        row.usage_count += 1
        await self.macros.save(row)
        return await self.desk.tickets.get(ticket_id)

    async def _change(self, ticket: Ticket, actions: TicketMacroActions) -> None:
        named = {"priority": actions.priority, "type": actions.type, "category_id": actions.category_id}
        changes: dict[str, Any] = {name: value for name, value in named.items() if value is not None}
        if actions.add_tags:
            changes["tags"] = list(dict.fromkeys([*ticket.tags, *actions.add_tags]))[:20]
        if changes:
            patch = TicketPatch.model_validate(changes)
            await TicketService(self.ctx).update(ticket.id, patch, ANY_VERSION)
        me = self.ctx.principal
        owner_id = me.id if actions.take and me.is_person else ticket.owner_user_id
        if actions.group_id is not None or owner_id != ticket.owner_user_id:
            if actions.group_id is not None and not actions.take:
                owner_id = None
            events = await Routing(self.ctx).given(ticket, owner_id, actions.group_id)
            await self.desk.keep(ticket, events)

    async def _write(self, ticket: Ticket, actions: TicketMacroActions) -> None:
        """The answer carries the status; without one the ticket is only moved."""
        if actions.message is not None:
            message = TicketMessageCreate(
                body=await self._filled(ticket, actions.message.body),
                visibility=actions.message.visibility,
                status=actions.status,
                status_id=actions.status_id,
            )
            await Messaging(self.ctx).answer(ticket.id, message)
        elif actions.status is not None or actions.status_id is not None:
            option = await self.desk.statuses.chosen(actions.status, actions.status_id)
            events: list[Event] = []
            if option.id != ticket.status_id:
                events = await self.desk.move(ticket, option)
            await self.desk.keep(ticket, events)

    async def _filled(self, ticket: Ticket, body: str) -> str:
        name = ""
        if self.ctx.principal.is_person and "agent.name" in body:
            user = (await UserService(self.ctx).get(self.ctx.principal.id)).value
            name = f"{user.first_name} {user.last_name}"
        values = {"ticket.number": ticket.number, "ticket.subject": ticket.subject, "agent.name": name}
        return PLACE.sub(lambda found: values.get(found[1], ""), body)[:20_000]

    async def _taken(self, macro_id: UUID, version: int) -> TicketMacro:
        row = await self.macros.load(macro_id)
        if version not in (row.version, ANY_VERSION):
            raise VersionConflict(current_version=row.version)
        self._refuse_sharing(row.scope)
        return row

    async def _refuse_unknown(self, actions: TicketMacroActions) -> None:
        """What it names is there. Raises UnknownTicketPart, UnknownTicketStatus, TicketCategoryRetired."""
        if actions.status_id is not None:
            await self.desk.statuses.chosen(None, actions.status_id)
        if actions.category_id is not None:
            await TicketCategoryService(self.ctx).usable(actions.category_id)
        if actions.group_id is not None:
            await self.desk.refuse_unknown_group(actions.group_id)

    def _refuse_sharing(self, scope: MacroScope) -> None:
        if scope is not MacroScope.PERSONAL and _SHARED not in self.ctx.principal.scopes:
            raise InsufficientScope(required_scopes=[_SHARED])
