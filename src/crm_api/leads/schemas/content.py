"""What comes in: a lead to record, and changes to one."""

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import MISSING, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.core.external_ids import ExternalIds
from crm_api.kit.contact_points import SpokenLanguage
from crm_api.kit.phones import Phone
from crm_api.kit.schemas import Email, Input
from crm_api.kit.tags import Tags
from crm_api.leads.models import LeadChannel, LeadSource, LeadType
from crm_api.leads.schemas.words import (
    BestTime,
    ClickId,
    CommuneCode,
    CompanyName,
    Consent,
    CustomValues,
    Detail,
    FirstName,
    FullName,
    Insurer,
    JobTitle,
    LastName,
    Need,
    PostalCode,
    Products,
    QuickData,
    Url,
    Utm,
    WilayaCode,
)


class Person(Input):
    """Who it is and how to reach them: what is compared to find duplicates."""

    full_name: FullName | None = None
    """Name as given; or give `first_name` and `last_name`."""
    first_name: FirstName | None = None
    """First name."""
    last_name: LastName | None = None
    """Family name."""
    phone: Phone | None = None
    """Phone; a phone or an e-mail address is required."""
    email: Email | None = None
    """E-mail address."""
    wilaya_code: WilayaCode | None = None
    """Where they live."""
    quick_data: QuickData | None = None
    """Data for a first quote (class P3)."""

    @model_validator(mode="after")
    def _a_name_and_a_way_to_reach_them(self) -> "Person":
        if not (self.full_name or (self.first_name and self.last_name)):
            raise PydanticCustomError("name_missing", "Give full_name, or first_name and last_name")
        if not (self.phone or self.email):
            raise PydanticCustomError("unreachable", "A telephone number or an e-mail address is needed")
        return self


class LeadContent(Person):
    """What every way in may tell of a lead."""

    job_title: JobTitle | None = None
    """Function (fonction)."""
    company_name: CompanyName | None = None
    """Company (société)."""
    whatsapp: Phone | None = None
    """WhatsApp number."""
    preferred_channel: LeadChannel | None = None
    """How they like to be reached."""
    preferred_language: SpokenLanguage | None = None
    """Language they speak."""
    best_time: BestTime | None = None
    """When to reach them."""
    type: LeadType = LeadType.INDIVIDUAL
    """A person or a company."""
    source_detail: Detail | None = None
    """More about where it came from."""
    campaign_id: UUID | None = None
    """The campaign that brought it."""
    utm_source: Utm | None = None
    """First touch; never changed afterwards, like all of the utm group."""
    utm_medium: Utm | None = None
    """Medium of the first touch."""
    utm_campaign: Utm | None = None
    """Campaign of the first touch."""
    utm_term: Utm | None = None
    """Search words of the first touch."""
    utm_content: Utm | None = None
    """Variant of the first touch."""
    landing_url: Url | None = None
    """First page seen."""
    referrer: Url | None = None
    """Page they came from."""
    click_id: ClickId | None = None
    """Click identifier of the ad network."""
    product_interest: Products = []
    """Codes of the products wanted."""
    need: Need | None = None
    """What they want, in words."""
    commune_code: CommuneCode | None = None
    """Commune."""
    postal_code: PostalCode | None = None
    """Postal code."""
    current_insurer: Insurer | None = None
    """Where they are insured now."""
    current_expiry_date: date | None = Field(default=None, examples=["2026-12-31"])
    """When the present policy ends: the best moment to call is 45 days before."""
    quote_completed: bool = False
    """Whether they completed a quote on line."""


class LeadCreate(LeadContent):
    """A lead to record."""

    source: LeadSource
    """Where it came from."""
    owner_user_id: UUID | None = None
    """Who follows it; by the routing rules when left out."""
    agency_id: UUID | None = None
    """The agency that follows it; by the routing rules, or yours, when left out."""
    phone_verified: bool = False
    """Whether the phone was verified, by a call or a code."""
    tags: Tags = []
    """Words to find it by."""
    external_ids: ExternalIds = []
    """What other systems call it."""
    custom_fields: CustomValues = {}
    """Values of the fields that your organization defined, by key."""
    consent: Consent | None = None
    """What the person agreed to; without it, marketing is refused."""


class LeadPatch(Input):
    """What to change; a field left out stays, null empties it. First touch and consent never change."""

    full_name: FullName | MISSING = MISSING
    """Name; changing first or last name rewrites it."""
    first_name: FirstName | None | MISSING = MISSING
    """First name."""
    last_name: LastName | None | MISSING = MISSING
    """Family name."""
    phone: Phone | None | MISSING = MISSING
    """Phone; one of phone and e-mail must stay."""
    email: Email | None | MISSING = MISSING
    """E-mail address."""
    wilaya_code: WilayaCode | None | MISSING = MISSING
    """Where they live."""
    quick_data: QuickData | None | MISSING = MISSING
    """Data for a first quote: the parts given replace those recorded, null empties all."""
    job_title: JobTitle | None | MISSING = MISSING
    """Function."""
    company_name: CompanyName | None | MISSING = MISSING
    """Company."""
    whatsapp: Phone | None | MISSING = MISSING
    """WhatsApp number."""
    preferred_channel: LeadChannel | None | MISSING = MISSING
    """How they like to be reached."""
    preferred_language: SpokenLanguage | None | MISSING = MISSING
    """Language they speak."""
    best_time: BestTime | None | MISSING = MISSING
    """When to reach them."""
    type: LeadType | MISSING = MISSING
    """A person or a company."""
    source_detail: Detail | None | MISSING = MISSING
    """More about where it came from."""
    product_interest: Products | MISSING = MISSING
    """Codes of the products wanted."""
    need: Need | None | MISSING = MISSING
    """What they want, in words."""
    commune_code: CommuneCode | None | MISSING = MISSING
    """Commune."""
    postal_code: PostalCode | None | MISSING = MISSING
    """Postal code."""
    current_insurer: Insurer | None | MISSING = MISSING
    """Where they are insured now."""
    current_expiry_date: date | None | MISSING = Field(default=MISSING, examples=["2026-12-31"])
    """When the present policy ends."""
    quote_completed: bool | MISSING = MISSING
    """Whether they completed a quote on line."""
    phone_verified: bool | MISSING = MISSING
    """Whether the phone was verified."""

    tags: Tags | MISSING = MISSING
    """Words to find it by; replaces all."""
    external_ids: ExternalIds | MISSING = MISSING
    """What other systems call it; replaces all."""

    custom_fields: CustomValues | MISSING = MISSING
    """Values by key; keys left out stay, null takes one away."""

    def given(self) -> dict[str, Any]:
        """What the caller wrote, by name."""
        return {name: value for name, value in self if value is not MISSING}
