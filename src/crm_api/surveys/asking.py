"""Whom surveys are sent to: after something happened, by hand, or to many customers at one time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from pydantic_core import from_json, to_json

from crm_api.contacts.service import ContactService
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.jobs import enqueue_each
from crm_api.core.progress import Run
from crm_api.jobs.schemas import JobRead
from crm_api.jobs.service import JobService
from crm_api.kit.errors import NotFound
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json
from crm_api.surveys.errors import SurveyNobodyToAsk, SurveyNotActive, SurveyTooSoon
from crm_api.surveys.models import Survey, SurveyStatus, SurveyTrigger, SurveyWave
from crm_api.surveys.repository.surveys import (
    InvitationRepository,
    Recipient,
    RecipientRepository,
    SurveyRepository,
    WaveRepository,
)
from crm_api.surveys.sampling import chosen
from crm_api.surveys.schemas.asking import SurveyInvitationCreate, SurveyInvitationRead, SurveyWaveCreate
from crm_api.surveys.service import SurveyService

WAVE = "run_survey_wave"
AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Happening:
    """Something after which customers are asked: what it is about, and who is judged."""

    trigger: SurveyTrigger
    object_type: str
    object_id: UUID
    account_id: UUID | None = None
    contact_id: UUID | None = None
    agency_id: UUID | None = None
    agent_id: UUID | None = None


class Asking:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.surveys = SurveyRepository(ctx)
        self.invitations = InvitationRepository(ctx)
        self.people = RecipientRepository(ctx)

    async def after(self, happening: Happening) -> None:
        """Every active survey with this trigger, if the occasion is in its sample and nobody is tired."""
        surveys = await self.surveys.asked_after(happening.trigger)
        if not surveys or (person := await self._asked(happening)) is None:
            return
        occasion = f"{happening.object_type}|{happening.object_id}"
        for survey in surveys:
            if chosen(survey.id, occasion, survey.sampling) and not await self._tired(survey, [person]):
                row = _row(survey, person, occasion=occasion, agency_id=happening.agency_id)
                row |= {"related_type": happening.object_type, "related_id": happening.object_id}
                row["agent_id"] = happening.agent_id
                await self._plan(survey, [row])

    async def by_hand(self, survey_id: UUID, data: SurveyInvitationCreate) -> Json[SurveyInvitationRead]:
        """Raises NotFound, SurveyNotActive, SurveyNobodyToAsk, SurveyTooSoon."""
        self.ctx.begin()
        survey = await self._active(survey_id)
        if not await ContactService(self.ctx).seen([data.contact_id]):
            raise NotFound(id=str(data.contact_id))
        person = await self.people.person(data.contact_id)
        if person is None:
            raise SurveyNobodyToAsk
        if await self._tired(survey, [person]):
            raise SurveyTooSoon(days=survey.cooldown_days)
        row = _row(survey, person, agency_id=person.agency_id)
        row["agent_id"] = self.ctx.principal.id if self.ctx.principal.is_person else None
        await self._plan(survey, [row])
        return await self.invitations.get(row["id"])

    async def begin_wave(self, survey_id: UUID, data: SurveyWaveCreate) -> Json[JobRead]:
        """The job asks. Raises NotFound, SurveyNotActive."""
        self.ctx.begin()
        survey = await self._active(survey_id)
        await SurveyService(self.ctx).refuse_unknown_agency(data.agency_id)
        wave = SurveyWave(id=new_id(), survey_id=survey.id, name=data.name, agency_id=data.agency_id)
        job = await JobService(self.ctx).start(WAVE, to_json({"wave_id": wave.id}))
        wave.job_id = job.value.id
        await WaveRepository(self.ctx).save(wave)
        return job

    async def ask_wave(self, wave: SurveyWave, run: Run) -> None:
        """A thousand customers at a time; what it has done so far is seen by who waits."""
        survey = await self.surveys.known(wave.survey_id)
        reached, invited, after = 0, 0, None
        while people := await self.people.customers(wave.agency_id, after, AT_ONCE):
            after = people[-1].contact_id
            tired = await self._tired(survey, people)
            rows = [
                _row(survey, person, agency_id=person.agency_id) | {"wave_id": wave.id}
                for person in people
                if person.contact_id not in tired
                and chosen(survey.id, f"{wave.id}|{person.contact_id}", survey.sampling)
            ]
            invited += len(await self._plan(survey, rows))
            reached += len(people)
            await run.report(reached, reached)
        wave.reached, wave.invited, wave.finished_at = reached, invited, now()
        await WaveRepository(self.ctx).save(wave)

    # --- inside

    async def _asked(self, happening: Happening) -> Recipient | None:
        """Who it was, else who stands for the account."""
        person = await self.people.person(happening.contact_id) if happening.contact_id else None
        if person is None and happening.account_id is not None:
            return await self.people.head_of(happening.account_id)
        return person

    async def _tired(self, survey: Survey, people: Sequence[Recipient]) -> set[UUID]:
        """Whom any survey has asked within the days that this one waits."""
        if not survey.cooldown_days:
            return set()
        since = now() - timedelta(days=survey.cooldown_days)
        return await self.invitations.asked_since([person.contact_id for person in people], since)

    async def _plan(self, survey: Survey, rows: Sequence[dict[str, Any]]) -> list[UUID]:
        """The mails are jobs of this transaction."""
        planned = await self.invitations.plan(rows)
        wait = timedelta(minutes=survey.delay_minutes) if survey.delay_minutes else None
        payloads = [{"invitation_id": id} for id in planned]
        await enqueue_each(
            *(self.ctx, "send_survey", payloads, [wait] * len(planned)),
            dedupe_keys=[str(id) for id in planned],
        )
        return planned

    async def _active(self, survey_id: UUID) -> Survey:
        """Locked, so that it is not closed meanwhile."""
        survey = await self.surveys.load(survey_id)
        if survey.status is not SurveyStatus.ACTIVE:
            raise SurveyNotActive
        return survey


async def run_wave(ctx: Context, run: Run) -> None:
    """Whoever was invited by a try that broke off was not: it is one transaction."""
    wave_id = UUID(from_json(await run.input())["wave_id"])
    wave = await WaveRepository(ctx).load(wave_id)
    await Asking(ctx).ask_wave(wave, run)
    await run.report(wave.reached, wave.reached)
    await run.succeed([], href=f"/v1/survey-invitations?wave_id={wave_id}")


def _row(survey: Survey, person: Recipient, **more: Any) -> dict[str, Any]:
    """An invitation; in the language of the person, where the survey speaks it."""
    language = person.language if person.language in survey.languages else survey.languages[0]
    answerable = timedelta(minutes=survey.delay_minutes) + timedelta(days=survey.expires_days)
    return {
        "id": new_id(),
        "survey_id": survey.id,
        "contact_id": person.contact_id,
        "language": language,
        "expires_at": now() + answerable,
        "occasion": None,
        "wave_id": None,
        "related_type": None,
        "related_id": None,
        "agency_id": None,
        "agent_id": None,
        **more,
    }
