"""A lead becomes an account and a person, in one transaction; for a week it can be taken back."""

from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from crm_api.accounts.service import AccountService
from crm_api.contacts.schemas import ContactQuery
from crm_api.contacts.service import ContactService
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.repository import ANY_VERSION
from crm_api.core.sealing import unseal
from crm_api.interactions.events import Linked
from crm_api.interactions.service import InteractionService
from crm_api.kit.errors import Conflict, Deleted, NotFound, VersionConflict
from crm_api.kit.matching import Facts, Verdict
from crm_api.kit.schemas import Json
from crm_api.leads.converted import account_for, contact_for, names_for, opportunity_for, role_for
from crm_api.leads.errors import (
    ConversionInUse,
    LeadAlreadyConverted,
    LeadNotConverted,
    UndoTooLate,
    UnknownAccount,
    UnknownContact,
)
from crm_api.leads.events import LeadConversionUndone, LeadConverted
from crm_api.leads.models import LEAD, UNDO_CONVERSION_WITHIN, Lead, LeadStatus
from crm_api.leads.repository import LeadRepository
from crm_api.leads.schemas.conversion import Conversion, LeadConvert
from crm_api.leads.schemas.lead import LeadRead
from crm_api.opportunities.service import OpportunityService


@dataclass(frozen=True, slots=True)
class Made:
    """An account or a person of a conversion, and its version when the conversion was done."""

    id: UUID
    created: bool
    version: int
    attached: bool = False
    """Whether a person who was recorded already came to belong to the account."""


class ConversionService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.leads = LeadRepository(ctx)
        self.accounts, self.contacts = AccountService(ctx), ContactService(ctx)
        self.opportunities, self.interactions = OpportunityService(ctx), InteractionService(ctx)

    async def convert(self, lead_id: UUID, data: LeadConvert, version: int) -> Conversion:
        """Raises LeadAlreadyConverted (with what it became), UnknownAccount, UnknownContact."""
        lead = await self._loaded(lead_id, version)
        LEAD.check(lead.status, LeadStatus.CONVERTED)
        names = names_for(lead, data)
        account = await self._account(lead, data, names[1])
        contact = await self._contact(lead, data, names, account.id)
        opportunity = await self._opportunity(lead, data, account.id, contact.id)
        lead.status, lead.converted_at = LeadStatus.CONVERTED, now()
        lead.converted_by_id = self.ctx.principal.id
        lead.converted_account_id, lead.converted_contact_id = account.id, contact.id
        lead.converted_opportunity_id = opportunity.id if opportunity else None
        made = {"account": account, "contact": contact} | (
            {"opportunity": opportunity} if opportunity else {}
        )
        lead.conversion = {kind: _kept(one) for kind, one in made.items()}
        lead.last_activity_at = now()
        await self.leads.save(lead)
        for kind, one in made.items():
            await self.interactions.follow(Linked("lead", lead.id), Linked(kind, one.id), lead.id)
        event = LeadConverted(lead.id, account.id, contact.id, lead.converted_opportunity_id)
        await publish(self.ctx, event)
        return Conversion(
            lead_id=lead.id,
            account_id=account.id,
            account_created=account.created,
            contact_id=contact.id,
            contact_created=contact.created,
            opportunity_id=lead.converted_opportunity_id,
            version=lead.version,
        )

    async def undo(self, lead_id: UUID, version: int) -> Json[LeadRead]:
        """Takes back what the conversion made, if nobody worked on it since; the lead is qualified again.

        Raises LeadNotConverted, UndoTooLate, ConversionInUse (with the reasons).
        """
        lead = await self.leads.load(lead_id)
        if lead.status is not LeadStatus.CONVERTED or lead.conversion is None or lead.converted_at is None:
            raise LeadNotConverted(allowed=[*LEAD.allowed(lead.status)])
        _refuse_stale(lead, version)
        if now() - lead.converted_at > UNDO_CONVERSION_WITHIN:
            raise UndoTooLate
        account, contact = _made(lead.conversion["account"]), _made(lead.conversion["contact"])
        opened = lead.conversion.get("opportunity")
        opportunity = _made(opened) if opened else None
        if reasons := await self._touched(account, contact, opportunity):
            raise ConversionInUse(reasons=reasons)
        await self._take_back(account, contact, opportunity)
        for kind, kept in lead.conversion.items():
            await self.interactions.unfollow(Linked(kind, UUID(kept["id"])), lead.id)
        lead.status = LeadStatus.QUALIFIED
        lead.converted_at = lead.converted_by_id = lead.conversion = None
        lead.converted_account_id = lead.converted_contact_id = lead.converted_opportunity_id = None
        lead.last_activity_at = now()
        await self.leads.save(lead)
        await publish(self.ctx, LeadConversionUndone(lead.id))
        return await self.leads.get(lead.id)

    async def _loaded(self, lead_id: UUID, version: int) -> Lead:
        lead = await self.leads.load(lead_id)
        if lead.deleted_at is not None:
            raise Deleted(id=str(lead_id))
        if lead.status is LeadStatus.CONVERTED:
            raise LeadAlreadyConverted(
                account_id=lead.converted_account_id,
                contact_id=lead.converted_contact_id,
                opportunity_id=lead.converted_opportunity_id,
                allowed=[],
            )
        _refuse_stale(lead, version)
        return lead

    async def _account(self, lead: Lead, data: LeadConvert, last_name: str) -> Made:
        if data.account_id is None:
            made = await self.accounts.create(account_for(lead, data, last_name))
            return _made_of(made, created=True)
        try:
            return _made_of(await self.accounts.get(data.account_id), created=False)
        except NotFound as error:
            raise UnknownAccount from error

    async def _contact(self, lead: Lead, data: LeadConvert, names: tuple[str, str], account_id: UUID) -> Made:
        """The person named, or who is certainly the same, or a new one."""
        kept = await self._quick_data(lead)
        birth_date: str | None = kept.get("birth_date")
        known = data.contact_id or await self._certainly(lead, names, birth_date)
        if known is None:
            made = await self.contacts.create(contact_for(lead, data, names, account_id, birth_date))
            return _made_of(made, created=True)
        try:
            before = await self.contacts.get(known)
        except NotFound as error:
            raise UnknownContact from error
        await self.contacts.attach_to_account(known, account_id, role_for(lead, data))
        after = _made_of(await self.contacts.get(known), created=False)
        return replace(after, attached=after.version != before.version)

    async def _opportunity(
        self, lead: Lead, data: LeadConvert, account_id: UUID, contact_id: UUID
    ) -> Made | None:
        if data.opportunity is None:
            return None
        agency_id = data.agency_id or lead.agency_id
        wanted = opportunity_for(lead, data.opportunity, account_id, contact_id, agency_id)
        return _made_of(await self.opportunities.create(wanted, lead.id), created=True)

    async def _certainly(self, lead: Lead, names: tuple[str, str], birth_date: str | None) -> UUID | None:
        facts = Facts(
            first_name=names[0],
            last_name=names[1],
            birth_date=date.fromisoformat(birth_date) if birth_date else None,
            phones=frozenset({lead.phone} if lead.phone else ()),
            emails=frozenset({lead.email} if lead.email else ()),
            wilaya_code=lead.wilaya_code,
        )
        found = await self.contacts.find_candidates(facts)
        return next((each.id for each in found if each.match.verdict is Verdict.LINK), None)

    async def _quick_data(self, lead: Lead) -> dict[str, Any]:
        if lead.sealed is None:
            return {}
        return await unseal(self.ctx, lead, reason="conversion", label=lead.label, fields=["birth_date"])

    async def _touched(self, account: Made, contact: Made, opportunity: Made | None) -> list[str]:
        """Why the conversion cannot be taken back, all reasons together."""
        reasons = []
        if opportunity and await self._version(self.opportunities, opportunity.id) != opportunity.version:
            reasons.append("opportunity_changed")
        if contact.created and await self._version(self.contacts, contact.id) != contact.version:
            reasons.append("contact_changed")
        if account.created:
            if await self._version(self.accounts, account.id) != account.version:
                reasons.append("account_changed")
            people = await self.contacts.count(ContactQuery(account_id=account.id))
            if people.count > 1:
                reasons.append("account_has_people")
        return reasons

    @staticmethod
    async def _version(
        service: AccountService | ContactService | OpportunityService, object_id: UUID
    ) -> int | None:
        try:
            found: Json[Any] = await service.get(object_id)
        except NotFound:
            return None
        return found.version

    async def _take_back(self, account: Made, contact: Made, opportunity: Made | None) -> None:
        try:
            if opportunity is not None:
                await self.opportunities.delete(opportunity.id, opportunity.version)
            if contact.created:
                await self.contacts.discard_if_untouched(contact.id, contact.version)
            elif contact.attached:
                await self.contacts.detach_from_account(contact.id, account.id)
            if account.created:
                await self.accounts.delete(account.id, account.version)
        except Conflict as refusal:
            raise ConversionInUse(reasons=[refusal.code]) from refusal


def _refuse_stale(lead: Lead, version: int) -> None:
    if version not in (lead.version, ANY_VERSION):
        raise VersionConflict(current_version=lead.version)


def _made_of(answer: Json[Any], *, created: bool) -> Made:
    return Made(UUID(str(answer.id)), created, answer.version or 1)


def _kept(made: Made) -> dict[str, Any]:
    return asdict(made) | {"id": str(made.id)}


def _made(kept: dict[str, Any]) -> Made:
    return Made(**(kept | {"id": UUID(kept["id"])}))
