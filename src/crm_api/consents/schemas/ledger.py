"""Consents as they are recorded, asked for, listed and read."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from crm_api.consents.models import (
    Consent,
    ConsentChannel,
    ConsentPurpose,
    ConsentSource,
    ConsentStatus,
    ConsentSubject,
    ConsentText,
)
from crm_api.kit.listing import ListQuery, Page, at_least, below, equals, one_of
from crm_api.kit.schemas import Input, Moment, Output, Timestamp

ConsentVersion = Annotated[
    str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", max_length=40, examples=["offres-2026-12"])
]
ConsentLanguage = Literal["fr", "ar", "en"]
Brand = Annotated[str, Field(pattern=r"^[a-z0-9_-]{0,40}$", max_length=40, examples=["takaful"])]
Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", max_length=64, examples=["9f" * 32])]
Shown = Annotated[
    str,
    Field(
        min_length=10,
        max_length=4000,
        examples=["J'accepte de recevoir des offres d'El Amana par e-mail."],
    ),
]
Grounds = Annotated[str, Field(max_length=500, examples=["Demandé par téléphone"])]


class ConsentCreate(Input):
    """What somebody said, to be written into the ledger for good."""

    subject_type: Literal[ConsentSubject.CONTACT, ConsentSubject.LEAD] = ConsentSubject.CONTACT
    """Whose consent it is; users of the portal speak for themselves."""
    subject_id: UUID
    """Of whom."""
    purpose: ConsentPurpose
    """What for."""
    status: Literal[ConsentStatus.GRANTED, ConsentStatus.REFUSED, ConsentStatus.WITHDRAWN]
    """What was said."""
    brand: Brand = ""
    """For one brand; empty for all of them."""
    channel: ConsentChannel
    """By which way they said it."""
    text_version: ConsentVersion | None = None
    """Version of the words that were shown or read out; needed to grant, unless there is a document."""
    language: ConsentLanguage | None = None
    """In which language."""
    text: Shown | None = None
    """The words themselves, where this version is not kept here."""
    captured_at: Moment | None = None
    """When they said it; now when left out."""
    expires_at: Moment | None = None
    """Until when it holds; until it is withdrawn when left out."""
    proof_document_id: UUID | None = None
    """The signed form, the recording. Whoever sees a part of the company only cannot grant without."""
    reason: Grounds | None = None
    """What there is to say about it."""


class ConsentRead(Output):
    """A line of the ledger."""

    id: UUID
    """Identifier."""
    subject_type: ConsentSubject
    """Whose consent it is."""
    subject_id: UUID
    """Of whom."""
    purpose: ConsentPurpose
    """What for."""
    status: ConsentStatus
    """What was said; `pending` waits for the click that confirms it, and allows nothing."""
    brand: Brand
    """For which brand; empty: for all."""
    channel: ConsentChannel
    """By which way they said it."""
    source: ConsentSource
    """What wrote this line."""
    text_version: ConsentVersion | None
    """Version of the words that were shown."""
    text_hash: Hash | None
    """SHA-256 of those words."""
    language: str | None = Field(max_length=3, examples=["fr"])
    """In which language."""
    captured_at: Timestamp
    """From when it holds."""
    expires_at: Timestamp | None
    """Until when; null: until something else is said."""
    ip: str | None = Field(max_length=45, examples=["197.112.0.8"])
    """Where it came from."""
    user_agent: str | None = Field(max_length=300, examples=["Mozilla/5.0"])
    """With which program."""
    proof_document_id: UUID | None
    """The document that proves it."""
    request_id: UUID | None
    """The asking (double opt-in), merge or conversion that this line belongs to."""
    message_id: UUID | None
    """The message by whose link they left."""
    reason: Grounds | None
    """What there is to say about it."""
    created_at: Timestamp
    """When it was recorded."""
    created_by_id: UUID | None
    """By whom; zeros: by the house."""
    version: int = Field(ge=1, examples=[1])
    """Always 1: nothing in a ledger changes."""


class ConsentPage(Page[ConsentRead]):
    """One page of the ledger."""


class ConsentQuery(ListQuery):
    """Which lines of the ledger."""

    sortable: ClassVar = {"captured_at": Consent.captured_at, "created_at": Consent.created_at}

    sort: Literal["captured_at", "-captured_at", "created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    subject_type: Annotated[ConsentSubject | None, equals(Consent.subject_type)] = None
    """Of contacts, of leads."""
    subject_id: Annotated[UUID | None, equals(Consent.subject_id)] = None
    """Of one of them."""
    purpose: Annotated[list[ConsentPurpose] | None, one_of(Consent.purpose)] = Field(
        default=None, max_length=13
    )
    """One or several purposes."""
    status: Annotated[list[ConsentStatus] | None, one_of(Consent.status)] = Field(default=None, max_length=4)
    """What was said."""
    source: Annotated[list[ConsentSource] | None, one_of(Consent.source)] = Field(default=None, max_length=10)
    """What wrote it."""
    created_at_gte: Annotated[Moment | None, at_least(Consent.created_at)] = None
    """Recorded at this moment or later."""
    created_at_lt: Annotated[Moment | None, below(Consent.created_at)] = None
    """Recorded before this moment."""


class EffectiveConsent(Output):
    """What holds now for one purpose."""

    purpose: ConsentPurpose
    """What for."""
    brand: Brand
    """For which brand; empty: for all."""
    status: ConsentStatus
    """What was said last; `refused` where nothing ever was."""
    allowed: bool
    """Whether it allows anything now: granted, and not expired."""
    recorded: bool
    """false: nobody ever said anything, so nothing is allowed."""
    consent_id: UUID | None
    """The line of the ledger."""
    captured_at: Timestamp | None
    """Since when."""
    expires_at: Timestamp | None
    """Until when."""


class ConsentStateQuery(Input):
    """Of whom."""

    subject_type: Literal[ConsentSubject.CONTACT, ConsentSubject.LEAD] = ConsentSubject.CONTACT
    """Whose consent it is."""
    subject_id: UUID
    """Of whom."""


class ConsentStateList(Output):
    """What somebody allows now."""

    data: list[EffectiveConsent] = Field(max_length=200)
    """Every purpose, and what was said of single brands."""


class ConsentRequestCreate(Input):
    """Somebody to be asked by mail: nothing is allowed until they follow the link (double opt-in)."""

    contact_id: UUID
    """Who is asked."""
    purposes: list[ConsentPurpose] = Field(min_length=1, max_length=8, examples=[["marketing_email"]])
    """What for."""
    brand: Brand = ""
    """For one brand; empty for all of them."""
    text_version: ConsentVersion | None = None
    """Which words they are shown; those of the house when left out."""


class ConsentRequestRead(Output):
    """Somebody was asked."""

    id: UUID
    """Identifier of the asking; the lines of the ledger carry it as `request_id`."""
    contact_id: UUID
    """Who is asked."""
    purposes: list[ConsentPurpose] = Field(max_length=8, examples=[["marketing_email"]])
    """What for; what they allow already is not asked again."""
    language: ConsentLanguage
    """In which language."""
    text_version: ConsentVersion
    """Which words they are shown."""
    expires_at: Timestamp
    """Until when the link can be followed."""


class ConsentTextCreate(Input):
    """Words to be shown to people when they are asked."""

    text_version: ConsentVersion
    """Version; once used it stands for these words for ever."""
    language: ConsentLanguage
    """In which language."""
    body: Shown
    """The words."""


class ConsentTextRead(Output):
    """Words that people are shown."""

    id: UUID
    """Identifier."""
    text_version: ConsentVersion
    """Version."""
    language: ConsentLanguage
    """In which language."""
    body: Shown
    """The words."""
    text_hash: Hash
    """SHA-256 of the words, UTF-8."""
    created_at: Timestamp
    """When they were kept."""
    version: int = Field(ge=1, examples=[1])
    """Always 1: what people were shown never changes."""


class ConsentTextPage(Page[ConsentTextRead]):
    """One page of texts."""


class ConsentTextQuery(ListQuery):
    """Which texts."""

    sortable: ClassVar = {"created_at": ConsentText.created_at}

    sort: Literal["created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    text_version: Annotated[ConsentVersion | None, equals(ConsentText.text_version)] = None
    """Of this version."""
    language: Annotated[ConsentLanguage | None, equals(ConsentText.language)] = None
    """In this language."""
