"""Who may be the same person (domain.md L). Warned of, never merged by itself, never a reason to refuse.

Every reason that counts rests on something shared (a number, an address, a date of birth, a NIN), so one
look at the keys finds all candidates; names are compared here, in both scripts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from typing import Any
from uuid import UUID

from crm_api.contacts.civil import blind_values
from crm_api.contacts.models import Contact, KeyKind
from crm_api.contacts.repository import Candidate, ContactRepository, candidates_of
from crm_api.contacts.schemas import DuplicateList, DuplicateRead
from crm_api.core.context import Context
from crm_api.core.statements import Question
from crm_api.kit.identifiers import email_key
from crm_api.kit.matching import Facts, Match, match

SHOWN_FROM = 40
"""A shared telephone. Less (a homonym in the same wilaya) would only be noise."""
MOST_SHOWN = 20
_BLIND = (KeyKind.NATIONAL_ID, KeyKind.BIRTH_DATE)
SAME_DAY, SAME_NUMBER = date.min, "same"
"""Stand for a date of birth and a NIN that are known by their blind index only."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Somebody who may be the person described, and why."""

    id: UUID
    display_name: str
    match: Match

    def read(self) -> DuplicateRead:
        return DuplicateRead(
            id=self.id,
            display_name=self.display_name,
            score=self.match.score,
            verdict=self.match.verdict.value,
            reasons=[reason.value for reason in self.match.reasons],
        )


@dataclass(frozen=True, slots=True)
class Likely:
    """Whom to look for, and how to judge who was found."""

    facts: Facts
    blind: dict[KeyKind, set[str]]
    question: Question | None
    """None: nothing is known that others could share."""

    def ranked(self, rows: Sequence[Sequence[Any]], but: UUID | None = None) -> list[Likeness]:
        """Of the answer to the question; most likely first."""
        return _rank(self.facts, self.blind, [one for one in candidates_of(rows) if one.id != but])


class DuplicateFinder:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.contacts = ContactRepository(ctx)

    async def find(self, facts: Facts) -> list[Likeness]:
        """The people this principal sees who may be the one described, most likely first. One statement."""
        return await self._found(await self.search(facts))

    async def search(self, facts: Facts) -> "Likely":
        """`find`, for a statement that carries the question."""
        return self._search(facts, await self._blind(facts))

    async def find_all(self, people: Sequence[Facts]) -> list[list[Likeness]]:
        """`find` for many; one statement, whatever their number."""
        blind = [await self._blind(facts) for facts in people]
        anchors = [_anchors(facts, each) for facts, each in zip(people, blind, strict=True)]
        wanted = {*chain.from_iterable(anchors)}
        sharing: dict[str, list[Candidate]] = {}
        for candidate in await self.contacts.sharing_any([*wanted]) if wanted else ():
            for _, value in candidate.keys:
                if value in wanted:
                    sharing.setdefault(value, []).append(candidate)
        return [
            _rank(facts, each, {one.id: one for value in values for one in sharing.get(value, ())}.values())
            for facts, each, values in zip(people, blind, anchors, strict=True)
        ]

    async def alike_to(self, ids: Sequence[UUID]) -> dict[UUID, list[tuple[UUID, int, list[str]]]]:
        """Of people on record the others who are alike: id, score, reasons. Nothing is opened."""
        people = await self.contacts.candidates(ids)
        values = {value for person in people for _, value in person.keys}
        sharing: dict[str, list[Candidate]] = {}
        for candidate in await self.contacts.sharing_any([*values]) if values else ():
            for _, value in candidate.keys:
                sharing.setdefault(value, []).append(candidate)
        alike = {}
        for person in people:
            blind = {kind: {value for of, value in person.keys if of == kind} for kind in _BLIND}
            others = {one.id: one for _, value in person.keys for one in sharing.get(value, ())}
            others.pop(person.id, None)
            facts = _facts(person, person.keys, person.addresses)
            found = _rank(facts, blind, others.values())
            alike[person.id] = [(one.id, one.match.score, [*map(str, one.match.reasons)]) for one in found]
        return alike

    async def _blind(self, facts: Facts) -> dict[KeyKind, set[str]]:
        blind: dict[KeyKind, set[str]] = {}
        if facts.national_id:
            blind[KeyKind.NATIONAL_ID] = set(
                await blind_values(self.ctx, KeyKind.NATIONAL_ID, facts.national_id)
            )
        if facts.birth_date:
            blind[KeyKind.BIRTH_DATE] = set(
                await blind_values(self.ctx, KeyKind.BIRTH_DATE, facts.birth_date.isoformat())
            )
        return blind

    async def of(self, person: Contact) -> DuplicateList:
        """Of somebody recorded already: the keys say enough, nothing is opened."""
        keys = await self.contacts.keys_of(person.id)
        blind = {
            kind: {value for of, value in keys if of == kind}
            for kind in (KeyKind.NATIONAL_ID, KeyKind.BIRTH_DATE)
        }
        facts = _facts(person, keys, person.addresses)
        return as_list(await self._found(self._search(facts, blind), but=person.id))

    def _search(self, facts: Facts, blind: dict[KeyKind, set[str]]) -> "Likely":
        anchors = _anchors(facts, blind)
        return Likely(facts, blind, self.contacts.sharing(anchors) if anchors else None)

    async def _found(self, search: "Likely", but: UUID | None = None) -> list[Likeness]:
        asked = search.question
        return search.ranked(await self.contacts.asked(asked), but) if asked else []


def _anchors(facts: Facts, blind: dict[KeyKind, set[str]]) -> list[str]:
    return [*facts.phones, *map(email_key, facts.emails), *set().union(*blind.values())]


def _rank(facts: Facts, blind: dict[KeyKind, set[str]], candidates: Iterable[Candidate]) -> list[Likeness]:
    mine = replace(
        facts,
        national_id=SAME_NUMBER if blind.get(KeyKind.NATIONAL_ID) else None,
        birth_date=SAME_DAY if blind.get(KeyKind.BIRTH_DATE) else None,
    )
    found = [
        Likeness(candidate.id, candidate.display_name, match(mine, _facts_of(candidate, blind)))
        for candidate in candidates
    ]
    likely = [one for one in found if one.match.score >= SHOWN_FROM]
    return sorted(likely, key=lambda one: (-one.match.score, one.display_name))[:MOST_SHOWN]


def as_list(found: Sequence[Likeness]) -> DuplicateList:
    return DuplicateList(data=[one.read() for one in found])


def wilaya_of(addresses: Sequence[dict[str, Any]]) -> str | None:
    """Of the primary address."""
    return next((one["wilaya_code"] for one in addresses if one["is_primary"]), None)


def _facts_of(candidate: Candidate, blind: dict[KeyKind, set[str]]) -> Facts:
    known = _facts(candidate, candidate.keys, candidate.addresses)
    held = {kind: {value for of, value in candidate.keys if of == kind} for kind in blind}
    number, day = held.get(KeyKind.NATIONAL_ID, set()), held.get(KeyKind.BIRTH_DATE, set())
    same_number = number & blind.get(KeyKind.NATIONAL_ID, set())
    same_day = day & blind.get(KeyKind.BIRTH_DATE, set())
    return replace(
        known,
        national_id=SAME_NUMBER if same_number else next(iter(number), None),
        birth_date=SAME_DAY if same_day else None,
        has_policies=candidate.valid_until is not None,
    )


def _facts(
    person: Contact | Candidate, keys: Sequence[Sequence[str]], addresses: Sequence[dict[str, Any]]
) -> Facts:
    return Facts(
        first_name=person.first_name,
        last_name=person.last_name,
        first_name_ar=person.first_name_ar or "",
        last_name_ar=person.last_name_ar or "",
        phones=frozenset(value for kind, value in keys if kind == KeyKind.PHONE),
        emails=frozenset(value for kind, value in keys if kind == KeyKind.EMAIL),
        wilaya_code=wilaya_of(addresses),
        has_policies=person.valid_until is not None,
    )
