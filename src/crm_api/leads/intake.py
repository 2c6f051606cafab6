"""How a lead enters the house, whichever door it came by: compared, scored, routed, recorded."""

from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from crm_api.agencies.service import AgencyService
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.numbers import next_number, yearly
from crm_api.custom_fields.service import CustomFieldService
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


@dataclass(frozen=True, slots=True)
class Recorded:
    lead: Json[LeadRead]
    likenesses: list[Likeness]


class Intake:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.leads = LeadRepository(ctx)

    async def record(self, content: LeadContent, *, consent: Consent | None, **more: Any) -> Recorded:
        """`more`: columns that the door itself knows (source, partner, submission...)."""
        columns = await self._columns(content, consent, more)
        likenesses = await DuplicateFinder(self.ctx).like(described(columns), birth_date=_birth_date(content))
        columns |= await self._routed(columns)
        columns |= _linked(likenesses)
        events = _events(columns, likenesses)
        if events:
            self.ctx.begin()
        columns.pop("rule_id", None)
        lead = await self.leads.add(columns)
        for event in events:
            await publish(self.ctx, event)
        return Recorded(lead, likenesses)

    async def _columns(self, content: LeadContent, consent: Consent | None, more: Columns) -> Columns:
        moment, lead_id = now(), new_id()
        columns = {name: value for name, value in content if name not in _APART and value is not None}
        columns |= {name: value for name, value in more.items() if value is not None}
        columns["number"] = await self._number()
        columns |= {"id": lead_id, "consent_snapshot": snapshot(consent, ip=self.ctx.origin.ip, at=moment)}
        columns |= full_name_of(columns)
        columns["custom_fields"] = await CustomFieldService(self.ctx).validated(
            "lead", columns.get("custom_fields", {})
        )
        columns |= reachable({"phone": None, "email": None}, columns)
        if content.quick_data is not None:
            columns |= await sealed(self.ctx, Sealable(lead_id), content.quick_data)
        columns |= scored(columns, out_of_network=await out_of_network(self.ctx, columns.get("wilaya_code")))
        return columns | {"first_contact_due_at": due(columns, moment)}

    async def _number(self) -> str:
        year = today().year
        return _NUMBER(year, await next_number(self.ctx, f"lead.{year}"))

    async def _routed(self, columns: Columns) -> Columns:
        """Who gets it: the owner that was named, else whom the rules choose, else the creator's agency."""
        if owner_id := columns.get("owner_user_id"):
            colleague = await LeadRouter(self.ctx).active_colleague(owner_id)
            return _assigned(owner_id, columns.get("agency_id") or colleague.agency_id)
        route = await LeadRouter(self.ctx).route(Sought.of(columns))
        agency_id = route.agency_id or columns.get("agency_id") or self.ctx.principal.agency_id
        if route.owner_user_id:
            return _assigned(route.owner_user_id, agency_id) | {"rule_id": route.rule_id}
        return {"agency_id": agency_id} if agency_id else {}


def described(columns: Columns) -> Described:
    return Described(*(columns.get(part.name) for part in fields(Described)))  # type: ignore[arg-type]


async def out_of_network(ctx: Context, wilaya_code: str | None) -> bool:
    """Whether no agency is near; where nothing is known of the place, one is."""
    return wilaya_code is not None and not await AgencyService(ctx).serves(wilaya_code)


def _birth_date(person: Person) -> str | None:
    born = person.quick_data and person.quick_data.birth_date
    return born.isoformat() if born else None


def _assigned(owner_id: UUID, agency_id: UUID | None) -> Columns:
    return {
        "owner_user_id": owner_id,
        "agency_id": agency_id,
        "status": LeadStatus.ASSIGNED,
        "assigned_at": now(),
    }


def _linked(likenesses: list[Likeness]) -> Columns:
    """The surest of those who are the same person."""
    linked = [each.candidate for each in likenesses if each.linked and each.candidate.type == "lead"]
    return {"duplicate_of_id": linked[0].id} if linked else {}


def _events(columns: Columns, likenesses: list[Likeness]) -> list[Any]:
    events: list[Any] = []
    if columns.get("owner_user_id"):
        who = columns["owner_user_id"], columns.get("agency_id"), columns.get("rule_id")
        events.append(LeadAssigned(columns["id"], *who))
    if likenesses and likenesses[0].probable:
        best = likenesses[0].candidate
        where = best.type, best.id, best.score, likenesses[0].linked
        events.append(LeadDuplicateDetected(columns["id"], *where))
    return events
