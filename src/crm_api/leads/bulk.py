"""Many leads at once: the rules of `Intake`, with each question asked for all of them together."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from crm_api.contacts.bulk import people_like
from crm_api.core.bulk import insert_all
from crm_api.core.context import Context
from crm_api.core.events import publish
from crm_api.kit.errors import DomainError
from crm_api.kit.identifiers import email_key
from crm_api.kit.matching import Facts
from crm_api.leads.columns import Columns
from crm_api.leads.duplicates import SHOWN_FROM, Described, Likeness, candidate, likeness
from crm_api.leads.errors import NotYoursToAssign, UnknownOwner
from crm_api.leads.intake import Intake, assigned, described, events_of, linked
from crm_api.leads.models import Lead
from crm_api.leads.repository import LeadRepository
from crm_api.leads.repository.routing import RoutingRuleRepository
from crm_api.leads.schemas.content import LeadCreate

SHARED = ("phone", "email_key", "birth_index", "plate_index")
"""What two leads of one person may share."""


class LeadBulk:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.leads, self.intake = LeadRepository(ctx), Intake(ctx)

    async def drafts(self, contents: Sequence[LeadCreate]) -> list[Columns | DomainError]:
        """The columns of each lead, or why it is refused.

        Routing rules are not asked: a list that somebody brings says who follows whom, or leaves the leads
        to the agency.
        """
        homes = await self._homes(contents)
        numbers = await self.intake.numbers(len(contents))
        drafts: list[Columns | DomainError] = []
        for content, number in zip(contents, numbers, strict=True):
            try:
                columns = await self.intake.columns(content, None, {}, number)
                drafts.append(columns | self._followed(columns, homes))
            except DomainError as refusal:
                drafts.append(refusal)
        return drafts

    async def likenesses(self, drafts: Sequence[Columns], facts: Sequence[Facts]) -> list[list[Likeness]]:
        """For each draft the leads and contacts recorded that are alike, most alike first."""
        people = [described(draft) for draft in drafts]
        on_record = await self._on_record(people)
        known: list[list[Any]] = [[] for _ in drafts]
        if self.ctx.principal.is_person:
            known = await people_like(self.ctx, facts)
        return [
            self._ranked(person, rows, alike)
            for person, rows, alike in zip(people, on_record, known, strict=True)
        ]

    async def alike_to(self, ids: Sequence[UUID]) -> dict[UUID, list[tuple[UUID, int, list[str]]]]:
        """Of leads on record the other leads that are alike: id, score, reasons."""
        rows = await self.leads.compared(ids)
        people = [Described(*row[1:-1]) for row in rows]
        others = await self._on_record(people)
        return {
            row[0]: [
                (one.candidate.id, one.candidate.score, one.candidate.reasons)
                for one in self._ranked(person, found, ())
                if one.candidate.id != row[0]
            ]
            for row, person, found in zip(rows, people, others, strict=True)
        }

    async def _on_record(self, people: Sequence[Described]) -> list[list[Sequence[Any]]]:
        """For each the rows of leads that share a key."""
        keys: dict[str, set[Any]] = {name: set() for name in SHARED}
        for person in people:
            for name, value in person.keys().items():
                keys[name].add(value)
        rows = await self.leads.all_candidates({name: [*values] for name, values in keys.items()})
        by_key: dict[Any, list[Sequence[Any]]] = {}
        for key, *row in rows:
            by_key.setdefault(key, []).append(row)
        return [
            [row for key in person.keys().values() for row in by_key.get(_text(key), ())] for person in people
        ]

    async def write(self, drafts: Sequence[Columns], likenesses: Sequence[Sequence[Likeness]]) -> None:
        rows = [draft | linked(alike) for draft, alike in zip(drafts, likenesses, strict=True)]
        with self.leads.refusing():
            await insert_all(self.ctx, Lead, rows)
        for row, alike in zip(rows, likenesses, strict=True):
            for event in events_of(row, alike):
                await publish(self.ctx, event)

    def _ranked(self, person: Any, rows: Sequence[Sequence[Any]], people: Sequence[Any]) -> list[Likeness]:
        if not (rows or people):
            return []
        mine = person.facts(person)
        found = {row[0]: likeness(row, mine, person) for row in rows}
        alike = [each for each in found.values() if each.candidate.score >= SHOWN_FROM]
        alike += [Likeness(candidate("contact", each.id, each.match), in_sight=True) for each in people]
        return sorted(alike, key=lambda each: (-each.candidate.score, each.candidate.id))

    async def _homes(self, contents: Sequence[LeadCreate]) -> dict[UUID, UUID | None]:
        """Active colleague -> agency, of those named as owners."""
        owners = {content.owner_user_id for content in contents if content.owner_user_id}
        if not owners:
            return {}
        if owners != {self.ctx.principal.id} and "leads:assign" not in self.ctx.principal.scopes:
            raise NotYoursToAssign(required_scopes=["leads:assign"])
        rows = await RoutingRuleRepository(self.ctx).staff([*owners], None)
        return {row[0]: row[1] for row in rows if row[2]}

    def _followed(self, columns: Columns, homes: dict[UUID, UUID | None]) -> Columns:
        owner_id: UUID | None = columns.get("owner_user_id")
        if owner_id is None:
            agency_id = columns.get("agency_id") or self.ctx.principal.agency_id
            return {"agency_id": agency_id} if agency_id else {}
        if owner_id not in homes:
            raise UnknownOwner
        return assigned(owner_id, columns.get("agency_id") or homes[owner_id])


def facts_of(content: LeadCreate) -> Facts:
    """What is compared within one list, where everything is still in clear."""
    quick = content.quick_data
    born: date | None = quick.birth_date if quick else None
    plate = quick.vehicle.plate if quick and quick.vehicle else None
    apart = bool(content.first_name and content.last_name)
    return Facts(
        first_name=(content.first_name or "") if apart else "",
        last_name=(content.last_name or "") if apart else "",
        full_name="" if apart else content.full_name or "",
        birth_date=born,
        plates=frozenset({plate} if plate else ()),
        phones=frozenset({content.phone} if content.phone else ()),
        emails=frozenset({content.email} if content.email else ()),
        wilaya_code=content.wilaya_code,
    )


def keys_of(facts: Facts) -> list[str]:
    """What those who may be one person share: nobody is alike by name and wilaya alone."""
    keys = [*facts.phones, *map(email_key, facts.emails), *(f"plate {plate}" for plate in facts.plates)]
    return keys if facts.birth_date is None else [*keys, f"born {facts.birth_date}"]


def _text(key: Any) -> str:
    return key.hex() if isinstance(key, bytes) else str(key)
