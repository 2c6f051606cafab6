from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class UserRegistered(Event):
    """The first administrator of a new organization signed up."""

    kind: ClassVar = "user.registered"

    user_id: UUID


@dataclass(frozen=True, slots=True)
class UserVerified(Event):
    """The e-mail address is proved to be theirs."""

    kind: ClassVar = "user.verified"

    user_id: UUID


@dataclass(frozen=True, slots=True)
class UserEmailChanged(Event):
    """They proved another e-mail address, and sign in by it."""

    kind: ClassVar = "user.email_changed"

    user_id: UUID


@dataclass(frozen=True, slots=True)
class UserActivated(Event):
    """They may sign in (again)."""

    kind: ClassVar = "user.activated"

    user_id: UUID


@dataclass(frozen=True, slots=True)
class UserSuspended(Event):
    """They may not sign in until somebody resumes them."""

    kind: ClassVar = "user.suspended"

    user_id: UUID


@dataclass(frozen=True, slots=True)
class UserLocked(Event):
    """Too many wrong passwords."""

    kind: ClassVar = "user.locked"

    user_id: UUID


@dataclass(frozen=True, slots=True)
class UserDeactivated(Event):
    """They have left; whoever holds work of theirs hands the open part to the other."""

    kind: ClassVar = "user.deactivated"

    user_id: UUID
    reassign_to_id: UUID


@dataclass(frozen=True, slots=True)
class UserRoleChanged(Event):
    """What they may do or see has changed: role, groups, denials, data scope or agency."""

    kind: ClassVar = "user.role_changed"

    user_id: UUID


@dataclass(frozen=True, slots=True)
class UserPasswordChanged(Event):
    """Sessions made with the old password end."""

    kind: ClassVar = "user.password_changed"

    user_id: UUID
