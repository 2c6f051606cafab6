from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from crm_api.consents.errors import ConsentProofNeeded, ConsentTextDiffers, ConsentTextUnknown
from crm_api.consents.models import (
    HOUSE,
    Consent,
    ConsentChannel,
    ConsentPurpose,
    ConsentSource,
    ConsentState,
    ConsentStatus,
    ConsentSubject,
)
from crm_api.consents.recording import Line, Recording, Who, allows, hash_of_words
from crm_api.consents.repository.ledger import ConsentRepository, ConsentTextRepository
from crm_api.consents.schemas.ledger import (
    ConsentCreate,
    ConsentPage,
    ConsentQuery,
    ConsentRead,
    ConsentStateQuery,
    ConsentTextCreate,
    ConsentTextPage,
    ConsentTextQuery,
    ConsentTextRead,
    EffectiveConsent,
)
from crm_api.consents.words import words_of_the_house
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.objects import require_object
from crm_api.core.principal import DataScope
from crm_api.kit.errors import ValidationFailed
from crm_api.kit.schemas import Json
from crm_api.organizations.service import OrganizationService

AHEAD = timedelta(minutes=5)
"""So far may another clock be ahead of ours."""


class ConsentService:
    """The ledger: `record` by the staff, `withdraw` by whoever hears a no, and what holds now."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.consents = ConsentRepository(ctx)
        self.texts = ConsentTextRepository(ctx)
        self.recording = Recording(ctx)

    # --- reads

    async def page(self, query: ConsentQuery) -> Json[ConsentPage]:
        return await self.consents.page(query, ConsentPage)

    async def get(self, consent_id: UUID) -> Json[ConsentRead]:
        return await self.consents.get(consent_id)

    async def effective(self, query: ConsentStateQuery) -> list[EffectiveConsent]:
        """Every purpose, and what was said of brands besides. Raises UnknownObject."""
        await require_object(self.ctx, query.subject_type, query.subject_id)
        states = await self.consents.states(query.subject_type, query.subject_id)
        said = {(ConsentPurpose(one.purpose), one.brand): one for one in states}
        keys = {(purpose, HOUSE) for purpose in ConsentPurpose} | said.keys()
        return [_shown(*key, said.get(key)) for key in sorted(keys)]

    # --- the ledger

    async def record(self, data: ConsentCreate) -> Json[ConsentRead]:
        """Raises UnknownObject, ConsentTextUnknown, ConsentTextDiffers, ConsentProofNeeded."""
        self.ctx.begin()
        await require_object(self.ctx, data.subject_type, data.subject_id)
        if data.proof_document_id is not None:
            await require_object(self.ctx, "document", data.proof_document_id)
        text_hash = await self._hash(data)
        if data.status is ConsentStatus.GRANTED:
            part = self.ctx.principal.data_scope is not DataScope.ALL
            if data.proof_document_id is None and (part or text_hash is None):
                raise ConsentProofNeeded
        captured = _captured(data.captured_at)
        if data.expires_at is not None and data.expires_at <= (captured or now()):
            raise ValidationFailed.at("/expires_at", "consent_order", "A consent ends after it begins.")
        line = Line(
            *(data.purpose, ConsentStatus(data.status), data.channel, ConsentSource.STAFF, data.brand),
            text_version=data.text_version,
            text_hash=text_hash,
            language=data.language,
            captured_at=captured,
            expires_at=data.expires_at,
            proof_document_id=data.proof_document_id,
            reason=data.reason,
            **self.origin(),
        )
        who = Who(ConsentSubject(data.subject_type), data.subject_id)
        (row,) = await self.recording.write(who, [line])
        return await self.consents.get(row.id)

    async def withdraw(
        self,
        subject_type: ConsentSubject,
        subject_id: UUID,
        source: ConsentSource,
        channel: ConsentChannel,
        purposes: Sequence[ConsentPurpose] | None = None,
        *,
        message_id: UUID | None = None,
        reason: str | None = None,
    ) -> list[Consent]:
        """An end to it, for every brand, whoever hears it; all purposes when none is named. Twice is once."""
        like = Line(
            *(ConsentPurpose.MARKETING_EMAIL, ConsentStatus.WITHDRAWN, channel, source),
            message_id=message_id,
            reason=reason,
            **self.origin(),
        )
        return await self.recording.withdraw(Who(subject_type, subject_id), like, purposes)

    async def captured(
        self,
        lead_id: UUID,
        purposes: Sequence[ConsentPurpose],
        *,
        text_version: str,
        text: str | None,
        at: datetime | None,
        channel: ConsentChannel,
    ) -> None:
        """What a lead agreed to on the form that made it; a box left empty says nothing."""
        language = self.ctx.origin.locale[:2]
        words = text
        if words is None and (known := await self.texts.known(text_version, language)) is not None:
            words = known.body
        line = Line(
            *(ConsentPurpose.MARKETING_EMAIL, ConsentStatus.GRANTED, channel, ConsentSource.LEAD_FORM),
            text_version=text_version,
            text_hash=hash_of_words(words) if words else None,
            language=language,
            captured_at=min(at, now()) if at else None,
            **self.origin(),
        )
        lines = [line.about(purpose) for purpose in purposes]
        await self.recording.write(Who(ConsentSubject.LEAD, lead_id), lines)

    def origin(self) -> dict[str, Any]:
        """Where this use case comes from, as lines keep it."""
        return {"ip": self.ctx.origin.ip, "user_agent": self.ctx.origin.user_agent}

    async def _hash(self, data: ConsentCreate) -> str | None:
        """Of the words kept under this version, else of those given."""
        if data.text_version is None:
            return hash_of_words(data.text) if data.text else None
        language = data.language or "fr"
        known = await self.words(data.text_version, language)
        if known is None and data.text is None and data.proof_document_id is None:
            raise ConsentTextUnknown
        if known is not None and data.text is not None and known != data.text:
            raise ConsentTextDiffers
        words = known or data.text
        return hash_of_words(words) if words else None

    # --- the words

    async def words(self, text_version: str, language: str) -> str | None:
        """The organization's own, else those of the house."""
        kept = await self.texts.known(text_version, language)
        if kept is not None:
            return kept.body
        organization = (await OrganizationService(self.ctx).shown()).name or ""
        return words_of_the_house(text_version, language, organization)

    async def keep_text(self, data: ConsentTextCreate) -> Json[ConsentTextRead]:
        """Raises ConsentTextTaken."""
        return await self.texts.add({**dict(data), "text_hash": hash_of_words(data.body)})

    async def page_texts(self, query: ConsentTextQuery) -> Json[ConsentTextPage]:
        return await self.texts.page(query, ConsentTextPage)

    async def get_text(self, consent_text_id: UUID) -> Json[ConsentTextRead]:
        return await self.texts.get(consent_text_id)


def _captured(moment: datetime | None) -> datetime | None:
    if moment is not None and moment > now() + AHEAD:
        raise ValidationFailed.at("/captured_at", "consent_ahead", "Nobody has said that yet.")
    return moment


def _shown(purpose: ConsentPurpose, brand: str, state: ConsentState | None) -> EffectiveConsent:
    return EffectiveConsent(
        purpose=purpose,
        brand=brand,
        status=state.status if state else ConsentStatus.REFUSED,
        allowed=allows(state),
        recorded=state is not None,
        consent_id=state and state.consent_id,
        captured_at=state and state.captured_at,
        expires_at=state and state.expires_at,
    )
