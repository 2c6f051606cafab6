"""Insured objects as they come in and go out."""

from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import MISSING, Field

from crm_api.kit.identifiers import Plate
from crm_api.kit.listing import ListQuery, Page, at_least, below, equals, one_of
from crm_api.kit.money import Money
from crm_api.kit.schemas import Day, Input, Moment, Output, Secret, Timestamp
from crm_api.policies.models.cover import InsuredObject, InsuredObjectStatus
from crm_api.policies.schemas.kinds import ObjectDetails, ObjectFacts, Vin
from crm_api.policies.schemas.words import Dinars, PolicyNumber
from crm_api.reference.models import ObjectKind

ObjectLabel = Annotated[str, Field(min_length=2, max_length=160, examples=["Renault Symbol 2016"])]
Masked = Annotated[str, Field(max_length=40, examples=["•••2616"])]
Why = Annotated[str, Field(min_length=3, max_length=300, examples=["Établissement de l'attestation"])]


class InsuredObjectCreate(Input):
    """Something, or somebody, to be insured."""

    account_id: UUID
    """Whose it is."""
    contact_id: UUID | None = None
    """The person insured, where the object is one."""
    label: ObjectLabel
    """What people call it."""
    details: ObjectDetails
    """As its kind has it."""
    valuation_amount: Dinars | None = None
    """What an expert says that it is worth."""
    valued_on: Day | None = Field(default=None, examples=["2026-11-25"])
    """When they said so."""


class InsuredObjectPatch(Input):
    """What to change; what is left out stays. `details` are replaced as a whole, of the same kind."""

    label: ObjectLabel | MISSING = MISSING
    """What people call it."""
    details: ObjectDetails | MISSING = MISSING
    """As its kind has it; what is sealed stays where it is left out."""
    valuation_amount: Dinars | None | MISSING = MISSING
    """What an expert says that it is worth."""
    valued_on: Day | None | MISSING = MISSING
    """When they said so."""


class InsuredObjectMasked(Output):
    """Class P3 data on file; in clear only by `unmask`."""

    plate_number: Masked | None
    """Immatriculation of a vehicle."""
    vin: Masked | None
    """Chassis number of a vehicle."""
    registration: Masked | None
    """Immatriculation of a boat."""


class InsuredObjectRead(Output):
    """Something, or somebody, insured."""

    id: UUID
    """Identifier."""
    account_id: UUID
    """Whose it is."""
    contact_id: UUID | None
    """The person insured, where the object is one."""
    kind: ObjectKind
    """What kind of object."""
    label: ObjectLabel
    """What people call it."""
    status: InsuredObjectStatus
    """Whether it is still there."""
    details: ObjectFacts
    """As its kind has it."""
    masked: InsuredObjectMasked
    """What is sealed, masked."""
    valuation_amount: Money | None
    """What an expert says that it is worth."""
    valued_on: date | None = Field(examples=["2026-11-25"])
    """When they said so."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was recorded."""
    updated_at: Timestamp
    """When it last changed."""
    created_by_id: UUID | None
    """Who recorded it."""


class DoubleInsurance(Output):
    """Another living contract covers a vehicle of this registration: allowed, and worth knowing.

    The same risk insured twice may not pay twice (ord. 95-07 art. 33).
    """

    code: Literal["double_insurance"] = "double_insurance"
    """What this warns of."""
    insured_object_id: UUID
    """The object here."""
    policy_id: UUID
    """The other contract."""
    number: PolicyNumber
    """Its number."""


class InsuredObjectTold(InsuredObjectRead):
    """An insured object, and what is worth knowing about it."""

    warnings: list[DoubleInsurance] = Field(default=[], max_length=20)
    """Living contracts that cover a vehicle of this registration."""


class InsuredObjectPage(Page[InsuredObjectRead]):
    """One page of insured objects."""


class InsuredObjectQuery(ListQuery):
    """Which insured objects."""

    sortable: ClassVar = {"created_at": InsuredObject.created_at}

    account_id: Annotated[list[UUID] | None, one_of(InsuredObject.account_id)] = Field(
        default=None, max_length=50
    )
    """Of one or several accounts."""
    contact_id: Annotated[UUID | None, equals(InsuredObject.contact_id)] = None
    """This person."""
    kind: Annotated[list[ObjectKind] | None, one_of(InsuredObject.kind)] = Field(default=None, max_length=9)
    """One or several kinds."""
    status: Annotated[InsuredObjectStatus | None, equals(InsuredObject.status)] = None
    """Still there, or not."""
    created_at_gte: Annotated[Moment | None, at_least(InsuredObject.created_at)] = None
    """Recorded at this moment or later."""
    created_at_lt: Annotated[Moment | None, below(InsuredObject.created_at)] = None
    """Recorded before this moment."""

    sort: Literal["created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""


class PlateLookup(Input):
    """Whose vehicle is this?"""

    plate_number: Plate
    """Its registration."""


class InsuredObjectUnmask(Input):
    """Which sealed fields to read, and why."""

    fields: list[Literal["plate_number", "vin", "registration"]] = Field(
        min_length=1, max_length=3, examples=[["plate_number"]]
    )
    """The fields to read."""
    reason: Why
    """Why; it is kept in the audit log beside your name."""


class InsuredObjectUnmasked(Secret):
    """The fields asked for, in clear; the others are null."""

    plate_number: Plate | None = None
    """Immatriculation of a vehicle."""
    vin: Vin | None = None
    """Chassis number of a vehicle."""
    registration: str | None = Field(default=None, max_length=30, examples=["AL 1234"])
    """Immatriculation of a boat."""


class HealthAnswers(Input):
    """What a person answered about their health (class P4): sealed, read only with health:read."""

    height_cm: int | None = Field(default=None, ge=40, le=250, examples=[172])
    """Height."""
    weight_kg: int | None = Field(default=None, ge=2, le=400, examples=[74])
    """Weight."""
    smoker: bool | None = Field(default=None, examples=[False])
    """Smokes."""
    under_treatment: bool | None = Field(default=None, examples=[False])
    """Takes medicine regularly."""
    hospitalised_5_years: bool | None = Field(default=None, examples=[False])
    """Was in hospital in the last five years."""
    disability_percent: int | None = Field(default=None, ge=0, le=100, examples=[0])
    """Recognised disability."""
    conditions: list[Annotated[str, Field(min_length=2, max_length=160, examples=["Asthme"])]] = Field(
        default=[], max_length=30
    )
    """Diseases and operations."""
    remarks: str | None = Field(
        default=None, min_length=1, max_length=2000, examples=["Lentilles de contact"]
    )
    """Anything else."""


class HealthQuestionnaireRead(Output):
    """That somebody answered about their health; what they said is read apart."""

    insured_object_id: UUID
    """The person insured."""
    answered_at: Timestamp
    """When they last answered."""
    recorded_by_id: UUID | None
    """Who wrote it down."""


class HealthReading(Input):
    """Why the answers are read."""

    reason: Why
    """It is kept in the audit log beside your name."""


class HealthAnswersRead(Secret):
    """The answers, in clear."""

    answered_at: Timestamp
    """When they were given."""
    answers: HealthAnswers
    """What was answered."""
