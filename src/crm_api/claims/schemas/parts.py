"""Who has a part in a claim, and the documents it needs."""

from typing import Annotated
from uuid import UUID

from pydantic import MISSING, AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.claims.models.words import ClaimPartyRole, RequiredDocumentStatus
from crm_api.claims.schemas.words import ClaimWhy, Insurer, PersonName, Plate
from crm_api.files.models import FileKind
from crm_api.kit.phones import Phone
from crm_api.kit.schemas import Input, Output, Timestamp
from crm_api.policies.schemas.words import PolicyNumber


def _in_order(roles: list[ClaimPartyRole]) -> list[ClaimPartyRole]:
    return sorted(set(roles))


PartyRoles = Annotated[
    list[ClaimPartyRole], Field(min_length=1, max_length=14, examples=[["driver"]]), AfterValidator(_in_order)
]


class PartyVehicle(Input):
    """The vehicle of somebody who has a part in the claim."""

    plate: Plate | None = None
    """Its registration."""
    make: Annotated[str, Field(min_length=2, max_length=80, examples=["Renault Symbol"])] | None = None
    """What it is."""
    insurer: Insurer | None = None
    """Who insures it."""
    policy_number: PolicyNumber | None = None
    """By which contract."""


class ClaimParticipantCreate(Input):
    """Somebody who has a part in a claim."""

    contact_id: UUID | None = None
    """A person with a sheet."""
    account_id: UUID | None = None
    """A company with a sheet."""
    name: PersonName | None = None
    """Somebody without one."""
    roles: PartyRoles
    """What part they have."""
    phone: Phone | None = None
    """How to reach them."""
    vehicle: PartyVehicle | None = None
    """Their vehicle."""
    statement_document_id: UUID | None = None
    """What they said, in a document."""
    contact_allowed: bool = Field(default=False, examples=[False])
    """Whether they may be called about it."""

    @model_validator(mode="after")
    def _somebody(self) -> "ClaimParticipantCreate":
        if self.contact_id is None and self.account_id is None and self.name is None:
            raise PydanticCustomError("nobody_named", "Name a person, a company, or write a name")
        return self


class ClaimParticipantPatch(Input):
    """What to change; what is left out stays."""

    name: PersonName | MISSING = MISSING
    """Somebody without a sheet."""
    roles: PartyRoles | MISSING = MISSING
    """What part they have."""
    phone: Phone | None | MISSING = MISSING
    """How to reach them."""
    vehicle: PartyVehicle | None | MISSING = MISSING
    """Their vehicle."""
    statement_document_id: UUID | None | MISSING = MISSING
    """What they said, in a document."""
    contact_allowed: bool | MISSING = MISSING
    """Whether they may be called about it."""


class ClaimParticipantRead(Output):
    """Somebody who has a part in a claim."""

    id: UUID
    """Identifier."""
    claim_id: UUID
    """Of which claim."""
    contact_id: UUID | None
    """A person with a sheet."""
    account_id: UUID | None
    """A company with a sheet."""
    name: PersonName | None
    """Somebody without one."""
    roles: PartyRoles
    """What part they have."""
    phone: Annotated[str, Field(max_length=20, examples=["+213550123456"])] | None
    """How to reach them."""
    vehicle: PartyVehicle | None
    """Their vehicle."""
    statement_document_id: UUID | None
    """What they said, in a document."""
    contact_allowed: bool = Field(examples=[False])
    """Whether they may be called about it."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When they were added."""


class ClaimParticipantList(Output):
    """Who has a part in a claim."""

    data: list[ClaimParticipantRead] = Field(max_length=200)
    """In the order in which they were added."""


class ClaimDocumentReceive(Input):
    """The document that came."""

    document_id: UUID
    """A document of this claim, or one that you may link to it."""


class ClaimDocumentRefuse(Input):
    """Why a document will not do."""

    reason: ClaimWhy
    """Said to the customer."""


class ClaimDocumentRead(Output):
    """A document that the file needs."""

    id: UUID
    """Identifier."""
    claim_id: UUID
    """Of which claim."""
    kind: FileKind
    """What document."""
    status: RequiredDocumentStatus
    """Whether it is there."""
    document_id: UUID | None
    """The one that came."""
    requested_at: Timestamp | None
    """When it was asked for by name; null: it is on the list of the product."""
    received_at: Timestamp | None
    """When it came."""
    judged_at: Timestamp | None
    """When it was accepted or refused."""
    refusal_reason: ClaimWhy | None
    """Why it will not do."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""


class ClaimDocumentList(Output):
    """The documents that a claim needs."""

    data: list[ClaimDocumentRead] = Field(max_length=100)
    """By kind."""
