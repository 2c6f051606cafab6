"""A lead as it is shown, and the lists of leads."""

from datetime import date
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from crm_api.core.external_ids import ExternalIds
from crm_api.core.words import tagged, words
from crm_api.kit.contact_points import SpokenLanguage
from crm_api.kit.listing import (
    Bin,
    FieldOf,
    ListQuery,
    Page,
    at_least,
    at_most,
    below,
    contains,
    equals,
    is_null,
    one_of,
    starts_with,
)
from crm_api.kit.phones import Phone
from crm_api.kit.schemas import Day, Email, Moment, Output, Timestamp
from crm_api.kit.tags import Tag, Tags
from crm_api.leads.models import (
    DisqualifyReason,
    Lead,
    LeadChannel,
    LeadSource,
    LeadStatus,
    LeadType,
    ScoreBand,
)
from crm_api.leads.schemas.words import (
    BestTime,
    ClickId,
    CommuneCode,
    CompanyName,
    ConsentSnapshot,
    CustomValues,
    Detail,
    DuplicateCandidate,
    FirstName,
    FullName,
    Insurer,
    JobTitle,
    LastName,
    Need,
    Number,
    PostalCode,
    ProductCode,
    Products,
    Reference,
    ScoreFactor,
    Url,
    Utm,
    WilayaCode,
)


class LeadRead(Output):
    """A lead."""

    id: UUID
    """Identifier."""
    number: Number
    """The number people say on the phone."""
    full_name: FullName
    """Name."""
    first_name: FirstName | None
    """First name, where it was given apart."""
    last_name: LastName | None
    """Family name, where it was given apart."""
    job_title: JobTitle | None
    """Function (fonction)."""
    company_name: CompanyName | None
    """Company (société)."""
    phone: Phone | None
    """Phone, E.164."""
    whatsapp: Phone | None
    """WhatsApp number, E.164."""
    email: Email | None
    """E-mail address."""
    preferred_channel: LeadChannel | None
    """How they like to be reached."""
    preferred_language: SpokenLanguage | None
    """Language they speak."""
    best_time: BestTime | None
    """When to reach them."""
    type: LeadType
    """A person or a company."""
    source: LeadSource
    """Where it came from."""
    source_detail: Detail | None
    """More about where it came from."""
    partner_id: UUID | None
    """The API client of the partner who brought it."""
    external_id: Reference | None
    """The partner's own reference."""
    campaign_id: UUID | None
    """The campaign that brought it."""
    utm_source: Utm | None
    """First touch."""
    utm_medium: Utm | None
    """Medium of the first touch."""
    utm_campaign: Utm | None
    """Campaign of the first touch."""
    utm_term: Utm | None
    """Search words of the first touch."""
    utm_content: Utm | None
    """Variant of the first touch."""
    landing_url: Url | None
    """First page seen."""
    referrer: Url | None
    """Page they came from."""
    click_id: ClickId | None
    """Click identifier of the ad network."""
    product_interest: Products
    """Codes of the products wanted."""
    need: Need | None
    """What they want, in words."""
    wilaya_code: WilayaCode | None
    """Where they live."""
    commune_code: CommuneCode | None
    """Commune."""
    postal_code: PostalCode | None
    """Postal code."""
    quick_data: dict[str, Any] = Field(examples=[{"birth_date": "•••", "vehicle": {"plate": "•••2616"}}])
    """Data for a first quote, masked; in clear by `unmask`."""
    current_insurer: Insurer | None
    """Where they are insured now."""
    current_expiry_date: date | None = Field(examples=["2026-12-31"])
    """When the present policy ends."""
    quote_completed: bool
    """Whether they completed a quote on line."""
    owner_user_id: UUID | None
    """Who follows it."""
    agency_id: UUID | None
    """The agency that follows it."""
    status: LeadStatus
    """How far it has come."""
    score: int = Field(ge=0, le=100, examples=[80])
    """How promising it is."""
    score_band: ScoreBand
    """cold below 30, hot from 60."""
    score_explanation: list[ScoreFactor] = Field(max_length=30)
    """Why, the strongest reasons first."""
    consent_snapshot: ConsentSnapshot
    """What the person had agreed to when it was recorded."""
    disqualify_reason: DisqualifyReason | None
    """Why it was given up."""
    disqualify_comment: str | None = Field(max_length=1000, examples=["A déjà renouvelé ailleurs"])
    """More about why."""
    nurture_until: date | None = Field(examples=["2027-01-15"])
    """When to come back to it."""
    duplicate_of_id: UUID | None
    """The lead recorded before for the same person."""
    contact_attempts: int = Field(ge=0, le=100_000, examples=[1])
    """Calls without answer since the last answered one."""
    answered_calls: int = Field(ge=0, le=100_000, examples=[1])
    """Calls that were answered."""
    contact_invalid: bool
    """Whether its phone or address proved wrong."""
    phone_verified_at: Timestamp | None
    """When the phone was verified."""
    assigned_at: Timestamp | None
    """When its present owner got it."""
    first_contact_due_at: Timestamp
    """When it should have been contacted at the latest."""
    first_contacted_at: Timestamp | None
    """When it first was."""
    last_activity_at: Timestamp
    """When something was last done about it."""
    last_inbound_at: Timestamp
    """When the person last came to us; retention counts from here."""
    qualified_at: Timestamp | None
    """When it was qualified."""
    disqualified_at: Timestamp | None
    """When it was given up."""
    converted_at: Timestamp | None
    """When it became a customer's."""
    converted_account_id: UUID | None
    """The account it became."""
    converted_contact_id: UUID | None
    """The contact it became."""
    converted_opportunity_id: UUID | None
    """The opportunity opened with it."""
    tags: Tags
    """Words put on it."""
    custom_fields: CustomValues
    """Values of the fields that your organization defined, by key."""
    external_ids: ExternalIds
    """What other systems call it."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was recorded."""
    updated_at: Timestamp
    """When it last changed."""
    created_by_id: UUID | None
    """Who recorded it."""
    deleted_at: Timestamp | None
    """When it went to the bin."""


class LeadCreated(LeadRead):
    """A lead just recorded, with those recorded before that may be the same person."""

    duplicates: list[DuplicateCandidate] = Field(default=[], max_length=20)
    """Probable duplicates that you may see, most likely first."""


class LeadPage(Page[LeadRead]):
    """One page of leads."""


LeadSort = Literal[
    "created_at", "-created_at", "updated_at", "-updated_at", "full_name", "-full_name", "score", "-score"
]


class LeadFilter(ListQuery):
    """What lists and counts of leads are filtered by."""

    sortable: ClassVar = {
        "created_at": Lead.created_at,
        "updated_at": Lead.updated_at,
        "full_name": Lead.name_folded,
        "score": Lead.score,
    }

    status: Annotated[list[LeadStatus] | None, one_of(Lead.status)] = Field(default=None, max_length=7)
    """One or several states (repeat the parameter)."""
    source: Annotated[list[LeadSource] | None, one_of(Lead.source)] = Field(default=None, max_length=13)
    """One or several origins."""
    type: Annotated[LeadType | None, equals(Lead.type)] = None
    """Persons or companies."""
    agency_id: Annotated[list[UUID] | None, one_of(Lead.agency_id)] = Field(default=None, max_length=50)
    """One or several agencies."""
    agency_id_null: Annotated[bool | None, is_null(Lead.agency_id)] = None
    """true: those no agency follows yet."""
    owner_user_id: Annotated[list[UUID] | None, one_of(Lead.owner_user_id)] = Field(
        default=None, max_length=50
    )
    """One or several owners."""
    owner_user_id_null: Annotated[bool | None, is_null(Lead.owner_user_id)] = None
    """true: those nobody follows yet."""
    partner_id: Annotated[list[UUID] | None, one_of(Lead.partner_id)] = Field(default=None, max_length=50)
    """One or several partners."""
    campaign_id: Annotated[list[UUID] | None, one_of(Lead.campaign_id)] = Field(default=None, max_length=50)
    """One or several campaigns."""
    number: Annotated[Number | None, equals(Lead.number)] = None
    """One number."""
    phone: Annotated[Phone | None, equals(Lead.phone)] = None
    """One phone."""
    email: Annotated[Email | None, equals(Lead.email)] = None
    """One e-mail address."""
    score_band: Annotated[list[ScoreBand] | None, one_of(Lead.score_band)] = Field(default=None, max_length=3)
    """One or several bands."""
    score_gte: Annotated[int | None, at_least(Lead.score)] = Field(default=None, ge=0, le=100, examples=[60])
    """This score or better."""
    score_lte: Annotated[int | None, at_most(Lead.score)] = Field(default=None, ge=0, le=100, examples=[29])
    """This score or less."""
    wilaya_code: Annotated[list[WilayaCode] | None, one_of(Lead.wilaya_code)] = Field(
        default=None, max_length=69
    )
    """One or several wilayas."""
    product_interest: Annotated[ProductCode | None, contains(Lead.product_interest)] = None
    """A product among those wanted."""
    disqualify_reason: Annotated[list[DisqualifyReason] | None, one_of(Lead.disqualify_reason)] = Field(
        default=None, max_length=9
    )
    """One or several reasons for giving up."""
    duplicate_of_id: Annotated[UUID | None, equals(Lead.duplicate_of_id)] = None
    """The duplicates of one lead."""
    duplicate_of_id_null: Annotated[bool | None, is_null(Lead.duplicate_of_id)] = None
    """true: no known duplicate."""
    converted_account_id: Annotated[UUID | None, equals(Lead.converted_account_id)] = None
    """Those that became this account."""
    name_prefix: Annotated[str | None, starts_with(Lead.name_folded)] = Field(
        default=None, min_length=1, max_length=80, examples=["ilyes ais"]
    )
    """Beginning of the name, accents and case ignored."""
    q: Annotated[str | None, words(Lead)] = Field(
        default=None, min_length=2, max_length=100, examples=["aissani 0550"]
    )
    """Words that begin words of its name, company, need, phone, e-mail, number or tags."""
    tag: Annotated[list[Tag] | None, tagged(Lead)] = Field(default=None, max_length=5)
    """Has all of these tags."""
    created_at_gte: Annotated[Moment | None, at_least(Lead.created_at)] = None
    """Recorded at this moment or later."""
    created_at_lt: Annotated[Moment | None, below(Lead.created_at)] = None
    """Recorded before this moment."""
    updated_at_gte: Annotated[Moment | None, at_least(Lead.updated_at)] = None
    """Changed at this moment or later."""
    updated_at_lt: Annotated[Moment | None, below(Lead.updated_at)] = None
    """Changed before this moment."""
    last_activity_at_lt: Annotated[Moment | None, below(Lead.last_activity_at)] = None
    """Nothing done about it since this moment."""
    first_contact_due_at_lt: Annotated[Moment | None, below(Lead.first_contact_due_at)] = None
    """To be contacted before this moment."""
    first_contacted_at_null: Annotated[bool | None, is_null(Lead.first_contacted_at)] = None
    """true: never contacted."""
    current_expiry_date_gte: Annotated[Day | None, at_least(Lead.current_expiry_date)] = Field(
        default=None, examples=["2026-12-01"]
    )
    """Present policy ends on this day or later."""
    current_expiry_date_lt: Annotated[Day | None, below(Lead.current_expiry_date)] = Field(
        default=None, examples=["2027-01-15"]
    )
    """Present policy ends before this day."""
    deleted: Bin = "without"
    """Leads in the bin: left out, mixed in, or alone."""

    sort: LeadSort = "-created_at"
    """Sort key; a leading `-` means descending."""


class LeadQuery(LeadFilter):
    """Which leads."""

    fields: list[Annotated[str, FieldOf(LeadRead)]] | None = Field(
        default=None, max_length=60, examples=[["id", "full_name"]]
    )
    """Only these fields."""
