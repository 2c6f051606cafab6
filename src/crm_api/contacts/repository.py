from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Select,
    Text,
    Uuid,
    any_,
    bindparam,
    cast,
    delete,
    func,
    literal_column,
    select,
    true,
)

from crm_api.accounts.errors import UnknownAgency
from crm_api.contacts.civil import FIELDS
from crm_api.contacts.errors import AccountLinkedAlready, ContactMergedAway, NationalIdTaken
from crm_api.contacts.models import AccountLink, Contact, ContactKey, ContactMerge, KeyKind
from crm_api.contacts.schemas import ContactRead
from crm_api.core.external_ids import REFUSALS, ExternallyKnownRepository
from crm_api.core.plain import table_of
from crm_api.core.repository import ANY_VERSION
from crm_api.core.statements import Question, unnested
from crm_api.kit.errors import Deleted, NotFound, VersionConflict

MOST_CANDIDATES = 300
"""People looked at for one duplicate check: enough for the busiest 1 January of the register."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A visible person who shares a key."""

    id: UUID
    display_name: str
    last_name: str
    first_name: str
    last_name_ar: str | None
    first_name_ar: str | None
    valid_until: date | None
    addresses: list[dict[str, Any]]
    keys: list[list[str]]
    """[kind, value] each."""


class ContactRepository(ExternallyKnownRepository[Contact, ContactRead]):
    model, read = Contact, ContactRead
    refusals = {
        **REFUSALS,
        "fk_contacts_organization_id_agency_id": UnknownAgency,
        "uq_contact_keys_national_id": NationalIdTaken,
        "uq_contact_account_links_active": AccountLinkedAlready,
    }

    def columns(self) -> Mapping[str, ColumnElement[Any]]:
        masked = table_of(Contact).c.masked
        shown = {name: masked[literal_column(f"'{name}'", Text())] for name in FIELDS}
        return {**super().columns(), **shown}

    async def load_live(self, contact_id: UUID, version: int = ANY_VERSION) -> Contact:
        """To be changed: locked, of that version, neither in the bin nor merged away."""
        person = await self.load(contact_id)
        if person.merged_into_id:
            raise ContactMergedAway(merged_into_id=str(person.merged_into_id))
        if person.deleted_at:
            raise Deleted(id=str(contact_id))
        if version not in (person.version, ANY_VERSION):
            raise VersionConflict(current_version=person.version)
        return person

    async def sealed_of(self, contact_id: UUID) -> bytes | None:
        """Raises NotFound."""
        rows = await self.rows(
            "sealed", lambda: self.select(Contact.sealed).where(_is_it()), {"contact": contact_id}
        )
        if not rows:
            raise NotFound(id=str(contact_id))
        sealed: bytes | None = rows[0][0]
        return sealed

    # --- keys

    async def lock_key(self, kind: KeyKind, value: str) -> None:
        """Nobody else can ask for the same before the end of this use case."""
        name = f"{self.ctx.organization_id}|{kind}|{value}"
        await self.ctx.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))

    async def holders(self, kind: KeyKind, values: Sequence[str]) -> list[UUID]:
        """Whose key this is, seen by this principal or not, in the bin or not."""
        asked = any_(bindparam("values", type_=ARRAY(Text())))
        rows = await self.rows(
            ("holders", kind),
            lambda: select(ContactKey.contact_id).where(
                ContactKey.organization_id == bindparam("organization_id"),
                ContactKey.kind == kind,
                ContactKey.value == asked,
            ),
            {"values": list(values)},
        )
        return [row[0] for row in rows]

    async def keys_of(self, contact_id: UUID) -> list[list[str]]:
        """[kind, value] each."""
        rows = await self.rows("keys of", self._keys_of, {"contact": contact_id})
        return [list(row) for row in rows]

    def _keys_of(self) -> Select[Any]:
        own = ContactKey.organization_id == bindparam("organization_id")
        theirs = ContactKey.contact_id == bindparam("contact", type_=Uuid())
        columns: list[Any] = [ContactKey.kind, ContactKey.value]
        return select(*columns).where(own, theirs)

    async def put_keys(self, contact_id: UUID, keys: Iterable[ContactKey]) -> None:
        """Those of a person who has none yet."""
        for key in keys:
            key.contact_id = contact_id
            self.ctx.session.add(key)
        with self.refusing():
            await self.ctx.session.flush()

    async def drop_keys(self, contact_id: UUID) -> None:
        await self.ctx.session.execute(delete(ContactKey).where(ContactKey.contact_id == contact_id))

    async def drop_all_keys(self, contact_ids: Sequence[UUID]) -> None:
        await self.ctx.session.execute(delete(ContactKey).where(ContactKey.contact_id.in_(contact_ids)))

    def sharing(self, values: Sequence[str]) -> Question:
        """The living people that this principal sees who have one of these keys; for `candidates_of`."""
        return self.question("sharing", self._sharing, {"values": list(values)})

    async def sharing_any(self, values: Sequence[str]) -> list[Candidate]:
        """`sharing` for many descriptions at once: so many people are looked at for each value."""
        rows = await self.rows("sharing any", self._sharing_any, {"values": list(values)})
        return candidates_of(rows)

    async def candidates(self, ids: Sequence[UUID]) -> list[Candidate]:
        """The living, visible people among these."""
        asked = Contact.id == any_(bindparam("ids", type_=ARRAY(Uuid())))
        rows = await self.rows("candidates", lambda: self._shared(asked), {"ids": list(ids)})
        return candidates_of(rows)

    async def holders_by_value(self, kind: KeyKind, values: Sequence[str]) -> list[tuple[str, UUID]]:
        """(key, whose it is) of those of `values` that somebody has, seen by this principal or not."""
        if not values:
            return []
        asked = any_(bindparam("values", type_=ARRAY(Text())))
        columns: list[Any] = [ContactKey.value, ContactKey.contact_id]
        rows = await self.rows(
            ("holders by value", kind),
            lambda: select(*columns).where(
                ContactKey.organization_id == bindparam("organization_id"),
                ContactKey.kind == kind,
                ContactKey.value == asked,
            ),
            {"values": list(values)},
        )
        return [(row[0], row[1]) for row in rows]

    def _sharing_any(self) -> Select[Any]:
        asked = unnested(values=Text())
        holding = (
            select(ContactKey.contact_id)
            .where(
                ContactKey.organization_id == bindparam("organization_id"),
                ContactKey.value == asked.c["values"],
            )
            .limit(literal_column(str(MOST_CANDIDATES)))
            .lateral("holding")
        )
        return self._shared(
            Contact.id.in_(select(holding.c.contact_id).select_from(asked).join(holding, true()))
        )

    def _sharing(self) -> Select[Any]:
        own = ContactKey.organization_id == bindparam("organization_id")
        asked = ContactKey.value == any_(bindparam("values", type_=ARRAY(Text())))
        some = self._shared(Contact.id.in_(select(ContactKey.contact_id).where(own, asked)))
        return some.limit(literal_column(str(MOST_CANDIDATES)))

    def _shared(self, holds: ColumnElement[bool]) -> Select[Any]:
        """The fields of `Candidate`, of those who are alive, seen, and meet `holds`."""
        own = ContactKey.organization_id == bindparam("organization_id")
        theirs = (
            select(func.json_agg(func.json_build_array(ContactKey.kind, ContactKey.value)))
            .where(own, ContactKey.contact_id == Contact.id)
            .scalar_subquery()
        )
        shown = Contact.display_name, Contact.last_name, Contact.first_name
        arabic = Contact.last_name_ar, Contact.first_name_ar
        parts = cast(Contact.addresses, Text), cast(theirs, Text)  # as text: only the ORM would parse it
        columns = Contact.id, *shown, *arabic, Contact.valid_until, *parts
        return self.select(*columns).where(*self._alive(), holds)

    # --- links

    async def links_of(self, contact_id: UUID) -> list[AccountLink]:
        """Those that hold and those that ended, the newest first."""
        statement = select(AccountLink).where(AccountLink.contact_id == contact_id)
        found = await self.ctx.session.scalars(
            statement.order_by(AccountLink.from_date.desc(), AccountLink.id.desc())
        )
        return list(found)

    async def put_links(self, links: Iterable[AccountLink]) -> None:
        self.ctx.session.add_all(links)
        with self.refusing():
            await self.ctx.session.flush()

    async def drop_links(self, ids: Sequence[UUID]) -> None:
        """For links that should never have been: those that end are kept."""
        await self.ctx.session.execute(delete(AccountLink).where(AccountLink.id.in_(ids)))

    async def links_where(self, *, account_id: UUID) -> list[AccountLink]:
        """Every link to it, of whichever person, ended or not."""
        statement = select(AccountLink).where(AccountLink.account_id == account_id)
        return list(await self.ctx.session.scalars(statement))

    async def holders_of(self, link_ids: Sequence[UUID]) -> list[Contact]:
        """The people whose links these are, locked; those in the bin keep theirs as they are."""
        theirs = select(AccountLink.contact_id).where(AccountLink.id.in_(link_ids))
        statement = select(Contact).where(Contact.id.in_(theirs), Contact.deleted_at.is_(None))
        found = await self.ctx.session.scalars(statement.order_by(Contact.id).with_for_update())
        return list(found)

    # --- merges

    async def put_merge(self, merge: ContactMerge) -> None:
        self.ctx.session.add(merge)
        await self.ctx.session.flush()

    async def load_merge(self, merge_id: UUID) -> ContactMerge:
        """Locked. Raises NotFound."""
        statement = select(ContactMerge).where(ContactMerge.id == merge_id).with_for_update()
        merge = await self.ctx.session.scalar(statement)
        if merge is None:
            raise NotFound(id=str(merge_id))
        return merge

    async def merges_of(self, survivor_id: UUID) -> list[ContactMerge]:
        statement = select(ContactMerge).where(ContactMerge.survivor_id == survivor_id)
        return list(await self.ctx.session.scalars(statement.order_by(ContactMerge.merged_at.desc())))

    # --- agencies

    async def move_to_agency(self, from_agency_id: UUID, to_agency_id: UUID) -> int:
        """Everybody of an agency that closes, in one statement; how many they were."""
        leaving = Contact.agency_id == bindparam("leaving", type_=Uuid())
        values, changes = {"leaving": from_agency_id}, {"agency_id": to_agency_id}
        return len(await self.edit_all("agency", lambda: [leaving], values, changes))


def candidates_of(rows: Sequence[Sequence[Any]]) -> list[Candidate]:
    """From rows of `_shared`."""
    return [Candidate(*(*row[:-2], from_json(row[-2]), from_json(row[-1]))) for row in rows]


def _is_it() -> ColumnElement[bool]:
    return Contact.id == bindparam("contact", type_=Uuid())
