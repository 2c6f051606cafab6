"""The segments that an insurer begins with (domain.md M); jobs find who is in them."""

from collections.abc import Mapping
from typing import Any

from crm_api.core.context import Context
from crm_api.segments.models import SegmentStatus
from crm_api.segments.schemas.segments import SegmentCreate
from crm_api.segments.service import SegmentService

Rule = Mapping[str, Any]


def _is(field: str, value: Any, op: str = "eq") -> Rule:
    return {"field": field, "op": op, "value": value}


def _has(group: str, *rules: Rule, at_least: int = 1) -> Rule:
    return {"has": group, "where": {"all": [*rules]}, "at_least": at_least}


_IN_FORCE = _is("policy.status", ["issued", "in_force"], "in")
_CATNAT: Rule = {
    "any": [
        _has("policy", _IN_FORCE, _is("policy.product_code", "CATNAT")),
        _has("policy", _IN_FORCE, _is("policy.coverage_code", "CATN")),
    ]
}
SEGMENTS: Mapping[str, Rule] = {
    "Échéance auto 30 j": _has(
        "policy",
        _IN_FORCE,
        _is("policy.product_code", ["AUTO_P", "AUTO_RC", "AUTO_2R", "OTO_LAKI"], "in"),
        _is("policy.expires_on", "today", "gte"),
        _is("policy.expires_on", "today+30", "lte"),
    ),
    "RC seule, véhicule < 5 ans": _has(
        "policy",
        _IN_FORCE,
        _is("policy.coverage_code", "RC"),
        _is("policy.coverage_count", 1),
        _is("policy.vehicle_registered_on", "today-1826", "gt"),
    ),
    "Habitation sans CAT-NAT (zones 2b et 3)": {
        "all": [
            _has(
                "policy",
                _IN_FORCE,
                _is("policy.object_kind", "home"),
                _is("policy.seismic_zone", ["2b", "3"], "in"),
            ),
            {"not": _CATNAT},
        ]
    },
    "Clients multi-contrats": _has("policy", _IN_FORCE, at_least=2),
    "Impayés 31–60 j": _has(
        "receivable",
        _is("receivable.status", ["open", "partially_settled"], "in"),
        _is("receivable.due_on", "today-60", "gte"),
        _is("receivable.due_on", "today-31", "lte"),
    ),
    "Anciens clients 12 mois": {
        "all": [
            _has("policy", _is("policy.expires_on", "today-365", "gte")),
            {"not": _has("policy", _IN_FORCE)},
        ]
    },
    "Détracteurs NPS": _has("survey", _is("survey.type", "nps"), _is("survey.score", 6, "lte")),
    "Entreprises flotte ≥ 5": {
        "all": [
            _has("account", _is("account.type", "company")),
            _has("object", _is("object.kind", "vehicle"), _is("object.status", "active"), at_least=5),
        ]
    },
    "Prospects comparateur non contactés": {
        "all": [
            _has("lead", _is("lead.source", "comparator")),
            {"not": _has("interaction", _is("interaction.direction", "outbound"))},
        ]
    },
    "Anniversaires du mois": _is("contact.birth_month", "this_month"),
}


async def segment_customers(ctx: Context) -> str:
    """All of them, approved where they look at official data; the id of the first."""
    service, first = SegmentService(ctx), ""
    for name, rule in SEGMENTS.items():
        data = {"name": name, "definition": rule, "acknowledge_everybody": True}
        made = (await service.create(SegmentCreate.model_validate(data))).value
        if made.status is SegmentStatus.AWAITING_APPROVAL:
            await service.approve(made.id, made.version)
        first = first or str(made.id)
    return first
