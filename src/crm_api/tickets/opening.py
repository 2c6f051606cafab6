"""A ticket is opened: who asks, whose it is, how urgent, its first message, its clocks."""

from typing import Any
from uuid import UUID

from crm_api.accounts.schemas import AccountRead
from crm_api.accounts.service import AccountService
from crm_api.contacts.service import ContactService
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.numbers import next_number, yearly
from crm_api.core.objects import seen_objects
from crm_api.core.principal import DataScope
from crm_api.custom_fields.service import CustomFieldService
from crm_api.kit.clock import today
from crm_api.kit.errors import NotFound
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json
from crm_api.tickets.categories import TicketCategoryService
from crm_api.tickets.choosing import TicketSettingsService
from crm_api.tickets.errors import UnknownTicketPart
from crm_api.tickets.events import TicketOpened
from crm_api.tickets.holding import TicketDesk
from crm_api.tickets.messaging import Messaging
from crm_api.tickets.models.ticket import Ticket
from crm_api.tickets.models.words import TicketChannel, TicketStatus
from crm_api.tickets.repository.incidents import TicketIncidentRepository
from crm_api.tickets.routing import Routing
from crm_api.tickets.schemas.content import TicketCreate
from crm_api.tickets.schemas.messages import Incoming
from crm_api.tickets.schemas.settings import TicketSettingsPut, priority_of
from crm_api.tickets.schemas.ticket import TicketRead

_NUMBER = yearly("T")
_APART = {"agency_id", "priority", "document_ids", "anonymous_party", "custom_fields", "tags"}
_SPOKEN = frozenset({TicketChannel.PHONE, TicketChannel.IN_PERSON})
_REFERRED = (
    ("contact", "requester_contact_id"),
    ("account", "account_id"),
    ("agency", "agency_id"),
    ("claim", "claim_id"),
    ("policy", "policy_id"),
    ("ticket", "parent_ticket_id"),
)


class Opening:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.desk = TicketDesk(ctx)

    async def open(self, data: TicketCreate) -> Json[TicketRead]:
        """Raises UnknownTicketPart, UnknownTicketAssignee, TicketCategoryRetired."""
        return await self.desk.tickets.get((await self.opened(data)).id)

    async def opened(
        self,
        data: TicketCreate,
        *,
        incoming: Incoming | None = None,
        agency_id: UUID | None = None,
        without_message: bool = False,
    ) -> Ticket:
        """`incoming`: its first message as a channel brought it; `without_message`: some are moved to it."""
        self.ctx.begin()
        if data.source_message_id is not None and (known := await self._known(data)) is not None:
            return known
        account = await self.customer(data)
        looked_at: dict[str, Any] = {"requester_contact_id": None, "account_id": None}
        await self.refuse_unknown(dict(data) | looked_at)
        settings = await TicketSettingsService(self.ctx).chosen()
        status = await self.desk.statuses.default(TicketStatus.NEW)
        given = {name: value for name, value in data if name not in _APART and value is not None}
        vip = is_vip(account, settings)
        ticket = Ticket(
            **given | {"account_id": account and account.id},
            agency_id=agency_id or self._agency(data, account),
            id=new_id(),
            number=await self.number(),
            anonymous_party=data.anonymous_party and data.anonymous_party.model_dump(mode="json"),
            tags=list(data.tags),
            custom_fields=await CustomFieldService(self.ctx).validated(Ticket.label, data.custom_fields),
            customer_tier=account and account.tier,
            is_vip=vip,
            priority=data.priority or priority_of(settings, data.impact, data.urgency, vip=vip),
            priority_set=data.priority is not None,
            status=status.category,
            status_id=status.id,
        )
        await self._begin(ticket, data)
        if not without_message:
            await Messaging(self.ctx).began(ticket, data.document_ids, incoming)
        await self._place(ticket, account)
        return ticket

    async def number(self) -> str:
        """T-2026-000123 (domain.md 0.3)."""
        year = today().year
        return _NUMBER(year, await next_number(self.ctx, f"{Ticket.label}.{year}"))

    async def _begin(self, ticket: Ticket, data: TicketCreate) -> None:
        """Its row, and its clocks."""
        moment = now()
        ticket.created_at = moment
        await self.desk.tickets.save(ticket)
        answered = self.ctx.principal.is_person and data.channel in _SPOKEN  # as it was asked: D-46
        ticket.first_response_at = moment if answered else None
        await self.desk.clock.start(ticket, moment, answered=answered)

    async def _place(self, ticket: Ticket, account: AccountRead | None) -> None:
        """Whose it is, and the news."""
        opened = TicketOpened(
            ticket.id, ticket.number, ticket.type, ticket.channel, ticket.account_id, ticket.agency_id
        )
        await self.desk.keep(ticket, [opened])
        routing = Routing(self.ctx)
        if ticket.owner_user_id or ticket.group_id:
            events = await routing.given(ticket, ticket.owner_user_id, ticket.group_id)
        else:
            events = await routing.route(ticket, account.manager_user_id if account else None)
        await self.desk.keep(ticket, events)

    async def _known(self, data: TicketCreate) -> Ticket | None:
        """The ticket that this message opened before."""
        await self.desk.tickets.lock_name(f"source {data.channel} {data.source_message_id}")
        found = await self.desk.tickets.of_messages(data.channel, [data.source_message_id or ""])
        return None if found is None else await self.desk.tickets.loaded_anyhow(found)

    # --- what must be there

    async def customer(self, data: TicketCreate) -> AccountRead | None:
        """The account named, else the main one of who asks. Raises UnknownTicketPart."""
        account_id = data.account_id
        if data.requester_contact_id is not None:
            try:
                person = (await ContactService(self.ctx).get(data.requester_contact_id)).value
            except NotFound as unknown:
                raise UnknownTicketPart(what="contact", id=str(data.requester_contact_id)) from unknown
            links = sorted(person.account_links, key=lambda link: not link.is_primary)
            if account_id is None and links:
                account_id = links[0].account_id
                if not await seen_objects(self.ctx, "account", [account_id]):
                    return None
        return None if account_id is None else await self.account(account_id)

    async def account(self, account_id: UUID) -> AccountRead:
        try:
            account = (await AccountService(self.ctx).get(account_id)).value
        except NotFound as unknown:
            raise UnknownTicketPart(what="account", id=str(account_id)) from unknown
        if account.deleted_at is not None:
            raise UnknownTicketPart(what="account", id=str(account_id))
        return account

    async def refuse_unknown(self, given: dict[str, Any]) -> None:
        """Whatever a body names is there, and in sight."""
        for kind, name in _REFERRED:
            if given.get(name) is not None and not await seen_objects(self.ctx, kind, [given[name]]):
                raise UnknownTicketPart(what=kind, id=str(given[name]))
        if (category_id := given.get("category_id")) is not None:
            await TicketCategoryService(self.ctx).usable(category_id)
        if (group_id := given.get("group_id")) is not None:
            await self.desk.refuse_unknown_group(group_id)
        if (incident_id := given.get("incident_id")) is not None:
            await self._refuse_unknown_incident(incident_id)
        if (owner_id := given.get("owner_user_id")) is not None:
            await self.desk.refuse_unfit(owner_id)
        mine = self.ctx.principal
        agency_id = given.get("agency_id")
        if agency_id and mine.data_scope is not DataScope.ALL and agency_id not in mine.agency_ids:
            raise UnknownTicketPart(what="agency", id=str(agency_id))

    async def _refuse_unknown_incident(self, incident_id: UUID) -> None:
        try:
            await TicketIncidentRepository(self.ctx).get(incident_id)
        except NotFound as unknown:
            raise UnknownTicketPart(what="incident", id=str(incident_id)) from unknown

    def _agency(self, data: TicketCreate, account: AccountRead | None) -> UUID | None:
        return data.agency_id or (account.agency_id if account else None) or self.ctx.principal.agency_id


def is_vip(account: AccountRead | None, settings: TicketSettingsPut) -> bool:
    """Whether the customer is one of the first rank."""
    if account is None:
        return False
    return account.tier in settings.vip_tiers or settings.vip_tag in account.tags
