"""Surveys as they are written, listed and read."""

from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import MISSING, BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from crm_api.kit.listing import ListQuery, Page, equals, one_of, starts_with
from crm_api.kit.schemas import Input, Output, Timestamp
from crm_api.surveys.models import SCALES, Survey, SurveyQuestionKind, SurveyStatus, SurveyTrigger, SurveyType

SurveyCode = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9_-]{1,59}$", max_length=60, examples=["satisfaction-sinistre"])
]
Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$", max_length=40, examples=["accueil"])]
SurveyLanguage = Literal["fr", "ar", "en"]
Languages = Annotated[list[SurveyLanguage], Field(min_length=1, max_length=3, examples=[["fr", "ar"]])]
Words = Annotated[str, Field(min_length=1, max_length=300, examples=["Êtes-vous satisfait du règlement ?"])]


def _share(value: object) -> Decimal:
    """More than nothing, all at most, in millionths."""
    share = Decimal("NaN")
    if isinstance(value, str | int | Decimal) and not isinstance(value, bool):
        with suppress(InvalidOperation):
            share = Decimal(value)
    if not (share.is_finite() and 0 < share <= 1 and share == share.quantize(Decimal("0.000001"))):
        raise PydanticCustomError("survey_sampling", "A share from 0.000001 to 1.")
    return share


Share = Annotated[
    Decimal,
    BeforeValidator(_share),
    PlainSerializer(lambda value: f"{value.normalize():f}", return_type=str, when_used="json"),
    WithJsonSchema(
        {
            "type": "string",
            "maxLength": 8,
            "pattern": r"^(1(\.0{1,6})?|0\.[0-9]{1,6})$",
            "examples": ["0.25"],
        }
    ),
]


class SurveyWords(Input):
    """The same words in the languages of the survey."""

    fr: Words | None = None
    """In French."""
    ar: Words | None = Field(default=None, examples=["هل أنت راض عن التسوية؟"])
    """In Arabic."""
    en: Words | None = Field(default=None, examples=["Are you satisfied with the settlement?"])
    """In English."""


class SurveyOption(Input):
    """One of the answers to choose from."""

    key: Key
    """What the answer says."""
    label: SurveyWords
    """What people read."""


class SurveyQuestion(Input):
    """One question."""

    key: Key
    """What answers call it; once in a survey."""
    kind: SurveyQuestionKind
    """How it is answered."""
    label: SurveyWords
    """What people read."""
    required: bool = False
    """Whether it must be answered; the score always is."""
    options: list[SurveyOption] = Field(default=[], max_length=20)
    """Of choice and choices: two at least."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        chooses = self.kind in (SurveyQuestionKind.CHOICE, SurveyQuestionKind.CHOICES)
        if chooses != (len(self.options) >= 2) or (not chooses and self.options):
            raise PydanticCustomError("survey_options", "Choices have two options or more, others have none.")
        if len({option.key for option in self.options}) < len(self.options):
            raise PydanticCustomError("survey_keys", "A key stands once.")
        return self


Questions = Annotated[list[SurveyQuestion], Field(min_length=1, max_length=10)]


def refuse_unsound(type: SurveyType, questions: list[SurveyQuestion], languages: list[str]) -> None:
    """Raises PydanticCustomError: one score where the type has a scale, no key twice, all words there."""
    if len({question.key for question in questions}) < len(questions):
        raise PydanticCustomError("survey_keys", "A key stands once.")
    scores = sum(question.kind is SurveyQuestionKind.SCORE for question in questions)
    if scores != (1 if type in SCALES else 0):
        raise PydanticCustomError("survey_score", "csat, nps and ces ask for one score, others for none.")
    said = [question.label for question in questions]
    said += [option.label for question in questions for option in question.options]
    if any(getattr(words, language) is None for words in said for language in languages):
        raise PydanticCustomError("survey_words", "Every question and option is said in every language.")


class SurveyCreate(Input):
    """A survey to write."""

    code: SurveyCode
    """Its name for programs."""
    name: str = Field(min_length=1, max_length=120, examples=["Satisfaction après sinistre"])
    """Its name for the staff."""
    type: SurveyType
    """What it measures; that gives the scale of its score."""
    questions: Questions
    """What is asked, ten questions at most."""
    trigger: SurveyTrigger = SurveyTrigger.MANUAL
    """What it is sent after."""
    delay_minutes: int = Field(default=0, ge=0, le=43_200, examples=[1440])
    """So long after that."""
    sampling: Share = Decimal(1)
    """The share of occasions that are asked; always the same ones."""
    cooldown_days: int = Field(default=90, ge=0, le=730, examples=[90])
    """Nobody is asked again, by any survey, within so many days."""
    languages: Languages = ["fr"]
    """In which it is asked; the first where the person speaks none of them."""
    anonymous: bool = False
    """true: answers name nobody and nothing, cannot be changed, and call nobody back."""
    expires_days: int = Field(default=14, ge=1, le=90, examples=[14])
    """So long it can be answered."""

    @model_validator(mode="after")
    def _sound(self) -> Self:
        refuse_unsound(self.type, self.questions, [*self.languages])
        return self


class SurveyPatch(Input):
    """What to change; a field left out stays. Once it is asked, only name, delay, sampling and cooldown."""

    name: str | MISSING = Field(default=MISSING, min_length=1, max_length=120, examples=["Satisfaction auto"])
    """Its name for the staff."""
    questions: Questions | MISSING = MISSING
    """What is asked."""
    trigger: SurveyTrigger | MISSING = MISSING
    """What it is sent after."""
    delay_minutes: int | MISSING = Field(default=MISSING, ge=0, le=43_200, examples=[1440])
    """So long after that."""
    sampling: Share | MISSING = MISSING
    """The share of occasions that are asked."""
    cooldown_days: int | MISSING = Field(default=MISSING, ge=0, le=730, examples=[90])
    """Nobody is asked again within so many days."""
    languages: Languages | MISSING = MISSING
    """In which it is asked."""
    anonymous: bool | MISSING = MISSING
    """Whether answers name nobody."""
    expires_days: int | MISSING = Field(default=MISSING, ge=1, le=90, examples=[14])
    """So long it can be answered."""


class SurveyRead(Output):
    """A survey."""

    id: UUID
    """Identifier."""
    code: SurveyCode
    """Its name for programs."""
    name: str = Field(max_length=120, examples=["Satisfaction après sinistre"])
    """Its name for the staff."""
    type: SurveyType
    """What it measures."""
    status: SurveyStatus
    """Where it stands."""
    questions: Questions
    """What is asked."""
    trigger: SurveyTrigger
    """What it is sent after."""
    delay_minutes: int = Field(ge=0, le=43_200, examples=[1440])
    """So long after that."""
    sampling: Share
    """The share of occasions that are asked."""
    cooldown_days: int = Field(ge=0, le=730, examples=[90])
    """Nobody is asked again within so many days."""
    languages: Languages
    """In which it is asked."""
    anonymous: bool
    """Whether answers name nobody."""
    expires_days: int = Field(ge=1, le=90, examples=[14])
    """So long it can be answered."""
    created_at: Timestamp
    """When it was written."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""


class SurveyPage(Page[SurveyRead]):
    """One page of surveys."""


class SurveyQuery(ListQuery):
    """Which surveys."""

    sortable: ClassVar = {"created_at": Survey.created_at, "name": Survey.name_folded}

    sort: Literal["created_at", "-created_at", "name", "-name"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    type: Annotated[list[SurveyType] | None, one_of(Survey.type)] = Field(default=None, max_length=4)
    """One or several types."""
    status: Annotated[list[SurveyStatus] | None, one_of(Survey.status)] = Field(default=None, max_length=3)
    """One or several states."""
    trigger: Annotated[list[SurveyTrigger] | None, one_of(Survey.trigger)] = Field(default=None, max_length=4)
    """What they are sent after."""
    code: Annotated[SurveyCode | None, equals(Survey.code)] = None
    """That of this code."""
    name_prefix: Annotated[str | None, starts_with(Survey.name_folded)] = Field(
        default=None, min_length=1, max_length=80, examples=["satisfaction"]
    )
    """Beginning of the name, accents and case ignored."""
