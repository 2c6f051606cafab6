from collections.abc import Sequence
from uuid import UUID

from pydantic_core import to_json

from crm_api.accounts.service import AccountService
from crm_api.contacts.service import ContactService
from crm_api.core.context import Context
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.clock import today
from crm_api.kit.errors import NotFound, ValidationFailed, VersionConflict
from crm_api.kit.schemas import Json
from crm_api.relationships.models import PartyType, Relationship, RelationshipType
from crm_api.relationships.repository import RelationshipRepository
from crm_api.relationships.schemas import (
    RelationshipCreate,
    RelationshipPage,
    RelationshipPatch,
    RelationshipQuery,
    RelationshipRead,
)

Party = tuple[PartyType, UUID]


class RelationshipService:
    """A relationship is seen by whoever sees one of its parties."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.relationships = RelationshipRepository(ctx)

    async def page(self, query: RelationshipQuery) -> Json[RelationshipPage]:
        """Raises NotFound when the party is not to be seen."""
        party = query.party_type, query.party_id
        if not await self._seen(party):
            raise NotFound(id=str(query.party_id))
        found = await self.relationships.page(query, RelationshipPage)
        warnings = to_json({"warnings": await self._warnings(party)}).decode()
        body = f"{found.body.decode()[:-1]},{warnings[1:]}"
        return Json(RelationshipPage, body, next_cursor=found.next_cursor)

    async def get(self, relationship_id: UUID) -> Json[RelationshipRead]:
        found = await self.relationships.get(relationship_id)
        value = found.value
        await self._refuse_unseen(
            relationship_id, [(value.from_type, value.from_id), (value.to_type, value.to_id)]
        )
        return found

    async def create(self, data: RelationshipCreate) -> Json[RelationshipRead]:
        """Raises RelationshipKnown. Both parties must be seen by whoever links them."""
        for side, party in ("from", (data.from_type, data.from_id)), ("to", (data.to_type, data.to_id)):
            if not await self._seen(party):
                raise ValidationFailed.at(
                    f"/{side}_id", "unknown_party", "There is no such person or account."
                )
        return await self.relationships.add(data)

    async def update(
        self, relationship_id: UUID, data: RelationshipPatch, version: int
    ) -> Json[RelationshipRead]:
        """Raises RelationshipDatesCrossed, RelationshipKnown."""
        await self.get(relationship_id)
        return await self.relationships.edit(relationship_id, data, version)

    async def delete(self, relationship_id: UUID, version: int) -> None:
        """For a relationship that should never have been recorded; one that ended gets its `to_date`."""
        bond = await self.relationships.load(relationship_id)
        await self._refuse_unseen(
            relationship_id, [(bond.from_type, bond.from_id), (bond.to_type, bond.to_id)]
        )
        if version not in (bond.version, ANY_VERSION):
            raise VersionConflict(current_version=bond.version)
        await self.relationships.remove(bond)

    async def has_guardian(self, contact_id: UUID) -> bool:
        """Today."""
        day = today()
        return any(
            bond.type is RelationshipType.GUARDIAN_OF
            and bond.to_id == contact_id
            and (bond.from_date is None or bond.from_date <= day)
            and (bond.to_date is None or bond.to_date >= day)
            for bond in await self.relationships.of_party(contact_id)
        )

    async def take_over(self, party_id: UUID, heir_id: UUID) -> dict[str, list[UUID]]:
        """After a merge: what the heir has not yet. Returns which end of which relationships moved.

        A bond between the two, or one that the heir has already, stays with the party that goes.
        """
        moved: dict[str, list[UUID]] = {"from": [], "to": []}
        known = {_told(bond) for bond in await self.relationships.of_party(heir_id)}
        for bond in await self.relationships.of_party(party_id):
            side = "from" if bond.from_id == party_id else "to"
            other = bond.to_id if side == "from" else bond.from_id
            if other != heir_id and _told(bond, side, heir_id) not in known:
                setattr(bond, f"{side}_id", heir_id)
                known.add(_told(bond))
                moved[side].append(bond.id)
                await self.relationships.save(bond)
        return moved

    async def give_back(self, party_id: UUID, side: str, ids: Sequence[UUID]) -> None:
        """After an undone merge."""
        for bond in await self.relationships.many(list(ids)):
            setattr(bond, f"{side}_id", party_id)
            await self.relationships.save(bond)

    async def _warnings(self, party: Party) -> list[str]:
        kind, party_id = party
        if kind is not PartyType.CONTACT or not await ContactService(self.ctx).is_minor(party_id):
            return []
        return [] if await self.has_guardian(party_id) else ["guardian_required"]

    async def _seen(self, party: Party) -> bool:
        kind, party_id = party
        service = ContactService(self.ctx) if kind is PartyType.CONTACT else AccountService(self.ctx)
        return any(await service.get_many([party_id]))

    async def _refuse_unseen(self, relationship_id: UUID, parties: Sequence[Party]) -> None:
        for party in parties:
            if await self._seen(party):
                return
        raise NotFound(id=str(relationship_id))


def _told(bond: Relationship, side: str | None = None, party_id: UUID | None = None) -> tuple[object, ...]:
    """A bond told from one end only, so that the same one is the same from both; `side` as if it moved."""
    ends = {"from": bond.from_id, "to": bond.to_id}
    if side and party_id:
        ends[side] = party_id
    first, second, kind = ends["from"], ends["to"], bond.type
    if kind in (RelationshipType.SPOUSE_OF, RelationshipType.SIBLING_OF):
        first, second = min(first, second), max(first, second)
    elif kind is RelationshipType.CHILD_OF:
        first, second, kind = second, first, RelationshipType.PARENT_OF
    return kind, first, second, bond.from_date
