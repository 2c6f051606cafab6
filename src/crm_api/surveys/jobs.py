"""The mails of surveys, their waves, and what has had its time."""

from dataclasses import replace
from typing import cast
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.jobs import Jobs, Payload, Schedule
from crm_api.core.letters import Language, Value, compose
from crm_api.core.mail import BadMail, MailNotSent
from crm_api.core.progress import tracked
from crm_api.kit.clock import ALGIERS
from crm_api.kit.errors import NotFound
from crm_api.organizations.service import OrganizationService
from crm_api.surveys.asking import WAVE, run_wave
from crm_api.surveys.events import SurveyInvited
from crm_api.surveys.filling import link_of
from crm_api.surveys.models import (
    IDENTIFIED,
    INVITATION,
    SurveyInvitation,
    SurveyInvitationStatus,
    SurveyStatus,
)
from crm_api.surveys.repository.responses import ResponseRepository
from crm_api.surveys.repository.surveys import InvitationRepository, RecipientRepository, SurveyRepository

_STATUS = SurveyInvitationStatus


async def send_survey(ctx: Context, payload: Payload) -> None:
    """The link, to whom it is for; unless the survey was closed meanwhile, or the person is gone."""
    invitations = InvitationRepository(ctx)
    try:
        invitation = await invitations.load(UUID(str(payload["invitation_id"])))
    except NotFound:
        return
    if invitation.status is not _STATUS.PLANNED:
        return
    survey = await SurveyRepository(ctx).known(invitation.survey_id)
    closed = survey.status is not SurveyStatus.ACTIVE or invitation.expires_at < now()
    ending = _STATUS.EXPIRED if closed else await _sent(ctx, invitation)
    INVITATION.check(invitation.status, ending)
    invitation.status = ending
    if ending is _STATUS.SENT:
        invitation.sent_at = now()
        await publish(ctx, SurveyInvited(survey.id, invitation.id))
    await invitations.save(invitation)


async def _sent(ctx: Context, invitation: SurveyInvitation) -> SurveyInvitationStatus:
    """`failed` when there is nobody to write to, or no server takes the address. Raises MailNotSent."""
    person = await RecipientRepository(ctx).person(invitation.contact_id)
    if person is None:
        return _STATUS.FAILED
    values: dict[str, Value] = {
        "sender": (await OrganizationService(ctx).shown()).name or "",
        "url": link_of(ctx, invitation),
        "until": f"{invitation.expires_at.astimezone(ALGIERS):%d/%m/%Y}",
    }
    mail = compose("survey", cast(Language, invitation.language), person.email, values)
    host = ctx.tools.settings.mail_from.rpartition("@")[2].rstrip("> ")
    try:
        await ctx.tools.mailer.send(replace(mail, message_id=f"<survey.{invitation.id}@{host}>"))
    except BadMail:
        return _STATUS.FAILED
    except MailNotSent as refusal:
        if not refusal.permanent:
            raise
        return _STATUS.FAILED
    return _STATUS.SENT


async def tend_surveys(ctx: Context, _: Payload) -> None:
    """What can no longer be answered runs out; after 36 months an answer names nobody (domain.md B-61)."""
    await InvitationRepository(ctx).expire(now())
    forgotten = await ResponseRepository(ctx).forget_names(now() - IDENTIFIED)
    if forgotten:
        ctx.note("survey.anonymised", "organization", ctx.organization_id, changes={"answers": forgotten})


JOBS: Jobs = {"send_survey": send_survey, "tend_surveys": tend_surveys, WAVE: tracked(run_wave)}
SCHEDULES = (Schedule("tend_surveys", "25 2 * * *"),)
