from typing import Annotated
from uuid import UUID

from pydantic import Field

from crm_api.core.principal import DataScope
from crm_api.kit.schemas import Output, Timestamp

PermissionCode = Annotated[str, Field(pattern=r"^[a-z_]+:[a-z_]+$", max_length=60, examples=["leads:read"])]
RoleCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$", max_length=40, examples=["chef_de_zone"])]
RoleLabel = Annotated[str, Field(min_length=2, max_length=80, examples=["Chef de zone"])]
Permissions = Annotated[list[PermissionCode], Field(max_length=300, examples=[["leads:read", "leads:write"]])]


class RoleRead(Output):
    """A role: what its holders may do, and which rows they see."""

    id: UUID
    """Identifier."""
    code: RoleCode
    """Short name, unique."""
    label_fr: RoleLabel
    """What people read."""
    is_system: bool = Field(examples=[False])
    """One of the four that cannot be changed."""
    based_on_id: UUID | None
    """The role it was copied from."""
    permissions: Permissions
    """Scopes."""
    data_scope_default: DataScope
    """Which rows its holders see, unless their own sheet or a group says otherwise."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was made."""
    updated_at: Timestamp
    """When it last changed."""


class GroupRead(Output):
    """A group: scopes that its members get beside their role."""

    id: UUID
    """Identifier."""
    code: RoleCode
    """Short name, unique."""
    name: RoleLabel
    """What people read, unique."""
    description: str | None = Field(max_length=300, examples=["Répond à tous les clients."])
    """What it is for."""
    permissions: Permissions
    """Scopes it adds."""
    data_scope_override: DataScope | None
    """Opens at least so many rows to its members."""
    max_amounts: dict[str, float] = Field(examples=[{"discount_percent": 10}])
    """Limits that go with the scopes: claims_decide, discount_percent, refund."""
    member_count: int = Field(ge=0, examples=[4])
    """How many users are in it."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was made."""
    updated_at: Timestamp
    """When it last changed."""
