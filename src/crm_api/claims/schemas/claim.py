"""A claim as it is shown, and the lists of claims."""

from datetime import date
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field
from sqlalchemy import ColumnElement, and_, exists, func, literal_column, not_, select

from crm_api.claims.models.claim import Claim, ClaimParticipant
from crm_api.claims.models.words import (
    FINISHED,
    ClaimCause,
    ClaimChannel,
    ClaimClosingReason,
    ClaimRegime,
    ClaimReopeningReason,
    ClaimStatus,
    CoverageCheck,
    CoverageCheckReason,
    LossPrecision,
)
from crm_api.claims.schemas.words import (
    Circumstances,
    ClaimAddress,
    ClaimCommune,
    ClaimNote,
    ClaimNumber,
    Coverages,
    Latitude,
    Liability,
    Longitude,
    Metres,
    PersonName,
)
from crm_api.kit.contact_points import WilayaCode
from crm_api.kit.listing import (
    FieldOf,
    Filter,
    ListQuery,
    Page,
    at_least,
    below,
    equals,
    is_null,
    matching,
    one_of,
)
from crm_api.kit.money import Money
from crm_api.kit.schemas import Moment, Output, Timestamp
from crm_api.legal_deadlines.models import LegalDeadlineCode
from crm_api.policies.schemas.words import BranchCode, ProductCode


def is_late(columns: Any = Claim) -> ColumnElement[bool]:
    """Its settlement is due, and has not come."""
    columns = getattr(columns, "c", columns)
    finished = [columns.status != state for state in sorted({*FINISHED, ClaimStatus.DRAFT})]
    return and_(columns.target_settlement_at < func.now(), *finished)


def _late() -> Filter:
    def build(_: str, wanted: Any) -> ColumnElement[bool]:
        late = func.coalesce(is_late(), literal_column("false"))
        return is_late() if wanted else not_(late)

    return matching(build, bool, reads=bool)


def _of_contact() -> Filter:
    """Who declared, or has a part in it."""

    def build(name: str, _: Any) -> ColumnElement[bool]:
        person: Any = equals(Claim.declarant_contact_id).build(name, None)
        of_party: Any = equals(ClaimParticipant.contact_id).build(name, None)
        party: Any = (
            select(literal_column("1"))
            .where(
                ClaimParticipant.organization_id == Claim.organization_id,
                ClaimParticipant.claim_id == Claim.id,
                of_party,
            )
            .correlate(Claim)
        )
        condition: ColumnElement[bool] = person | exists(party)
        return condition

    return matching(build, reads=UUID)


class ClaimMasked(Output):
    """What is there of the sealed parts: shown masked."""

    constat: dict[str, Any] | None = Field(default=None, max_length=10)
    """The joint report; read it in clear with `reveal`."""


class ClaimRead(Output):
    """A claim."""

    id: UUID
    """Identifier."""
    number: ClaimNumber
    """The number people say on the phone."""
    status: ClaimStatus
    """How far the file has come."""
    status_since: Timestamp
    """Since when."""
    policy_id: UUID | None
    """The contract."""
    policy_version: Annotated[int, Field(ge=1, examples=[2])] | None
    """The version of it that held when it happened."""
    policy_unknown: bool = Field(examples=[False])
    """Whether nobody knows the contract yet."""
    account_id: UUID | None
    """The customer."""
    product_code: ProductCode | None
    """What was sold."""
    branch_code: BranchCode | None
    """Its branch."""
    insured_object_id: UUID | None
    """What was damaged."""
    coverage_check: CoverageCheck
    """Whether the contract covered then; a flag for who decides, never a refusal."""
    coverage_check_reason: CoverageCheckReason | None
    """Why it did not pass."""
    coverages_invoked: Coverages
    """The coverages that are to answer."""
    declarant_contact_id: UUID | None
    """Who declared."""
    declarant_name: PersonName | None
    """Who declared, where they have no sheet."""
    channel: ClaimChannel
    """How it was declared."""
    occurred_at: Timestamp
    """When it happened."""
    occurred_precision: LossPrecision
    """How exactly one knows."""
    discovered_at: Timestamp | None
    """When it was noticed, where that was later."""
    declared_at: Timestamp | None
    """When it was declared."""
    report_rule: LegalDeadlineCode | None
    """The legal delay to declare that applies."""
    report_deadline_at: Timestamp | None
    """The first moment at which a declaration is late; null while the delay has not begun."""
    late_declaration: bool = Field(examples=[False])
    """Whether it was declared after that; somebody judges, nothing is refused by itself."""
    late_reason: ClaimNote | None
    """Why it came late."""
    catnat_published_on: date | None = Field(examples=["2026-11-20"])
    """When the order declaring the catastrophe was published."""
    cause: ClaimCause
    """What happened."""
    wilaya_code: WilayaCode
    """Where: the wilaya."""
    commune: ClaimCommune | None
    """The commune."""
    address: ClaimAddress | None
    """The street, the crossroads."""
    latitude: Latitude | None
    """Degrees north, WGS 84."""
    longitude: Longitude | None
    """Degrees east."""
    accuracy_m: Metres | None
    """How exact these are, in metres."""
    circumstances: Circumstances
    """How it happened."""
    has_adversary: bool = Field(examples=[True])
    """Whether another vehicle had a part in it."""
    adversary_insured: bool | None = Field(examples=[True])
    """Whether that one is insured; null: not known, or there is none."""
    masked: ClaimMasked
    """The joint report, masked."""
    liability_percent: Liability | None
    """Share of our insured; null until somebody judged."""
    regime: ClaimRegime | None
    """By which rules it is settled: proposed by the house, chosen by the handler."""
    handler_user_id: UUID | None
    """Who handles it."""
    agency_id: UUID
    """The agency that does."""
    estimate_amount: Money | None
    """What it may cost."""
    deductible_amount: Money | None
    """What the insured bears."""
    approved_amount: Money | None
    """What was approved."""
    committed_amount: Money
    """Payments of the indemnity that are proposed, under way or made: never above `approved_amount`."""
    reserve_amount: Money
    """Set aside and not paid yet."""
    paid_amount: Money
    """Paid, expenses included."""
    expense_paid_amount: Money
    """Of it, expenses: fees of adjusters and lawyers."""
    recovery_amount: Money
    """Got back from other insurers."""
    recovery_expected_amount: Money
    """Expected back, beside that."""
    incurred_amount: Money
    """Paid, plus set aside, less what was got back."""
    settle_rule: LegalDeadlineCode | None
    """The strictest statutory delay to settle that applies."""
    target_settlement_at: Timestamp | None
    """The first moment at which the settlement is late; null while no clock runs."""
    is_late: bool = Field(examples=[False])
    """Whether that has passed, and it is not settled."""
    decided_at: Timestamp | None
    """When it was approved or refused."""
    refusal_motive: ClaimNote | None
    """Why it was refused."""
    appeal_path: Annotated[str, Field(max_length=1000, examples=["Service Réclamations, puis la CSA"])] | None
    """How that can be contested."""
    settled_at: Timestamp | None
    """When it was settled."""
    closed_at: Timestamp | None
    """When the file was closed."""
    closing_reason: ClaimClosingReason | None
    """Why."""
    reopened_at: Timestamp | None
    """When it was last opened again."""
    reopening_reason: ClaimReopeningReason | None
    """Why."""
    reopened_count: int = Field(ge=0, examples=[0])
    """How often."""
    litigation_reference: Annotated[str, Field(max_length=80, examples=["TA Alger 26/01234"])] | None
    """What the court calls it."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was written."""
    updated_at: Timestamp
    """When it last changed."""
    created_by_id: UUID | None
    """Who wrote it."""


class ClaimCandidate(Output):
    """A claim of the same contract within a day: perhaps the same loss."""

    id: UUID
    """Identifier."""
    number: ClaimNumber
    """Its number."""
    status: ClaimStatus
    """How far it has come."""
    cause: ClaimCause
    """What happened."""
    occurred_at: Timestamp
    """When."""


class ClaimDeclaredRead(ClaimRead):
    """A claim that was just declared, and what is worth knowing about it."""

    duplicates: list[ClaimCandidate] = Field(default=[], max_length=20)
    """Claims of the same contract within 24 hours of this one."""


class ClaimPage(Page[ClaimRead]):
    """One page of claims."""


class ClaimFilter(ListQuery):
    """What lists and counts of claims are filtered by."""

    sortable: ClassVar = {
        "occurred_at": Claim.occurred_at,
        "created_at": Claim.created_at,
        "target_settlement_at": Claim.due_key,
    }

    sort: Literal[
        "occurred_at",
        "-occurred_at",
        "created_at",
        "-created_at",
        "target_settlement_at",
        "-target_settlement_at",
    ] = "-created_at"
    """Sort key; a leading `-` means descending. What has no clock is due after everything else."""
    number: Annotated[
        str | None, equals(Claim.number), Field(min_length=3, max_length=40, examples=["S16012-2026-000381"])
    ] = None
    """The number, exactly."""
    status: Annotated[list[ClaimStatus] | None, one_of(Claim.status)] = Field(default=None, max_length=15)
    """One or several states (repeat the parameter)."""
    cause: Annotated[list[ClaimCause] | None, one_of(Claim.cause)] = Field(default=None, max_length=24)
    """One or several causes."""
    branch_code: Annotated[list[BranchCode] | None, one_of(Claim.branch_code)] = Field(
        default=None, max_length=20, examples=[["11"]]
    )
    """One or several branches."""
    regime: Annotated[list[ClaimRegime] | None, one_of(Claim.regime)] = Field(default=None, max_length=6)
    """One or several sets of rules."""
    agency_id: Annotated[list[UUID] | None, one_of(Claim.agency_id)] = Field(default=None, max_length=50)
    """Those of one or several agencies."""
    handler_user_id: Annotated[list[UUID] | None, one_of(Claim.owner_user_id)] = Field(
        default=None, max_length=50
    )
    """Those of one or several handlers."""
    handler_missing: Annotated[bool | None, is_null(Claim.owner_user_id)] = None
    """true: those that nobody handles."""
    policy_id: Annotated[list[UUID] | None, one_of(Claim.policy_id)] = Field(default=None, max_length=50)
    """Those of one or several contracts."""
    account_id: Annotated[list[UUID] | None, one_of(Claim.account_id)] = Field(default=None, max_length=50)
    """Those of one or several customers."""
    contact_id: Annotated[UUID | None, _of_contact()] = None
    """Those that this person declared, or has a part in."""
    coverage_check: Annotated[list[CoverageCheck] | None, one_of(Claim.coverage_check)] = Field(
        default=None, max_length=3
    )
    """Whether the cover passed the check."""
    late_declaration: Annotated[bool | None, equals(Claim.late_declaration)] = None
    """true: those declared late."""
    is_late: Annotated[bool | None, _late()] = None
    """true: those whose settlement is late."""
    due_lt: Annotated[Moment | None, below(Claim.target_settlement_at)] = None
    """Due before this moment."""
    occurred_at_gte: Annotated[Moment | None, at_least(Claim.occurred_at)] = None
    """Happened at this moment or later."""
    occurred_at_lt: Annotated[Moment | None, below(Claim.occurred_at)] = None
    """Happened before this moment."""
    declared_at_gte: Annotated[Moment | None, at_least(Claim.declared_at)] = None
    """Declared at this moment or later."""
    declared_at_lt: Annotated[Moment | None, below(Claim.declared_at)] = None
    """Declared before this moment."""


class ClaimQuery(ClaimFilter):
    """Which claims, and what of them."""

    fields: list[Annotated[str, FieldOf(ClaimRead)]] | None = Field(
        default=None, max_length=80, examples=[["number", "status"]]
    )
    """Only these fields of each claim."""
