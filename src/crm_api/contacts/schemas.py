from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import MISSING, Field, JsonValue, model_validator
from pydantic_core import PydanticCustomError

from crm_api.contacts.filters import at_account, named, reached_at_email, reached_at_phone
from crm_api.contacts.identity import CivilFacts
from crm_api.contacts.links import AccountLinkCreate, AccountLinkRead
from crm_api.contacts.models import Civility, Contact, ContactChannel
from crm_api.contacts.parts import Address, Addresses, LicenceMasked, Masked, PaperMasked
from crm_api.contacts.words import ArabicName, PastDay, PersonName
from crm_api.core.external_ids import ExternalId, ExternalIds
from crm_api.core.words import tagged, words
from crm_api.kit.contact_points import EmailEntries, EmailInputs, PhoneEntries, PhoneInputs, SpokenLanguage
from crm_api.kit.listing import (
    Bin,
    FieldOf,
    ListQuery,
    Page,
    at_least,
    at_most,
    below,
    equals,
    is_null,
    one_of,
)
from crm_api.kit.phones import Phone
from crm_api.kit.schemas import Day, Email, Moment, Output, Timestamp
from crm_api.kit.tags import Tag, Tags

Hours = Annotated[str, Field(min_length=1, max_length=80, examples=["dim-jeu 17:00-19:00"])]
CustomValues = Annotated[
    dict[Annotated[str, Field(max_length=40)], JsonValue],
    Field(max_length=100, examples=[{"preferred_garage": "Garage Hydra"}]),
]
Score = Annotated[int, Field(ge=0, le=100, examples=[80])]


class ContactFacts(CivilFacts):
    """A person, as far as known."""

    civility: Civility = Civility.NONE
    """How to address them."""
    last_name: PersonName
    """Surname in Latin letters."""
    first_name: PersonName
    """First name in Latin letters."""
    last_name_ar: ArabicName | None = None
    """Surname in Arabic letters."""
    first_name_ar: ArabicName | None = None
    """First name in Arabic letters."""
    father_first_name: PersonName | None = None
    """First name of the father: tells homonyms apart."""
    maiden_name: PersonName | None = None
    """Surname before marriage."""
    emails: EmailInputs = []
    """E-mail addresses, one of them primary."""
    phones: PhoneInputs = []
    """Telephone numbers, one of them primary. A family may share one."""
    addresses: Addresses = []
    """Postal addresses, one of them primary."""


class ContactCreate(ContactFacts):
    """A person to record; at least one telephone number or e-mail address, and at least one account."""

    preferred_language: SpokenLanguage = SpokenLanguage.FR
    """Language to write and speak in."""
    preferred_channel: ContactChannel | None = None
    """How they like to be reached."""
    contact_hours: Hours | None = None
    """When they like to be reached."""
    do_not_contact: bool = False
    """No message but those that the contract requires."""
    account_links: list[AccountLinkCreate] = Field(default=[], max_length=10)
    """The accounts that the person belongs to."""
    create_household: bool = False
    """true: a new household of their own, in the same transaction (then `account_links` may be empty)."""
    owner_user_id: UUID | None = None
    """Who looks after them; you when left out."""
    agency_id: UUID | None = None
    """Which agency; yours when left out, or that of the account."""
    external_ids: ExternalIds = []
    """What other systems call them."""
    tags: Tags = []
    """Words of your own."""
    custom_fields: CustomValues = {}
    """Values of the fields that your organization defined."""

    @model_validator(mode="after")
    def _reachable_and_belonging(self) -> "ContactCreate":
        if not (self.phones or self.emails):
            raise PydanticCustomError("unreachable", "A telephone number or an e-mail address is needed")
        if not (self.account_links or self.create_household):
            raise PydanticCustomError("account_required", "An account is needed, or create_household")
        marked = sum(link.is_primary for link in self.account_links)
        if marked > 1:
            raise PydanticCustomError("several_primary", "Only one can be the main one")
        if len({(link.account_id, link.role) for link in self.account_links}) < len(self.account_links):
            raise PydanticCustomError("repeated_entry", "The same is given twice")
        return self


class ContactPatch(CivilFacts):
    """What to change; a field left out stays, null empties it. Accounts have their own routes."""

    civility: Civility | MISSING = MISSING
    """How to address them."""
    last_name: PersonName | MISSING = MISSING
    """Surname in Latin letters."""
    first_name: PersonName | MISSING = MISSING
    """First name in Latin letters."""
    last_name_ar: ArabicName | None | MISSING = MISSING
    """Surname in Arabic letters."""
    first_name_ar: ArabicName | None | MISSING = MISSING
    """First name in Arabic letters."""
    father_first_name: PersonName | None | MISSING = MISSING
    """First name of the father."""
    maiden_name: PersonName | None | MISSING = MISSING
    """Surname before marriage."""
    emails: EmailInputs | MISSING = MISSING
    """E-mail addresses; replaces the whole list."""
    phones: PhoneInputs | MISSING = MISSING
    """Telephone numbers; replaces the whole list."""
    addresses: Addresses | MISSING = MISSING
    """Postal addresses; replaces the whole list."""
    preferred_language: SpokenLanguage | MISSING = MISSING
    """Language to write and speak in."""
    preferred_channel: ContactChannel | None | MISSING = MISSING
    """How they like to be reached."""
    contact_hours: Hours | None | MISSING = MISSING
    """When they like to be reached."""
    do_not_contact: bool | MISSING = MISSING
    """No message but those that the contract requires."""
    deceased_on: PastDay | None | MISSING = MISSING
    """Day of death; stops all marketing. Sealed, shown masked."""
    owner_user_id: UUID | None | MISSING = MISSING
    """Who looks after them."""
    agency_id: UUID | MISSING = MISSING
    """Which agency."""
    external_ids: ExternalIds | MISSING = MISSING
    """What other systems call them; replaces the whole list."""
    tags: Tags | MISSING = MISSING
    """Words of your own; replaces the whole list."""
    custom_fields: CustomValues | MISSING = MISSING
    """Values of the fields that your organization defined: those left out stay, null takes away."""


class ContactRead(Output):
    """A person."""

    id: UUID
    """Identifier."""
    civility: Civility
    """How to address them."""
    display_name: str = Field(max_length=161, examples=["AISSANI Ilyès"])
    """Surname in capitals, first name."""
    last_name: PersonName
    """Surname in Latin letters."""
    first_name: PersonName
    """First name in Latin letters."""
    last_name_ar: ArabicName | None
    """Surname in Arabic letters."""
    first_name_ar: ArabicName | None
    """First name in Arabic letters."""
    father_first_name: PersonName | None
    """First name of the father."""
    maiden_name: PersonName | None
    """Surname before marriage."""
    birth_date: Masked | None
    """Date of birth, hidden."""
    birth_place_commune: Masked | None
    """Commune of birth, hidden."""
    nationality: Masked | None
    """Country of citizenship, hidden."""
    gender: Masked | None
    """Gender, hidden."""
    national_id_number: Masked | None
    """The last digits of the NIN."""
    id_document: PaperMasked | None
    """Identity document, masked."""
    driving_licence: LicenceMasked | None
    """Driving licence, masked."""
    profession: Masked | None
    """Trade, hidden."""
    employer: Masked | None
    """Employer, hidden."""
    marital_status: Masked | None
    """Marital status, hidden."""
    children_count: Masked | None
    """Number of children, hidden."""
    deceased_on: Masked | None
    """Day of death, hidden."""
    is_deceased: bool
    """Whether they have died: no marketing goes to them."""
    emails: EmailEntries
    """E-mail addresses."""
    phones: PhoneEntries
    """Telephone numbers."""
    addresses: list[Address] = Field(max_length=20)
    """Postal addresses."""
    primary_email: Email | None
    """The address to write to first."""
    primary_phone: Phone | None
    """The number to call first."""
    preferred_language: SpokenLanguage
    """Language to write and speak in."""
    preferred_channel: ContactChannel | None
    """How they like to be reached."""
    contact_hours: Hours | None
    """When they like to be reached."""
    do_not_contact: bool
    """No message but those that the contract requires."""
    account_links: list[AccountLinkRead] = Field(max_length=50)
    """The accounts they belong to today."""
    owner_user_id: UUID | None
    """Who looks after them."""
    agency_id: UUID
    """Which agency."""
    registered_on: date
    """When they became known (date d'inscription)."""
    valid_until: date | None
    """Expiry of the latest policy in force (date de validité)."""
    portal_user_id: UUID | None
    """Their login on the customers' portal."""
    merged_into_id: UUID | None
    """The sheet that took this one over."""
    anonymised_at: Timestamp | None
    """When the person was forgotten."""
    external_ids: list[ExternalId] = Field(max_length=20)
    """What other systems call them."""
    tags: list[Tag] = Field(max_length=20)
    """Words that users put on the sheet."""
    custom_fields: CustomValues
    """Values of the fields that the organization defined."""
    deleted_at: Timestamp | None
    """When it went to the bin."""
    version: int = Field(ge=1, examples=[7])
    """For If-Match."""
    created_at: Timestamp
    """When it was recorded."""
    updated_at: Timestamp
    """When it last changed."""


class ContactPage(Page[ContactRead]):
    """One page of people."""


class DuplicateRead(Output):
    """Somebody who may be the same person."""

    id: UUID
    """Whose sheet."""
    display_name: str = Field(max_length=161, examples=["AISSANI Ilyès"])
    """Surname in capitals, first name."""
    score: Score
    """100: certain. From 60: probable. Below: something is shared, as families share telephones."""
    verdict: Literal["link", "probable", "none"]
    """What may be done about it; nothing is ever merged by itself."""
    reasons: list[Annotated[str, Field(max_length=40, examples=["name_phone"])]] = Field(max_length=10)
    """What is alike, strongest first (the list may grow)."""


class DuplicateList(Output):
    """People who may be the same."""

    data: list[DuplicateRead] = Field(max_length=50)
    """Most likely first."""


Warning_ = Literal["guardian_required"]


class ContactCreated(ContactRead):
    """The person recorded, and what deserves a second look."""

    duplicates: list[DuplicateRead] = Field(default=[], max_length=50)
    """People who may be the same, most likely first."""
    warnings: list[Warning_] = Field(default=[], max_length=5, examples=[["guardian_required"]])
    """guardian_required: below nineteen, and nobody is recorded as guardian yet."""


class ContactQuery(ListQuery):
    """Which people."""

    sortable: ClassVar = {
        "name": Contact.name_folded,
        "created_at": Contact.created_at,
        "updated_at": Contact.updated_at,
        "registered_on": Contact.registered_on,
    }

    sort: Literal[
        "name",
        "-name",
        "created_at",
        "-created_at",
        "updated_at",
        "-updated_at",
        "registered_on",
        "-registered_on",
    ] = "-created_at"
    """Sort key; a leading `-` means descending."""
    q: Annotated[str | None, words(Contact)] = Field(
        default=None, min_length=2, max_length=100, examples=["aissani 0550"]
    )
    """Words that begin words of the name, the e-mail addresses or the telephone numbers."""
    tag: Annotated[list[Tag] | None, tagged(Contact)] = Field(default=None, max_length=10)
    """Those with all of these words of yours."""
    name_prefix: Annotated[str | None, named] = Field(
        default=None, min_length=1, max_length=80, examples=["aissani il"]
    )
    """Beginning of surname and first name, in Latin or Arabic letters; accents and case ignored."""
    account_id: Annotated[UUID | None, at_account] = None
    """Those who belong to this account today."""
    phone: Annotated[Phone | None, reached_at_phone] = None
    """Those who have this number, primary or not."""
    email: Annotated[Email | None, reached_at_email] = None
    """Those who have this address, primary or not."""
    owner_user_id: Annotated[list[UUID] | None, one_of(Contact.owner_user_id)] = Field(
        default=None, max_length=50
    )
    """Looked after by one of these."""
    owner_user_id_null: Annotated[bool | None, is_null(Contact.owner_user_id)] = None
    """true: looked after by nobody."""
    agency_id: Annotated[list[UUID] | None, one_of(Contact.agency_id)] = Field(default=None, max_length=50)
    """One or several agencies."""
    preferred_language: Annotated[list[SpokenLanguage] | None, one_of(Contact.preferred_language)] = Field(
        default=None, max_length=4
    )
    """One or several languages."""
    do_not_contact: Annotated[bool | None, equals(Contact.do_not_contact)] = None
    """Whether they asked to be left alone."""
    is_deceased: Annotated[bool | None, equals(Contact.is_deceased)] = None
    """Whether they have died."""
    registered_on_gte: Annotated[Day | None, at_least(Contact.registered_on)] = None
    """Known on this day or later."""
    registered_on_lte: Annotated[Day | None, at_most(Contact.registered_on)] = None
    """Known on this day or before."""
    valid_until_gte: Annotated[Day | None, at_least(Contact.valid_until)] = None
    """Insured until this day at least."""
    valid_until_lte: Annotated[Day | None, at_most(Contact.valid_until)] = None
    """Insured until this day at most."""
    created_at_gte: Annotated[Moment | None, at_least(Contact.created_at)] = None
    """Recorded at this moment or later."""
    created_at_lt: Annotated[Moment | None, below(Contact.created_at)] = None
    """Recorded before this moment."""
    updated_at_gte: Annotated[Moment | None, at_least(Contact.updated_at)] = None
    """Changed at this moment or later."""
    deleted: Bin = "without"
    """Rows in the bin: left out, mixed in, or alone."""


class ContactListQuery(ContactQuery):
    """Which contacts, and what of them."""

    fields: list[Annotated[str, FieldOf(ContactRead)]] | None = Field(
        default=None, max_length=80, examples=[["id", "display_name"]]
    )
    """Only these fields."""
