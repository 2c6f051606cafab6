"""The lines of the sections: what a page shows of each thing."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from crm_api.accounts.models import AccountLifecycle, AccountTier, AccountType
from crm_api.billing.models.receivable import DunningState, ReceivableKind, ReceivableStatus
from crm_api.claims.models.words import ClaimStatus
from crm_api.contacts.models import LinkRole
from crm_api.files.models import FileKind
from crm_api.kit.money import Money
from crm_api.kit.schemas import Output, Timestamp
from crm_api.notifications.models import NotificationKind, NotificationPriority
from crm_api.opportunities.models.pipeline import OpportunityOutcome, OpportunityType
from crm_api.policies.models.policy import PolicyStatus
from crm_api.reminders.models import ReminderKind, ReminderStatus
from crm_api.tasks.models import TaskPriority, TaskStatus, TaskType

Number = Annotated[str, Field(max_length=44, examples=["16012.2026.11.1110.00042"])]
Short = Annotated[str, Field(max_length=200, examples=["Renault Symbol 2016"])]
Held = Annotated[str, Field(max_length=40, examples=["crm"])]


class ProfileAccount(Output):
    """A household or company that somebody belongs to."""

    id: UUID
    """The account."""
    number: Annotated[str, Field(max_length=20, examples=["C00012345"])]
    """Its number."""
    name: Short
    """Its name."""
    type: AccountType
    """What it is in law."""
    lifecycle: AccountLifecycle
    """Whether it is a customer."""
    tier: AccountTier
    """Its loyalty tier."""
    role: LinkRole
    """What the person is to it."""
    is_primary: bool = Field(examples=[True])
    """Whether it is their main one."""


class ProfileMember(Output):
    """Somebody who belongs to an account."""

    id: UUID
    """The person."""
    name: Short
    """As it is written."""
    role: LinkRole
    """What they are to it."""
    phone: Annotated[str, Field(max_length=20, examples=["+213550123456"])] | None
    """Their main number."""
    is_deceased: bool = Field(examples=[False])
    """Whether they died."""


class ProfilePolicy(Output):
    """A contract."""

    id: UUID
    """Identifier."""
    number: Number
    """The number on the paper."""
    status: PolicyStatus
    """Where it stands."""
    product_code: Annotated[str, Field(max_length=40, examples=["AUTO_P"])]
    """The product."""
    effective_at: Timestamp
    """Since when."""
    expires_at: Timestamp
    """Until when."""
    total_premium: Money
    """All included."""
    source_system: Held
    """Who keeps it."""
    as_of: Timestamp
    """When they last told us."""


class ProfileClaim(Output):
    """A claim."""

    id: UUID
    """Identifier."""
    number: Number
    """Its number."""
    status: ClaimStatus
    """How far it is."""
    is_open: bool = Field(examples=[True])
    """Whether it is neither settled, refused nor closed."""
    occurred_at: Timestamp
    """When it happened."""
    declared_at: Timestamp | None
    """When it was declared."""
    policy_id: UUID | None
    """The contract."""
    reserve_amount: Money
    """What is put aside for it."""
    paid_amount: Money
    """What was paid."""


class ProfileReceivable(Output):
    """Something owed."""

    id: UUID
    """Identifier."""
    kind: ReceivableKind
    """What for."""
    status: ReceivableStatus
    """Whether it is paid in part, or disputed."""
    policy_id: UUID | None
    """The contract."""
    due_on: date = Field(examples=["2026-12-01"])
    """Since when, or from when."""
    balance: Money
    """What is left of it."""
    dunning_state: DunningState
    """Where the legal clock stands."""
    promise_on: date | None = Field(examples=["2026-12-10"])
    """When they promised to pay."""


class ProfileDueDate(Output):
    """A day that comes."""

    kind: Literal["instalment", "expiry"]
    """A part of a premium falls due, or a contract expires."""
    on: date = Field(examples=["2027-06-01"])
    """The day."""
    policy_id: UUID
    """Of this contract."""
    number: Number
    """Its number."""
    amount: Money | None
    """What is left to pay of the part."""


class ProfileOpportunity(Output):
    """A sale."""

    id: UUID
    """Identifier."""
    number: Number
    """Its number."""
    name: Short
    """What it is called."""
    type: OpportunityType
    """New business, renewal..."""
    status: OpportunityOutcome
    """Whether it is open."""
    stage: Annotated[str, Field(max_length=40, examples=["quote_sent"])]
    """How far it is."""
    amount: Money
    """What it is worth."""
    close_date: date = Field(examples=["2026-12-15"])
    """When it should be closed."""


class ProfileTask(Output):
    """Work to be done."""

    id: UUID
    """Identifier."""
    title: Short
    """What to do."""
    type: TaskType
    """Kind of work."""
    status: TaskStatus
    """How far it is."""
    priority: TaskPriority
    """How urgent."""
    due_at: Timestamp
    """Until when."""
    assignee_user_id: UUID | None
    """Who does it."""


class ProfileReminder(Output):
    """Something to be reminded of."""

    id: UUID
    """Identifier."""
    kind: ReminderKind
    """What of."""
    status: ReminderStatus
    """Whether it was given."""
    text: Annotated[str, Field(max_length=300, examples=["Rappeler M. Aissani"])]
    """In words."""
    remind_at: Timestamp
    """When."""


class ProfileNotification(Output):
    """Something that you were told."""

    id: UUID
    """Identifier."""
    kind: NotificationKind
    """What about."""
    priority: NotificationPriority
    """How pressing."""
    title: Short
    """In a line."""
    created_at: Timestamp
    """When."""
    read_at: Timestamp | None
    """When you read it."""


class ProfileDocument(Output):
    """A document that hangs on them."""

    id: UUID
    """Identifier, for `GET /v1/files/{file_id}`."""
    name: Annotated[str, Field(max_length=200, examples=["carte-grise.pdf"])]
    """Name of the file."""
    kind: FileKind
    """What it is."""
    linked_at: Timestamp
    """When it was hung there."""
    expires_on: date | None = Field(examples=["2034-03-01"])
    """Its last day."""
