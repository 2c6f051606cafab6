"""The closed loop: who is not satisfied is called within 24 hours (domain.md B-39)."""

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.roles.service import GroupService
from crm_api.surveys.events import SurveyDetractor
from crm_api.surveys.models import ALARMS, CALL_BACK_WITHIN, Survey, SurveyResponse
from crm_api.surveys.repository.surveys import RecipientRepository
from crm_api.tasks.house import HouseTasks, Occasion
from crm_api.tasks.models import TaskType

CALLERS = ("quality", "call_centre")
"""The groups that call, the first that there is."""
TITLE = "Rappel client mécontent : {name}"


class Alarm:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def look(self, survey: Survey, answer: SurveyResponse) -> None:
        """csat of 2 or less, nps of 6 or less; one call for one answer, however often it is changed."""
        alarm = ALARMS.get(survey.type)
        if alarm is None or answer.score is None or answer.score > alarm or answer.contact_id is None:
            return
        person = await RecipientRepository(self.ctx).person(answer.contact_id)
        group_id = None
        for code in CALLERS:
            group_id = group_id or await GroupService(self.ctx).id_with_code(code)
        task_id = None
        if group_id is not None or answer.agent_id is not None:
            task_id = await HouseTasks(self.ctx).ask(
                Occasion(
                    f"survey|{answer.invitation_id}",
                    TITLE.format(name=person.name if person else "client"),
                    TaskType.CALL,
                    0,
                    due_at=now() + CALL_BACK_WITHIN,
                    assignee_user_id=None if group_id else answer.agent_id,
                    group_id=group_id,
                    agency_id=answer.agency_id,
                    object_type="contact",
                    object_id=answer.contact_id,
                )
            )
        event = SurveyDetractor(survey.id, answer.id, answer.score, answer.agency_id, task_id)
        await publish(self.ctx, event)
