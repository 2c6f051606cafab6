"""Many people at once: the rules of `ContactService.create`, with each question asked for all together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from pydantic_core import to_jsonable_python

from crm_api.accounts.bulk import AccountBulk
from crm_api.accounts.models import AccountSegment, AccountType
from crm_api.contacts.civil import blind_values, civil_of, seal_civil
from crm_api.contacts.duplicates import DuplicateFinder, Likeness
from crm_api.contacts.errors import NationalIdTaken
from crm_api.contacts.keys import keys_for
from crm_api.contacts.linking import LinkingService, links_as_shown, links_from
from crm_api.contacts.links import AccountLinkCreate
from crm_api.contacts.models import AccountLink, Contact, ContactKey, KeyKind, LinkRole
from crm_api.contacts.repository import ContactRepository
from crm_api.contacts.schemas import ContactCreate
from crm_api.contacts.service import ContactService
from crm_api.core.bulk import insert_all, insert_lines
from crm_api.core.context import Context
from crm_api.kit.errors import DomainError
from crm_api.kit.identifiers import email_key
from crm_api.kit.ids import new_id
from crm_api.kit.matching import Facts

_NOT_OURS = {"organization_id", "version", "created_at", "updated_at", "created_by_id", "updated_by_id"}
"""Columns that the house fills in."""
_FOLDED = {"name_folded", "name_ar_folded"}


@dataclass(slots=True)
class PersonDraft:
    """A sheet that is about to be written, with its links, keys, and a household of its own."""

    person: Contact
    keys: list[ContactKey]
    links: list[AccountLink] = field(default_factory=list)
    household: Mapping[str, Any] | None = None


class ContactBulk:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.contacts, self.service = ContactRepository(ctx), ContactService(ctx)

    async def drafts(self, contents: Sequence[ContactCreate]) -> list[PersonDraft | DomainError]:
        """The sheet of each person, or why it is refused. Two of one list with one NIN: the first has it."""
        homes = await self._accounts_of(contents)
        taken = await self._taken(contents)
        drafts: list[PersonDraft | DomainError] = []
        for content in contents:
            try:
                drafts.append(await self._draft(content, homes, taken))
            except DomainError as refusal:
                drafts.append(refusal)
        return drafts

    async def write(self, drafts: Sequence[PersonDraft]) -> None:
        households = [draft.household for draft in drafts if draft.household]
        await AccountBulk(self.ctx).open_households(households)
        with self.contacts.refusing():
            await insert_all(self.ctx, Contact, [_columns_of(draft.person) for draft in drafts])
            await insert_lines(self.ctx, AccountLink, [_line(link) for each in drafts for link in each.links])
            await insert_lines(
                self.ctx,
                ContactKey,
                [_line(key) | {"contact_id": each.person.id} for each in drafts for key in each.keys],
            )

    async def _draft(
        self, content: ContactCreate, homes: Mapping[UUID, Any], taken: dict[str, UUID]
    ) -> PersonDraft:
        civil = civil_of(content)
        number = civil.get("national_id_number")
        if number in taken:
            raise NationalIdTaken(existing_id=str(taken[number]))
        accounts = [homes[link.account_id] for link in content.account_links]
        person = self.service.born(content, accounts)
        person.custom_fields = await self.service.own_fields(content.custom_fields, None)
        if civil:
            await seal_civil(self.ctx, person, civil)
        household = None
        asked = [*content.account_links]
        if content.create_household:
            household = self._household(person, content)
            asked.append(AccountLinkCreate(account_id=household["id"], role=LinkRole.HEAD))
        links = links_from(person.id, asked)
        person.account_links = links_as_shown(links)
        if number is not None:
            taken[number] = person.id
        return PersonDraft(person, await keys_for(self.contacts, person, civil), links, household)

    def _household(self, person: Contact, content: ContactCreate) -> dict[str, Any]:
        addresses = [one.model_dump(mode="json", exclude={"is_primary"}) for one in content.addresses]
        return {
            "id": new_id(),
            "type": AccountType.HOUSEHOLD,
            "segment": AccountSegment.INDIVIDUAL,
            "name": f"Famille {person.last_name.upper()}",
            "addresses": addresses,
            "agency_id": person.agency_id,
            "owner_user_id": person.owner_user_id,
        }

    async def _accounts_of(self, contents: Sequence[ContactCreate]) -> dict[UUID, Any]:
        ids = {link.account_id for content in contents for link in content.account_links}
        found = await LinkingService(self.ctx).usable([*ids]) if ids else []
        return {account.id: account for account in found}

    async def _taken(self, contents: Sequence[ContactCreate]) -> dict[str, UUID]:
        """NIN -> who has it already."""
        numbers = {civil_of(content).get("national_id_number") for content in contents} - {None}
        by_value: dict[str, str] = {}
        for number in numbers:
            for value in await blind_values(self.ctx, KeyKind.NATIONAL_ID, str(number)):
                by_value[value] = str(number)
        rows = await self.contacts.holders_by_value(KeyKind.NATIONAL_ID, [*by_value])
        return {by_value[value]: holder for value, holder in rows}


async def people_like(ctx: Context, people: Sequence[Facts]) -> list[list[Likeness]]:
    """For each description the people on record that are alike; one statement, whatever their number."""
    return await DuplicateFinder(ctx).find_all(people)


def keys_of(facts: Facts) -> list[str]:
    """What those who may be one person share."""
    keys = [*facts.phones, *map(email_key, facts.emails)]
    if facts.national_id:
        keys.append(f"nin {facts.national_id}")
    if facts.birth_date:
        keys.append(f"born {facts.birth_date} {facts.last_name.casefold()[:1]}")
    return keys


def _columns_of(person: Contact) -> dict[str, Any]:
    names = {column.name for column in Contact.__table__.c} - _NOT_OURS - _FOLDED
    values = {name: getattr(person, name) for name in names}
    return {
        name: to_jsonable_python(value) if name == "external_ids" else value
        for name, value in values.items()
        if value is not None
    }


def _line(row: AccountLink | ContactKey) -> dict[str, Any]:
    names = [column.name for column in row.__table__.c if column.name != "organization_id"]
    return {name: getattr(row, name) for name in names}
