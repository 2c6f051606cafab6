"""Who writes: the person whose sheet has this address or number, else whoever they say they are."""

from typing import NamedTuple
from uuid import UUID

from pydantic import ValidationError

from crm_api.channels.repository.people import PeopleRepository
from crm_api.core.context import Context
from crm_api.kit.phones import to_e164
from crm_api.tickets.schemas.words import TicketParty


class Writer(NamedTuple):
    """One of both: `contact_id` where exactly one sheet has the address."""

    contact_id: UUID | None
    party: TicketParty | None


class Parties:
    def __init__(self, ctx: Context) -> None:
        self.people = PeopleRepository(ctx)

    async def of(self, address: str, name: str | None) -> Writer:
        """A family may share a number or an address: then somebody chooses."""
        phone = to_e164(address) if "@" not in address else None
        found = await self.people.having(phone or address)
        if len(found) == 1:
            return Writer(found[0], None)
        return Writer(None, party_of(address, phone, name))


def party_of(address: str, phone: str | None, name: str | None) -> TicketParty:
    shown = (name or address)[:160]
    try:
        if phone is not None:
            return TicketParty(name=shown, phone=phone)
        if "@" in address:
            return TicketParty(name=shown, email=address)
    except ValidationError:  # an address that mails travel with, and forms refuse
        pass
    return TicketParty(name=f"{shown} ({address})"[:160] if shown != address else shown)
