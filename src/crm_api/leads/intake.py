"""How a lead enters the house, whichever door it came by: compared, scored, routed, recorded."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_api.agencies.service import AgencyService
from crm_api.calendars.service import CalendarService
from crm_api.consents.models import ConsentChannel, ConsentPurpose
from crm_api.consents.service import ConsentService
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.numbers import next_numbers, yearly
from crm_api.custom_fields.service import CustomFieldService
from crm_api.kit.business_time import Calendar
from crm_api.kit.clock import today
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json
from crm_api.leads.columns import Columns, Sealable, due, full_name_of, reachable, scored, sealed, snapshot
from crm_api.leads.duplicates import Described, DuplicateFinder, Likeness
from crm_api.leads.events import LeadAssigned, LeadDuplicateDetected
from crm_api.leads.models import LeadStatus
from crm_api.leads.repository import LeadRepository
from crm_api.leads.routing import LeadRouter, Sought
from crm_api.leads.schemas.content import LeadContent, Person
from crm_api.leads.schemas.lead import LeadRead
from crm_api.leads.schemas.words import Consent

_APART = {"quick_data", "consent", "phone_verified", "captcha_token", "website"}
"""Told by those who send a lead, and stored otherwise."""

_NUMBER = yearly("P")
Found = Sequence[Sequence[Sequence[Any]]]
"""Rows, for each question."""


@dataclass(frozen=True, slots=True)
class Recorded:
    lead: Json[LeadRead]
    likenesses: list[Likeness]


class Intake:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.leads = LeadRepository(ctx)
        self._hours: dict[UUID | None, Calendar] = {}

    async def record(self, content: LeadContent, *, consent: Consent | None, **more: Any) -> Recorded:
        """`more`: columns that the door itself knows (source, partner, submission...).

        Whoever waits for an owner and resembles nobody is looked for and recorded in one statement.
        """
        columns = await self.columns(content, consent, more, await self._number())
        agreed = [ConsentPurpose(name) for name in columns["consent_snapshot"]["channels"]]
        if agreed:
            self.ctx.begin()  # the ledger and the lead stand or fall together
        search = await DuplicateFinder(self.ctx).search(described(columns), birth_date=_birth_date(content))
        lead: Json[LeadRead] | None = None
        if columns.get("owner_user_id") or await LeadRouter(self.ctx).has_rules():
            # Taking a turn locks the rule: whom the lead resembles is asked before.
            found: Found = [await self.leads.asked(question) for question in search.questions]
            columns |= await self._routed(columns)
            columns |= {"first_contact_due_at": await self._due(columns, now())}  # its agency has its hours
        else:
            columns |= self._queued(columns)
            lead, found = await self.leads.add_unless(columns, search.questions)
        likenesses = search.judged(found)
        columns |= linked(likenesses)
        events = events_of(columns, likenesses)
        if lead is None:
            if events:
                self.ctx.begin()
            columns.pop("rule_id", None)
            lead = await self.leads.add(columns)
        if agreed and consent is not None:
            await self._said(columns["id"], consent, agreed)
        for event in events:
            await publish(self.ctx, event)
        return Recorded(lead, likenesses)

    async def columns(
        self, content: LeadContent, consent: Consent | None, more: Columns, number: str
    ) -> Columns:
        """What is stored of a new lead, but for who gets it. Raises ValidationFailed."""
        moment, lead_id = now(), new_id()
        columns = {
            name: value for name, value in vars(content).items() if name not in _APART and value is not None
        }
        columns |= {name: value for name, value in more.items() if value is not None}
        columns |= {"id": lead_id, "number": number}
        columns |= {"consent_snapshot": snapshot(consent, ip=self.ctx.origin.ip, at=moment)}
        columns |= full_name_of(columns)
        columns["custom_fields"] = await CustomFieldService(self.ctx).validated(
            "lead", columns.get("custom_fields", {})
        )
        columns |= reachable({"phone": None, "email": None}, columns)
        if content.quick_data is not None:
            columns |= await sealed(self.ctx, Sealable(lead_id), content.quick_data)
        columns |= scored(columns, out_of_network=await out_of_network(self.ctx, columns.get("wilaya_code")))
        return columns | {"first_contact_due_at": await self._due(columns, moment)}

    async def _due(self, columns: Columns, since: datetime) -> datetime:
        """By the hours of its agency, else of who records it: asked for once for many leads."""
        agency_id = columns.get("agency_id") or self.ctx.principal.agency_id
        if agency_id not in self._hours:
            self._hours[agency_id] = await CalendarService(self.ctx).for_agency(agency_id)
        known = {name: value for name, value in columns.items() if name != "first_contact_due_at"}
        return due(known, since, self._hours[agency_id])

    async def _said(self, lead_id: UUID, consent: Consent, agreed: Sequence[ConsentPurpose]) -> None:
        """Into the ledger, with the words that were shown (domain.md B-38)."""
        by = self.ctx.principal.kind
        await ConsentService(self.ctx).captured(
            lead_id,
            agreed,
            text_version=consent.text_version,
            text=consent.text,
            at=consent.accepted_at,
            channel=ConsentChannel.COUNTER if by == "user" else ConsentChannel.WEB,
        )

    async def numbers(self, count: int) -> list[str]:
        year = today().year
        return [_NUMBER(year, number) for number in await next_numbers(self.ctx, f"lead.{year}", count)]

    async def _number(self) -> str:
        return (await self.numbers(1))[0]

    async def _routed(self, columns: Columns) -> Columns:
        """Who gets it: the owner that was named, else whom the rules choose, else an agency."""
        if owner_id := columns.get("owner_user_id"):
            colleague = await LeadRouter(self.ctx).active_colleague(owner_id)
            return assigned(owner_id, columns.get("agency_id") or colleague.agency_id)
        route = await LeadRouter(self.ctx).route(Sought.of(columns))
        queued = self._queued(columns, route.agency_id)
        if route.owner_user_id:
            return assigned(route.owner_user_id, queued.get("agency_id")) | {"rule_id": route.rule_id}
        return queued

    def _queued(self, columns: Columns, agency_id: UUID | None = None) -> Columns:
        """The agency where it waits: that of the rules, the one that was named, else the creator's."""
        agency_id = agency_id or columns.get("agency_id") or self.ctx.principal.agency_id
        return {"agency_id": agency_id} if agency_id else {}


def described(columns: Columns) -> Described:
    return Described(*(columns.get(part.name) for part in fields(Described)))  # type: ignore[arg-type]


async def out_of_network(ctx: Context, wilaya_code: str | None) -> bool:
    """Whether no agency is near; where nothing is known of the place, one is."""
    return wilaya_code is not None and not await AgencyService(ctx).serves(wilaya_code)


def _birth_date(person: Person) -> str | None:
    born = person.quick_data and person.quick_data.birth_date
    return born.isoformat() if born else None


def assigned(owner_id: UUID, agency_id: UUID | None) -> Columns:
    """The columns of a lead that somebody follows from its first moment."""
    return {
        "owner_user_id": owner_id,
        "agency_id": agency_id,
        "status": LeadStatus.ASSIGNED,
        "assigned_at": now(),
    }


def linked(likenesses: Sequence[Likeness]) -> Columns:
    """The surest of those who are the same person."""
    known = [each.candidate for each in likenesses if each.linked and each.candidate.type == "lead"]
    return {"duplicate_of_id": known[0].id} if known else {}


def events_of(columns: Columns, likenesses: Sequence[Likeness]) -> list[Any]:
    """What upper floors hear of a new lead."""
    events: list[Any] = []
    if columns.get("owner_user_id"):
        who = columns["owner_user_id"], columns.get("agency_id"), columns.get("rule_id")
        events.append(LeadAssigned(columns["id"], *who))
    if likenesses and likenesses[0].probable:
        best = likenesses[0].candidate
        where = best.type, best.id, best.score, likenesses[0].linked
        events.append(LeadDuplicateDetected(columns["id"], *where))
    return events
