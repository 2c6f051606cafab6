"""What every organization starts with: the targets of domain.md B-31, to be changed by whoever promises."""

from typing import Any, NamedTuple

from crm_api.sla.clock import SlaMetric
from crm_api.sla.models import SlaHours, SlaPriority

_FIRST, _NEXT, _RESOLUTION = SlaMetric.FIRST_REPLY, SlaMetric.NEXT_REPLY, SlaMetric.RESOLUTION
_STANDARD = {
    SlaPriority.URGENT: (30, 60, 480),
    SlaPriority.HIGH: (120, 240, 960),
    SlaPriority.NORMAL: (480, 480, 2400),
    SlaPriority.LOW: (960, 960, 4800),
}
"""Business minutes: first reply, next reply, resolution."""
_DAY = 24 * 60


class PolicySeed(NamedTuple):
    name: str
    conditions: dict[str, Any]
    hours: SlaHours
    targets: list[dict[str, Any]]
    escalations: list[dict[str, Any]]


def _target(metric: SlaMetric, minutes: int, priority: SlaPriority | None = None) -> dict[str, Any]:
    return {"metric": metric, "priority": priority, "minutes": minutes}


def _rule(metric: SlaMetric, percent: int, *notify: str, raises: bool = False) -> dict[str, Any]:
    return {
        "metric": metric,
        "at_percent": percent,
        "notify": list(notify),
        "group_id": None,
        "raise_priority": raises,
    }


POLICIES = (
    PolicySeed(
        "Réclamations",
        {"types": ["complaint"]},
        SlaHours.ALWAYS,
        [_target(_FIRST, _DAY), _target(_RESOLUTION, 15 * _DAY)],
        [
            _rule(_RESOLUTION, 80, "assignee", "manager"),
            _rule(_RESOLUTION, 100, "assignee", "manager", "supervisors", raises=True),
            _rule(_RESOLUTION, 150, "manager", "supervisors"),
        ],
    ),
    PolicySeed(
        "Standard",
        {},
        SlaHours.AGENCY,
        [
            _target(metric, minutes, priority)
            for priority, row in _STANDARD.items()
            for metric, minutes in zip((_FIRST, _NEXT, _RESOLUTION), row, strict=True)
        ],
        [_rule(_RESOLUTION, 100, "assignee", "manager")],
    ),
)
