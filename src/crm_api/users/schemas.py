from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import MISSING, AwareDatetime, Field, SecretStr

from crm_api.core.principal import DataScope
from crm_api.kit.listing import (
    ListQuery,
    Page,
    at_least,
    below,
    equals,
    is_null,
    matching,
    one_of,
    starts_with,
)
from crm_api.kit.phones import Phone
from crm_api.kit.schemas import Email, Input, Moment, Output, Timestamp
from crm_api.roles.schemas import GivenPermissions, Permissions
from crm_api.users.models import (
    Availability,
    DisplayMode,
    User,
    UserLanguage,
    UserStatus,
    in_one_of_the_groups,
)

FirstName = Annotated[str, Field(min_length=1, max_length=80, examples=["Ilyes"])]
LastName = Annotated[str, Field(min_length=1, max_length=80, examples=["Aïssani"])]
FirstNameAr = Annotated[str, Field(min_length=1, max_length=80, examples=["إلياس"])]
LastNameAr = Annotated[str, Field(min_length=1, max_length=80, examples=["عيساني"])]
JobTitle = Annotated[str, Field(min_length=1, max_length=120, examples=["Responsable GRC"])]
Address = Annotated[str, Field(min_length=1, max_length=300, examples=["12, rue Didouche Mourad, Alger"])]
Username = Annotated[str, Field(pattern=r"^[a-z0-9._-]{3,40}$", max_length=40, examples=["i.aissani"])]
Password = Annotated[SecretStr, Field(min_length=1, max_length=128, examples=["trois mots bien choisis 42"])]
RoleCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$", max_length=40, examples=["user"])]


MaxOpenTickets = Annotated[int, Field(ge=0, le=1000, examples=[25])]
GroupIds = Annotated[list[UUID], Field(max_length=100, examples=[["01938f5e-8a4c-7b1e-9c0f-3a5d2e7f1b60"]])]


class NotificationChannels(Input):
    """Where one kind of notification goes."""

    in_app: bool = True
    """In the list of notifications."""
    email: bool = True
    """By mail."""


class NotificationPreferences(Input):
    """Which notifications reach this user, and where."""

    assignments: NotificationChannels = NotificationChannels()
    """Leads, tasks and tickets given to them."""
    mentions: NotificationChannels = NotificationChannels()
    """Their name in a comment."""
    deadlines: NotificationChannels = NotificationChannels()
    """What is due or late."""
    digests: NotificationChannels = NotificationChannels(email=False)
    """Daily summary."""


class AdministratorSignUp(Input):
    """The first administrator of a new organization."""

    email: Email
    """Becomes the login; a letter goes there to prove it."""
    password: Password
    """12 to 128 characters, nothing easy to guess."""
    first_name: FirstName
    """First name."""
    last_name: LastName
    """Family name."""
    phone: Phone
    """Telephone, E.164."""
    job_title: JobTitle
    """Position in the company (fonction)."""
    address: Address | None = None
    """Postal address."""
    accept_terms: Literal[True]
    """« J'accepte les règles et conditions »: must be true."""
    language: UserLanguage = UserLanguage.FR
    """Language of screens and letters."""


class UserRead(Output):
    """A member of staff."""

    id: UUID
    """Identifier."""
    email: Email
    """Login and address."""
    username: Username | None
    """The other login."""
    first_name: FirstName
    """First name."""
    last_name: LastName
    """Family name."""
    first_name_ar: FirstNameAr | None
    """First name in Arabic script."""
    last_name_ar: LastNameAr | None
    """Family name in Arabic script."""
    phone: Phone | None
    """Telephone, E.164."""
    job_title: JobTitle | None
    """Position in the company."""
    agency_id: UUID | None
    """Where they work; null: the head office."""
    role_id: UUID
    """Their role."""
    role: RoleCode
    """Its code."""
    group_ids: GroupIds
    """Their groups."""
    data_scope: DataScope | None
    """Which rows they see; null: what role and groups say."""
    status: UserStatus
    """State of the account."""
    email_verified_at: Timestamp | None
    """When the address was proved."""
    language: UserLanguage
    """Language of screens and letters."""
    display_mode: DisplayMode
    """light, dark, or as the system."""
    last_login_at: Timestamp | None
    """Last time they signed in."""
    availability: Availability
    """Whether work may be routed to them."""
    out_of_office_until: Timestamp | None
    """Back after this moment."""
    substitute_user_id: UUID | None
    """Who stands in meanwhile."""
    max_open_tickets: MaxOpenTickets
    """No more is routed to them beyond this."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When the account was made."""
    updated_at: Timestamp
    """When it last changed."""


class UserPage(Page[UserRead]):
    """One page of users."""


class UserQuery(ListQuery):
    """Which users."""

    sortable: ClassVar = {"name": User.name_folded, "email": User.email, "created_at": User.created_at}

    sort: Literal["name", "-name", "email", "-email", "created_at", "-created_at"] = "name"
    """Sort key; a leading `-` means descending."""
    status: Annotated[list[UserStatus] | None, one_of(User.status)] = Field(default=None, max_length=6)
    """One or several states."""
    role_id: Annotated[list[UUID] | None, one_of(User.role_id)] = Field(default=None, max_length=50)
    """One or several roles."""
    group_id: Annotated[list[UUID] | None, matching(in_one_of_the_groups)] = Field(
        default=None, max_length=50
    )
    """In one of these groups."""
    agency_id: Annotated[list[UUID] | None, one_of(User.agency_id)] = Field(default=None, max_length=50)
    """One or several agencies."""
    agency_id_null: Annotated[bool | None, is_null(User.agency_id)] = None
    """true: only the head office."""
    availability: Annotated[list[Availability] | None, one_of(User.availability)] = Field(
        default=None, max_length=4
    )
    """Whether work may be routed to them."""
    email: Annotated[Email | None, equals(User.email)] = None
    """Exactly this address."""
    name_prefix: Annotated[str | None, starts_with(User.name_folded)] = Field(
        default=None, min_length=1, max_length=80, examples=["aissani il"]
    )
    """Beginning of family name and first name, accents and case ignored."""
    created_at_gte: Annotated[Moment | None, at_least(User.created_at)] = None
    """Made at this moment or later."""
    created_at_lt: Annotated[Moment | None, below(User.created_at)] = None
    """Made before this moment."""


class UserPatch(Input):
    """What to change; a field left out stays, null empties it."""

    username: Username | None | MISSING = MISSING
    """The other login, unique in the whole installation."""
    first_name: FirstName | MISSING = MISSING
    """First name."""
    last_name: LastName | MISSING = MISSING
    """Family name."""
    first_name_ar: FirstNameAr | None | MISSING = MISSING
    """First name in Arabic script."""
    last_name_ar: LastNameAr | None | MISSING = MISSING
    """Family name in Arabic script."""
    phone: Phone | None | MISSING = MISSING
    """Telephone, E.164."""
    address: Address | None | MISSING = MISSING
    """Postal address."""
    job_title: JobTitle | MISSING = MISSING
    """Position in the company."""
    max_open_tickets: MaxOpenTickets | MISSING = MISSING
    """No more is routed to them beyond this."""
    role: RoleCode | MISSING = MISSING
    """Their role. Needs a recent proof of identity, as the three below do."""
    group_ids: GroupIds | MISSING = MISSING
    """Their groups, all of them."""
    data_scope: DataScope | None | MISSING = MISSING
    """Which rows they see; null: what role and groups say."""
    agency_id: UUID | None | MISSING = MISSING
    """Where they work; null: the head office."""


class MePatch(Input):
    """What to change about yourself; a field left out stays, null empties it."""

    username: Username | None | MISSING = MISSING
    """The other login, unique in the whole installation."""
    first_name: FirstName | MISSING = MISSING
    """First name."""
    last_name: LastName | MISSING = MISSING
    """Family name."""
    first_name_ar: FirstNameAr | None | MISSING = MISSING
    """First name in Arabic script."""
    last_name_ar: LastNameAr | None | MISSING = MISSING
    """Family name in Arabic script."""
    phone: Phone | None | MISSING = MISSING
    """Telephone, E.164."""
    address: Address | None | MISSING = MISSING
    """Postal address."""
    language: UserLanguage | MISSING = MISSING
    """Language of screens and letters."""
    display_mode: DisplayMode | MISSING = MISSING
    """light, dark, or as the system."""
    notification_preferences: NotificationPreferences | MISSING = MISSING
    """Which notifications reach you; kinds left out go back to the default."""
    availability: Availability | MISSING = MISSING
    """Whether work may be routed to you."""
    out_of_office_until: AwareDatetime | None | MISSING = MISSING
    """Back after this moment."""
    substitute_user_id: UUID | None | MISSING = MISSING
    """Who stands in meanwhile."""


class UserPermissions(Output):
    """What a user may do just now, and why."""

    role: RoleCode
    """Their role."""
    permissions: Permissions
    """Effective scopes: role and groups together, without the denials."""
    denials: Permissions
    """Scopes that this user does not get, whatever role and groups say."""
    data_scope: DataScope
    """Which rows they see."""
    agency_ids: list[UUID] = Field(max_length=1000)
    """The agencies whose rows that opens, for `agency` and `region`."""
    mfa_required: bool = Field(examples=[True])
    """Whether they must sign in with a second factor."""
    version: int = Field(ge=1, examples=[3])
    """Of the user, for If-Match."""


class Denials(Input):
    """Scopes to withhold from a user."""

    permissions: GivenPermissions
    """All of them; none: an empty list."""


class Deactivation(Input):
    """Who takes over."""

    reassign_to: UUID
    """An active user: open leads, tasks and other work go there."""


class Members(Input):
    """Users to put into a group."""

    user_ids: list[UUID] = Field(
        min_length=1, max_length=100, examples=[["01938f5e-8a4c-7b1e-9c0f-3a5d2e7f1b60"]]
    )
    """Who comes in; those who are in already stay."""


class MeRead(UserRead):
    """Yourself: your sheet, your preferences, and what you may do."""

    address: Address | None
    """Postal address."""
    notification_preferences: NotificationPreferences
    """Which notifications reach you."""
    permissions: Permissions
    """Your effective scopes."""
    effective_data_scope: DataScope
    """Which rows you see."""
    agency_ids: list[UUID] = Field(max_length=1000)
    """The agencies whose rows that opens."""
    mfa_required: bool = Field(examples=[True])
    """Whether you must sign in with a second factor."""
    terms_accepted_at: Timestamp | None
    """When you accepted the terms."""
    terms_version: str | None = Field(max_length=20, examples=["2026-11"])
    """Which ones."""
