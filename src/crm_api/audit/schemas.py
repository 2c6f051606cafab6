from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from crm_api.core.journal import AuditLine
from crm_api.kit.listing import ListQuery, Page, at_least, below, one_of
from crm_api.kit.schemas import Moment, Output, Timestamp

Action = Annotated[str, Field(max_length=80, examples=["lead.updated"])]
Kind = Annotated[str, Field(max_length=60, examples=["lead"])]
Hash = Annotated[
    str, Field(max_length=64, examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
]
Outcome = Literal["success", "denied", "error"]
FindingKind = Literal[
    "line_changed",
    "line_removed",
    "line_inserted",
    "seal_removed",
    "seal_changed",
    "head_broken",
    "head_contradicted",
]


class AuditActor(Output):
    """Who acted."""

    type: str = Field(max_length=20, examples=["user"])
    """user, client, system or anonymous."""
    id: UUID
    """The user or API client."""
    ip: str | None = Field(max_length=45, examples=["105.96.14.2"])
    """From which address."""


class AuditEventRead(Output):
    """One line of the audit log."""

    id: int = Field(ge=1, examples=[48213])
    """Number of the line."""
    at: Timestamp
    """When it happened."""
    actor: AuditActor
    """Who did it."""
    action: Action
    """What was done."""
    object_type: Kind
    """To what kind of object."""
    object_id: UUID
    """To which object."""
    outcome: Outcome
    """Whether it succeeded."""
    changes: dict[str, list[Any]] = Field(examples=[{"status": ["new", "contacted"]}])
    """Field -> before and after; secrets and official numbers are hidden."""
    reason: str | None = Field(max_length=500, examples=["Réclamation du client"])
    """The reason that was given."""
    request_id: str | None = Field(max_length=64, examples=["01936e2a-5f00-7abc-8def-0123456789ab"])
    """The request it was part of."""
    seq: int | None = Field(ge=1, examples=[48190])
    """Its place in the chain; null until it is sealed, some minutes later."""
    hash: Hash | None
    """The hash of everything up to this line."""


class AuditEventPage(Page[AuditEventRead]):
    """One page of the audit log."""


class AuditEventQuery(ListQuery):
    """Which lines."""

    sortable: ClassVar = {"at": AuditLine.id}

    sort: Literal["at", "-at"] = "-at"
    """Sort key; a leading `-` means descending."""
    actor: Annotated[list[UUID] | None, one_of(AuditLine.actor_id)] = Field(default=None, max_length=50)
    """One or several actors (repeat the parameter)."""
    action: Annotated[list[Action] | None, one_of(AuditLine.action)] = Field(default=None, max_length=50)
    """One or several actions."""
    object_type: Annotated[list[Kind] | None, one_of(AuditLine.object_type)] = Field(
        default=None, max_length=20
    )
    """One or several kinds of object."""
    object_id: Annotated[list[UUID] | None, one_of(AuditLine.object_id)] = Field(default=None, max_length=50)
    """One or several objects."""
    outcome: Annotated[list[Outcome] | None, one_of(AuditLine.outcome)] = Field(default=None, max_length=3)
    """One or several outcomes."""
    at_gte: Annotated[Moment | None, at_least(AuditLine.at)] = None
    """At this moment or later."""
    at_lt: Annotated[Moment | None, below(AuditLine.at)] = None
    """Before this moment."""


class AuditFinding(Output):
    """Something that is not as it was sealed."""

    kind: FindingKind
    """What was found."""
    seq: int | None = Field(ge=1, examples=[48190])
    """The place in the chain."""
    audit_event_id: int | None = Field(ge=1, examples=[48213])
    """The line concerned."""


class AuditVerification(Output):
    """What became of the chain."""

    intact: bool = Field(examples=[True])
    """Whether nothing was found."""
    checked: int = Field(ge=0, examples=[10000])
    """How many of the newest lines were checked; `crm audit verify` checks all."""
    last_seq: int = Field(ge=0, examples=[48190])
    """The newest link."""
    last_hash: Hash
    """Its hash: keep it elsewhere to prove later what stood here."""
    findings: list[AuditFinding] = Field(max_length=1000)
    """What is not as it was sealed."""
