from typing import Annotated, Any, ClassVar, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import MISSING, BaseModel, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.accounts.schemas import AccountPatch
from crm_api.bulk_edits.models import BulkEdit, EditedEntity
from crm_api.contacts.schemas import ContactPatch
from crm_api.kit.listing import ListQuery, Page, one_of
from crm_api.kit.schemas import Input, Output, Timestamp
from crm_api.kit.searching import SearchFilter
from crm_api.leads.schemas.content import LeadPatch
from crm_api.opportunities.schemas.content import OpportunityPatch

C = TypeVar("C", bound=BaseModel)
Count = Annotated[int, Field(ge=0, le=50_000, examples=[128])]


class LeadChanges(LeadPatch):
    """What to change of leads, as in a single change; and who follows them from now on."""

    owner_user_id: UUID | MISSING = MISSING
    """Who follows them; needs the scope leads:assign."""


class AccountChanges(AccountPatch):
    """What to change of accounts, as in a single change; and who looks after them."""

    manager_user_id: UUID | None | MISSING = MISSING
    """The account manager; needs the scope accounts:write."""


class BulkEditRequest(Input, Generic[C]):
    """One change of all records that a filter finds."""

    filter: SearchFilter
    """Which records, as in a search; at least one condition."""
    changes: C
    """What to change, as in a single change."""
    dry_run: bool = False
    """true: everything is judged and rolled back; counts, sample and results say what would happen."""

    @model_validator(mode="after")
    def _not_everything(self) -> "BulkEditRequest[C]":
        if not self.filter.all:
            raise PydanticCustomError("filter_required", "Say which records: an empty filter finds them all")
        return self


class BulkEditCounts(Output):
    """How many records."""

    matched: Count
    """Found by the filter when it was asked."""
    updated: Count
    """Changed."""
    failed: Count
    """Refused, or changed by somebody meanwhile."""


class BulkEditSample(Output):
    """What becomes of one of the first records."""

    id: UUID
    """The record."""
    before: dict[str, Any] = Field(examples=[{"best_time": None}])
    """The fields asked for, as they were."""
    after: dict[str, Any] = Field(examples=[{"best_time": "après 17 h"}])
    """The same fields, as they are then."""


class BulkEditRead(Output):
    """A change of many records."""

    id: UUID
    """Identifier."""
    entity: EditedEntity
    """What the records are."""
    filter: SearchFilter
    """Which records."""
    changes: dict[str, Any] = Field(examples=[{"best_time": "après 17 h"}])
    """What is changed."""
    dry_run: bool
    """Whether it only rehearses."""
    job_id: UUID
    """The job that does it; its results name the records that were refused."""
    counts: BulkEditCounts
    """How many so far."""
    sample: list[BulkEditSample] = Field(max_length=10)
    """What becomes of the first records."""
    finished_at: Timestamp | None
    """When it ended."""
    created_by_id: UUID | None
    """Who asked for it."""
    created_at: Timestamp
    """When it was asked for."""
    version: int = Field(ge=1, examples=[1])
    """Grows with every part that is done."""


class BulkEditPage(Page[BulkEditRead]):
    """One page of changes of many records."""


class BulkEditQuery(ListQuery):
    """Which changes of many records."""

    sortable: ClassVar = {"created_at": BulkEdit.created_at}

    sort: Literal["created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    entity: Annotated[list[EditedEntity] | None, one_of(BulkEdit.entity)] = Field(default=None, max_length=3)
    """One or several kinds."""


LeadBulkEdit = BulkEditRequest[LeadChanges]
AccountBulkEdit = BulkEditRequest[AccountChanges]
ContactBulkEdit = BulkEditRequest[ContactPatch]
OpportunityBulkEdit = BulkEditRequest[OpportunityPatch]
