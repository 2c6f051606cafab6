"""Two sheets of one person become one; for thirty days they can become two again.

Nothing is thrown away: the other sheet goes to the bin as it was, and what the survivor was is sealed in
the merge. An undoing puts back each field that nobody has changed since.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, cast
from uuid import UUID

from pydantic_core import to_jsonable_python

from crm_api.contacts.civil import FIELDS as CIVIL_FIELDS
from crm_api.contacts.civil import civil_in_clear, seal_civil
from crm_api.contacts.errors import ContactMergeTooOld, ContactMergeUndone, MergedWithItself
from crm_api.contacts.events import ContactMerged, ContactUnmerged
from crm_api.contacts.keys import renew_keys
from crm_api.contacts.linking import links_as_shown
from crm_api.contacts.merges import ContactMergeList, ContactMergeRead, ContactMergeRequest, PlainField
from crm_api.contacts.models import AccountLink, Civility, Contact, ContactChannel, ContactMerge
from crm_api.contacts.parts import primary_of
from crm_api.contacts.repository import ContactRepository
from crm_api.contacts.schemas import ContactRead
from crm_api.contacts.words import display_name
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.sealing import vault_of
from crm_api.kit.contact_points import SpokenLanguage
from crm_api.kit.errors import NotFound
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json

UNDOABLE_FOR = timedelta(days=30)
PLAIN: tuple[str, ...] = PlainField.__args__  # type: ignore[attr-defined]
POINTS, NAMED = ("phones", "emails"), ("addresses", "external_ids")
FIELDS = (*PLAIN, *POINTS, *NAMED, "tags", "custom_fields", "do_not_contact", "is_deceased")
_READ = {
    "civility": Civility,
    "preferred_language": SpokenLanguage,
    "preferred_channel": ContactChannel,
    "owner_user_id": UUID,
    "agency_id": UUID,
}
"""How a stored value becomes a column's again; the others are JSON as they are."""


class MergingService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.contacts = ContactRepository(ctx)

    async def merge(self, survivor_id: UUID, data: ContactMergeRequest, version: int) -> Json[ContactRead]:
        """Raises MergedWithItself, NotFound (either sheet), ContactMergedAway."""
        if survivor_id == data.other_id:
            raise MergedWithItself
        survivor, other = await self._both(survivor_id, data.other_id, version)
        merge_id = new_id()
        before = {
            side: await self._state(person) for side, person in (("survivor", survivor), ("other", other))
        }
        civil = _chosen(CIVIL_FIELDS, before, data.survivorship, "civil")
        plain = _chosen(PLAIN, before, data.survivorship, "plain")
        await self._send_away(other, survivor_id)
        await self._become(survivor, {**plain, **_joined(before)}, civil)
        made = await self._take_links(survivor, other)
        after = {**await self._state(survivor), "links": [str(link.id) for link in made]}
        await self._remember(merge_id, survivor_id, other.id, {**before, "after": after})
        await publish(self.ctx, ContactMerged(survivor_id, other.id, merge_id))
        return await self.contacts.get(survivor_id)

    async def merges_of(self, survivor_id: UUID) -> ContactMergeList:
        await self.contacts.load(survivor_id)
        return ContactMergeList(data=[_read(merge) for merge in await self.contacts.merges_of(survivor_id)])

    async def undo(self, survivor_id: UUID, merge_id: UUID, version: int) -> Json[ContactRead]:
        """Raises ContactMergeUndone, ContactMergeTooOld."""
        survivor = await self.contacts.load_live(survivor_id, version)
        merge = await self.contacts.load_merge(merge_id)
        if merge.survivor_id != survivor_id:
            raise NotFound(id=str(merge_id))
        if merge.undone_at:
            raise ContactMergeUndone
        if merge.before is None or now() - merge.merged_at > UNDOABLE_FOR:
            raise ContactMergeTooOld
        vault = await vault_of(self.ctx)
        was = vault.open(merge.before, table=merge.__tablename__, row_id=merge.id)
        await self._put_back(survivor, was["survivor"], was["after"])
        await self._bring_back(merge.other_id, was["other"])
        merge.undone_at, merge.before = now(), None
        await publish(self.ctx, ContactUnmerged(survivor_id, merge.other_id, merge_id))
        return await self.contacts.get(survivor_id)

    async def remember(self, merge_id: UUID, kind: str, ids: Sequence[UUID]) -> None:
        """For listeners of `ContactMerged`: which rows of theirs followed."""
        merge = await self.contacts.load_merge(merge_id)
        merge.moved = {**merge.moved, kind: [str(id) for id in ids]}

    async def remembered(self, merge_id: UUID, kind: str) -> list[UUID]:
        """For listeners of `ContactUnmerged`."""
        merge = await self.contacts.load_merge(merge_id)
        return [UUID(id) for id in merge.moved.get(kind, [])]

    async def _both(self, survivor_id: UUID, other_id: UUID, version: int) -> tuple[Contact, Contact]:
        """Locked in the order of their ids: two merges at once cannot wait for each other."""
        asked = {survivor_id: version, other_id: -1}
        found = {id: await self.contacts.load_live(id, asked[id]) for id in sorted(asked)}
        return found[survivor_id], found[other_id]

    async def _state(self, person: Contact) -> dict[str, Any]:
        plain = {name: getattr(person, name) for name in FIELDS}
        return {"plain": to_jsonable_python(plain), "civil": await civil_in_clear(self.ctx, person)}

    async def _send_away(self, other: Contact, survivor_id: UUID) -> None:
        """Before the survivor takes over: external ids and the NIN have one holder at any moment."""
        await self.contacts.drop_keys(other.id)
        other.merged_into_id, other.external_ids = survivor_id, []
        other.deleted_at, other.deleted_by_id = now(), self.ctx.principal.id
        await self.contacts.save(other)

    async def _become(self, person: Contact, plain: Mapping[str, Any], civil: Mapping[str, Any]) -> None:
        for name, value in plain.items():
            setattr(person, name, _typed(name, value))
        person.primary_phone, person.primary_email = primary_of(person.phones), primary_of(person.emails)
        person.display_name = display_name(person.last_name, person.first_name)
        if civil or person.sealed:
            await seal_civil(self.ctx, person, {**dict.fromkeys(CIVIL_FIELDS), **civil})
        await self.contacts.save(person)
        await renew_keys(self.contacts, person)

    async def _take_links(self, survivor: Contact, other: Contact) -> list[AccountLink]:
        """The other's accounts that the survivor has not; the other keeps its own links, in the bin."""
        mine = [link for link in await self.contacts.links_of(survivor.id) if link.to_date is None]
        theirs = [link for link in await self.contacts.links_of(other.id) if link.to_date is None]
        known = {(link.account_id, link.role) for link in mine}
        made = [
            AccountLink(
                id=new_id(),
                contact_id=survivor.id,
                account_id=link.account_id,
                role=link.role,
                is_primary=False,
                from_date=link.from_date,
            )
            for link in theirs
            if (link.account_id, link.role) not in known
        ]
        await self.contacts.put_links(made)
        survivor.account_links = links_as_shown([*mine, *made])
        await self.contacts.save(survivor)
        return made

    async def _remember(
        self, merge_id: UUID, survivor_id: UUID, other_id: UUID, states: Mapping[str, Any]
    ) -> None:
        vault = await vault_of(self.ctx)
        sealed = vault.seal(states, table=ContactMerge.__tablename__, row_id=merge_id)
        await self.contacts.put_merge(
            ContactMerge(
                id=merge_id,
                survivor_id=survivor_id,
                other_id=other_id,
                merged_at=now(),
                merged_by_id=self.ctx.principal.id,
                before=sealed,
            )
        )

    async def _put_back(self, survivor: Contact, was: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """Each field that is still what the merge made of it."""
        present = await self._state(survivor)
        plain = _unchanged_since(was["plain"], after["plain"], present["plain"])
        civil = present["civil"] | _unchanged_since(was["civil"], after["civil"], present["civil"])
        await self.contacts.drop_links([UUID(id) for id in after["links"]])
        await self._become(
            survivor, plain, {name: value for name, value in civil.items() if value is not None}
        )
        links = [link for link in await self.contacts.links_of(survivor.id) if link.to_date is None]
        survivor.account_links = links_as_shown(links)
        await self.contacts.save(survivor)

    async def _bring_back(self, other_id: UUID, was: Mapping[str, Any]) -> None:
        other = await self.contacts.load(other_id)
        other.merged_into_id = other.deleted_at = other.deleted_by_id = None
        other.external_ids = was["plain"]["external_ids"]
        await self.contacts.save(other)
        await renew_keys(self.contacts, other)


def _chosen(
    names: Iterable[str], before: Mapping[str, Any], survivorship: Mapping[Any, str], part: str
) -> dict[str, Any]:
    """The value of the side that was asked for; else the survivor's, or the other's where that is empty."""
    mine, theirs = before["survivor"][part], before["other"][part]
    chosen = {}
    for name in names:
        side = survivorship.get(name)
        own = mine.get(name)
        chosen[name] = theirs.get(name) if side == "other" or (side is None and own is None) else own
    return {name: value for name, value in chosen.items() if value is not None or part == "plain"}


def _joined(before: Mapping[str, Any]) -> dict[str, Any]:
    """What both bring: lists joined (the survivor's main entries stay main), and the stricter answer."""
    mine, theirs = before["survivor"]["plain"], before["other"]["plain"]
    joined: dict[str, Any] = {}
    for name in (*POINTS, *NAMED):
        known = [_identity(entry) for entry in mine[name]]
        more = [entry for entry in theirs[name] if _identity(entry) not in known]
        joined[name] = mine[name] + ([_secondary(entry) for entry in more] if mine[name] else more)
    joined["tags"] = list(dict.fromkeys([*mine["tags"], *theirs["tags"]]))
    joined["custom_fields"] = {**theirs["custom_fields"], **mine["custom_fields"]}
    for name in ("do_not_contact", "is_deceased"):
        joined[name] = mine[name] or theirs[name]
    return joined


def _identity(entry: Mapping[str, Any]) -> object:
    """Two entries of a list are one when they mean the same place or number."""
    if "value" in entry:
        return entry.get("system"), entry["value"]
    return entry["kind"], tuple(entry["lines"]), entry["wilaya_code"]


def _secondary(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {**entry, "is_primary": False} if "is_primary" in entry else dict(entry)


def _unchanged_since(
    was: Mapping[str, Any], after: Mapping[str, Any], present: Mapping[str, Any]
) -> dict[str, Any]:
    names = was.keys() | after.keys()
    return {
        name: was.get(name)
        for name in names
        if after.get(name) == present.get(name) and was.get(name) != after.get(name)
    }


def _typed(name: str, value: Any) -> Any:
    read = _READ.get(name)
    return value if read is None or value is None else cast(Any, read)(value)


def _read(merge: ContactMerge) -> ContactMergeRead:
    return ContactMergeRead(
        id=merge.id,
        survivor_id=merge.survivor_id,
        other_id=merge.other_id,
        merged_at=merge.merged_at,
        merged_by_id=merge.merged_by_id,
        undone_at=merge.undone_at,
        can_be_undone_until=merge.merged_at + UNDOABLE_FOR,
    )
