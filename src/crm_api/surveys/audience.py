"""What rules of segments may ask about answers: only of those that name somebody."""

from sqlalchemy import and_, any_, select

from crm_api.segments.catalogue import Group, chosen, moments, numbers
from crm_api.segments.subjects import Touch, Way, own
from crm_api.surveys.models import Survey, SurveyResponse, SurveyType

_ANSWER, _ASKED = SurveyResponse.__table__, Survey.__table__
_NAMED = own(_ANSWER), _ANSWER.c.contact_id.is_not(None)
SURVEY = Group(
    "survey",
    (
        chosen("survey.type", _ASKED.c.type, SurveyType),
        numbers("survey.score", _ANSWER.c.score, null=True),
        moments("survey.answered_on", _ANSWER.c.answered_at),
    ),
    ways=(
        Way(
            _ANSWER.join(
                _ASKED,
                and_(
                    _ASKED.c.organization_id == _ANSWER.c.organization_id,
                    _ASKED.c.id == _ANSWER.c.survey_id,
                ),
            ),
            _ANSWER.c.contact_id,
            _ANSWER.c.id,
            [*_NAMED, own(_ASKED)],
        ),
    ),
    listened=frozenset({"survey_response"}),
    touches=(
        Touch(
            "survey_response",
            lambda ids: [select(_ANSWER.c.contact_id).where(*_NAMED, _ANSWER.c.id == any_(ids))],
        ),
    ),
    labels={
        "survey": {"fr": "Enquêtes", "en": "Surveys", "ar": "الاستبيانات"},
        "survey.type": {"fr": "Type d'enquête", "en": "Kind of survey", "ar": "نوع الاستبيان"},
        "survey.score": {"fr": "Note donnée", "en": "Score given", "ar": "الدرجة الممنوحة"},
        "survey.answered_on": {"fr": "Répondu le", "en": "Answered on", "ar": "تاريخ الإجابة"},
    },
)
