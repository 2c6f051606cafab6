from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, SecretStr

from crm_api.core.principal import DataScope
from crm_api.kit.phones import Phone
from crm_api.kit.schemas import Email, Input, Output, Timestamp
from crm_api.users.models import Availability, DisplayMode, UserLanguage, UserStatus

FirstName = Annotated[str, Field(min_length=1, max_length=80, examples=["Ilyes"])]
LastName = Annotated[str, Field(min_length=1, max_length=80, examples=["Aïssani"])]
FirstNameAr = Annotated[str, Field(min_length=1, max_length=80, examples=["إلياس"])]
LastNameAr = Annotated[str, Field(min_length=1, max_length=80, examples=["عيساني"])]
JobTitle = Annotated[str, Field(min_length=1, max_length=120, examples=["Responsable GRC"])]
Address = Annotated[str, Field(min_length=1, max_length=300, examples=["12, rue Didouche Mourad, Alger"])]
Username = Annotated[str, Field(pattern=r"^[a-z0-9._-]{3,40}$", max_length=40, examples=["i.aissani"])]
Password = Annotated[SecretStr, Field(min_length=1, max_length=128, examples=["trois mots bien choisis 42"])]
RoleCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$", max_length=40, examples=["user"])]


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
    group_ids: list[UUID] = Field(max_length=100)
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
    max_open_tickets: int = Field(ge=0, le=1000, examples=[25])
    """No more is routed to them beyond this."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When the account was made."""
    updated_at: Timestamp
    """When it last changed."""
