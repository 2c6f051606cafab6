"""The account and the person that a lead becomes, as their own domains want them described."""

from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ValidationError

from crm_api.accounts.schemas import AccountCreate
from crm_api.contacts.models import LinkRole
from crm_api.contacts.schemas import ContactCreate
from crm_api.core.batch import Faulty
from crm_api.kit.errors import ValidationFailed
from crm_api.leads.models import Lead, LeadType
from crm_api.leads.schemas.conversion import LeadConvert
from crm_api.opportunities.models.opportunity import OpportunitySource
from crm_api.opportunities.schemas.content import OpportunityContent, OpportunityCreate
from crm_api.reference.service import wilaya

B = TypeVar("B", bound=BaseModel)


def names_for(lead: Lead, data: LeadConvert) -> tuple[str, str]:
    """First name and surname. Raises ValidationFailed when the lead tells only one."""
    first, last = data.first_name or lead.first_name, data.last_name or lead.last_name
    if not (first and last):
        guessed = split_name(lead.full_name)
        first, last = first or guessed[0], last or guessed[1]
    if not (first and last):
        raise ValidationFailed.at("/last_name", "names_required", "Give first_name and last_name.")
    return first, last


def split_name(full_name: str) -> tuple[str, str]:
    """ "Ilyès AISSANI" and "AISSANI Ilyès": the surname is in capitals; else it is the last word."""
    words = full_name.split()
    capitals = [word for word in words if word.isupper() and len(word) > 1]
    if len(words) < 2:
        return "", full_name
    if not capitals or len(capitals) == len(words):
        return " ".join(words[:-1]), words[-1]
    return " ".join(word for word in words if word not in capitals), " ".join(capitals)


def account_for(lead: Lead, data: LeadConvert, last_name: str) -> AccountCreate:
    company = lead.type is LeadType.COMPANY
    default = lead.company_name or lead.full_name if company else f"Famille {last_name}"
    return _described(
        AccountCreate,
        {
            "type": "company" if company else "household",
            "name": data.account_name or default,
            "addresses": [_address(lead, data)],
            "agency_id": data.agency_id or lead.agency_id,
            "manager_user_id": lead.owner_user_id,
            "phones": _points(lead.phone) if company else [],
            "emails": _points(lead.email) if company else [],
        },
    )


def contact_for(
    lead: Lead, data: LeadConvert, names: tuple[str, str], account_id: UUID, birth_date: str | None
) -> ContactCreate:
    first_name, last_name = names
    whatsapp = [{"kind": "whatsapp", "value": lead.whatsapp}] if lead.whatsapp else []
    given: dict[str, Any] = {
        "first_name": first_name,
        "last_name": last_name,
        "phones": [*_points(lead.phone), *(w for w in whatsapp if w["value"] != lead.phone)],
        "emails": _points(lead.email),
        "preferred_channel": _if_known(lead.preferred_channel),
        "contact_hours": lead.best_time and lead.best_time[:80],
        "account_links": [{"account_id": account_id, "role": role_for(lead, data)}],
        "owner_user_id": lead.owner_user_id,
        "agency_id": data.agency_id or lead.agency_id,
    }
    if lead.preferred_language:
        given["preferred_language"] = lead.preferred_language
    if birth_date:
        given["birth_date"] = birth_date
    return _described(ContactCreate, given)


def opportunity_for(
    lead: Lead, content: OpportunityContent, account_id: UUID, contact_id: UUID, agency_id: UUID | None
) -> OpportunityCreate:
    """Whoever follows the lead goes on with the sale."""
    given = content.model_dump(exclude_unset=True) | {
        "account_id": account_id,
        "contact_id": contact_id,
        "source": OpportunitySource.LEAD,
        "campaign_id": content.campaign_id or lead.campaign_id,
        "owner_user_id": lead.owner_user_id,
        "agency_id": agency_id,
    }
    return _described(OpportunityCreate, given)


def role_for(lead: Lead, data: LeadConvert) -> LinkRole:
    usual = LinkRole.LEGAL_REPRESENTATIVE if lead.type is LeadType.COMPANY else LinkRole.HEAD
    return LinkRole(data.role) if data.role else usual


def _address(lead: Lead, data: LeadConvert) -> dict[str, Any]:
    """What the lead tells is the town at best; the street is asked for later."""
    if data.address is not None:
        return data.address.model_dump()
    if lead.wilaya_code is None:
        raise ValidationFailed.at("/address", "address_required", "Give an address: the lead tells none.")
    return {
        "kind": "head_office" if lead.type is LeadType.COMPANY else "home",
        "lines": [wilaya(lead.wilaya_code).label_fr],
        "wilaya_code": lead.wilaya_code,
        "commune_code": lead.commune_code,
        "postal_code": lead.postal_code,
    }


def _points(value: str | None) -> list[dict[str, Any]]:
    return [{"value": value, "is_primary": True}] if value else []


def _if_known(channel: str | None) -> str | None:
    """A chat is no way to reach a customer."""
    return None if channel == "chat" else channel


def _described(schema: type[B], given: dict[str, Any]) -> B:
    """Raises ValidationFailed: what a lead may be called, an account or a person may not."""
    try:
        return schema.model_validate(given)
    except ValidationError as error:
        raise Faulty(error).refusal() from error
