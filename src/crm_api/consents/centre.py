"""The preference centre: whoever has the link sees and decides, without signing in."""

from datetime import timedelta
from uuid import UUID

from crm_api.consents.asking import come_back
from crm_api.consents.errors import ConsentLinkUnknown
from crm_api.consents.events import PreferencesChanged
from crm_api.consents.models import (
    HOUSE,
    ConsentChannel,
    ConsentPurpose,
    ConsentSource,
    ConsentStatus,
    ConsentSubject,
    ContactPreference,
    MessageFrequency,
)
from crm_api.consents.recording import Line, Recording, Who, effective, hash_of_words
from crm_api.consents.repository.ledger import (
    ConsentRepository,
    PersonRepository,
    PreferenceRepository,
    Reached,
)
from crm_api.consents.schemas.preferences import (
    CENTRE,
    CalmHours,
    DecisionRead,
    PreferenceCentre,
    PreferenceChange,
    PreferenceLinkCreate,
    PreferenceLinkRead,
)
from crm_api.consents.service import ConsentService
from crm_api.consents.words import CENTRE as VERSION
from crm_api.consents.words import spoken
from crm_api.core.context import Context
from crm_api.core.events import publish
from crm_api.core.objects import require_object
from crm_api.core.principal import SYSTEM_ID
from crm_api.core.signed_links import SignedLink, expiring
from crm_api.kit.ids import new_id
from crm_api.organizations.service import OrganizationService

PURPOSE = "the preferences of a contact"
LASTS = timedelta(days=400)
"""So long after a message was sent can its link be used."""


def preferences_url(ctx: Context, contact_id: UUID) -> PreferenceLinkRead:
    """For the footer of every message."""
    link = SignedLink(ctx.organization_id, contact_id, SYSTEM_ID, "system", expiring(LASTS))
    url = f"{ctx.tools.settings.base_url}/preferences#token={ctx.tools.links.sign(link, PURPOSE)}"
    return PreferenceLinkRead(url=url, expires_at=link.expires_at)


class PreferenceDesk:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.preferences = PreferenceRepository(ctx)

    async def link(self, data: PreferenceLinkCreate) -> PreferenceLinkRead:
        """For the staff, who give it to the person. Raises UnknownObject."""
        self.ctx.begin()
        await require_object(self.ctx, "contact", data.contact_id)
        self.ctx.note("contact_preference.link_given", "contact", data.contact_id)
        return preferences_url(self.ctx, data.contact_id)

    async def view(self, contact_id: UUID, language: str | None = None) -> PreferenceCentre:
        """Changes nothing. Raises ConsentLinkUnknown for who is gone."""
        return await self._shown(await self._person(contact_id), language)

    async def change(self, contact_id: UUID, data: PreferenceChange) -> PreferenceCentre:
        """Only what differs from what holds now is written into the ledger."""
        person = await self._person(contact_id)
        who = Who(ConsentSubject.CONTACT, contact_id)
        states = await ConsentRepository(self.ctx).states(who.subject_type, who.subject_id)
        words = await ConsentService(self.ctx).words(VERSION, data.language)
        like = Line(
            *(ConsentPurpose.MARKETING_EMAIL, ConsentStatus.GRANTED, ConsentChannel.WEB),
            ConsentSource.PREFERENCE_CENTRE,
            text_version=VERSION,
            text_hash=hash_of_words(words) if words else None,
            language=data.language,
            **ConsentService(self.ctx).origin(),
        )
        yes = [
            ConsentPurpose(one.purpose)
            for one in data.purposes
            if one.allowed and not effective(states, ConsentPurpose(one.purpose))
        ]
        no = [ConsentPurpose(one.purpose) for one in data.purposes if not one.allowed]
        recording = Recording(self.ctx)
        await recording.write(who, [like.about(purpose) for purpose in yes])
        if no:
            await recording.withdraw(who, like, no)
        if yes:
            await come_back(self.ctx, person)
        await self._wish(who, data)
        return await self._shown(person, data.language)

    async def _wish(self, who: Who, data: PreferenceChange) -> None:
        kept = await self.preferences.of(who.subject_type, who.subject_id)
        if kept is None:
            kept = ContactPreference(id=new_id(), subject_type=who.subject_type, subject_id=who.subject_id)
        kept.topics = None if data.topics is None else sorted({str(one) for one in data.topics})
        kept.channels = None if data.channels is None else sorted({str(one) for one in data.channels})
        kept.frequency = data.frequency
        kept.hours_start = data.hours.start if data.hours else None
        kept.hours_end = data.hours.end if data.hours else None
        await self.preferences.save(kept)
        about = kept.id, str(who.subject_type), who.subject_id
        await publish(self.ctx, PreferencesChanged(*about))

    async def _person(self, contact_id: UUID) -> Reached:
        person = await PersonRepository(self.ctx).contact(contact_id)
        if person is None:
            raise ConsentLinkUnknown
        return person

    async def _shown(self, person: Reached, language: str | None) -> PreferenceCentre:
        subject = ConsentSubject.CONTACT, person.contact_id
        states = await ConsentRepository(self.ctx).states(*subject)
        kept = await self.preferences.of(*subject)
        spoken_now = spoken(language or person.language)
        words = await ConsentService(self.ctx).words(VERSION, spoken_now)
        brands = {HOUSE, *(one.brand for one in states)}
        return PreferenceCentre.model_validate(
            {
                "organization": (await OrganizationService(self.ctx).shown()).name or "",
                "text_version": VERSION,
                "text": words or "",
                "language": spoken_now,
                "purposes": [
                    DecisionRead(
                        purpose=purpose, allowed=any(effective(states, purpose, brand) for brand in brands)
                    )
                    for purpose in CENTRE
                ],
                "topics": kept and kept.topics,
                "channels": kept and kept.channels,
                "frequency": kept.frequency if kept else MessageFrequency.USUAL,
                "hours": CalmHours(start=kept.hours_start, end=kept.hours_end)
                if kept and kept.hours_start is not None and kept.hours_end is not None
                else None,
            }
        )
