"""The checklist before a launch: each line is judged from facts and said in the language of who reads it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from importlib import resources
from typing import Any
from uuid import UUID

from crm_api.campaigns.models import Campaign
from crm_api.campaigns.repository.audience import Heads
from crm_api.campaigns.schemas.launching import CampaignCheck, CampaignCheckCode, CampaignCheckState
from crm_api.campaigns.words import ALONE, SENT_HERE
from crm_api.kit.money import in_french

_C, _PASSED = CampaignCheckCode, CampaignCheckState.PASSED
_FAILED, _WARNING = CampaignCheckState.FAILED, CampaignCheckState.WARNING
UNWILLING = frozenset({"not_granted", "expired", "declined", "do_not_contact"})
"""Reasons to be left out that are somebody's own word; the others are facts."""


@dataclass(frozen=True, slots=True)
class Said:
    """One content as its template has it: what is wrong with it is named."""

    name: str
    code: str
    channel: str
    language: str
    is_approved: bool = True
    unknown_variables: Sequence[str] = ()
    bad_links: Sequence[str] = ()
    has_unsubscribe: bool = True


@dataclass(frozen=True, slots=True)
class Facts:
    """What the checklist is judged from. Amounts are centimes."""

    campaign: Campaign
    heads: Sequence[Heads]
    codes: Sequence[str]
    contents: Sequence[Said]
    unverified: Sequence[str]
    cost: int
    at: datetime
    more: Mapping[str, Any] = field(default_factory=dict)

    @property
    def targeted(self) -> int:
        return sum(one.people for one in self.heads)

    @property
    def reachable(self) -> int:
        return sum(one.people for one in self.heads if one.channel is not None)

    @property
    def is_sent(self) -> bool:
        """Whether anything of it leaves from here."""
        return any(channel in self.campaign.channels for channel in SENT_HERE)


def checklist(facts: Facts, locale: str) -> list[CampaignCheck]:
    """All lines, in the order in which they are read."""
    judged = [*(_sending(facts) if facts.is_sent else ()), _dates(facts), _budget(facts), _approval(facts)]
    return [
        CampaignCheck(code=code, state=state, detail=_words(code, state, locale, values))
        for code, state, values in judged
    ]


_Line = tuple[CampaignCheckCode, CampaignCheckState, Mapping[str, Any]]


def _sending(facts: Facts) -> Iterator[_Line]:
    counts = {"targeted": facts.targeted, "reachable": facts.reachable}
    yield _C.AUDIENCE, _PASSED if facts.reachable else _FAILED, counts
    unwilling = sum(one.people for one in facts.heads if one.reason in UNWILLING)
    yield _C.CONSENT, _WARNING if unwilling else _PASSED, {"count": unwilling}
    outside = sum(one.people for one in facts.heads if one.reason and one.reason not in UNWILLING)
    yield _C.SUPPRESSION, _WARNING if outside else _PASSED, {"count": outside}
    missing = sorted(_missing(facts))
    yield _C.VARIANTS, _FAILED if missing else _PASSED, {"missing": ", ".join(missing)[:200]}
    said = facts.contents
    drafts = [one.name for one in said if not one.is_approved]
    yield _named(_C.TEMPLATES, drafts)
    yield _named(_C.VARIABLES, [name for one in said for name in one.unknown_variables])
    yield _named(_C.LINKS, [link for one in said for link in one.bad_links])
    yield _named(_C.FOOTER, [one.name for one in said if one.channel == "email" and not one.has_unsubscribe])
    yield (
        _C.SENDER,
        _FAILED if facts.unverified else _PASSED,
        {"channels": ", ".join(facts.unverified)},
    )


def _named(code: CampaignCheckCode, names: Sequence[str]) -> _Line:
    return code, _FAILED if names else _PASSED, {"names": ", ".join(dict.fromkeys(names))[:200]}


def _missing(facts: Facts) -> Iterator[str]:
    """`B email ar`: every variant says what any of them says, by every channel that sends."""
    there = {(one.code, one.channel, one.language) for one in facts.contents}
    channels = [channel for channel in SENT_HERE if channel in facts.campaign.channels]
    if not facts.codes:
        yield "A"
    for channel in channels:
        languages = {language for _, other, language in there if other == channel} or {"fr"}
        for code in facts.codes:
            for language in languages:
                if (code, channel, language) not in there:
                    yield f"{code} {channel.value} {language}"


def _dates(facts: Facts) -> _Line:
    campaign = facts.campaign
    start = max(facts.at, campaign.starts_at) if campaign.starts_at else facts.at
    if campaign.test_duration_hours:
        start += timedelta(hours=campaign.test_duration_hours)
    return _C.DATES, _FAILED if campaign.ends_at and campaign.ends_at <= start else _PASSED, {}


def _budget(facts: Facts) -> _Line:
    cost = facts.cost + facts.campaign.spent_amount.centimes
    budget = facts.campaign.budget_amount.centimes
    values = {"cost": in_french(cost), "budget": in_french(budget)}
    return _C.BUDGET, _WARNING if cost > budget else _PASSED, values


def _approval(facts: Facts) -> _Line:
    """The audience may have grown since it was approved."""
    campaign = facts.campaign
    authors: tuple[UUID | None, ...] = campaign.created_by_id, campaign.submitted_by_id
    missing = campaign.approved_by_id is None
    alone = facts.reachable > ALONE and campaign.approved_by_id in authors
    return _C.APPROVAL, _FAILED if missing or alone else _PASSED, {"reachable": facts.reachable}


def _words(code: CampaignCheckCode, state: CampaignCheckState, locale: str, values: Mapping[str, Any]) -> str:
    said = _texts()[code][state]
    return said.get(locale, said["fr"]).format(**values)[:400]


@cache
def _texts() -> dict[str, dict[str, dict[str, str]]]:
    found = resources.files("crm_api.campaigns") / "data" / "checks.json"
    return dict(json.loads(found.read_text("utf-8")))
