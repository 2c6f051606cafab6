"""Who recorded before may be the same person (domain.md L). Shared family phones never stop anybody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from crm_api.contacts import duplicates as contacts
from crm_api.contacts.service import ContactService
from crm_api.core.context import Context
from crm_api.core.sealing import vault_of
from crm_api.core.statements import Question
from crm_api.kit.identifiers import email_key
from crm_api.kit.matching import LINK_FROM, PROBABLE_FROM, Facts, Match, match
from crm_api.leads.repository import LeadRepository
from crm_api.leads.schemas.words import DuplicateCandidate

MOST_NAMED = 20
SHOWN_FROM = 40
"""A check shows what is worth a look; an answer to a creation only what is probable."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Somebody recorded, and how alike."""

    candidate: DuplicateCandidate
    in_sight: bool
    """Whether the principal may see them; whom they may not see is never named to them."""

    @property
    def linked(self) -> bool:
        return self.candidate.score >= LINK_FROM

    @property
    def probable(self) -> bool:
        return self.candidate.score >= PROBABLE_FROM


@dataclass(frozen=True, slots=True)
class Described:
    """A person as they are compared: names and numbers in clear, sensitive data by their blind index."""

    full_name: str
    first_name: str | None = None
    last_name: str | None = None
    phone: str | None = None
    email: str | None = None
    wilaya_code: str | None = None
    birth_index: bytes | None = None
    plate_index: bytes | None = None

    def keys(self) -> dict[str, Any]:
        """Column -> value, for what candidates are looked up by.

        A name alone is no key: a homonym scores less than what is shown (`SHOWN_FROM`).
        """
        keys = {
            "phone": self.phone,
            "email_key": email_key(self.email) if self.email else None,
            "birth_index": self.birth_index,
            "plate_index": self.plate_index,
        }
        return {name: value for name, value in keys.items() if value is not None}

    def facts(self, asked: "Described") -> Facts:
        same_birth = self.birth_index is not None and self.birth_index == asked.birth_index
        apart = bool(self.first_name and self.last_name)
        return Facts(
            first_name=(self.first_name or "") if apart else "",
            last_name=(self.last_name or "") if apart else "",
            full_name="" if apart else self.full_name,
            birth_date=_SOME_DAY if same_birth else None,
            plates=frozenset({self.plate_index.hex()} if self.plate_index else ()),
            phones=frozenset({self.phone} if self.phone else ()),
            emails=frozenset({self.email} if self.email else ()),
            wilaya_code=self.wilaya_code,
        )


_SOME_DAY = date(1900, 1, 1)
"""Two birth dates are the same day or not; which one stays sealed."""


async def blind_indexes(ctx: Context, quick_data: Mapping[str, Any]) -> tuple[bytes | None, bytes | None]:
    """Of the birth date and of the plate."""
    birth = quick_data.get("birth_date")
    plate = (quick_data.get("vehicle") or {}).get("plate")
    if not birth and not plate:
        return None, None
    vault = await vault_of(ctx)
    return (
        vault.blind(birth, "lead.birth_date") if birth else None,
        vault.blind(plate, "plate") if plate else None,
    )


@dataclass(frozen=True, slots=True)
class LikenessSearch:
    """Whom to look for among leads and among contacts, and how to judge who was found."""

    person: Described
    leads: Question | None
    contacts: contacts.Likely | None

    @property
    def questions(self) -> list[Question]:
        """What is asked; nothing of who has no key."""
        among_contacts = self.contacts.question if self.contacts is not None else None
        return [question for question in (self.leads, among_contacts) if question is not None]

    def judged(self, found: Sequence[Sequence[Sequence[Any]]], *, but: UUID | None = None) -> list[Likeness]:
        """From the answers to `questions`; most alike first."""
        if not any(found):
            return []
        answers = iter(found)
        alike = self._leads(next(answers), but) if self.leads is not None else []
        if self.contacts is not None and self.contacts.question is not None:
            alike += [
                Likeness(candidate("contact", each.id, each.match), in_sight=True)
                for each in self.contacts.ranked(next(answers))
            ]
        return sorted(alike, key=lambda each: (-each.candidate.score, each.candidate.id))

    def _leads(self, rows: Sequence[Sequence[Any]], but: UUID | None) -> list[Likeness]:
        found: dict[UUID, Likeness] = {}
        mine = self.person.facts(self.person)
        for row in rows:
            if row[0] != but and row[0] not in found:
                alike = likeness(row, mine, self.person)
                if alike.candidate.score >= SHOWN_FROM:
                    found[row[0]] = alike
        return [*found.values()]


class DuplicateFinder:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.leads = LeadRepository(ctx)

    async def like(
        self, person: Described, *, but: UUID | None = None, birth_date: str | None = None
    ) -> list[Likeness]:
        """Leads and contacts, most alike first: a statement for each, none for who has no key."""
        search = await self.search(person, birth_date=birth_date)
        return search.judged([await self.leads.asked(each) for each in search.questions], but=but)

    async def search(self, person: Described, *, birth_date: str | None = None) -> LikenessSearch:
        """`like`, for a statement that carries the questions.

        Only people are told of contacts, so only for them they are looked up. `birth_date`: in clear, where
        it is at hand; contacts are compared by it.
        """
        keys = person.keys()
        among_leads = self.leads.candidates(keys) if keys else None
        if not self.ctx.principal.is_person:
            return LikenessSearch(person, among_leads, None)
        facts, born = person.facts(person), date.fromisoformat(birth_date) if birth_date else None
        if facts.plates or facts.birth_date or born:
            facts = replace(facts, plates=frozenset(), birth_date=born)
        among_contacts = await ContactService(self.ctx).search_candidates(facts)
        return LikenessSearch(person, among_leads, among_contacts)


def likeness(row: Sequence[Any], mine: Facts, asked: Described) -> Likeness:
    """Of a row of `LeadRepository.candidates`."""
    other = Described(*row[1:-1])
    alike = match(mine, other.facts(asked))
    return Likeness(candidate("lead", row[0], alike), in_sight=bool(row[-1]))


def candidate(kind: str, object_id: UUID, alike: Match) -> DuplicateCandidate:
    """As it is told."""
    reasons = [str(reason) for reason in alike.reasons]
    return DuplicateCandidate(type=kind, id=object_id, score=alike.score, reasons=reasons)


def named(likenesses: Sequence[Likeness], *, probable_only: bool) -> list[DuplicateCandidate]:
    """Those the principal may hear of."""
    return [each.candidate for each in likenesses if each.in_sight and (each.probable or not probable_only)][
        :MOST_NAMED
    ]
