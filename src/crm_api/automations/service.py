from typing import Any
from uuid import UUID

from pydantic import MISSING, BaseModel

from crm_api.automations.entering import WITH_DAYS
from crm_api.automations.errors import AutomationNotActive, AutomationTemplateMissing
from crm_api.automations.events import AutomationActivated
from crm_api.automations.graph import STEPS, SendStep, faults
from crm_api.automations.models import (
    AUTOMATION,
    ENROLMENT,
    Automation,
    AutomationStatus,
    AutomationTrigger,
    AutomationVersion,
    Enrolment,
    EnrolmentStatus,
)
from crm_api.automations.recipes import recipe
from crm_api.automations.repository import AutomationRepository, EnrolmentRepository
from crm_api.automations.schemas import (
    AutomationCreate,
    AutomationFromRecipe,
    AutomationPage,
    AutomationPatch,
    AutomationQuery,
    AutomationRead,
    EnrolmentCreate,
    EnrolmentPage,
    EnrolmentQuery,
    EnrolmentRead,
)
from crm_api.contacts.service import ContactService
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.events import publish
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import NotFound, ValidationFailed, VersionConflict
from crm_api.kit.ids import new_id
from crm_api.kit.schemas import Json
from crm_api.templates.models import TemplateChannel
from crm_api.templates.service import TemplateService

_DRAWN = frozenset({"trigger", "goal", "first_step", "steps"})


class AutomationService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.automations = AutomationRepository(ctx)
        self.enrolments = EnrolmentRepository(ctx)

    async def page(self, query: AutomationQuery) -> Json[AutomationPage]:
        return await self.automations.page(query, AutomationPage)

    async def get(self, automation_id: UUID) -> Json[AutomationRead]:
        return await self.automations.get(automation_id)

    async def people(self, query: EnrolmentQuery) -> Json[EnrolmentPage]:
        return await self.enrolments.page(query, EnrolmentPage)

    # --- drawing

    async def create(self, data: AutomationCreate, recipe: str | None = None) -> Json[AutomationRead]:
        """Raises AutomationNameTaken, ValidationFailed (a circle is named)."""
        given = _plain(data)
        _refuse_unsound(given["trigger"], given["first_step"], given["steps"])
        return await self.automations.add(given | {"recipe": recipe, "latest": 1})

    async def from_recipe(self, data: AutomationFromRecipe) -> Json[AutomationRead]:
        body = recipe(data.recipe) | ({"name": data.name} if data.name else {})
        return await self.create(AutomationCreate.model_validate(body), data.recipe)

    async def update(self, automation_id: UUID, data: AutomationPatch, version: int) -> Json[AutomationRead]:
        """Of an active automation a new version, for whoever enters from now on."""
        automation = await self._loaded(automation_id, version)
        given = _plain(data)
        for name, value in given.items():
            setattr(automation, name, value)
        _refuse_unsound(automation.trigger, automation.first_step, automation.steps)
        if _DRAWN & given.keys():
            automation.latest += 1
            if automation.status in (AutomationStatus.ACTIVE, AutomationStatus.PAUSED):
                await self._refuse_missing_templates(automation)
                await self._put_in_force(automation)
        await self.automations.save(automation)
        return await self.automations.get(automation_id)

    async def step(self, automation_id: UUID, wanted: AutomationStatus, version: int) -> Json[AutomationRead]:
        """Activated, paused, archived. Raises InvalidTransition, AutomationTemplateMissing."""
        automation = await self._loaded(automation_id, version)
        AUTOMATION.check(automation.status, wanted)
        if wanted is AutomationStatus.ACTIVE:
            await self._refuse_missing_templates(automation)
            if automation.version_id is None:
                await self._put_in_force(automation)
            automation.activated_at = now()
            await publish(self.ctx, AutomationActivated(automation.id, automation.latest))
        automation.status = wanted
        await self.automations.save(automation)
        return await self.automations.get(automation_id)

    # --- people

    async def enrol(self, automation_id: UUID, data: EnrolmentCreate) -> Json[EnrolmentRead]:
        """By hand. Raises NotFound, AutomationNotActive, EnrolmentUnderway."""
        automation = await self.automations.load(automation_id)
        if automation.status is not AutomationStatus.ACTIVE or automation.version_id is None:
            raise AutomationNotActive
        if not await ContactService(self.ctx).seen([data.contact_id]):
            raise NotFound(id=str(data.contact_id))
        id = new_id()
        enrolment = Enrolment(
            id=id,
            automation_id=automation.id,
            automation_version_id=automation.version_id,
            contact_id=data.contact_id,
            occasion=f"manual:{id}",
            step=automation.first_step,
            next_at=now(),
        )
        await self.enrolments.save(enrolment)
        return await self.enrolments.get(id)

    async def take_out(self, enrolment_id: UUID, version: int) -> Json[EnrolmentRead]:
        """By hand. Raises InvalidTransition."""
        enrolment = await self.enrolments.load(enrolment_id)
        if version not in (enrolment.version, ANY_VERSION):
            raise VersionConflict(current_version=enrolment.version)
        ENROLMENT.check(enrolment.status, EnrolmentStatus.EXITED)
        enrolment.status, enrolment.exit_reason = EnrolmentStatus.EXITED, "manual"
        enrolment.ended_at = now()
        await self.enrolments.save(enrolment)
        return await self.enrolments.get(enrolment_id)

    # --- inside

    async def _loaded(self, automation_id: UUID, version: int) -> Automation:
        automation = await self.automations.load(automation_id)
        if version not in (automation.version, ANY_VERSION):
            raise VersionConflict(current_version=automation.version)
        return automation

    async def _refuse_missing_templates(self, automation: Automation) -> None:
        templates = TemplateService(self.ctx)
        for step in STEPS.validate_python(automation.steps):
            if isinstance(step, SendStep) and not await templates.in_use(
                step.template_code, TemplateChannel(step.channel)
            ):
                raise AutomationTemplateMissing(template_code=step.template_code)

    async def _put_in_force(self, automation: Automation) -> None:
        version = AutomationVersion(
            id=new_id(),
            automation_id=automation.id,
            revision=automation.latest,
            trigger=automation.trigger,
            goal=automation.goal,
            first_step=automation.first_step,
            steps=automation.steps,
        )
        self.ctx.session.add(version)
        await self.ctx.session.flush()
        automation.version_id = version.id


def _plain(data: BaseModel) -> dict[str, Any]:
    given = {name: value for name, value in dict(data).items() if value is not MISSING}
    for name in ("trigger", "goal"):
        if given.get(name) is not None:
            given[name] = given[name].model_dump(mode="json")
    if "steps" in given:
        given["steps"] = [step.model_dump(mode="json") for step in given["steps"]]
    if "exits" in given:
        given["exits"] = sorted({str(one) for one in given["exits"]})
    return given


def _refuse_unsound(trigger: dict[str, Any], first: str, steps: list[dict[str, Any]]) -> None:
    needs_days = AutomationTrigger(trigger["kind"]) in WITH_DAYS
    if needs_days != (trigger.get("days") is not None):
        detail = "This trigger asks for a number of days, the others do not."
        raise ValidationFailed.at("/trigger/days", "automation_days", detail)
    found = faults(first, STEPS.validate_python(steps))
    if found:
        raise ValidationFailed(
            *(
                {
                    "pointer": f"/steps/{one.place}",
                    "location": "body",
                    "code": one.code,
                    "detail": one.detail,
                    "values": {"what": one.detail},
                }
                for one in found
            )
        )
