"""Addresses that nothing goes to: given in clear, kept and shown as a hash."""

from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import Field, TypeAdapter, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from crm_api.consents.models import MarketingChannel, Suppression, SuppressionReason
from crm_api.kit.listing import ListQuery, Page, at_least, below, equals, one_of
from crm_api.kit.phones import Phone
from crm_api.kit.schemas import Email, Input, Moment, Output, Timestamp

_EMAIL: TypeAdapter[str] = TypeAdapter(Email)
_PHONE: TypeAdapter[str] = TypeAdapter(Phone)
Addressed = Literal[
    MarketingChannel.EMAIL, MarketingChannel.SMS, MarketingChannel.WHATSAPP, MarketingChannel.PHONE
]


def as_reached(channel: MarketingChannel, address: str) -> str:
    """The address as it is written to. Raises PydanticCustomError."""
    kind = _EMAIL if channel is MarketingChannel.EMAIL else _PHONE
    try:
        return kind.validate_python(address)
    except ValidationError as refused:
        raise PydanticCustomError(
            "suppression_address", "An e-mail address, or a number for everything else."
        ) from refused


class SuppressionCreate(Input):
    """An address that nothing is to go to any more."""

    channel: Addressed
    """By which way."""
    address: str = Field(min_length=3, max_length=254, examples=["karim@example.test"])
    """The address or number; it is not kept, its hash is."""
    reason: SuppressionReason
    """Why."""
    source: str | None = Field(default=None, max_length=80, examples=["Registre d'opposition 2026"])
    """Where that comes from."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        as_reached(self.channel, self.address)
        return self


class SuppressionLift(Input):
    """An address that messages may go to again."""

    lift_reason: str = Field(
        min_length=3, max_length=300, examples=["Le client a redemandé nos offres par écrit"]
    )
    """Why."""


class SuppressionRead(Output):
    """An address that nothing goes to; nobody can read which one it is."""

    id: UUID
    """Identifier."""
    channel: MarketingChannel
    """By which way."""
    reason: SuppressionReason
    """Why."""
    source: str | None = Field(max_length=80, examples=["one_click"])
    """Where that comes from."""
    lifted_at: Timestamp | None
    """Since when messages may go there again."""
    lift_reason: str | None = Field(max_length=300, examples=["Redemandé par écrit"])
    """Why."""
    created_at: Timestamp
    """Since when nothing goes there."""
    updated_at: Timestamp
    """When that last changed."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""


class SuppressionPage(Page[SuppressionRead]):
    """One page of suppressed addresses."""


class SuppressionQuery(ListQuery):
    """Which suppressions."""

    sortable: ClassVar = {"created_at": Suppression.created_at}

    sort: Literal["created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    channel: Annotated[list[MarketingChannel] | None, one_of(Suppression.channel)] = Field(
        default=None, max_length=5
    )
    """One or several ways."""
    reason: Annotated[list[SuppressionReason] | None, one_of(Suppression.reason)] = Field(
        default=None, max_length=6
    )
    """One or several reasons."""
    source: Annotated[str | None, equals(Suppression.source)] = Field(
        default=None, min_length=1, max_length=80, examples=["one_click"]
    )
    """From there."""
    created_at_gte: Annotated[Moment | None, at_least(Suppression.created_at)] = None
    """Suppressed at this moment or later."""
    created_at_lt: Annotated[Moment | None, below(Suppression.created_at)] = None
    """Suppressed before this moment."""


class SuppressionCheck(Input):
    """An address to look up."""

    channel: Addressed
    """By which way."""
    address: str = Field(min_length=3, max_length=254, examples=["karim@example.test"])
    """The address or number."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        as_reached(self.channel, self.address)
        return self


class SuppressionVerdict(Output):
    """Whether anything goes to an address."""

    suppressed: bool
    """true: nothing goes there."""
    suppression: SuppressionRead | None
    """What is known of it, lifted or not."""


class SuppressionImport(Output):
    """What came of a list."""

    read: int = Field(ge=0, examples=[1200])
    """Lines read."""
    added: int = Field(ge=0, examples=[1180])
    """Addresses that were not suppressed before."""
    known: int = Field(ge=0, examples=[15])
    """Those that were; the first reason stays."""
    refused: list["RefusedLine"] = Field(
        max_length=100, examples=[[{"line": 7, "code": "suppression_address"}]]
    )
    """Lines that could not be read: the first hundred of them. The others count."""


class RefusedLine(Output):
    """A line of a list that could not be read."""

    line: int = Field(ge=1, examples=[7])
    """Its number; the heading is line 1."""
    code: str = Field(max_length=60, examples=["suppression_address"])
    """Why."""
