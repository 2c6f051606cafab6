"""An answer against the questions: whether it fits, and the score in it."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from crm_api.kit.errors import ValidationFailed
from crm_api.surveys.models import SCALES, Survey, SurveyQuestionKind
from crm_api.surveys.schemas.form import SurveyAnswer

_KIND = SurveyQuestionKind
Fits = Callable[[Any, Mapping[str, Any], tuple[int, int]], bool]


class Judged(NamedTuple):
    """What is kept of an answer."""

    score: int | None
    answers: list[dict[str, Any]]
    comment: str | None
    sentiment: Decimal | None


def judged(survey: Survey, data: SurveyAnswer) -> Judged:
    """Raises ValidationFailed that names each answer that does not fit, and each question left out."""
    known = {question["key"]: question for question in survey.questions}
    scale = SCALES.get(survey.type, (0, 0))
    faults, given = [], set()
    for at, line in enumerate(data.answers):
        question = known.get(line.key)
        if question is None or line.key in given:
            faults.append(_fault(f"/answers/{at}/key", "survey_question", "There is no such question left."))
        elif not _FITS[_KIND(question["kind"])](line.value, question, scale):
            faults.append(_fault(f"/answers/{at}/value", "survey_answer", "This does not answer it."))
        given.add(line.key)
    for key, question in known.items():
        asked = question["required"] or question["kind"] == _KIND.SCORE
        if asked and key not in given:
            faults.append(_fault("/answers", "survey_left_out", "A question that must be answered is not."))
    if faults:
        raise ValidationFailed(*faults)
    scored = next((key for key, question in known.items() if question["kind"] == _KIND.SCORE), None)
    score = next((line.value for line in data.answers if line.key == scored), None)
    return Judged(
        score if isinstance(score, int) else None,
        [{"key": line.key, "value": line.value} for line in data.answers],
        data.comment,
        sentiment_of(score, *scale) if isinstance(score, int) else None,
    )


def sentiment_of(score: int, lowest: int, highest: int) -> Decimal:
    """Where a score stands on its scale, from -1 to 1, six decimals."""
    return (Decimal(2 * (score - lowest)) / Decimal(highest - lowest) - 1).quantize(Decimal("0.000001"))


def _fault(pointer: str, code: str, detail: str) -> dict[str, Any]:
    return {"pointer": pointer, "location": "body", "code": code, "detail": detail}


def _keys(question: Mapping[str, Any]) -> set[str]:
    return {option["key"] for option in question["options"]}


def _is_score(value: Any, _: Mapping[str, Any], scale: tuple[int, int]) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and scale[0] <= value <= scale[1]


def _is_choice(value: Any, question: Mapping[str, Any], _: tuple[int, int]) -> bool:
    return isinstance(value, str) and value in _keys(question)


def _are_choices(value: Any, question: Mapping[str, Any], _: tuple[int, int]) -> bool:
    return isinstance(value, list) and bool(value) and set(value) <= _keys(question)


_FITS: Mapping[SurveyQuestionKind, Fits] = {
    _KIND.SCORE: _is_score,
    _KIND.CHOICE: _is_choice,
    _KIND.CHOICES: _are_choices,
    _KIND.YES_NO: lambda value, *_: isinstance(value, bool),
    _KIND.TEXT: lambda value, *_: isinstance(value, str),
}
