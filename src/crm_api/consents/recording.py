"""How a line comes into the ledger, whoever writes it: with its words, its origin, and who hears of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from crm_api.consents.events import ConsentGranted, ConsentWithdrawn
from crm_api.consents.models import (
    HOUSE,
    STRICTEST,
    Consent,
    ConsentChannel,
    ConsentPurpose,
    ConsentSource,
    ConsentState,
    ConsentStatus,
    ConsentSubject,
)
from crm_api.consents.repository.ledger import ConsentRepository
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.kit.ids import new_id

_NO = (ConsentStatus.REFUSED, ConsentStatus.WITHDRAWN)
Key = tuple[ConsentPurpose, str]


def hash_of_words(words: str) -> str:
    """SHA-256 of the text that was shown, 64 hexadecimal digits."""
    return sha256(words.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Who:
    """Whose consent it is."""

    subject_type: ConsentSubject
    subject_id: UUID


@dataclass(frozen=True, slots=True)
class Line:
    """What is to be written; the moment is now where none is given."""

    purpose: ConsentPurpose
    status: ConsentStatus
    channel: ConsentChannel
    source: ConsentSource
    brand: str = HOUSE
    text_version: str | None = None
    text_hash: str | None = None
    language: str | None = None
    captured_at: datetime | None = None
    expires_at: datetime | None = None
    ip: str | None = None
    user_agent: str | None = None
    proof_document_id: UUID | None = None
    request_id: UUID | None = None
    message_id: UUID | None = None
    reason: str | None = None

    def about(self, purpose: ConsentPurpose) -> "Line":
        """The same about something else."""
        return replace(self, purpose=purpose)


_FIELDS = tuple(name for name in Line.__dataclass_fields__ if name != "captured_at")
_COPIED = tuple(name for name in _FIELDS if name not in ("purpose", "brand", "request_id", "message_id"))


def allows(state: ConsentState | None) -> bool:
    """Whether this is a consent that holds now."""
    if state is None or state.status is not ConsentStatus.GRANTED:
        return False
    return state.expires_at is None or state.expires_at > now()


def effective(states: Sequence[ConsentState], purpose: ConsentPurpose, brand: str = HOUSE) -> bool:
    """Whether the last word about the brand, or about all of them, allows it."""
    said = [one for one in states if one.purpose is purpose and one.brand in (HOUSE, brand)]
    return allows(max(said, key=lambda one: (one.captured_at, one.consent_id), default=None))


class Recording:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.ledger = ConsentRepository(ctx)

    async def write(self, who: Who, lines: Iterable[Line]) -> list[Consent]:
        """Upper floors hear of what changes: a line that is older than what is known changes nothing."""
        moment, before = now(), await self.states(who)
        rows = []
        for line in lines:
            about = {name: getattr(line, name) for name in _FIELDS}
            about["user_agent"] = about["user_agent"] and about["user_agent"][:300]
            captured = line.captured_at or moment
            rows.append(
                Consent(
                    id=new_id(),
                    subject_type=who.subject_type,
                    subject_id=who.subject_id,
                    captured_at=captured,
                    **about,
                )
            )
        await self.ledger.put(rows)
        for row in rows:
            await self._tell(row, before.get((row.purpose, row.brand)), before)
        return rows

    async def _tell(self, row: Consent, known: ConsentState | None, before: dict[Key, ConsentState]) -> None:
        if known is not None and (row.captured_at, row.id) < (known.captured_at, known.consent_id):
            return
        about = row.id, str(row.subject_type), row.subject_id, str(row.purpose), row.brand
        if row.status is ConsentStatus.GRANTED and not allows(known):
            await publish(self.ctx, ConsentGranted(*about))
        elif row.status in _NO and any(
            allows(state)
            for (purpose, brand), state in before.items()
            if purpose is row.purpose and row.brand in (HOUSE, brand)
        ):
            await publish(self.ctx, ConsentWithdrawn(*about, message_id=row.message_id))

    async def states(self, who: Who) -> dict[Key, ConsentState]:
        found = await self.ledger.states(who.subject_type, who.subject_id)
        return {(ConsentPurpose(one.purpose), one.brand): one for one in found}

    async def withdraw(
        self, who: Who, like: Line, purposes: Sequence[ConsentPurpose] | None = None
    ) -> list[Consent]:
        """An end to what is allowed for these purposes (all when left out), for every brand.

        Twice is once. Where nothing was allowed, one line says no all the same, for a purpose that is named.
        """
        states = await self.states(who)
        lines = []
        for purpose in purposes if purposes is not None else sorted({key[0] for key in states}):
            mine = [state for (about, _), state in states.items() if about is purpose]
            if any(allows(one) for one in mine):
                lines.append(replace(like, purpose=purpose, brand=HOUSE, status=ConsentStatus.WITHDRAWN))
            elif purposes is not None and not any(one.status in _NO for one in mine):
                lines.append(replace(like, purpose=purpose, brand=HOUSE, status=ConsentStatus.REFUSED))
        return await self.write(who, lines) if lines else []

    # --- two sheets of one person

    async def join(self, survivor: Who, other: Who, token: UUID) -> None:
        """The strictest of what both said stays; who never said anything has said nothing against it."""
        mine, theirs = await self.states(survivor), await self.states(other)
        ids = {}
        for key, state in theirs.items():
            known = mine.get(key)
            if known is None or STRICTEST.index(state.status) < STRICTEST.index(known.status):
                ids[key] = state.consent_id
        await self._copy(survivor, ids.values(), ConsentSource.MERGE, token)

    async def part(self, survivor: Who, token: UUID) -> None:
        """What was brought along goes again, where it is still the last word: what was said before holds."""
        states = await self.states(survivor)
        brought = {row.id: row for row in await self.ledger.of_request(token)}
        for key, state in states.items():
            row = brought.get(state.consent_id)
            if row is None:
                continue
            earlier = await self.ledger.before(row)
            about = {name: getattr(earlier or row, name) for name in _COPIED}
            if earlier is None:
                about |= {"status": ConsentStatus.REFUSED, "expires_at": None}
            about["source"] = row.source
            await self.write(survivor, [Line(purpose=key[0], brand=key[1], **about)])

    async def part_all(self, token: UUID) -> None:
        """`part`, for everybody to whom this token brought something."""
        brought = {
            Who(ConsentSubject(row.subject_type), row.subject_id)
            for row in await self.ledger.of_request(token)
        }
        for who in sorted(brought, key=lambda one: one.subject_id):
            await self.part(who, token)

    async def bring_along(self, lead_id: UUID, contact_id: UUID) -> None:
        """What a lead said is said by the contact it becomes, at its time: what they said since holds."""
        lead = Who(ConsentSubject.LEAD, lead_id)
        ids = [state.consent_id for state in (await self.states(lead)).values()]
        who = Who(ConsentSubject.CONTACT, contact_id)
        await self._copy(who, ids, ConsentSource.LEAD_CONVERSION, lead_id, at_its_time=True)

    async def _copy(
        self,
        who: Who,
        ids: Iterable[UUID],
        source: ConsentSource,
        token: UUID,
        *,
        at_its_time: bool = False,
    ) -> None:
        lines = []
        for row in await self.ledger.lines(list(ids)):
            about = {name: getattr(row, name) for name in _COPIED} | {"source": source, "request_id": token}
            moment = row.captured_at if at_its_time else None
            lines.append(Line(purpose=row.purpose, brand=row.brand, captured_at=moment, **about))
        if lines:
            await self.write(who, lines)
