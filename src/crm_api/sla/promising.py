"""The policies as clocks use them, remembered for seconds by each process."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_api.core.context import Context
from crm_api.sla.clock import SlaMetric
from crm_api.sla.models import SlaResolutionRule
from crm_api.sla.policies import Escalation, Promise
from crm_api.sla.repository import SlaPolicyRepository

_KNOWN = "sla policies"


class PromiseBook:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def promises(self) -> Sequence[Promise]:
        """Active ones in their order; read at most every five seconds by each process."""
        key = _KNOWN, self.ctx.organization_id
        known: Sequence[Promise] | None = self.ctx.tools.memory.get(key)
        if known is None:
            known = await self.fresh()
            self.ctx.tools.memory.put(key, known)
        return known

    async def fresh(self) -> Sequence[Promise]:
        """As they are for everybody: what an open transaction is about to change is not there yet."""
        return [_promise(row) for row in await SlaPolicyRepository(self.ctx.apart()).in_order()]

    def forget(self) -> None:
        self.ctx.tools.memory.forget((_KNOWN, self.ctx.organization_id))


def _promise(row: Sequence[Any]) -> Promise:
    id, name, conditions, hours, calendar_id, resolution, targets, escalations = row
    return Promise(
        id=id,
        name=name,
        conditions={condition: tuple(wanted) for condition, wanted in conditions.items() if wanted},
        hours=hours,
        calendar_id=calendar_id,
        on_hold_counts=resolution == SlaResolutionRule.REQUESTER_WAIT,
        targets={(SlaMetric(each["metric"]), each["priority"]): each["minutes"] for each in targets},
        escalations=tuple(_escalation(each) for each in escalations),
    )


def _escalation(written: Mapping[str, Any]) -> Escalation:
    group_id = written["group_id"]
    return Escalation(
        SlaMetric(written["metric"]),
        written["at_percent"],
        tuple(written["notify"]),
        UUID(group_id) if group_id else None,
        written["raise_priority"],
    )
