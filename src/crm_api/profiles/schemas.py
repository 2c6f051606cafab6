"""The page of a customer: a head line, and sections that stand for themselves."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from crm_api.accounts.models import RiskFlag
from crm_api.accounts.schemas import AccountRead
from crm_api.billing.schemas.coverage import CoverageStateRead
from crm_api.contacts.schemas import ContactRead
from crm_api.interactions.schemas import InteractionLine
from crm_api.kit.money import Money
from crm_api.kit.schemas import Input, Output, Timestamp
from crm_api.policies.schemas.objects import InsuredObjectRead
from crm_api.profiles.lines import (
    Held,
    ProfileAccount,
    ProfileClaim,
    ProfileDocument,
    ProfileDueDate,
    ProfileMember,
    ProfileNotification,
    ProfileOpportunity,
    ProfilePolicy,
    ProfileReceivable,
    ProfileReminder,
    ProfileTask,
    Short,
)

MOST = 10
"""Lines of one section."""
ContactSectionName = Literal[
    "identity",
    "banners",
    "accounts",
    "policies",
    "insured_objects",
    "claims",
    "receivables",
    "coverage",
    "due_dates",
    "opportunities",
    "interactions",
    "tasks",
    "reminders",
    "notifications",
    "documents",
]
AccountSectionName = Literal[
    "identity",
    "banners",
    "members",
    "policies",
    "insured_objects",
    "claims",
    "receivables",
    "coverage",
    "due_dates",
    "opportunities",
    "interactions",
    "tasks",
    "reminders",
    "notifications",
    "documents",
]
Banner = RiskFlag | Literal["do_not_contact"]
Bounded = Annotated[int, Field(ge=0, le=1000, examples=[3])]


class ContactProfileQuery(Input):
    """Which sections of a person's page."""

    include: list[ContactSectionName] | None = Field(
        default=None, max_length=15, examples=[["identity", "policies", "receivables"]]
    )
    """Sections (repeat the parameter); all that you may read when left out."""


class AccountProfileQuery(Input):
    """Which sections of an account's page."""

    include: list[AccountSectionName] | None = Field(
        default=None, max_length=15, examples=[["identity", "policies", "receivables"]]
    )
    """Sections (repeat the parameter); all that you may read when left out."""


class ProfileHead(Output):
    """The head line: whom this is about, and how to reach them."""

    type: Literal["contact", "account"]
    """A person, or an account."""
    id: UUID
    """Which one."""
    name: Short
    """As it is written."""
    number: Annotated[str, Field(max_length=20, examples=["C00012345"])] | None
    """Number of the account; of a person that of their main account, where you see it."""
    email: Annotated[str, Field(max_length=254, examples=["karim@example.com"])] | None
    """The main address."""
    phone: Annotated[str, Field(max_length=20, examples=["+213550123456"])] | None
    """The main number."""


class ProfileSection(Output):
    """What all sections say of themselves."""

    as_of: Timestamp
    """The moment for which it holds: of what another system keeps, the oldest that it told of these lines."""
    source: Held
    """Who keeps it: `crm` is we, `several` more than one system."""
    href: Annotated[str, Field(max_length=200, examples=["/v1/policies?account_id=019329f2"])]
    """Where the whole list is."""
    has_more: bool = Field(examples=[False])
    """Whether there are more lines than stand here."""


class ContactIdentitySection(ProfileSection):
    """Who a person is; class P3 masked."""

    value: ContactRead
    """The sheet."""


class AccountIdentitySection(ProfileSection):
    """Who an account is; class P3 masked."""

    value: AccountRead
    """The sheet."""


class BannerSection(ProfileSection):
    """What to know before anything is said or written."""

    data: list[Banner] = Field(max_length=7, examples=[["unpaid", "vip"]])
    """Flags of the accounts, a premium past due, a claim in court, a death, the wish to be left alone."""


class ProfileAccounts(ProfileSection):
    """The households and companies of a person."""

    data: list[ProfileAccount] = Field(max_length=MOST)
    """The main one first."""


class ProfileMembers(ProfileSection):
    """The people of an account."""

    data: list[ProfileMember] = Field(max_length=MOST)
    """In the order in which they joined."""


class ProfilePolicies(ProfileSection):
    """Contracts, the newest first."""

    in_force_count: Bounded
    """Of those in force (1000: as many or more)."""
    ended_count: Bounded
    """Of those that are over."""
    data: list[ProfilePolicy] = Field(max_length=MOST)
    """The newest."""


class ProfileObjects(ProfileSection):
    """What is insured, or was."""

    data: list[InsuredObjectRead] = Field(max_length=MOST)
    """The newest first."""


class ProfileClaims(ProfileSection):
    """Claims, the open ones first."""

    open_count: Bounded
    """Open ones."""
    last_occurred_at: Timestamp | None
    """When the last loss happened."""
    data: list[ProfileClaim] = Field(max_length=MOST)
    """The open ones, then the newest."""


class ProfileReceivables(ProfileSection):
    """What is owed, the oldest first."""

    owed: Money
    """All of it."""
    overdue: Money
    """Of it past due."""
    oldest_due_on: date | None = Field(examples=["2026-12-01"])
    """The day of the oldest that is past due."""
    data: list[ProfileReceivable] = Field(max_length=MOST)
    """The oldest."""


class ProfileCoverage(ProfileSection):
    """Whether each living contract covers at this moment, and why."""

    data: list[CoverageStateRead] = Field(max_length=MOST)
    """As `GET /v1/policies/{policy_id}/coverage-state` says of each."""


class ProfileDueDates(ProfileSection):
    """What comes, the nearest first."""

    data: list[ProfileDueDate] = Field(max_length=MOST)
    """The nearest."""


class ProfileOpportunities(ProfileSection):
    """Sales, the open ones first."""

    data: list[ProfileOpportunity] = Field(max_length=MOST)
    """The open ones, then the last."""


class ProfileInteractions(ProfileSection):
    """What was said, the newest first."""

    last_promise: InteractionLine | None
    """The last thing that was promised to them, kept or not."""
    data: list[InteractionLine] = Field(max_length=MOST)
    """The newest."""


class ProfileTasks(ProfileSection):
    """Unfinished work about them, the most pressing first."""

    data: list[ProfileTask] = Field(max_length=MOST)
    """The most pressing."""


class ProfileReminders(ProfileSection):
    """Your own reminders about them that are still open."""

    data: list[ProfileReminder] = Field(max_length=MOST)
    """The next first."""


class ProfileNotifications(ProfileSection):
    """What you were told about them, among your newest 500 notifications."""

    data: list[ProfileNotification] = Field(max_length=MOST)
    """The newest first."""


class ProfileDocuments(ProfileSection):
    """Documents, the newest first; health data only for who may read it."""

    data: list[ProfileDocument] = Field(max_length=MOST)
    """The newest."""


class ProfileSections(Output):
    """What the pages of a person and of an account share. A section not asked for, or that your role has no
    right to, is null."""

    head: ProfileHead
    """The head line."""
    as_of: Timestamp
    """When this page was read."""
    banners: BannerSection | None
    """What to know first."""
    policies: ProfilePolicies | None
    """Contracts."""
    insured_objects: ProfileObjects | None
    """What is insured."""
    claims: ProfileClaims | None
    """Claims."""
    receivables: ProfileReceivables | None
    """What is owed."""
    due_dates: ProfileDueDates | None
    """What comes."""
    opportunities: ProfileOpportunities | None
    """Sales."""
    interactions: ProfileInteractions | None
    """What was said, and promised."""
    tasks: ProfileTasks | None
    """Work about them."""
    reminders: ProfileReminders | None
    """Your reminders about them."""
    notifications: ProfileNotifications | None
    """What you were told about them."""
    documents: ProfileDocuments | None
    """Documents."""
    coverage: ProfileCoverage | None
    """Whether their contracts cover now."""


class ContactProfile(ProfileSections):
    """Everything about a person on one page."""

    identity: ContactIdentitySection | None
    """Who they are."""
    accounts: ProfileAccounts | None
    """Their households and companies."""


class AccountProfile(ProfileSections):
    """Everything about an account on one page."""

    identity: AccountIdentitySection | None
    """Who it is."""
    members: ProfileMembers | None
    """Its people."""
