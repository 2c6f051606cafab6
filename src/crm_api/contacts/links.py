"""A person's accounts, as they travel."""

from datetime import date
from uuid import UUID

from pydantic import MISSING, Field

from crm_api.contacts.models import LinkRole
from crm_api.contacts.words import PastDay
from crm_api.kit.schemas import Input, Output


class AccountLinkCreate(Input):
    """An account that a person belongs to."""

    account_id: UUID
    """The household, company, public body or association."""
    role: LinkRole = LinkRole.HEAD
    """What the person is to it."""
    is_primary: bool = False
    """The account that this person is first of all a customer in; the first is when none says so."""
    from_date: PastDay | None = None
    """Since when; today when left out."""


class AccountLinkPatch(Input):
    """What to change; a field left out stays."""

    role: LinkRole | MISSING = MISSING
    """What the person is to it."""
    is_primary: bool | MISSING = MISSING
    """true: the account that this person is first of all a customer in; the one before is no longer."""
    from_date: PastDay | MISSING = MISSING
    """Since when."""
    to_date: PastDay | MISSING = MISSING
    """Until when: the link ends, and is kept."""


class AccountLinkRead(Output):
    """A link that holds today."""

    id: UUID
    """Identifier of the link."""
    account_id: UUID
    """The account."""
    role: LinkRole
    """What the person is to it."""
    is_primary: bool = Field(examples=[True])
    """The account that this person is first of all a customer in."""
    from_date: date
    """Since when."""


class AccountLinkRecord(AccountLinkRead):
    """A link, holding or ended."""

    contact_id: UUID
    """The person."""
    to_date: date | None
    """Until when; null while it holds."""
    version: int = Field(ge=1, examples=[7])
    """Version of the person's sheet, for If-Match."""


class AccountLinkHistory(Output):
    """The links of a person, holding or ended."""

    data: list[AccountLinkRecord] = Field(max_length=500)
    """The newest first."""
