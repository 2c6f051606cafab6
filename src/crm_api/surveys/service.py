from collections.abc import Sequence
from datetime import UTC, datetime, time
from fractions import Fraction
from typing import Any
from uuid import UUID

from pydantic import MISSING, BaseModel
from pydantic_core import PydanticCustomError

from crm_api.agencies.service import AgencyService
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.clock import ALGIERS
from crm_api.kit.errors import ValidationFailed, VersionConflict
from crm_api.kit.schemas import Json
from crm_api.opportunities.figures import written
from crm_api.surveys import figures
from crm_api.surveys.errors import SurveyUnderway
from crm_api.surveys.figures import Figure
from crm_api.surveys.models import SURVEY, Survey, SurveyStatus, SurveyType
from crm_api.surveys.repository.responses import ResponseRepository
from crm_api.surveys.repository.surveys import InvitationRepository, SurveyRepository, WaveRepository
from crm_api.surveys.schemas.asking import (
    SurveyInvitationPage,
    SurveyInvitationQuery,
    SurveyResponsePage,
    SurveyResponseQuery,
    SurveyResponseRead,
    SurveyWavePage,
    SurveyWaveQuery,
)
from crm_api.surveys.schemas.form import SurveyFigure, SurveyGrouping, SurveyPeriod, SurveyResults
from crm_api.surveys.schemas.survey import (
    SurveyCreate,
    SurveyPage,
    SurveyPatch,
    SurveyQuery,
    SurveyQuestion,
    SurveyRead,
    refuse_unsound,
)

MENDABLE = frozenset({"name", "delay_minutes", "sampling", "cooldown_days"})
"""What may change while a survey is being asked."""
_MEASURES = {SurveyType.CSAT: (figures.csat, 4), SurveyType.NPS: (figures.nps, 1)}


class SurveyService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.surveys = SurveyRepository(ctx)
        self.responses = ResponseRepository(ctx)

    # --- reads

    async def page(self, query: SurveyQuery) -> Json[SurveyPage]:
        return await self.surveys.page(query, SurveyPage)

    async def get(self, survey_id: UUID) -> Json[SurveyRead]:
        return await self.surveys.get(survey_id)

    async def waves(self, query: SurveyWaveQuery) -> Json[SurveyWavePage]:
        return await WaveRepository(self.ctx).page(query, SurveyWavePage)

    async def invitations(self, query: SurveyInvitationQuery) -> Json[SurveyInvitationPage]:
        return await InvitationRepository(self.ctx).page(query, SurveyInvitationPage)

    async def answers(self, query: SurveyResponseQuery) -> Json[SurveyResponsePage]:
        return await self.responses.page(query, SurveyResponsePage)

    async def answer(self, response_id: UUID) -> Json[SurveyResponseRead]:
        return await self.responses.get(response_id)

    async def results(self, survey_id: UUID, period: SurveyPeriod) -> SurveyResults:
        """Of the answers that this principal may see. Raises NotFound."""
        survey = (await self.surveys.get(survey_id)).value
        values = {
            "survey_id": survey_id,
            "start": _midnight(period.start),
            "end": _midnight(period.end),
            "wave_id": period.wave_id,
        }
        counted = await self.responses.scores(values, period.group_by)
        whole = [score for _, score, count in counted for _ in range(count)]
        groups: dict[UUID, list[int]] = {}
        for group, score, count in counted:
            if group is not None:
                groups.setdefault(group, []).extend([score] * count)
        ordered = sorted(groups.items(), key=lambda one: (-len(one[1]), one[0]))[:1000]
        return SurveyResults(
            survey_id=survey_id,
            type=survey.type,
            start=period.start,
            end=period.end,
            timezone=str(ALGIERS),
            computed_at=now(),
            whole=_shown(survey.type, whole),
            groups=[_shown(survey.type, scores, period.group_by, group) for group, scores in ordered],
        )

    # --- writing surveys

    async def create(self, data: SurveyCreate) -> Json[SurveyRead]:
        """Raises SurveyCodeTaken."""
        return await self.surveys.add(_plain(data))

    async def update(self, survey_id: UUID, data: SurveyPatch, version: int) -> Json[SurveyRead]:
        """Raises SurveyUnderway for what it asks, once it is asked; ValidationFailed."""
        survey = await self._loaded(survey_id, version)
        given = _plain(data)
        if survey.status is not SurveyStatus.DRAFT and set(given) - MENDABLE:
            raise SurveyUnderway
        questions = survey.questions if data.questions is MISSING else data.questions
        languages: list[str] = [*(survey.languages if data.languages is MISSING else data.languages)]
        _refuse_unsound(survey, questions, languages)
        for name, value in given.items():
            setattr(survey, name, value)
        await self.surveys.save(survey)
        return await self.surveys.get(survey_id)

    async def activate(self, survey_id: UUID, version: int) -> Json[SurveyRead]:
        return await self._step(survey_id, SurveyStatus.ACTIVE, version)

    async def close(self, survey_id: UUID, version: int) -> Json[SurveyRead]:
        """Nobody is asked any more, and what was sent cannot be answered."""
        return await self._step(survey_id, SurveyStatus.CLOSED, version)

    async def _step(self, survey_id: UUID, wanted: SurveyStatus, version: int) -> Json[SurveyRead]:
        survey = await self._loaded(survey_id, version)
        SURVEY.check(survey.status, wanted)
        survey.status = wanted
        await self.surveys.save(survey)
        return await self.surveys.get(survey_id)

    async def _loaded(self, survey_id: UUID, version: int) -> Survey:
        survey = await self.surveys.load(survey_id)
        if version not in (survey.version, ANY_VERSION):
            raise VersionConflict(current_version=survey.version)
        return survey

    async def refuse_unknown_agency(self, agency_id: UUID | None) -> None:
        """Raises NotFound."""
        if agency_id is not None:
            await AgencyService(self.ctx).get(agency_id)


def _plain(data: BaseModel) -> dict[str, Any]:
    """As the columns take it."""
    given = {name: value for name, value in dict(data).items() if value is not MISSING}
    if "questions" in given:
        given["questions"] = [question.model_dump(mode="json") for question in given["questions"]]
    return given


def _refuse_unsound(survey: Survey, questions: Sequence[Any], languages: list[str]) -> None:
    parsed = [SurveyQuestion.model_validate(question) for question in questions]
    try:
        refuse_unsound(survey.type, parsed, languages)
    except PydanticCustomError as refused:
        raise ValidationFailed.at("/questions", refused.type, refused.message()) from refused


def _midnight(day: Any) -> datetime:
    return datetime.combine(day, time(), ALGIERS).astimezone(UTC)


def _shown(
    type: SurveyType, scores: list[int], grouping: SurveyGrouping | None = None, group: UUID | None = None
) -> SurveyFigure:
    measure, decimals = _MEASURES.get(type, (figures.average, 2))
    figure: Figure = measure(scores)
    is_there = figure.value is not None
    return SurveyFigure(
        agency_id=group if grouping is SurveyGrouping.AGENCY else None,
        agent_id=group if grouping is SurveyGrouping.AGENT else None,
        value=written(figure.value, decimals),
        mean=written(figure.mean, 2),
        numerator=figure.numerator,
        denominator=figure.sample if is_there else None,
        low=_bound(figure.low, decimals),
        high=_bound(figure.high, decimals),
        sample_size=figure.sample,
        status="ok" if is_there else "no_data",
    )


def _bound(value: float | None, decimals: int) -> str | None:
    return None if value is None else written(Fraction(value), decimals)
