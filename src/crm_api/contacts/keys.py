"""What a person is found by, kept beside the sheet: numbers, addresses, blind indexes."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crm_api.contacts.civil import blind_keys, blind_values, civil_in_clear
from crm_api.contacts.errors import NationalIdTaken
from crm_api.contacts.models import Contact, ContactKey, KeyKind
from crm_api.contacts.repository import ContactRepository
from crm_api.kit.identifiers import email_key


async def keys_for(
    contacts: ContactRepository, person: Contact, civil: Mapping[str, Any]
) -> list[ContactKey]:
    """From the sheet, and from its class P3 fields in clear."""
    phones = {entry["value"] for entry in person.phones}
    emails = {email_key(entry["value"]) for entry in person.emails}
    return [
        *(ContactKey(kind=KeyKind.PHONE, value=phone) for phone in sorted(phones)),
        *(ContactKey(kind=KeyKind.EMAIL, value=email) for email in sorted(emails)),
        *await blind_keys(contacts.ctx, civil),
    ]


async def renew_keys(contacts: ContactRepository, person: Contact) -> None:
    """After a change of the sheet: written only where something differs."""
    fresh = await keys_for(contacts, person, await civil_in_clear(contacts.ctx, person))
    known = {(kind, value) for kind, value in await contacts.keys_of(person.id)}
    if {(key.kind.value, key.value) for key in fresh} != known:
        await contacts.drop_keys(person.id)
        await contacts.put_keys(person.id, fresh)


async def refuse_taken_national_id(
    contacts: ContactRepository, civil: Mapping[str, Any], *holders: UUID
) -> None:
    """Locked first: of two at once, the second sees the first and names it. `holders` may have it."""
    number = civil.get("national_id_number")
    if number is None:
        return
    values = await blind_values(contacts.ctx, KeyKind.NATIONAL_ID, number)
    await contacts.lock_key(KeyKind.NATIONAL_ID, values[-1])
    others = [one for one in await contacts.holders(KeyKind.NATIONAL_ID, values) if one not in holders]
    if others:
        raise NationalIdTaken(existing_id=str(others[0]))
