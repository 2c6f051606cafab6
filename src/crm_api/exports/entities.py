"""What can be exported. One more entity is one more line here, and one more door in the router."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crm_api.accounts.models import Account
from crm_api.accounts.schemas import AccountQuery
from crm_api.agencies.schemas import AgencyQuery
from crm_api.billing.schemas.receivable import ReceivableQuery
from crm_api.claims.schemas.claim import ClaimQuery
from crm_api.contacts.models import Contact
from crm_api.contacts.schemas import ContactQuery
from crm_api.kit.listing import ListQuery
from crm_api.leads.models import Lead
from crm_api.leads.schemas.lead import LeadQuery
from crm_api.opportunities.models.opportunity import Opportunity
from crm_api.opportunities.schemas.opportunity import OpportunityQuery
from crm_api.policies.schemas.policy import PolicyQuery
from crm_api.quotes.schemas.quote import QuoteQuery
from crm_api.tickets.models.ticket import Ticket
from crm_api.tickets.schemas.ticket import TicketQuery
from crm_api.users.schemas import UserQuery


@dataclass(frozen=True, slots=True)
class Exportable:
    """`label` names the repository (`core.objects`); the query says what may be filtered and sorted."""

    label: str
    resource: str
    query: type[ListQuery]
    custom_fields: Any = None
    """Column of the values that the organization defined."""
    sealed: bool = False
    """Whether its rows hold class P3 data."""

    @property
    def scopes(self) -> frozenset[str]:
        """What it takes to export them."""
        return frozenset({f"{self.resource}:read", "data:export"})

    @property
    def kind(self) -> str:
        """Of its runs."""
        return f"export_{self.resource}"


EXPORTABLES: Mapping[str, Exportable] = {
    one.resource: one
    for one in (
        Exportable("lead", "leads", LeadQuery, Lead.custom_fields, sealed=True),
        Exportable("account", "accounts", AccountQuery, Account.custom_fields, sealed=True),
        Exportable("contact", "contacts", ContactQuery, Contact.custom_fields, sealed=True),
        Exportable("opportunity", "opportunities", OpportunityQuery, Opportunity.custom_fields),
        Exportable("quote", "quotes", QuoteQuery),
        Exportable("ticket", "tickets", TicketQuery, Ticket.custom_fields),
        Exportable("policy", "policies", PolicyQuery),
        Exportable("claim", "claims", ClaimQuery),
        Exportable("agency", "agencies", AgencyQuery),
        Exportable("receivable", "receivables", ReceivableQuery),
        Exportable("user", "users", UserQuery),
    )
}
