"""Whether a message may go to somebody: asked again at the moment it is sent, however it was chosen.

`Gate.allowed` is one round trip for many people. `reachable` is the same question as a SELECT, for who
writes a million recipients in one statement.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from hashlib import sha256
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    FromClause,
    LargeBinary,
    Select,
    Text,
    Uuid,
    and_,
    any_,
    bindparam,
    case,
    exists,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    type_coerce,
)

from crm_api.consents.models import (
    HOUSE,
    ConsentPurpose,
    ConsentState,
    ConsentStatus,
    ConsentSubject,
    ContactPreference,
    MarketingChannel,
    MessageFrequency,
    MessageTopic,
    Suppression,
    SuppressionReason,
)
from crm_api.contacts.models import Contact
from crm_api.core.context import Context
from crm_api.core.plain import table_of
from crm_api.core.sealing import vault_of
from crm_api.core.statements import compiled, unnested

EVEN_CONTRACTUAL = (SuppressionReason.HARD_BOUNCE, SuppressionReason.DECEASED, SuppressionReason.LEGAL)
"""What also stops messages that need no consent (domain.md B-38): nobody is there, or the law forbids it."""
_STATES = ConsentState.__table__
_FIELD = "suppressed address"


class Refusal(StrEnum):
    """Why a message may not go to somebody; the first that holds is told."""

    GONE = "gone"
    DECEASED = "deceased"
    NO_ADDRESS = "no_address"
    SUPPRESSED = "suppressed"
    DO_NOT_CONTACT = "do_not_contact"
    NOT_GRANTED = "not_granted"
    EXPIRED = "expired"
    DECLINED = "declined"


class Person(NamedTuple):
    """Somebody to whom a message is about to go, and where."""

    subject_type: ConsentSubject
    subject_id: UUID
    address: str | None


async def pepper_of(ctx: Context) -> bytes:
    """What makes the hashes of this organization its own (32 bytes); the parameter `pepper` of statements."""
    return (await vault_of(ctx)).lasting(_FIELD)


def address_hash(pepper: bytes, address: str) -> str:
    """Of an e-mail address or an E.164 number, 64 hexadecimal digits; as `hash_of` says it to PostgreSQL."""
    return sha256(pepper + address.strip().lower().encode()).hexdigest()


def hash_of(address: ColumnElement[Any]) -> ColumnElement[str]:
    """`address_hash` of a column, by PostgreSQL; the statement has a parameter `pepper`."""
    pepper = bindparam("pepper", type_=LargeBinary())
    clear = func.convert_to(func.lower(func.btrim(address)), literal_column("'UTF8'"))
    return func.encode(
        func.sha256(type_coerce(pepper, LargeBinary()).concat(clear)), literal_column("'hex'"), type_=Text()
    )


def granted(purpose: ConsentPurpose, brand: str = HOUSE) -> Select[Any]:
    """Ids of the contacts who allow it now, from one index. Parameters: organization_id.

    Of a brand, whatever was said last counts: about the brand, or about all of them.
    """
    s = _STATES.c
    now = func.now()
    found = select(s.subject_id).where(
        s.organization_id == bindparam("organization_id", type_=Uuid()),
        s.subject_type == _constant(ConsentSubject.CONTACT),
        s.purpose == _constant(purpose),
        s.status == _constant(ConsentStatus.GRANTED),
        or_(s.expires_at.is_(None), s.expires_at > now),
    )
    if brand == HOUSE:
        return found.where(s.brand == literal_column("''"))
    other = _STATES.alias("other")
    since = (
        other.c.organization_id == s.organization_id,
        other.c.subject_type == s.subject_type,
        other.c.subject_id == s.subject_id,
        other.c.purpose == s.purpose,
        _of_brand(other, brand),
        or_(
            other.c.captured_at > s.captured_at,
            and_(other.c.captured_at == s.captured_at, other.c.consent_id > s.consent_id),
        ),
    )
    return found.where(_of_brand(_STATES, brand), ~exists(select(literal_column("1")).where(*since)))


def suppressed(
    channel: MarketingChannel, hashed: ColumnElement[Any], *, contractual: bool = False
) -> ColumnElement[bool]:
    """Whether nothing goes to the address of this hash. Parameters: organization_id."""
    s = table_of(Suppression).c
    found: Select[Any] = select(literal_column("1")).where(
        s.organization_id == bindparam("organization_id", type_=Uuid()),
        s.channel == _constant(channel),
        s.address_hash == hashed,
        s.lifted_at.is_(None),
    )
    if contractual:
        found = found.where(s.reason.in_([_constant(reason) for reason in EVEN_CONTRACTUAL]))
    return exists(found)


class Asked(NamedTuple):
    """What a message is: its purpose (None: contractual, it needs no consent), way, brand and topic."""

    purpose: ConsentPurpose | None
    channel: MarketingChannel
    brand: str = HOUSE
    topic: MessageTopic | None = None


def reachable(asked: Asked, chosen: Select[Any]) -> Select[Any]:
    """contact_id, address, language, refusal (a `Refusal`, or null: it may go) of the contacts in `chosen`.

    Set based. Parameters: organization_id, pepper, and those of `chosen`.
    """
    contact = table_of(Contact)
    address = address_of(asked.channel)
    people = (
        select(
            literal_column("'contact'", Text()).label("subject_type"),
            contact.c.id.label("subject_id"),
            address.label("address"),
            contact.c.preferred_language.label("language"),
        )
        .where(
            contact.c.organization_id == bindparam("organization_id", type_=Uuid()), contact.c.id.in_(chosen)
        )
        .subquery("people")
    )
    joined, refusal = _judged(people, asked, hash_of(people.c.address))
    return select(
        people.c.subject_id.label("contact_id"), people.c.address, people.c.language, refusal.label("refusal")
    ).select_from(joined)


def address_of(channel: MarketingChannel) -> ColumnElement[Any]:
    """Where a contact is reached; a push goes to the person."""
    contact = table_of(Contact).c
    if channel is MarketingChannel.EMAIL:
        return func.nullif(contact.primary_email, literal_column("''"))
    if channel is MarketingChannel.PUSH:
        return contact.id.cast(Text())
    return func.nullif(contact.primary_phone, literal_column("''"))


def _judged(people: Any, asked: Asked, hashed: ColumnElement[Any]) -> tuple[FromClause, ColumnElement[Any]]:
    """`people` (subject_type, subject_id, address) with their sheets, consents and wishes; their refusals."""
    joined, said = _joined(people, asked)
    return joined, _refusal(asked, people.c, said, hashed)


def _refusal(asked: Asked, people: Any, state: Any, hashed: ColumnElement[Any]) -> ColumnElement[Any]:
    """The first that holds, or null."""
    contact, wish = table_of(Contact).c, table_of(ContactPreference).c
    of_contact = people.subject_type == literal_column("'contact'")
    gone = or_(
        contact.id.is_(None),
        contact.deleted_at.is_not(None),
        contact.merged_into_id.is_not(None),
        contact.anonymised_at.is_not(None),
    )
    contractual = asked.purpose is None
    rules: list[tuple[ColumnElement[bool], Refusal]] = [
        (and_(of_contact, gone), Refusal.GONE),
        (and_(of_contact, contact.is_deceased), Refusal.DECEASED),
        (people.address.is_(None), Refusal.NO_ADDRESS),
        (suppressed(asked.channel, hashed, contractual=contractual), Refusal.SUPPRESSED),
    ]
    if not contractual:
        declined = [
            wish.frequency == _constant(MessageFrequency.NEVER),
            and_(wish.channels.is_not(None), ~(_constant(asked.channel) == any_(wish.channels))),
        ]
        if asked.topic is not None:
            declined.append(and_(wish.topics.is_not(None), ~(_constant(asked.topic) == any_(wish.topics))))
        granted_now = func.coalesce(state.status == _constant(ConsentStatus.GRANTED), literal_column("false"))
        rules += [
            (and_(of_contact, contact.do_not_contact), Refusal.DO_NOT_CONTACT),
            (~granted_now, Refusal.NOT_GRANTED),
            (state.expires_at <= func.now(), Refusal.EXPIRED),
            (or_(*declined), Refusal.DECLINED),
        ]
    return case(*((rule, _constant(refusal)) for rule, refusal in rules), else_=null().cast(Text()))


def _joined(people: FromClause, asked: Asked) -> tuple[FromClause, Any]:
    """And the columns of what they said last, where that matters."""
    contact, wish = table_of(Contact), table_of(ContactPreference)
    own = bindparam("organization_id", type_=Uuid())
    known = people.outerjoin(
        contact,
        and_(
            contact.c.organization_id == own,
            contact.c.id == people.c.subject_id,
            people.c.subject_type == literal_column("'contact'"),
        ),
    ).outerjoin(
        wish,
        and_(
            wish.c.organization_id == own,
            wish.c.subject_type == people.c.subject_type,
            wish.c.subject_id == people.c.subject_id,
        ),
    )
    if asked.purpose is None:
        return known, None
    said = _STATES.alias("said")
    same = (
        said.c.organization_id == own,
        said.c.subject_type == people.c.subject_type,
        said.c.subject_id == people.c.subject_id,
        said.c.purpose == _constant(asked.purpose),
    )
    if asked.brand == HOUSE:
        return known.outerjoin(said, and_(*same, said.c.brand == literal_column("''"))), said.c
    last = (
        select(said)
        .where(*same, _of_brand(said, asked.brand))
        .order_by(said.c.captured_at.desc(), said.c.consent_id.desc())
        .limit(literal_column("1"))
        .lateral("last")
    )
    return known.outerjoin(last, literal_column("true")), last.c


class Gate:
    """Asked by whoever is about to send."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def allowed(
        self,
        purpose: ConsentPurpose | None,
        channel: MarketingChannel,
        people: Sequence[Person],
        *,
        brand: str = HOUSE,
        topic: MessageTopic | None = None,
    ) -> Mapping[UUID, Refusal | None]:
        """Why a message may not go to each of them; None: it may. One round trip.

        purpose None: a contractual message, which needs no consent. Somebody unknown is refused.
        """
        if not people:
            return {}
        pepper = await pepper_of(self.ctx)
        asked = Asked(purpose, channel, brand, topic)
        values = {
            "subject_type": [str(person.subject_type) for person in people],
            "subject_id": [person.subject_id for person in people],
            "address": [person.address or None for person in people],
            "hashed": [address_hash(pepper, person.address or "") for person in people],
        }
        rows = await self.ctx.fetch(compiled(("consent gate", asked), lambda: _allowed(asked)), values)
        return {row[0]: Refusal(row[1]) if row[1] else None for row in rows}


def _allowed(asked: Asked) -> Select[Any]:
    people = unnested(subject_type=Text(), subject_id=Uuid(), address=Text(), hashed=Text()).alias("people")
    joined, refusal = _judged(people, asked, people.c.hashed)
    return select(people.c.subject_id, refusal).select_from(joined)


def _of_brand(states: Any, brand: str) -> ColumnElement[bool]:
    own: ColumnElement[Any] = literal(brand, Text(), literal_execute=False)
    return or_(states.c.brand == literal_column("''"), states.c.brand == own)


def _constant(value: StrEnum) -> ColumnElement[str]:
    return literal_column(f"'{value}'", Text())
