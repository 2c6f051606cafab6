"""What upper floors hear of surveys; ids and public facts only. Of anonymous answers they hear nothing."""

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from crm_api.core.events import Event


@dataclass(frozen=True, slots=True)
class SurveyInvited(Event):
    """Somebody was asked."""

    kind: ClassVar = "survey.invited"

    survey_id: UUID
    invitation_id: UUID


@dataclass(frozen=True, slots=True)
class SurveyAnswered(Event):
    """Somebody has answered; a change of mind is told again."""

    kind: ClassVar = "survey.answered"

    survey_id: UUID
    response_id: UUID
    score: int | None
    agency_id: UUID | None


@dataclass(frozen=True, slots=True)
class SurveyDetractor(Event):
    """Somebody is not satisfied: they are to be called within 24 hours."""

    kind: ClassVar = "survey.detractor"

    survey_id: UUID
    response_id: UUID
    score: int
    agency_id: UUID | None
    task_id: UUID | None
