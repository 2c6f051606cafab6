from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import MISSING
from pydantic_core import to_json, to_jsonable_python

from crm_api.accounts.errors import UnknownAgency
from crm_api.accounts.schemas import AccountRead
from crm_api.accounts.service import AccountService
from crm_api.contacts.civil import blind_values, civil_in_clear, civil_of, is_minor, opened, seal_civil
from crm_api.contacts.duplicates import DuplicateFinder, Likely, Likeness, as_list, wilaya_of
from crm_api.contacts.errors import ContactMergedAway, ContactTouchedSince
from crm_api.contacts.events import ContactDeceased
from crm_api.contacts.keys import keys_for, refuse_taken_national_id, renew_keys
from crm_api.contacts.linking import LinkingService, links_as_shown, links_from
from crm_api.contacts.links import AccountLinkCreate
from crm_api.contacts.models import Contact, KeyKind, LinkRole
from crm_api.contacts.parts import primary_of
from crm_api.contacts.repository import ContactRepository
from crm_api.contacts.schemas import (
    ContactCreate,
    ContactCreated,
    ContactFacts,
    ContactPage,
    ContactPatch,
    ContactQuery,
    ContactRead,
    DuplicateList,
)
from crm_api.contacts.words import display_name
from crm_api.core.context import Context
from crm_api.core.events import publish
from crm_api.core.external_ids import ExternalId, upsert
from crm_api.core.principal import DataScope
from crm_api.custom_fields.service import CustomFieldService
from crm_api.kit.clock import today
from crm_api.kit.contact_points import as_kept
from crm_api.kit.errors import NotFound, ValidationFailed
from crm_api.kit.ids import new_id
from crm_api.kit.listing import Count
from crm_api.kit.matching import Facts, Reason
from crm_api.kit.schemas import Json
from crm_api.kit.searching import Search
from crm_api.users.service import UserService

PLAIN = frozenset(
    {
        *("civility", "last_name_ar", "first_name_ar", "father_first_name", "maiden_name"),
        *("preferred_language", "preferred_channel", "contact_hours", "do_not_contact"),
        *("owner_user_id", "agency_id", "tags", "external_ids"),
    }
)

"""What a change may touch without any rule: one statement does it."""


class ContactService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.contacts = ContactRepository(ctx)
        self.accounts = AccountService(ctx)
        self.duplicates = DuplicateFinder(ctx)

    # --- reads

    async def page(self, query: ContactQuery) -> Json[ContactPage]:
        return await self.contacts.page(query, ContactPage)

    async def page_at_account(self, account_id: UUID, query: ContactQuery) -> Json[ContactPage]:
        """The people of an account, as far as this principal sees them. Raises NotFound."""
        await self.accounts.get(account_id)
        return await self.page(query.model_copy(update={"account_id": account_id}))

    async def count(self, query: ContactQuery) -> Count:
        return await self.contacts.count(query)

    async def search(self, search: Search) -> Json[ContactPage]:
        """Fields of the organization's own are named `custom.<key>`."""
        own = await CustomFieldService(self.ctx).searchable(Contact.label, Contact.custom_fields)
        return await self.contacts.page(search.selection(ContactQuery, own), ContactPage)

    async def get(self, contact_id: UUID) -> Json[ContactRead]:
        return await self.contacts.get(contact_id)

    async def sheet(self, contact_id: UUID) -> Json[ContactRead]:
        """`get`, for who looks at it: the reading is audited."""
        return await self.contacts.get_noted(contact_id)

    async def get_many(self, ids: Sequence[UUID]) -> list[Json[ContactRead] | None]:
        return await self.contacts.get_many(ids)

    async def holders(self, kind: KeyKind, values: Sequence[str]) -> dict[str, list[UUID]]:
        """Telephone number or e-mail key -> those who can be reached by it and are visible."""
        rows = await self.contacts.holders_by_value(kind, values)
        seen = await self.seen([id for _, id in rows])
        found: dict[str, list[UUID]] = {}
        for value, id in rows:
            if id in seen:
                found.setdefault(value, []).append(id)
        return found

    async def seen(self, ids: Sequence[UUID]) -> set[UUID]:
        """Those that are there, not in the bin, and visible."""
        return await self.contacts.seen(ids)

    async def get_by_external_id(self, system: str, value: str) -> Json[ContactRead]:
        return await self.contacts.get_by_external_id(system, value)

    async def is_minor(self, contact_id: UUID) -> bool | None:
        """Below nineteen today; None when the date of birth is not known. Nothing is shown to anybody."""
        civil = await opened(self.ctx, await self.contacts.sealed_of(contact_id), contact_id)
        born = civil.get("birth_date")
        return is_minor(date.fromisoformat(born), today()) if born else None

    async def find_by_national_id(self, national_id: str) -> Json[ContactRead]:
        """Through the blind index; that somebody looked is audited. Raises NotFound."""
        values = await blind_values(self.ctx, KeyKind.NATIONAL_ID, national_id)
        holders = await self.contacts.holders(KeyKind.NATIONAL_ID, values)
        if not holders:
            raise NotFound
        found = await self.contacts.get(holders[0])
        self.ctx.note("contact.found_by_national_id", "contact", holders[0])
        return found

    async def unmask(self, contact_id: UUID, fields: Sequence[str], reason: str) -> dict[str, Any]:
        """What is sealed, in clear; who looked at what, and why, is audited in the same transaction."""
        person = await self.contacts.load(contact_id)
        self.ctx.note("contact.unmasked", "contact", contact_id, reason=reason, changes={"fields": [*fields]})
        civil = await civil_in_clear(self.ctx, person)
        return {name: civil.get(name) for name in fields}

    # --- duplicates

    async def find_candidates(self, facts: Facts) -> list[Likeness]:
        """The people this principal sees who may be the one described, most likely first."""
        return await self.duplicates.find(facts)

    async def search_candidates(self, facts: Facts) -> Likely:
        """`find_candidates`, for a statement that carries the question."""
        return await self.duplicates.search(facts)

    async def check_duplicates(self, data: ContactFacts) -> DuplicateList:
        """As a creation would answer. Nothing is written, but that somebody looked for a NIN is audited."""
        found = await self.find_candidates(facts_of(data))
        for one in found:
            if Reason.NATIONAL_ID in one.match.reasons:
                self.ctx.note("contact.found_by_national_id", "contact", one.id)
        return as_list(found)

    async def duplicates_of(self, contact_id: UUID) -> DuplicateList:
        return await self.duplicates.of(await self.contacts.load(contact_id))

    # --- writes

    async def create(self, data: ContactCreate) -> Json[ContactCreated]:
        """Raises NationalIdTaken, UnknownAgency, UnknownAccount, ExternalIdTaken."""
        self.ctx.begin()
        civil = civil_of(data)
        await refuse_taken_national_id(self.contacts, civil)
        alike = await self.find_candidates(facts_of(data))
        accounts = await LinkingService(self.ctx).usable([link.account_id for link in data.account_links])
        await self._refuse_unknown_owner(data.owner_user_id)
        person = self.born(data, accounts)
        person.custom_fields = await self.own_fields(data.custom_fields, None)
        if civil:
            await seal_civil(self.ctx, person, civil)
        links = links_from(person.id, [*data.account_links, *await self._household(person, data)])
        person.account_links = links_as_shown(links)
        await self.contacts.save(person)
        await self.contacts.put_links(links)
        await self.contacts.put_keys(person.id, await keys_for(self.contacts, person, civil))
        made = await self.contacts.get(person.id)
        return _created(made, alike, _warnings(civil))

    async def update(self, contact_id: UUID, data: ContactPatch, version: int) -> Json[ContactRead]:
        given = {name: value for name, value in dict(data).items() if value is not MISSING}
        if "agency_id" in given:
            self._refuse_foreign_agency(given["agency_id"])
        await self._refuse_unknown_owner(given.get("owner_user_id"))
        if given.keys() <= PLAIN:
            return await self.contacts.edit(contact_id, data, version)
        self.ctx.begin()
        person = await self.contacts.load_live(contact_id, version)
        civil = civil_of(data)
        await refuse_taken_national_id(self.contacts, civil, contact_id)
        was_deceased = person.is_deceased
        self._apply(person, given)
        if "custom_fields" in given:
            person.custom_fields = await self.own_fields(given["custom_fields"], person.custom_fields)
        if civil:
            await seal_civil(self.ctx, person, civil)
            person.is_deceased = civil.get("deceased_on", person.is_deceased or None) is not None
        await self.contacts.save(person)
        await renew_keys(self.contacts, person)
        if person.is_deceased and not was_deceased:
            await publish(self.ctx, ContactDeceased(contact_id))
        return await self.contacts.get(contact_id)

    async def upsert(self, name: ExternalId, data: ContactCreate) -> Json[ContactRead]:
        """Creates the person whom another system calls so, or changes them."""
        return await upsert(self.contacts, self, name, data, ContactPatch)

    async def delete(self, contact_id: UUID, version: int) -> None:
        await self.contacts.discard(contact_id, version)

    async def restore(self, contact_id: UUID) -> Json[ContactRead]:
        """Raises ContactMergedAway: a merged sheet comes back when its merge is undone."""
        self.ctx.begin()
        person = await self.contacts.load(contact_id)
        if person.merged_into_id:
            raise ContactMergedAway(merged_into_id=str(person.merged_into_id))
        restored = await self.contacts.restore(contact_id)
        await renew_keys(self.contacts, person)  # an import that was undone took them away
        return restored

    # --- for other domains

    async def attach_to_account(
        self, contact_id: UUID, account_id: UUID, role: LinkRole = LinkRole.HEAD
    ) -> None:
        """Unless the person belongs to it already, in whichever role. Raises UnknownAccount."""
        await LinkingService(self.ctx).attach(contact_id, account_id, role)

    async def detach_from_account(self, contact_id: UUID, account_id: UUID) -> None:
        """The link is kept as history. Raises LastAccountLink."""
        await LinkingService(self.ctx).detach(contact_id, account_id)

    async def discard_if_untouched(self, contact_id: UUID, version: int) -> None:
        """Takes back a creation: to the bin, unless anything happened to the sheet or its links since.

        Raises ContactTouchedSince. Links are part of the sheet: whoever adds one makes a new version.
        """
        person = await self.contacts.load(contact_id)
        if person.version != version or person.deleted_at:
            raise ContactTouchedSince
        await self.contacts.discard(contact_id, version)

    async def move_to_agency(self, from_agency_id: UUID, to_agency_id: UUID) -> int:
        """Everybody of an agency that closes; how many they were."""
        return await self.contacts.move_to_agency(from_agency_id, to_agency_id)

    async def own_fields(self, given: Mapping[str, Any], kept: Mapping[str, Any] | None) -> dict[str, Any]:
        """What to store of the organization's own fields. Raises ValidationFailed."""
        return await CustomFieldService(self.ctx).validated(Contact.label, given, kept)

    async def _household(self, person: Contact, data: ContactCreate) -> list[AccountLinkCreate]:
        """The link to a new household of their own, when that was asked for."""
        if not data.create_household:
            return []
        account_id = await self.accounts.open_household(
            name=f"Famille {person.last_name.upper()}",
            addresses=[address.model_dump(mode="json", exclude={"is_primary"}) for address in data.addresses],
            agency_id=person.agency_id,
            manager_user_id=person.owner_user_id,
        )
        return [AccountLinkCreate(account_id=account_id, role=LinkRole.HEAD)]

    def born(self, data: ContactCreate, accounts: Sequence[AccountRead]) -> Contact:
        """A new sheet, without what is sealed, linked, or of the organization's own."""
        plain = {name: getattr(data, name) for name in ContactCreate.model_fields if name in PLAIN}
        plain |= self._where(data, accounts)
        person = Contact(id=new_id(), registered_on=today(), masked={}, is_deceased=False, **plain)
        named = {
            name: getattr(data, name) for name in ("last_name", "first_name", "emails", "phones", "addresses")
        }
        self._apply(person, named)
        person.external_ids = to_jsonable_python(getattr(data, "external_ids", []))
        return person

    def _where(self, data: ContactCreate, accounts: Sequence[AccountRead]) -> dict[str, UUID | None]:
        principal = self.ctx.principal
        agency_id = data.agency_id or principal.agency_id
        if agency_id is None and accounts:
            agency_id = accounts[0].agency_id
        if agency_id is None:
            raise ValidationFailed.at("/agency_id", "missing", "Which agency looks after this person?")
        self._refuse_foreign_agency(agency_id)
        me = principal.id if principal.is_person else None
        return {"agency_id": agency_id, "owner_user_id": data.owner_user_id or me}

    async def _refuse_unknown_owner(self, user_id: UUID | None) -> None:
        if user_id not in (None, self.ctx.principal.id):
            await UserService(self.ctx).refuse_unknown([user_id], "/owner_user_id")

    def _refuse_foreign_agency(self, agency_id: UUID) -> None:
        """Who does not see an agency puts nobody into it."""
        principal = self.ctx.principal
        own = (*principal.agency_ids, principal.agency_id)
        if principal.data_scope is not DataScope.ALL and agency_id not in own:
            raise UnknownAgency

    def _apply(self, person: Contact, given: Mapping[str, Any]) -> None:
        for name, value in given.items():
            if name in ("emails", "phones"):
                setattr(person, name, as_kept(value, getattr(person, name) or []))
            elif name in ("addresses", "external_ids"):
                setattr(person, name, to_jsonable_python(value))
            elif name in PLAIN or name in ("last_name", "first_name"):
                setattr(person, name, value)
        if not (person.phones or person.emails):
            raise ValidationFailed.at("", "unreachable", "A telephone number or an e-mail address is needed")
        person.primary_phone, person.primary_email = primary_of(person.phones), primary_of(person.emails)
        person.display_name = display_name(person.last_name, person.first_name)


def facts_of(data: ContactFacts) -> Facts:
    """What a duplicate check compares."""
    national_id = None if data.national_id_number is MISSING else data.national_id_number
    born = None if data.birth_date is MISSING else data.birth_date
    return Facts(
        first_name=data.first_name,
        last_name=data.last_name,
        first_name_ar=data.first_name_ar or "",
        last_name_ar=data.last_name_ar or "",
        national_id=national_id,
        birth_date=born,
        phones=frozenset(entry.value for entry in data.phones),
        emails=frozenset(entry.value for entry in data.emails),
        wilaya_code=wilaya_of([entry.model_dump() for entry in data.addresses]),
    )


def _warnings(civil: Mapping[str, Any]) -> list[str]:
    born = civil.get("birth_date")
    return ["guardian_required"] if born and is_minor(date.fromisoformat(born), today()) else []


def _created(made: Json[ContactRead], alike: Sequence[Likeness], warnings: list[str]) -> Json[ContactCreated]:
    """The sheet, with what deserves a second look as its last members."""
    more = to_json({"duplicates": [one.read() for one in alike], "warnings": warnings}).decode()
    return Json(ContactCreated, f"{made.body.decode()[:-1]},{more[1:]}", made.version, id=made.id)
