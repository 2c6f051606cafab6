"""What the search of everything looks through: one line a kind of object.

To add one: its model has `Searched` triggers (`core.words`), its repository stands in `registry.OBJECTS`,
its label in `SearchType`, and here is said which scope reads it and in which columns words are found.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.orm import InstrumentedAttribute

from crm_api.accounts.models import Account
from crm_api.claims.models.claim import Claim
from crm_api.contacts.models import Contact
from crm_api.core.db import Entity
from crm_api.files.models import File
from crm_api.leads.models import Lead
from crm_api.opportunities.models.opportunity import Opportunity
from crm_api.policies.models.policy import Policy
from crm_api.tickets.models.ticket import Ticket

Column = InstrumentedAttribute[Any]
NAME, NUMBER = "name", "number"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of object that can be found."""

    model: type[Entity]
    scope: str
    """Who holds it sees such objects, those of their rows."""
    shown: Mapping[str, Column]
    """Where a word may stand; `name` first, which is what the object is called."""
    gone: tuple[Column, ...] = ()
    """Beside the bin: a row in which one of these is filled is not found."""

    def here(self) -> list[ColumnElement[bool]]:
        """In none of the places where a row is kept and no longer shown."""
        bin = getattr(self.model, "deleted_at", None)
        return [column.is_(None) for column in (bin, *self.gone) if column is not None]


KINDS: Mapping[str, Kind] = {
    "lead": Kind(
        Lead,
        "leads:read",
        {NAME: Lead.full_name, NUMBER: Lead.number, "company": Lead.company_name}
        | {"phone": Lead.phone, "email": Lead.email, "need": Lead.need},
    ),
    "account": Kind(
        Account,
        "accounts:read",
        {NAME: Account.name, NUMBER: Account.number, "phone": Account.phones, "email": Account.emails}
        | {"tax_id": Account.tax_id, "trade_register_number": Account.trade_register_number},
        gone=(Account.merged_into_id,),
    ),
    "contact": Kind(
        Contact,
        "contacts:read",
        {NAME: Contact.display_name, "first_name": Contact.first_name, "last_name": Contact.last_name}
        | {"first_name_ar": Contact.first_name_ar, "last_name_ar": Contact.last_name_ar}
        | {"maiden_name": Contact.maiden_name, "phone": Contact.phones, "email": Contact.emails},
        gone=(Contact.merged_into_id,),
    ),
    "opportunity": Kind(
        Opportunity,
        "opportunities:read",
        {NAME: Opportunity.name, NUMBER: Opportunity.number, "next_step": Opportunity.next_step},
    ),
    "ticket": Kind(
        Ticket,
        "tickets:read",
        {NAME: Ticket.subject, NUMBER: Ticket.number},
        gone=(Ticket.merged_into_id,),
    ),
    "policy": Kind(Policy, "policies:read", {NAME: Policy.number, NUMBER: Policy.number}),
    "claim": Kind(Claim, "claims:read", {NAME: Claim.number, NUMBER: Claim.number}),
    "document": Kind(
        File, "documents:read", {NAME: File.name, "title": File.title}, gone=(File.superseded_by_id,)
    ),
}
"""The label of the entity -> how it is found; in the order of groups that are worth the same."""
