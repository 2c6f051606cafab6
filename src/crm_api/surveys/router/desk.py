"""Surveys as the staff write, send and read them."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, status

from crm_api.core.http import IfMatch, MergePatch
from crm_api.core.openapi import refusals
from crm_api.jobs.schemas import JobRead
from crm_api.kit.schemas import Json
from crm_api.surveys.asking import Asking
from crm_api.surveys.errors import (
    SurveyCodeTaken,
    SurveyNobodyToAsk,
    SurveyNotActive,
    SurveyTooSoon,
    SurveyUnderway,
)
from crm_api.surveys.router.doors import Reader, Writer, invitations, responses, router, waves
from crm_api.surveys.schemas.asking import (
    SurveyInvitationCreate,
    SurveyInvitationPage,
    SurveyInvitationQuery,
    SurveyInvitationRead,
    SurveyResponsePage,
    SurveyResponseQuery,
    SurveyResponseRead,
    SurveyWaveCreate,
    SurveyWavePage,
    SurveyWaveQuery,
)
from crm_api.surveys.schemas.form import SurveyPeriod, SurveyResults
from crm_api.surveys.schemas.survey import SurveyCreate, SurveyPage, SurveyPatch, SurveyQuery, SurveyRead
from crm_api.surveys.service import SurveyService


@router.get("")
async def list_surveys(ctx: Reader, query: Annotated[SurveyQuery, Query()]) -> Json[SurveyPage]:
    """List surveys."""
    return await SurveyService(ctx).page(query)


@router.post("", status_code=status.HTTP_201_CREATED, openapi_extra=refusals(SurveyCodeTaken))
async def create_survey(ctx: Writer, body: SurveyCreate) -> Json[SurveyRead]:
    """Write a survey; it is a draft until it is activated."""
    return await SurveyService(ctx).create(body)


@router.get("/{survey_id}")
async def get_survey(ctx: Reader, survey_id: UUID) -> Json[SurveyRead]:
    """Read a survey."""
    return await SurveyService(ctx).get(survey_id)


@router.patch("/{survey_id}", openapi_extra=refusals(SurveyUnderway))
async def update_survey(
    ctx: Writer, survey_id: UUID, body: Annotated[SurveyPatch, MergePatch], version: IfMatch
) -> Json[SurveyRead]:
    """Change a survey; what it asks only while it is a draft."""
    return await SurveyService(ctx).update(survey_id, body, version)


@router.post("/{survey_id}/activate")
async def activate_survey(ctx: Writer, survey_id: UUID, version: IfMatch) -> Json[SurveyRead]:
    """Begin to ask."""
    return await SurveyService(ctx).activate(survey_id, version)


@router.post("/{survey_id}/close")
async def close_survey(ctx: Writer, survey_id: UUID, version: IfMatch) -> Json[SurveyRead]:
    """Stop asking; what was sent can no longer be answered."""
    return await SurveyService(ctx).close(survey_id, version)


@router.get("/{survey_id}/results")
async def get_survey_results(
    ctx: Reader, survey_id: UUID, query: Annotated[SurveyPeriod, Query()]
) -> SurveyResults:
    """Read what a survey found: satisfaction (D-53) or recommendation (D-54), and how sure that is.

    Fewer than five answers give no figure (`no_data`). With `group_by`, also for each agency or colleague.
    Who sees a part of the company gets the answers of that part.
    """
    return await SurveyService(ctx).results(survey_id, query)


@router.post(
    "/{survey_id}/invitations",
    status_code=status.HTTP_201_CREATED,
    openapi_extra=refusals(SurveyNotActive, SurveyNobodyToAsk, SurveyTooSoon),
)
async def invite_to_survey(
    ctx: Writer, survey_id: UUID, body: SurveyInvitationCreate
) -> Json[SurveyInvitationRead]:
    """Ask one person; the mail goes out after the delay of the survey."""
    return await Asking(ctx).by_hand(survey_id, body)


@router.post(
    "/{survey_id}/waves", status_code=status.HTTP_202_ACCEPTED, openapi_extra=refusals(SurveyNotActive)
)
async def start_survey_wave(ctx: Writer, survey_id: UUID, body: SurveyWaveCreate) -> Json[JobRead]:
    """Ask many customers at one time, each person once.

    Left out: who has no e-mail address or wishes not to be written to, who was asked lately by any survey,
    who is not in the sample. The job at `Location` tells how far it is.
    """
    return await Asking(ctx).begin_wave(survey_id, body)


@waves.get("")
async def list_survey_waves(ctx: Reader, query: Annotated[SurveyWaveQuery, Query()]) -> Json[SurveyWavePage]:
    """List waves."""
    return await SurveyService(ctx).waves(query)


@invitations.get("")
async def list_survey_invitations(
    ctx: Reader, query: Annotated[SurveyInvitationQuery, Query()]
) -> Json[SurveyInvitationPage]:
    """List invitations."""
    return await SurveyService(ctx).invitations(query)


@responses.get("")
async def list_survey_responses(
    ctx: Reader, query: Annotated[SurveyResponseQuery, Query()]
) -> Json[SurveyResponsePage]:
    """List answers: those about your agencies, or about you."""
    return await SurveyService(ctx).answers(query)


@responses.get("/{survey_response_id}")
async def get_survey_response(ctx: Reader, survey_response_id: UUID) -> Json[SurveyResponseRead]:
    """Read an answer."""
    return await SurveyService(ctx).answer(survey_response_id)
