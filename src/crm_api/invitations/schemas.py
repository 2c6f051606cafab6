from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from crm_api.agencies.schemas import AgencyCode
from crm_api.core.batch import RowProblem
from crm_api.core.principal import DataScope
from crm_api.invitations.models import Invitation, InvitationStatus
from crm_api.kit.listing import ListQuery, Page, at_least, below, equals, one_of
from crm_api.kit.phones import Phone
from crm_api.kit.schemas import Email, Input, Moment, Output, Timestamp
from crm_api.roles.schemas import Label, RoleCode
from crm_api.users.models import UserLanguage
from crm_api.users.schemas import (
    FirstName,
    FirstNameAr,
    GroupIds,
    JobTitle,
    LastName,
    LastNameAr,
    Password,
)

MOST = 200
Message = Annotated[str, Field(max_length=500, examples=["Bienvenue dans l'équipe de Chéraga."])]
Token = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        examples=["invite_AZOPXopMex6cDzpdLn8bYA_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"],
    ),
]


class InvitationCreate(Input):
    """A colleague to invite."""

    agency_code: AgencyCode
    """Number of the agency where they will work (numéro d'agence)."""
    email: Email
    """Their address; it becomes the login."""
    role: RoleCode = "user"
    """Their role; never more than your own."""
    group_ids: GroupIds = []
    """Their groups."""
    data_scope: DataScope | None = None
    """Which rows they will see; null: what role and groups say."""
    message: Message | None = None
    """A word of yours."""


class InvitationBatch(Input):
    """Colleagues to invite."""

    invitations: list[InvitationCreate] = Field(min_length=1, max_length=MOST)
    """Each succeeds or fails by itself."""


class InvitationRead(Output):
    """An invitation. Only the mail carries its token."""

    id: UUID
    """Identifier."""
    email: Email
    """Who is invited."""
    agency_id: UUID
    """The agency where they will work."""
    agency_code: AgencyCode
    """Its number."""
    role_id: UUID
    """Their role."""
    role: RoleCode
    """Its code."""
    group_ids: GroupIds
    """Their groups."""
    data_scope: DataScope | None
    """Which rows they will see; null: what role and groups say."""
    message: Message | None
    """A word of the one who invites."""
    status: InvitationStatus
    """pending, accepted, revoked or expired."""
    expires_at: Timestamp
    """Until when it can be accepted."""
    accepted_user_id: UUID | None
    """The user who came of it."""
    accepted_at: Timestamp | None
    """When it was accepted."""
    revoked_at: Timestamp | None
    """When it was revoked."""
    created_by_id: UUID | None
    """Who invites."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was made."""
    updated_at: Timestamp
    """When it last changed."""


class InvitationPage(Page[InvitationRead]):
    """One page of invitations."""


class InvitationQuery(ListQuery):
    """Which invitations."""

    sortable: ClassVar = {
        "created_at": Invitation.created_at,
        "expires_at": Invitation.expires_at,
        "email": Invitation.email,
    }

    sort: Literal["created_at", "-created_at", "expires_at", "-expires_at", "email", "-email"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    status: Annotated[list[InvitationStatus] | None, one_of(Invitation.status)] = Field(
        default=None, max_length=4
    )
    """One or several states."""
    email: Annotated[Email | None, equals(Invitation.email)] = None
    """Exactly this address."""
    agency_id: Annotated[list[UUID] | None, one_of(Invitation.agency_id)] = Field(default=None, max_length=50)
    """One or several agencies."""
    created_at_gte: Annotated[Moment | None, at_least(Invitation.created_at)] = None
    """Made at this moment or later."""
    created_at_lt: Annotated[Moment | None, below(Invitation.created_at)] = None
    """Made before this moment."""


class InvitationRow(Output):
    """What became of one row of a batch."""

    index: int = Field(ge=0, lt=MOST, examples=[0])
    """Its place in the request, from 0."""
    status: int = Field(ge=200, le=599, examples=[202])
    """HTTP status that it alone would have had."""
    data: InvitationRead | None
    """The invitation; null after a refusal."""
    problem: RowProblem | None
    """Why it was refused."""


class InvitationBatchResult(Output):
    """What became of each row."""

    results: list[InvitationRow] = Field(max_length=MOST)
    """In the order of the request."""
    succeeded: int = Field(ge=0, le=MOST, examples=[2])
    """How many are invited."""
    failed: int = Field(ge=0, le=MOST, examples=[0])
    """How many were refused."""


class InvitationLookup(Input):
    """An invitation that somebody holds."""

    token: Token
    """From the mail."""


class InvitationShown(Output):
    """What the invited person needs to know."""

    organization_name: str | None = Field(max_length=160, examples=["Alliance Assurances SPA"])
    """Who invites."""
    email: Email
    """The address that becomes the login."""
    agency_code: AgencyCode
    """Number of the agency."""
    role_label: Label
    """The role, in French."""
    message: Message | None
    """A word of the one who invites."""
    expires_at: Timestamp
    """Until when it can be accepted."""


class InvitationAccept(Input):
    """The invited person, and the password they choose."""

    token: Token
    """From the mail."""
    first_name: FirstName
    """First name."""
    last_name: LastName
    """Family name."""
    first_name_ar: FirstNameAr | None = None
    """First name in Arabic script."""
    last_name_ar: LastNameAr | None = None
    """Family name in Arabic script."""
    phone: Phone | None = None
    """Telephone, E.164."""
    job_title: JobTitle | None = None
    """Position in the company."""
    password: Password
    """12 to 128 characters, nothing easy to guess."""
    language: UserLanguage = UserLanguage.FR
    """Language of screens and letters."""
    accept_terms: Literal[True]
    """« J'accepte les règles et conditions »: must be true."""


class InvitationAccepted(Output):
    """The account is open: sign in."""

    user_id: UUID
    """The new user."""
    email: Email
    """The login."""
