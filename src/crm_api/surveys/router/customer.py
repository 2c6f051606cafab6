"""What the customer does who has the link: two operations."""

from crm_api.core.openapi import refusals
from crm_api.core.principal import system
from crm_api.surveys.errors import SurveyLinkExpired, SurveyLinkUnknown, SurveyLinkUsed
from crm_api.surveys.filling import Filling, opened
from crm_api.surveys.router.doors import Customer, SurveyLink, public_surveys
from crm_api.surveys.schemas.form import SurveyAnswer, SurveyForm

_BY_LINK = refusals(SurveyLinkUnknown, SurveyLinkExpired, SurveyLinkUsed)


@public_surveys.get("/{link}", openapi_extra=_BY_LINK)
async def view_survey_form(visitor: Customer, link: SurveyLink) -> SurveyForm:
    """Read the form of a survey by its link, in the language of who is asked."""
    asked = opened(visitor.tools.links, link)
    return await Filling(visitor.enter(system(asked.organization_id))).view(asked.object_id)


@public_surveys.post("/{link}", openapi_extra=_BY_LINK)
async def answer_survey(visitor: Customer, link: SurveyLink, body: SurveyAnswer) -> SurveyForm:
    """Answer a survey by its link; for 24 hours the answer can be changed by answering again.

    An anonymous answer cannot: nobody knows whose it is.
    """
    asked = opened(visitor.tools.links, link)
    return await Filling(visitor.enter(system(asked.organization_id))).answer(asked.object_id, body)
