"""Automations looked at: what each step has come to, who stands where, what would have happened."""

from collections import Counter, defaultdict
from datetime import timedelta
from typing import Any
from uuid import UUID

from crm_api.automations.entering import Period, admitted, entrants, period_values
from crm_api.automations.graph import CONDITION, STEPS, Facts, go, holds
from crm_api.automations.models import Automation, EnrolmentStatus
from crm_api.automations.repository import AutomationRepository, EnrolmentRepository, FactRepository
from crm_api.automations.schemas import (
    AutomationBoard,
    AutomationCard,
    AutomationColumn,
    AutomationFigures,
    AutomationSimulation,
    SimulatedStep,
    StepFigures,
)
from crm_api.calendars.service import CalendarService
from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.core.inheritance import in_sight
from crm_api.kit.clock import today
from crm_api.kit.errors import NotFound
from crm_api.mailings.service import Mailings

DAYS = 30
MOST = 10_000
CARDS = 50
_TOLD = ("sent", "delivered", "opened", "clicked", "suppressed")


class Looking:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.automations, self.enrolments = AutomationRepository(ctx), EnrolmentRepository(ctx)

    async def figures(self, automation_id: UUID) -> AutomationFigures:
        """Raises NotFound."""
        automation = await self._known(automation_id)
        reached: Counter[str] = Counter()
        outcomes: dict[str, dict[str, int]] = defaultdict(dict)
        for step, outcome, people in await self.enrolments.steps_counted(automation_id):
            reached[step] += people
            if outcome is not None:
                outcomes[step][outcome] = people
        standing = await self.enrolments.standing(automation_id)
        by_status: Counter[str] = Counter()
        waiting: Counter[str] = Counter()
        exits: Counter[str] = Counter()
        for status, step, reason, people in standing:
            by_status[status] += people
            if status == EnrolmentStatus.ACTIVE:
                waiting[step] += people
            if status == EnrolmentStatus.EXITED:
                exits[reason or "exit"] += people
        messages = await self._messages(automation_id)
        return AutomationFigures(
            automation_id=automation_id,
            entered=sum(by_status.values()),
            active=by_status[EnrolmentStatus.ACTIVE],
            completed=by_status[EnrolmentStatus.COMPLETED],
            exits=dict(exits),
            steps=[
                StepFigures(
                    key=step["key"],
                    label=step.get("label"),
                    kind=step["kind"],
                    reached=reached[step["key"]],
                    waiting=waiting[step["key"]],
                    outcomes=outcomes[step["key"]],
                    **{name: messages[step["key"]][name] for name in _TOLD},
                )
                for step in automation.steps
            ],
        )

    async def _messages(self, automation_id: UUID) -> dict[str, Counter[str]]:
        told: dict[str, Counter[str]] = defaultdict(Counter)
        sends = await self.automations.send_ids(automation_id)
        counts = await Mailings(self.ctx).figures([id for _, id in sends]) if sends else {}
        for key, id in sends:
            step = key.split(".", 2)[-1]
            for name in _TOLD:
                told[step][name] += getattr(counts[id], name)
        return told

    async def board(self, automation_id: UUID) -> AutomationBoard:
        """The customers whom the reader may see. Raises NotFound."""
        automation = await self._known(automation_id)
        _, seen = in_sight(self.ctx, "contact")
        cards: dict[str, list[AutomationCard]] = {step["key"]: [] for step in automation.steps}
        for row in await self.enrolments.cards(automation_id, seen, CARDS):
            card = AutomationCard(
                enrolment_id=row.id,
                contact_id=row.contact_id,
                customer_code=row.code,
                name=row.display_name,
                next_at=row.next_at,
            )
            cards.setdefault(row.step, []).append(card)
        labels = {step["key"]: step.get("label") for step in automation.steps}
        columns = [
            AutomationColumn(step=key, label=labels.get(key), cards=those) for key, those in cards.items()
        ]
        return AutomationBoard(automation_id=automation_id, columns=columns)

    async def simulate(self, automation_id: UUID) -> AutomationSimulation:
        """Who would have entered in the last thirty days, and how far they would be, by what is known of
        them now. Nothing is written. Raises NotFound."""
        automation = await self._known(automation_id)
        steps = {step.key: step for step in STEPS.validate_python(automation.steps)}
        people = await self._entrants(automation)
        known = await FactRepository(self.ctx).of([row[0] for row in people], today())
        calendar = await CalendarService(self.ctx).for_agency(None)
        reached: Counter[str] = Counter()
        waiting: Counter[str] = Counter()
        ended, moment = 0, now()
        goal = CONDITION.validate_python(automation.goal) if automation.goal else None
        for contact_id, _, at in people:
            facts = known.get(contact_id, (Facts(), None, None))[0]
            if goal is not None and holds(goal, facts):
                ended += 1
                continue
            key, waited, when = automation.first_step, False, at
            while True:
                way = go(
                    *(steps, key, contact_id, facts, when, calendar.add_minutes),
                    waited=waited,
                    salt=str(automation.id),
                )
                reached.update(step for step, _ in way.passed)
                if way.waits_until is None:
                    ended += 1
                    break
                if way.waits_until > moment:
                    waiting[way.step] += 1
                    break
                key, waited, when = way.step, True, way.waits_until
        return AutomationSimulation(
            days=DAYS,
            entered=len(people),
            ended=ended,
            is_complete=len(people) < MOST,
            steps=[SimulatedStep(key=key, reached=reached[key], waiting=waiting[key]) for key in steps],
        )

    async def _entrants(self, automation: Automation) -> list[Any]:
        found = entrants(automation.trigger)
        if found is None:
            return []
        day = today()
        period = Period(day - timedelta(days=DAYS - 1), day)
        values = await period_values(self.ctx, automation.trigger, period) | {"today": day}
        chosen = admitted(automation, found).order_by(*list(found.selected_columns)[2:]).limit(MOST)
        rows = (
            await self.ctx.session.execute(chosen, {**values, "own_organization": self.ctx.organization_id})
        ).all()
        first: dict[UUID, Any] = {}
        for row in rows:
            if row[2] <= now():
                first.setdefault(row[0], row)
        return list(first.values())

    async def _known(self, automation_id: UUID) -> Automation:
        automation = await self.automations.known(automation_id)
        if automation is None:
            raise NotFound(id=str(automation_id))
        return automation
