"""The job that takes people in, takes them out, and leads them on: all of it in one transaction.

What a step does is written in the transaction that writes where somebody stands: cut off anywhere, it is
done again as a whole or not at all, and nothing is sent twice.
"""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Uuid, select

from crm_api.automations.entering import Period, period_values
from crm_api.automations.graph import (
    CONDITION,
    STEPS,
    Facts,
    SendStep,
    TagStep,
    TaskStep,
    Way,
    go,
    holds,
    needs,
)
from crm_api.automations.models import AutomationVersion, Enrolment, EnrolmentStatus
from crm_api.automations.repository import AutomationRepository, EnrolmentRepository, FactRepository
from crm_api.calendars.service import CalendarService
from crm_api.contacts.models import Contact
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.statements import unnested
from crm_api.kit.clock import ALGIERS, today
from crm_api.mailings.models import MailingChannel, SendSource
from crm_api.mailings.ordering import Content, SendOrder
from crm_api.mailings.service import Mailings
from crm_api.tasks.errors import UnknownAssignee
from crm_api.tasks.models import TaskSource, TaskType
from crm_api.tasks.service import TaskService
from crm_api.templates.models import TemplateChannel, TemplatePurpose
from crm_api.templates.service import TemplateService

AT_ONCE = 500
LOOKS_BACK = 2
"""Days: an occasion enrols once, so that an hour without workers loses nobody."""


class Moving:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.automations, self.enrolments = AutomationRepository(ctx), EnrolmentRepository(ctx)

    async def run(self) -> int:
        """How many went on."""
        self.ctx.begin()
        moment, day = now(), today()
        period = Period(day - timedelta(days=LOOKS_BACK), day)
        for automation in await self.automations.active():
            values = await period_values(self.ctx, automation.trigger, period)
            await self.enrolments.enter(automation, values | {"today": day}, moment)
        await self.enrolments.take_out(moment, day)
        self.ctx.session.expire_all()
        moved = 0
        while people := await self.enrolments.due(moment, AT_ONCE):
            await self._lead(people, moment)
            moved += len(people)
        return moved

    async def _lead(self, people: Sequence[Enrolment], moment: datetime) -> None:
        versions = await self.automations.versions(list({one.automation_version_id for one in people}))
        steps = {
            id: {step.key: step for step in STEPS.validate_python(version.steps)}
            for id, version in versions.items()
        }
        known = await FactRepository(self.ctx).of(
            [one.contact_id for one in people], moment.astimezone(ALGIERS).date()
        )
        calendar = await CalendarService(self.ctx).for_agency(None)
        passed: list[dict[str, Any]] = []
        sends: dict[tuple[UUID, str], list[UUID]] = defaultdict(list)
        for one in people:
            version = versions[one.automation_version_id]
            facts, owner_id, agency_id = known.get(one.contact_id, (Facts(), None, None))
            if version.goal and holds(CONDITION.validate_python(version.goal), facts):
                _end(one, EnrolmentStatus.COMPLETED, "goal", moment)
                continue
            way = go(
                *(steps[version.id], one.step, one.contact_id, facts, moment, calendar.add_minutes),
                waited=one.version > 1,  # whoever was led before stands at a wait that is over
                salt=str(one.automation_id),
            )
            passed += [_line(one, *step) for step in way.passed]
            for effect in way.effects:
                if isinstance(effect, SendStep):
                    sends[version.id, effect.key].append(one.contact_id)
                elif isinstance(effect, TaskStep):
                    await self._ask(effect, one, owner_id, agency_id, moment)
                else:
                    await self._tag(effect, one.contact_id)
            _stand(one, way, moment)
        for (version_id, key), contact_ids in sends.items():
            await self._send(
                versions[version_id], cast(SendStep, steps[version_id][key]), contact_ids, moment
            )
        await self.ctx.session.flush()
        await self.enrolments.passed(passed)

    async def _send(
        self, version: AutomationVersion, step: SendStep, contact_ids: list[UUID], moment: datetime
    ) -> None:
        """One send for each version, step and day; nobody is twice in it. Consent, hours and the cap on
        messages are the mailings' to judge. A template that was retired sends nothing."""
        templates, channel = TemplateService(self.ctx), TemplateChannel(step.channel)
        found = await templates.in_use(step.template_code, channel)
        if not found:
            return
        contents: dict[str, Content] = {}
        purpose = TemplatePurpose.TRANSACTIONAL
        for language in sorted(found, key=lambda one: one != "fr"):
            made = await templates.compiled(found[language])
            purpose = (await templates.get(found[language])).value.purpose
            contents[str(language)] = Content(
                subject=made.subject.source if made.subject else "",
                text=made.text.source,
                html=made.html.source if made.html else None,
                template_version_id=made.id,
            )
        day = moment.astimezone(ALGIERS).date()
        order = SendOrder(
            source_type=SendSource.AUTOMATION,
            source_id=version.automation_id,
            key=f"{version.revision}.{day:%Y%m%d}.{step.key}",
            name=f"{step.label or step.key} {day:%d/%m/%Y}",
            channel=MailingChannel(step.channel),
            contents=contents,
            purpose=needs(purpose, channel),
            utm={"source": "crm", "medium": step.channel, "campaign": step.template_code},
        )
        mailings = Mailings(self.ctx)
        send_id = await mailings.open_send(order)
        chosen = unnested(people=Uuid())
        await mailings.queue(send_id, lambda: select(chosen.c.people), {"people": sorted(contact_ids)})

    async def _ask(
        self, step: TaskStep, one: Enrolment, owner_id: UUID | None, agency_id: UUID | None, moment: datetime
    ) -> None:
        if owner_id is None:
            return
        with suppress(UnknownAssignee):  # whoever has left does nothing any more
            await TaskService(self.ctx).made(
                {
                    "title": step.title,
                    "type": TaskType.FOLLOW_UP,
                    "due_at": moment + timedelta(days=step.due_in_days),
                    "assignee_user_id": owner_id,
                    "agency_id": agency_id,
                    "object_type": "contact",
                    "object_id": one.contact_id,
                    "dedupe_key": f"enrolment:{one.id}:{step.key}",
                },
                source=TaskSource.AUTOMATION,
            )

    async def _tag(self, step: TagStep, contact_id: UUID) -> None:
        contact = await self.ctx.session.get(Contact, (self.ctx.organization_id, contact_id))
        if contact is not None and step.tag not in contact.tags and len(contact.tags) < 20:
            contact.tags = [*contact.tags, step.tag]


def _line(one: Enrolment, step: str, outcome: str | None) -> dict[str, Any]:
    return {
        "organization_id": one.organization_id,
        "enrolment_id": one.id,
        "automation_id": one.automation_id,
        "step": step,
        "outcome": outcome,
    }


def _stand(one: Enrolment, way: Way, moment: datetime) -> None:
    one.step = way.step
    if way.waits_until is not None:
        one.next_at = way.waits_until
    elif way.reason == "exit":
        _end(one, EnrolmentStatus.EXITED, "exit", moment)
    else:
        _end(one, EnrolmentStatus.COMPLETED, way.reason, moment)


def _end(one: Enrolment, status: EnrolmentStatus, reason: str | None, moment: datetime) -> None:
    one.status, one.exit_reason, one.ended_at = status, reason, moment
