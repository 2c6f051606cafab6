"""Mentions as listening tools tell them, and as people read and answer them."""

from decimal import Decimal
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from crm_api.kit.listing import ListQuery, Page, at_least, below, equals, one_of
from crm_api.kit.schemas import Input, Moment, Output, Timestamp
from crm_api.mentions.models import MentionStatus, SocialAccount, SocialMention, SocialNetwork

Handle = Annotated[str, Field(min_length=1, max_length=80, examples=["assurances.elamana"])]
Url = Annotated[
    str, Field(pattern=r"^https://[^\s]{3,490}$", max_length=500, examples=["https://facebook.com/p/123"])
]
ExternalId = Annotated[str, Field(min_length=1, max_length=160, examples=["fb-1022334"])]
Said = Annotated[
    str, Field(min_length=1, max_length=5000, examples=["Toujours pas remboursé après un mois."])
]
Word = Annotated[str, Field(max_length=60, examples=["remboursement"])]


class SocialAccountCreate(Input):
    """A page of ours."""

    network: SocialNetwork
    """On which network."""
    handle: Handle
    """Its name there."""
    name: str = Field(min_length=1, max_length=80, examples=["Page Facebook"])
    """What the staff call it."""


class SocialAccountRead(Output):
    """A page of ours."""

    id: UUID
    """Identifier."""
    network: SocialNetwork
    """On which network."""
    handle: Handle
    """Its name there."""
    name: str = Field(max_length=80, examples=["Page Facebook"])
    """What the staff call it."""
    active: bool
    """false: nothing is taken in."""
    created_at: Timestamp
    """When it was written."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""


class SocialAccountPage(Page[SocialAccountRead]):
    """One page of accounts."""


class SocialAccountQuery(ListQuery):
    """Which accounts."""

    sortable: ClassVar = {"created_at": SocialAccount.created_at}

    sort: Literal["created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    network: Annotated[list[SocialNetwork] | None, one_of(SocialAccount.network)] = Field(
        default=None, max_length=7
    )
    """One or several networks."""


class SocialAccountSecret(Output):
    """What the tool that listens needs; it is told now and never again, a new one ends the old one."""

    post_to: str = Field(max_length=400, examples=["https://crm.example.dz/v1/public/mentions/AZOg3p18"])
    """Where it tells what was said."""
    secret: str = Field(max_length=80, examples=["3f9a" * 16])
    """With which it signs: `X-Assura-Signature: v1=<hex of HMAC-SHA256 of "<timestamp>.<body>">`."""


class MentionTold(Input):
    """Something that was said, as a listening tool tells it; told again it is the same one, and replaces."""

    external_id: ExternalId
    """What the network calls it."""
    author_handle: Handle | None = None
    """Who said it, as they are called there."""
    url: Url | None = None
    """Where it can be read."""
    text: Said
    """What was said."""
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$", max_length=3, examples=["fr"])] | None = None
    """In which language."""
    published_at: Moment
    """When."""
    sentiment: float | None = Field(default=None, ge=-1, le=1, examples=[-0.6])
    """From -1 to 1, as the tool judges it."""
    reach: int | None = Field(default=None, ge=0, le=2_000_000_000, examples=[1200])
    """How many people may have seen it."""
    topic: Word | None = None
    """What it is about."""
    matched_keyword: Word | None = None
    """The word that it was found by."""


class MentionTaken(Output):
    """It is kept."""

    id: UUID
    """Identifier."""
    known: bool
    """true: it had been told before, and is now as told last."""


class SocialMentionRead(Output):
    """Something that was said in public."""

    id: UUID
    """Identifier."""
    social_account_id: UUID
    """By which of our pages it came."""
    network: SocialNetwork
    """Where it was said."""
    external_id: ExternalId
    """What the network calls it."""
    author_handle: Handle | None
    """Who said it, as they are called there."""
    url: Url | None
    """Where it can be read."""
    text: Said
    """What was said."""
    language: str | None = Field(max_length=3, examples=["fr"])
    """In which language."""
    published_at: Timestamp
    """When."""
    sentiment: str | None = Field(max_length=12, examples=["-0.6"])
    """From -1 to 1."""
    reach: int | None = Field(ge=0, examples=[1200])
    """How many people may have seen it."""
    topic: Word | None
    """What it is about."""
    matched_keyword: Word | None
    """The word that it was found by."""
    status: MentionStatus
    """What was done about it."""
    assignee_user_id: UUID | None
    """Whose it is."""
    answer: str | None = Field(max_length=2000, examples=["Bonjour, nous vous contactons."])
    """What we answered there."""
    answered_at: Timestamp | None
    """When."""
    ticket_id: UUID | None
    """The ticket that it became."""
    contact_id: UUID | None
    """Who it is, where a person said so."""
    created_at: Timestamp
    """When it came."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""


class SocialMentionPage(Page[SocialMentionRead]):
    """One page of mentions."""


class SocialMentionQuery(ListQuery):
    """Which mentions."""

    sortable: ClassVar = {"published_at": SocialMention.published_at, "created_at": SocialMention.created_at}

    sort: Literal["published_at", "-published_at", "created_at", "-created_at"] = "-published_at"
    """Sort key; a leading `-` means descending."""
    network: Annotated[list[SocialNetwork] | None, one_of(SocialMention.network)] = Field(
        default=None, max_length=7
    )
    """One or several networks."""
    status: Annotated[list[MentionStatus] | None, one_of(SocialMention.status)] = Field(
        default=None, max_length=5
    )
    """What was done about it."""
    assignee_user_id: Annotated[UUID | None, equals(SocialMention.assignee_user_id)] = None
    """Whose they are."""
    contact_id: Annotated[UUID | None, equals(SocialMention.contact_id)] = None
    """Of this person."""
    published_at_gte: Annotated[Moment | None, at_least(SocialMention.published_at)] = None
    """Said at this moment or later."""
    published_at_lt: Annotated[Moment | None, below(SocialMention.published_at)] = None
    """Said before this moment."""


class MentionAssignment(Input):
    """Whose it is."""

    assignee_user_id: UUID
    """The colleague."""


class MentionAnswer(Input):
    """What we answered there."""

    answer: str = Field(min_length=1, max_length=2000, examples=["Bonjour, nous vous contactons."])
    """The words; they are published on the network by whoever answers."""


class MentionMatch(Input):
    """Who it is."""

    contact_id: UUID | None
    """The contact; null takes it back."""


def as_sentiment(value: float | None) -> Decimal | None:
    """In millionths."""
    return None if value is None else Decimal(str(value)).quantize(Decimal("0.000001"))
