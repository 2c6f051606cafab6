from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from crm_api.duplicates.models import DuplicatePair, PairEntity, PairStatus
from crm_api.kit.listing import ListQuery, Page, at_least, one_of
from crm_api.kit.schemas import Input, Output, Timestamp

Score = Annotated[int, Field(ge=0, le=100, examples=[80])]
Side = Literal["survivor", "other"]


class DuplicatePairRead(Output):
    """Two records that are probably one."""

    id: UUID
    """Identifier."""
    entity: PairEntity
    """What they are."""
    first_id: UUID
    """One of them."""
    second_id: UUID
    """The other one."""
    score: Score
    """How sure: 90 and more is the same, 60 to 89 probably."""
    reasons: list[Annotated[str, Field(max_length=40, examples=["name_phone"])]] = Field(max_length=10)
    """What agrees, strongest first (the list may grow)."""
    status: PairStatus
    """open, dismissed or merged."""
    survivor_id: UUID | None
    """Which one stayed, when they were merged."""
    decided_at: Timestamp | None
    """When somebody decided."""
    decided_by_id: UUID | None
    """Who decided."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When they were found."""
    updated_at: Timestamp
    """When it last changed."""


class DuplicatePairPage(Page[DuplicatePairRead]):
    """One page of pairs."""


class DuplicateQuery(ListQuery):
    """Which pairs."""

    sortable: ClassVar = {"score": DuplicatePair.score, "created_at": DuplicatePair.created_at}

    sort: Literal["score", "-score", "created_at", "-created_at"] = "-score"
    """Sort key; a leading `-` means descending."""
    entity: Annotated[list[PairEntity] | None, one_of(DuplicatePair.entity)] = Field(
        default=None, max_length=3
    )
    """One or several kinds."""
    status: Annotated[list[PairStatus] | None, one_of(DuplicatePair.status)] = Field(
        default=[PairStatus.OPEN], max_length=3
    )
    """One or several states; open ones when left out."""
    score_gte: Annotated[int | None, at_least(DuplicatePair.score)] = Field(
        default=None, ge=0, le=100, examples=[90]
    )
    """So sure at least."""


class MergeChoice(Input):
    """Which record stays, and of which side each value."""

    survivor_id: UUID
    """Which of the two stays."""
    survivorship: Annotated[
        dict[Annotated[str, Field(max_length=60)], Side],
        Field(max_length=60, examples=[{"last_name": "survivor", "email": "other"}]),
    ] = {}
    """Field -> side. Left out: the survivor's, or the other's where that is empty. Lists are joined."""


class MergePreview(Output):
    """What a merge would make; nothing of it was kept."""

    survivor: dict[str, Any] = Field(examples=[{"id": "01936e2a-5f00-7abc-8def-0123456789ab"}])
    """The record as it is now."""
    other: dict[str, Any] = Field(examples=[{"id": "01936e2a-5f00-7abc-8def-0123456789ac"}])
    """The record that would go."""
    merged: dict[str, Any] = Field(examples=[{"id": "01936e2a-5f00-7abc-8def-0123456789ab"}])
    """The record that would stay."""
    choices: list[Annotated[str, Field(max_length=60, examples=["last_name"])]] = Field(max_length=60)
    """Fields of which a side may be chosen."""
