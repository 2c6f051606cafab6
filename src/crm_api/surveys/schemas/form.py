"""What whoever has the link sees and sends; and what all of it comes to."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from crm_api.kit.schemas import Day, Input, Output, Timestamp
from crm_api.surveys.models import SurveyQuestionKind, SurveyType
from crm_api.surveys.schemas.survey import Key, SurveyLanguage

Answer = Annotated[
    bool
    | Annotated[int, Field(ge=0, le=10)]
    | Annotated[str, Field(min_length=1, max_length=2000)]
    | Annotated[list[Key], Field(max_length=20)],
    Field(examples=[4]),
]


class SurveyFormOption(Output):
    """One of the answers to choose from."""

    key: Key
    """What the answer says."""
    label: str = Field(max_length=300, examples=["Au téléphone"])
    """What people read."""


class SurveyFormQuestion(Output):
    """One question, in the language of the one who is asked."""

    key: Key
    """What the answer calls it."""
    kind: SurveyQuestionKind
    """score: a whole number from `lowest` to `highest`; choice: a key; choices: several; yes_no; text."""
    label: str = Field(max_length=300, examples=["Êtes-vous satisfait du règlement ?"])
    """What people read."""
    required: bool
    """Whether it must be answered."""
    lowest: int | None = Field(ge=0, le=1, examples=[1])
    """Of a score: the lowest."""
    highest: int | None = Field(ge=5, le=10, examples=[5])
    """Of a score: the highest."""
    options: list[SurveyFormOption] = Field(max_length=20)
    """What there is to choose from."""


class SurveyAnswerLine(Input):
    """The answer to one question."""

    key: Key
    """Which question."""
    value: Answer
    """A whole number for a score, a key for a choice, keys for several, true or false, or words."""


class SurveyAnswer(Input):
    """What somebody answers."""

    answers: list[SurveyAnswerLine] = Field(min_length=1, max_length=10)
    """Question by question."""
    comment: str | None = Field(default=None, min_length=1, max_length=2000, examples=["Règlement rapide."])
    """In their own words."""


class SurveyForm(Output):
    """A survey as it is filled in."""

    organization: str = Field(max_length=160, examples=["Alliance Assurances SPA"])
    """Who asks."""
    name: str = Field(max_length=120, examples=["Satisfaction après sinistre"])
    """What the survey is called."""
    type: SurveyType
    """What it measures."""
    language: SurveyLanguage
    """In which language the questions are."""
    anonymous: bool
    """true: the answer is kept without anything that tells whose it is, and cannot be changed."""
    questions: list[SurveyFormQuestion] = Field(max_length=10)
    """What is asked."""
    expires_at: Timestamp
    """Until when it can be answered."""
    answered: bool
    """Whether an answer is there."""
    editable_until: Timestamp | None
    """Until when that can be changed; null for none."""
    answers: list[SurveyAnswerLine] = Field(max_length=10)
    """What was answered, while it can be changed."""
    comment: str | None = Field(max_length=2000, examples=["Règlement rapide."])
    """The same."""


class SurveyGrouping(StrEnum):
    """Whose results stand side by side: those of agencies, or of colleagues."""

    AGENCY = "agency"
    AGENT = "agent"


class SurveyPeriod(Input):
    """Which answers count."""

    start: Day = Field(examples=["2026-11-01"])
    """First day, in Algiers."""
    end: Day = Field(examples=["2026-12-01"])
    """First day after it; 731 days later at most."""
    wave_id: UUID | None = None
    """Of this wave only."""
    group_by: SurveyGrouping | None = None
    """Also for each agency or colleague."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        if not 0 < (self.end - self.start).days <= 731:
            raise PydanticCustomError("period_length", "The period ends after it begins, within 731 days.")
        return self


class SurveyFigure(Output):
    """One figure, or the word that there are too few answers for one."""

    agency_id: UUID | None
    """Of which agency; null: of all, or of another grouping."""
    agent_id: UUID | None
    """Of which colleague."""
    value: str | None = Field(max_length=12, examples=["0.8000"])
    """csat: share of 4 and 5; nps: from -100.0 to 100.0; else the mean. null under 5 answers."""
    mean: str | None = Field(max_length=12, examples=["4.12"])
    """Mean score."""
    numerator: int | None = Field(examples=[168])
    """csat: satisfied answers; nps: promoters less detractors; else the sum."""
    denominator: int | None = Field(ge=0, examples=[210])
    """Answers that count."""
    low: str | None = Field(max_length=12, examples=["0.7407"])
    """Lower bound of what the true value may be, 95 % sure (csat: Wilson's interval)."""
    high: str | None = Field(max_length=12, examples=["0.8485"])
    """Upper bound."""
    sample_size: int = Field(ge=0, examples=[210])
    """Answers with a score; of one object only the last counts."""
    status: str = Field(max_length=10, examples=["ok"])
    """ok, or no_data: fewer than 5 answers."""


class SurveyResults(Output):
    """What a survey found, of the answers that you may see."""

    survey_id: UUID
    """Of which survey."""
    type: SurveyType
    """What it measures."""
    start: date = Field(examples=["2026-11-01"])
    """First day of the period."""
    end: date = Field(examples=["2026-12-01"])
    """First day after it."""
    timezone: str = Field(max_length=40, examples=["Africa/Algiers"])
    """Whose days these are."""
    computed_at: Timestamp
    """When it was worked out."""
    whole: SurveyFigure
    """Of all answers."""
    groups: list[SurveyFigure] = Field(max_length=1000)
    """Of each agency or colleague, the most answers first; anonymous answers are in none."""
