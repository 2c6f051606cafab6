"""The ledger, its present state, the words that were shown, and what people wish."""

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_

from crm_api.consents.errors import ConsentTextTaken
from crm_api.consents.models import (
    HOUSE,
    Consent,
    ConsentPurpose,
    ConsentState,
    ConsentSubject,
    ConsentText,
    ContactPreference,
)
from crm_api.consents.schemas.ledger import ConsentRead, ConsentTextRead
from crm_api.consents.schemas.preferences import ContactPreferenceRead
from crm_api.contacts.models import Contact
from crm_api.core.context import Context
from crm_api.core.inheritance import object_in_sight, sights
from crm_api.core.plain import table_of
from crm_api.core.repository import Repository

SUBJECTS = (ConsentSubject.CONTACT, ConsentSubject.LEAD)
"""Kinds of object that pass their visibility on to what they said."""


class ConsentRepository(Repository[Consent, ConsentRead]):
    model, read = Consent, ConsentRead

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.visibility = sights(ctx, Consent.label, SUBJECTS)

    def visible(self) -> list[ColumnElement[bool]]:
        """What was said by somebody in sight."""
        said = table_of(Consent).c
        in_sight = object_in_sight(self.ctx, Consent.label, said.subject_type, said.subject_id, SUBJECTS)
        return [*super().visible(), in_sight]

    async def put(self, rows: Sequence[Consent]) -> None:
        self.ctx.session.add_all(rows)
        await self.ctx.session.flush()

    async def states(self, subject_type: ConsentSubject, subject_id: UUID) -> Sequence[ConsentState]:
        """What somebody said last, for each purpose and brand; whoever asks."""
        found = (
            select(ConsentState)
            .where(ConsentState.subject_type == subject_type, ConsentState.subject_id == subject_id)
            .order_by(ConsentState.purpose, ConsentState.brand)
        )
        fresh = {"populate_existing": True}  # a trigger writes them, behind the session's back
        return (await self.ctx.session.scalars(found, execution_options=fresh)).all()

    async def state(
        self, subject_type: ConsentSubject, subject_id: UUID, purpose: ConsentPurpose, brand: str = HOUSE
    ) -> ConsentState | None:
        key = (self.ctx.organization_id, subject_type, subject_id, purpose, brand)
        return await self.ctx.session.get(ConsentState, key, populate_existing=True)

    async def lines(self, ids: Sequence[UUID]) -> Sequence[Consent]:
        """Whoever asks."""
        found = select(Consent).where(Consent.id.in_(ids)).order_by(Consent.captured_at, Consent.id)
        return (await self.ctx.session.scalars(found)).all()

    async def before(self, row: Consent) -> Consent | None:
        """What the same person had said about the same until then."""
        same = (
            Consent.subject_type == row.subject_type,
            Consent.subject_id == row.subject_id,
            Consent.purpose == row.purpose,
            Consent.brand == row.brand,
            tuple_(Consent.captured_at, Consent.id) < tuple_(row.captured_at, row.id),
        )
        last = select(Consent).where(*same).order_by(Consent.captured_at.desc(), Consent.id.desc()).limit(1)
        return await self.ctx.session.scalar(last)

    async def of_request(self, request_id: UUID) -> Sequence[Consent]:
        """The lines of one asking; whoever asks."""
        found = select(Consent).where(Consent.request_id == request_id).order_by(Consent.purpose, Consent.id)
        return (await self.ctx.session.scalars(found)).all()


class ConsentTextRepository(Repository[ConsentText, ConsentTextRead]):
    model, read = ConsentText, ConsentTextRead
    refusals = {"uq_consent_texts_version": ConsentTextTaken}

    async def known(self, text_version: str, language: str) -> ConsentText | None:
        found = select(ConsentText).where(
            ConsentText.text_version == text_version, ConsentText.language == language
        )
        return await self.ctx.session.scalar(found)


class PreferenceRepository(Repository[ContactPreference, ContactPreferenceRead]):
    model, read = ContactPreference, ContactPreferenceRead

    async def of(self, subject_type: ConsentSubject, subject_id: UUID) -> ContactPreference | None:
        found = select(ContactPreference).where(
            ContactPreference.subject_type == subject_type, ContactPreference.subject_id == subject_id
        )
        return await self.ctx.session.scalar(found)


class Reached(NamedTuple):
    """A contact, as it can be written to."""

    contact_id: UUID
    name: str
    email: str | None
    phone: str | None
    language: str
    emails: list[dict[str, Any]]
    phones: list[dict[str, Any]]
    reachable: bool
    """Neither dead, nor gone, nor somebody who wants nothing of us."""


class PersonRepository:
    """People as the links of their mails need them, whoever looks."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def contact(self, contact_id: UUID) -> Reached | None:
        """None: gone, merged or anonymised."""
        found = select(Contact).where(
            Contact.id == contact_id,
            Contact.deleted_at.is_(None),
            Contact.merged_into_id.is_(None),
            Contact.anonymised_at.is_(None),
        )
        person = await self.ctx.session.scalar(found)
        if person is None:
            return None
        return Reached(
            *(person.id, person.display_name, person.primary_email or None, person.primary_phone or None),
            *(str(person.preferred_language), person.emails, person.phones),
            reachable=not (person.is_deceased or person.do_not_contact),
        )
