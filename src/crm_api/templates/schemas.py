"""Templates as they are written, listed, tried and counted."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import MISSING, Field

from crm_api.kit.listing import ListQuery, Page, equals, one_of, starts_with
from crm_api.kit.money import Money
from crm_api.kit.schemas import Input, Output, Timestamp
from crm_api.templates.fields import FieldType, PersonalClass
from crm_api.templates.models import (
    LONGEST_BODY,
    Template,
    TemplateChannel,
    TemplateFormat,
    TemplateLanguage,
    TemplatePurpose,
    TemplateStatus,
)
from crm_api.templates.sms import SmsEncoding

TemplateCode = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_]{1,59}$", max_length=60, examples=["renewal_marketing"])
]
TemplateName = Annotated[str, Field(min_length=1, max_length=120, examples=["Renouvellement auto"])]
Subject = Annotated[
    str,
    Field(min_length=1, max_length=200, examples=["{{ first_name }}, votre assurance arrive à échéance"]),
]
Body = Annotated[
    str,
    Field(
        min_length=1,
        max_length=LONGEST_BODY,
        examples=["Bonjour {{ first_name }}, votre contrat {{ policy.number }} arrive à échéance."],
    ),
]
FieldCode = Annotated[str, Field(pattern=r"^[a-z][a-z_.]{0,59}$", max_length=60, examples=["first_name"])]


class TemplateCreate(Input):
    """A template to write."""

    code: TemplateCode
    """Its name for programs; the same in every language."""
    channel: TemplateChannel
    """By which way it goes."""
    language: TemplateLanguage = TemplateLanguage.FR
    """In which language."""
    name: TemplateName
    """Its name for the staff."""
    purpose: TemplatePurpose = TemplatePurpose.MARKETING
    """marketing: needs consent, and a footer; transactional: the contract asks for it."""
    format: TemplateFormat = TemplateFormat.TEXT
    """In what the body is written; HTML and MJML are for e-mails."""
    subject: Subject | None = None
    """Of an e-mail, a letter or a push: what it is about."""
    body: Body
    """What it says: Liquid with the fields of `GET /v1/template-fields`."""


class TemplatePatch(Input):
    """What to change of a draft."""

    name: TemplateName | MISSING = MISSING
    """Its name for the staff."""
    purpose: TemplatePurpose | MISSING = MISSING
    """Why it is sent."""
    format: TemplateFormat | MISSING = MISSING
    """In what the body is written."""
    subject: Subject | None | MISSING = MISSING
    """What it is about."""
    body: Body | MISSING = MISSING
    """What it says."""


class TemplateRead(Output):
    """One revision of a template."""

    id: UUID
    """Identifier of this revision."""
    code: TemplateCode
    """Its name for programs."""
    channel: TemplateChannel
    """By which way it goes."""
    language: TemplateLanguage
    """In which language."""
    revision: int = Field(ge=1, examples=[1])
    """1, 2, 3..."""
    name: TemplateName
    """Its name for the staff."""
    purpose: TemplatePurpose
    """Why it is sent."""
    format: TemplateFormat
    """In what the body is written."""
    subject: Subject | None
    """What it is about."""
    body: Body
    """What was written."""
    text: str = Field(max_length=400_000, examples=["Bonjour {{ first_name }}"])
    """The plain text part, made of the layout."""
    variables: list[FieldCode] = Field(max_length=100)
    """The merge fields that it names."""
    sms_segments: int | None = Field(ge=0, examples=[1])
    """Of an SMS: parts, with the examples filled in."""
    status: TemplateStatus
    """Where it stands."""
    approved_at: Timestamp | None
    """When it was approved."""
    approved_by_id: UUID | None
    """Who approved it."""
    created_at: Timestamp
    """When it was written."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""


class TemplatePage(Page[TemplateRead]):
    """One page of templates."""


class TemplateQuery(ListQuery):
    """Which templates."""

    sortable: ClassVar = {"created_at": Template.created_at, "name": Template.name_folded}

    sort: Literal["created_at", "-created_at", "name", "-name"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    code: Annotated[TemplateCode | None, equals(Template.code)] = None
    """Those of this code."""
    channel: Annotated[list[TemplateChannel] | None, one_of(Template.channel)] = Field(
        default=None, max_length=5
    )
    """One or several channels."""
    language: Annotated[list[TemplateLanguage] | None, one_of(Template.language)] = Field(
        default=None, max_length=3
    )
    """One or several languages."""
    purpose: Annotated[TemplatePurpose | None, equals(Template.purpose)] = None
    """Sent for this purpose."""
    status: Annotated[list[TemplateStatus] | None, one_of(Template.status)] = Field(
        default=None, max_length=3
    )
    """One or several states."""
    name_prefix: Annotated[str | None, starts_with(Template.name_folded)] = Field(
        default=None, min_length=1, max_length=80, examples=["renouv"]
    )
    """Beginning of the name, accents and case ignored."""


class MergeFieldRead(Output):
    """Something that a template may name."""

    code: FieldCode
    """Written `{{ code }}`."""
    type: FieldType
    """How its value is written."""
    label: str = Field(max_length=120, examples=["Prénom"])
    """What people read."""
    sample: str | list[str] = Field(examples=["Karim"])
    """What it looks like."""
    personal_class: PersonalClass
    """How personal it is."""
    of_contact: bool
    """true: found for any customer; false: given with the occasion."""


class MergeFieldList(Output):
    """Every merge field."""

    data: list[MergeFieldRead] = Field(max_length=200)
    """In the order in which they are shown."""


class TemplateFieldValue(Input):
    """The value of a merge field."""

    code: FieldCode
    """Which."""
    value: str = Field(max_length=1000, examples=["1601.2026.0000123"])
    """What it says."""


class TemplatePreviewCreate(Input):
    """With what the template is to be filled in."""

    contact_id: UUID | None = None
    """A real customer, with your rights to see them (`contacts:read`); left out: the examples."""
    fields: list[TemplateFieldValue] = Field(default=[], max_length=60)
    """Values instead of those."""


class SmsCount(Output):
    """What an SMS comes to."""

    encoding: SmsEncoding
    """gsm7, or ucs2 because of a letter that GSM-7 lacks."""
    units: int = Field(ge=0, examples=[142])
    """Septets or 16-bit units."""
    parts: int = Field(ge=0, examples=[1])
    """Messages that are paid for."""
    outside: list[str] = Field(max_length=2000, examples=[["ê"]])
    """The letters because of which it is ucs2."""
    transliteration: str | None = Field(max_length=4000, examples=["Etre pret"])
    """The nearest text in GSM-7, when it is ucs2 and there is one."""
    transliterated_parts: int | None = Field(ge=0, examples=[1])
    """What that would come to."""


class TemplatePreview(Output):
    """A message as it would be sent."""

    subject: str = Field(max_length=400_000, examples=["Karim, votre assurance arrive à échéance"])
    """Its subject."""
    html: str | None = Field(max_length=1_000_000, examples=["<p>Bonjour Karim</p>"])
    """Its page; null where there is none."""
    text: str = Field(max_length=1_000_000, examples=["Bonjour Karim"])
    """Its plain text."""
    missing: list[FieldCode] = Field(max_length=100)
    """Fields for which there is no value."""
    sms: SmsCount | None
    """Of an SMS: what it comes to."""


class TemplateTestCreate(Input):
    """To whom a message is sent to try it."""

    user_id: UUID | None = None
    """A colleague; left out: yourself."""
    contact_id: UUID | None = None
    """Filled in with this customer, with your rights; left out: with the examples."""


class TemplateTestRead(Output):
    """The mail is on its way."""

    template_id: UUID
    """Which template."""
    user_id: UUID
    """To whom."""


class SmsCostCreate(Input):
    """A text to count."""

    text: str = Field(min_length=1, max_length=4000, examples=["Votre contrat arrive à échéance."])
    """As it would be sent."""
    recipients: int = Field(default=1, ge=1, le=100_000_000, examples=[12_569])
    """To how many."""


class SmsCostRead(SmsCount):
    """What it comes to, and costs."""

    recipients: int = Field(ge=1, examples=[12_569])
    """To how many."""
    unit_price: Money
    """Of one part (a setting of the organization)."""
    total: Money
    """Of all of it."""


class SmsLanguageCost(SmsCostRead):
    """Of one language."""

    template_id: UUID
    """Of this revision."""
    language: TemplateLanguage
    """In this language."""


class TemplateLetterQuery(Input):
    """To whom a letter is printed."""

    contact_id: UUID | None = None
    """This customer, with your rights; left out: nobody, with the examples."""


class SmsCostQuery(Input):
    """To how many."""

    recipients: Annotated[int, Field(ge=1, le=100_000_000, examples=[12_569])] = 1
    """Recipients of each language."""


class SmsCosts(Output):
    """What an SMS costs in each language that it is written in."""

    code: TemplateCode
    """Of this template."""
    data: list[SmsLanguageCost] = Field(max_length=3)
    """Language by language, the examples filled in."""
