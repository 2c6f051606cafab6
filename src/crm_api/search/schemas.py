from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from crm_api.kit.schemas import Input, Output

SearchType = Literal["account", "claim", "contact", "document", "lead", "opportunity", "policy", "ticket"]
"""A test holds it to `kinds.KINDS`."""
Place = Literal[
    "name",
    "number",
    "company",
    "phone",
    "email",
    "need",
    "tax_id",
    "trade_register_number",
    "first_name",
    "last_name",
    "first_name_ar",
    "last_name_ar",
    "maiden_name",
    "title",
    "next_step",
]
"""Where a word was found. A test holds it to `kinds.KINDS`."""
Text = Annotated[str, Field(max_length=200)]


class SearchQuery(Input):
    """What is looked for."""

    q: str = Field(min_length=1, max_length=200, examples=["bouchareb 0550"])
    """Words in any order: beginnings of names, a telephone however it is written or its last digits, a
    number or a part of it, an e-mail address. Eight words at most, all of which must be found."""
    types: list[SearchType] = Field(default=[], max_length=10, examples=[["lead"]])
    """Kinds of objects; all those you may read, by default."""
    limit: int = Field(default=5, ge=1, le=20, examples=[5])
    """Objects of each kind."""


class SearchHit(Output):
    """An object that was found."""

    type: SearchType
    """What it is."""
    id: UUID
    """Read it by its own route."""
    title: Text = Field(examples=["Karim BOUCHAREB"])
    """What it is called."""
    number: str | None = Field(max_length=40, examples=["P-2026-000777"])
    """Its number, where it has one."""
    matched: Place
    """Where what you asked for stands; `name` when the name says it all."""
    snippet: Text = Field(examples=["+213550123456"])
    """That place, or the part of it around the first word that was found."""
    score: float = Field(ge=0, le=1, examples=[0.9])
    """1 where every word is a whole word of the name or a whole number; less for beginnings, other places."""


class SearchGroup(Output):
    """The objects of one kind, the best first."""

    type: SearchType
    """What they are."""
    has_more: bool = Field(examples=[False])
    """Whether there are others: add a word, or ask the list of that kind with the same `q`."""
    hits: list[SearchHit] = Field(max_length=20)
    """The best ones."""


class SearchAnswer(Output):
    """What was found, by kind, the kind with the best object first; kinds without any are left out."""

    data: list[SearchGroup] = Field(max_length=10)
    """The groups."""
