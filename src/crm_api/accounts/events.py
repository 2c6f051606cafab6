from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class AccountDeleted(Event):
    """About to go to the bin. A listener that still needs the account raises `AccountInUse`."""

    kind: ClassVar = "account.deletion_asked"

    account_id: UUID


@dataclass(frozen=True, slots=True)
class AccountsMerged(Event):
    """Whoever holds rows of the account moves them to the survivor, and remembers which.

    `AccountMerges(ctx).remember(merge_id, "contact", ids)` keeps the list for an undoing.
    """

    kind: ClassVar = "account.merged"

    account_id: UUID
    survivor_id: UUID
    merge_id: UUID


@dataclass(frozen=True, slots=True)
class AccountMergeUndone(Event):
    """Whoever moved rows moves them back: `AccountMerges(ctx).remembered(merge_id, "contact")`."""

    kind: ClassVar = "account.merge_undone"

    account_id: UUID
    survivor_id: UUID
    merge_id: UUID


@dataclass(frozen=True, slots=True)
class AccountManagerChanged(Event):
    """Another person, or another agency, looks after the account."""

    kind: ClassVar = "account.manager_changed"

    account_id: UUID
    manager_user_id: UUID | None
    agency_id: UUID
    previous_manager_user_id: UUID | None
    previous_agency_id: UUID | None


@dataclass(frozen=True, slots=True)
class AccountLifecycleChanged(Event):
    """It became a customer, or is one no longer: its contracts decide."""

    kind: ClassVar = "account.lifecycle_changed"

    account_id: UUID
    lifecycle: str
    previous_lifecycle: str
