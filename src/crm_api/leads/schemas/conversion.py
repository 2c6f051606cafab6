"""A lead becomes a customer."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.kit.contact_points import PostalAddress
from crm_api.kit.schemas import Input, Output
from crm_api.leads.schemas.words import FirstName, LastName
from crm_api.opportunities.schemas.content import OpportunityContent

AccountName = Annotated[str, Field(min_length=2, max_length=160, examples=["Famille AISSANI"])]
Role = Literal[
    "head", "spouse", "child", "employee", "legal_representative", "insurance_manager", "accountant"
]


class LeadConvert(Input):
    """Which account and which person it becomes; what is left out is made from the lead."""

    create_account: bool = False
    """true: a new account, said explicitly; the same as leaving `account_id` out."""
    account_id: UUID | None = None
    """An account that exists."""
    account_name: AccountName | None = None
    """Name of the new account; the company, or "Famille ..." when left out."""
    address: PostalAddress | None = None
    """Address of the new account; what the lead says of it when left out."""
    agency_id: UUID | None = None
    """Which agency looks after them; that of the lead when left out."""
    contact_id: UUID | None = None
    """A person who is recorded already."""
    first_name: FirstName | None = None
    """First name of the new person; read off the lead's name when left out."""
    last_name: LastName | None = None
    """Surname of the new person."""
    role: Role | None = None
    """What the person is to the account; head of a household, or legal representative."""
    opportunity: OpportunityContent | None = None
    """An opportunity to open with them, in the same transaction; none when left out."""

    @model_validator(mode="after")
    def _one_account(self) -> "LeadConvert":
        if self.create_account and self.account_id:
            raise PydanticCustomError("one_account_only", "Give create_account or account_id, not both")
        return self


class Conversion(Output):
    """What the lead became."""

    lead_id: UUID
    """The lead."""
    account_id: UUID
    """The account."""
    account_created: bool
    """Whether it is new."""
    contact_id: UUID
    """The person."""
    contact_created: bool
    """false: the person was recorded already, named by you or certainly the same."""
    opportunity_id: UUID | None
    """The opportunity that was opened with them."""
    version: int = Field(ge=1, examples=[5])
    """The lead's, for If-Match."""
