"""What is sent to and answered by the actions on accounts."""

from uuid import UUID

from pydantic import Field

from crm_api.accounts.models import AccountStatus, AccountType
from crm_api.accounts.schemas import AccountCreate, AccountName, AccountNumber, AccountPatch
from crm_api.core.batch import Batch
from crm_api.kit.schemas import Input, Output


class AccountBatch(Batch[AccountCreate, AccountPatch]):
    """Accounts to open, change and delete."""


class AccountAssign(Input):
    """Who looks after the account from now on."""

    manager_user_id: UUID | None
    """The account manager; null leaves it to the agency."""
    agency_id: UUID | None = None
    """Another agency; the present one when left out."""


class AccountMergeRequest(Input):
    """Which account is taken over."""

    account_id: UUID
    """The account that goes; its rows move to the one in the address."""


class AccountBranch(Output):
    """An account of the same group."""

    id: UUID
    """Identifier."""
    number: AccountNumber
    """Customer code."""
    name: AccountName
    """Its name."""
    type: AccountType
    """Household, company, public body or association."""
    status: AccountStatus
    """active, archived, closed or merged."""
    level: int = Field(ge=1, le=20, examples=[1])
    """How many steps above."""


class AccountAncestors(Output):
    """The accounts above one, the nearest first."""

    data: list[AccountBranch] = Field(max_length=20)
    """Up to the top of the group, as far as you may see."""
