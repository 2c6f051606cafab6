from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import MISSING, AfterValidator, Field
from pydantic_core import PydanticCustomError

from crm_api.core.principal import DataScope
from crm_api.kit.listing import ListQuery, Page, equals, starts_with
from crm_api.kit.schemas import Input, Output, Timestamp
from crm_api.roles.catalogue import Kind, permissions
from crm_api.roles.models import Group, Role


def _known(code: str) -> str:
    known = permissions().get(code)
    if known is None:
        raise PydanticCustomError("unknown_permission", "There is no such permission")
    if known.kind == "machine":
        raise PydanticCustomError("machine_permission", "Only API clients hold this permission")
    return code


def _each_once(codes: list[str]) -> list[str]:
    return sorted(set(codes))


PermissionCode = Annotated[str, Field(pattern=r"^[a-z_]+:[a-z_]+$", max_length=60, examples=["leads:read"])]
RoleCode = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,39}$", max_length=40, examples=["chef_de_zone"])]
Label = Annotated[str, Field(min_length=2, max_length=80, examples=["Chef de zone"])]
Description = Annotated[str, Field(max_length=300, examples=["Répond à tous les clients."])]
Permissions = Annotated[list[PermissionCode], Field(max_length=300, examples=[["leads:read", "leads:write"]])]
GivenPermissions = Annotated[
    list[Annotated[PermissionCode, AfterValidator(_known)]],
    Field(max_length=300, examples=[["leads:read", "leads:write"]]),
    AfterValidator(_each_once),
]
UserIds = Annotated[list[UUID], Field(max_length=1000, examples=[["01938f5e-8a4c-7b1e-9c0f-3a5d2e7f1b60"]])]


class MaxAmounts(Input):
    """Limits that go with the scopes of a group; null: none."""

    claims_decide: int | None = Field(default=None, ge=0, le=1_000_000_000, examples=[500000])
    """Largest claim its members decide, in dinars."""
    discount_percent: int | None = Field(default=None, ge=0, le=100, examples=[10])
    """Largest discount its members approve."""
    refund: int | None = Field(default=None, ge=0, le=1_000_000_000, examples=[20000])
    """Largest refund its members order, in dinars."""


class PermissionRead(Output):
    """A scope that exists."""

    code: PermissionCode
    """resource:action."""
    label_fr: str = Field(max_length=120, examples=["Consulter les pistes"])
    """What people read."""
    kind: Kind = Field(examples=["staff"])
    """segregated: not even the administrator holds it; machine: only API clients do."""


class PermissionList(Output):
    """All scopes that exist."""

    data: list[PermissionRead] = Field(max_length=300)
    """In the order of the catalogue."""


class RoleCreate(Input):
    """A role of your own."""

    code: RoleCode
    """Short name, unique; it never changes."""
    label_fr: Label
    """What people read."""
    based_on: RoleCode
    """The role to copy: its scopes and data scope hold unless given here."""
    permissions: GivenPermissions | MISSING = MISSING
    """Its scopes."""
    data_scope_default: DataScope | MISSING = MISSING
    """Which rows its holders see."""


class RolePatch(Input):
    """What to change; a field left out stays."""

    label_fr: Label | MISSING = MISSING
    """What people read."""
    permissions: GivenPermissions | MISSING = MISSING
    """Its scopes, all of them."""
    data_scope_default: DataScope | MISSING = MISSING
    """Which rows its holders see."""


class RoleRead(Output):
    """A role: what its holders may do, and which rows they see."""

    id: UUID
    """Identifier."""
    code: RoleCode
    """Short name, unique."""
    label_fr: Label
    """What people read."""
    is_system: bool = Field(examples=[False])
    """One of the four that cannot be changed."""
    base_code: RoleCode
    """The system role it descends from, or is."""
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


class RolePage(Page[RoleRead]):
    """One page of roles."""


class RoleQuery(ListQuery):
    """Which roles."""

    sortable: ClassVar = {"code": Role.code, "created_at": Role.created_at}

    sort: Literal["code", "-code", "created_at", "-created_at"] = "code"
    """Sort key; a leading `-` means descending."""
    is_system: Annotated[bool | None, equals(Role.is_system)] = None
    """true: only the four base roles; false: only your own."""


class GroupCreate(Input):
    """A group of your own."""

    code: RoleCode
    """Short name, unique; it never changes."""
    name: Label
    """What people read, unique."""
    description: Description | None = None
    """What it is for."""
    permissions: GivenPermissions = []
    """Scopes it adds to the roles of its members."""
    data_scope_override: DataScope | None = None
    """Opens at least so many rows to its members."""
    max_amounts: MaxAmounts = MaxAmounts()
    """Limits that go with the scopes."""


class GroupPatch(Input):
    """What to change; a field left out stays, null empties it."""

    name: Label | MISSING = MISSING
    """What people read, unique."""
    description: Description | None | MISSING = MISSING
    """What it is for."""
    permissions: GivenPermissions | MISSING = MISSING
    """Scopes it adds, all of them."""
    data_scope_override: DataScope | None | MISSING = MISSING
    """Opens at least so many rows to its members."""
    max_amounts: MaxAmounts | MISSING = MISSING
    """Limits that go with the scopes, all of them."""


class GroupRead(Output):
    """A group: scopes that its members get beside their role."""

    id: UUID
    """Identifier."""
    code: RoleCode
    """Short name, unique."""
    name: Label
    """What people read, unique."""
    description: Description | None
    """What it is for."""
    permissions: Permissions
    """Scopes it adds."""
    data_scope_override: DataScope | None
    """Opens at least so many rows to its members."""
    max_amounts: MaxAmounts
    """Limits that go with the scopes."""
    member_count: int = Field(ge=0, examples=[4])
    """How many users are in it."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was made."""
    updated_at: Timestamp
    """When it last changed."""


class GroupPage(Page[GroupRead]):
    """One page of groups."""


class GroupQuery(ListQuery):
    """Which groups."""

    sortable: ClassVar = {"name": Group.name_folded, "code": Group.code, "created_at": Group.created_at}

    sort: Literal["name", "-name", "code", "-code", "created_at", "-created_at"] = "name"
    """Sort key; a leading `-` means descending."""
    name_prefix: Annotated[str | None, starts_with(Group.name_folded)] = Field(
        default=None, min_length=1, max_length=80, examples=["chef"]
    )
    """Beginning of the name, accents and case ignored."""
