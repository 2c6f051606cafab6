"""Batches of messages, and reconciliations: what goes in and what is answered."""

from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from crm_api.integrations.models import (
    DifferenceKind,
    ReconciledEntity,
    Reconciliation,
    ReconciliationDifference,
)
from crm_api.kit.listing import ListQuery, Page, equals, one_of
from crm_api.kit.money import Money
from crm_api.kit.schemas import Input, Moment, Output, Timestamp
from crm_api.policies.schemas.content import PolicySync
from crm_api.policies.schemas.words import Dinars

System = Annotated[str, Field(max_length=40, examples=["orass"])]
Named = Annotated[
    str, Field(pattern=r"^[\x21-\x7e]{3,80}$", max_length=80, examples=["16012.2026.11.1110.00042"])
]
AgencyCode = Annotated[str, Field(min_length=2, max_length=8, examples=["16012"])]
Branch = Annotated[str, Field(min_length=1, max_length=20, examples=["11"])]
Rows = Annotated[int, Field(ge=0, le=10_000_000, examples=[1284])]


class PolicySyncRow(PolicySync):
    """One message of a batch: a contract as its policy system knows it."""

    external_id: Named
    """What the system calls the contract; normally its number."""


class ReconciliationTotal(Input):
    """What the system has for one agency and branch."""

    agency_code: AgencyCode
    """The agency that issued them."""
    branch_code: Branch
    """The branch of their products."""
    count: Rows
    """How many."""
    sum: Dinars
    """What they come to: total premiums of contracts, amounts of receivables."""


class ReconciliationRow(Input):
    """One that the system has."""

    external_id: Named
    """What it calls it."""
    amount: Dinars
    """What it comes to."""


class ReconciliationCreate(Input):
    """What the system has, to be compared with what it told us."""

    entity: ReconciledEntity
    """Of what."""
    as_of: Moment = Field(examples=["2026-11-30T20:00:00Z"])
    """The moment for which its totals hold; what it told us for later is left out, and counted apart."""
    totals: list[ReconciliationTotal] = Field(min_length=1, max_length=5000)
    """Counts and sums by agency and branch; one that is left out counts as nothing."""
    rows: list[ReconciliationRow] | None = Field(default=None, max_length=10_000)
    """Each of them, where you want to know which ones differ; all, else the others are missing there."""


class ReconciliationCell(Output):
    """One agency and branch."""

    agency_code: AgencyCode
    """The agency."""
    branch_code: Branch
    """The branch."""
    count_here: Rows
    """What stands here."""
    count_there: Rows
    """What the system has."""
    sum_here: Money
    """What they come to here."""
    sum_there: Money
    """What they come to there."""
    changed_since: Rows
    """Told for a later moment than the totals: left out of `count_here` and `sum_here`."""
    agrees: bool = Field(examples=[True])
    """Whether count and sum are the same."""


class ReconciliationRead(Output):
    """What another system has beside what stands here."""

    id: UUID
    """Identifier."""
    system: System
    """Which system."""
    entity: ReconciledEntity
    """Of what."""
    as_of: Timestamp
    """For this moment."""
    cells: list[ReconciliationCell] = Field(max_length=10_000)
    """By agency and branch."""
    difference_count: Rows
    """Entries in the list of differences."""
    agrees: bool = Field(examples=[True])
    """Whether there is none."""
    created_at: Timestamp
    """When it was compared."""
    created_by_id: UUID | None
    """Who asked."""
    version: int = Field(ge=1, examples=[1])
    """It never changes."""


class ReconciliationPage(Page[ReconciliationRead]):
    """One page of reconciliations."""


class ReconciliationQuery(ListQuery):
    """Which reconciliations."""

    sortable: ClassVar = {"created_at": Reconciliation.created_at}

    sort: Literal["created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    entity: Annotated[ReconciledEntity | None, equals(Reconciliation.entity)] = None
    """Of what."""


class ReconciliationsOfSystem(ReconciliationQuery):
    """Those of one system."""

    system: Annotated[str | None, equals(Reconciliation.system)] = None
    """Which system."""


class DifferenceRead(Output):
    """One thing on which we and the system do not agree."""

    id: UUID
    """Identifier."""
    seq: Annotated[int, Field(ge=1, examples=[1])]
    """Its place in the list."""
    kind: DifferenceKind
    """How they differ."""
    agency_code: AgencyCode | None
    """The agency, of a total."""
    branch_code: Branch | None
    """The branch, of a total."""
    external_id: Named | None
    """What the system calls it, of a single one."""
    object_id: UUID | None
    """What stands here, where there is one."""
    count_here: Rows | None
    """How many stand here, of a total."""
    count_there: Rows | None
    """How many the system has, of a total."""
    amount_here: Money | None
    """What it comes to here."""
    amount_there: Money | None
    """What it comes to there."""


class DifferencePage(Page[DifferenceRead]):
    """One page of differences."""


class DifferenceQuery(ListQuery):
    """Which differences."""

    sortable: ClassVar = {"seq": ReconciliationDifference.seq}

    sort: Literal["seq", "-seq"] = "seq"
    """Sort key; a leading `-` means descending."""
    kind: Annotated[list[DifferenceKind] | None, one_of(ReconciliationDifference.kind)] = Field(
        default=None, max_length=5
    )
    """One or several kinds."""


class DifferencesOfOne(DifferenceQuery):
    """Those of one reconciliation."""

    reconciliation_id: Annotated[UUID | None, equals(ReconciliationDifference.reconciliation_id)] = None
    """Which one."""
