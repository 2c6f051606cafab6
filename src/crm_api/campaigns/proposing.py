"""A campaign from a goal: audience, offer, hour, budget, two variants in two languages, and why.

Rules and a library of words do it; no outside model is needed. What comes out is a draft: somebody looks at
it, changes it, and somebody else approves it.
"""

import json
from datetime import datetime, time, timedelta
from functools import cache
from importlib import resources
from typing import Any

from crm_api.campaigns.forecast import forecast
from crm_api.campaigns.repository.history import HistoryRepository
from crm_api.campaigns.schemas.campaign import CampaignCreate
from crm_api.campaigns.schemas.proposal import CampaignGoal, CampaignProposal, CampaignReason
from crm_api.campaigns.service import CampaignService
from crm_api.core.context import Context
from crm_api.kit.clock import ALGIERS, today
from crm_api.kit.ids import new_id
from crm_api.kit.money import Money, in_french
from crm_api.kit.text import fold
from crm_api.segments.schemas.segments import SegmentCreate, SegmentDraft
from crm_api.segments.service import SegmentService
from crm_api.templates.schemas import TemplateCreate
from crm_api.templates.service import TemplateService

USUAL = "cross_sell"
"""Where the words name nothing that is known."""
USUAL_HOUR = 10
LEAST = 2000
"""Below so many people a fifth of them proves nothing: everybody takes part in the test."""


class Proposing:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.history = HistoryRepository(ctx)

    async def propose(self, wish: CampaignGoal) -> CampaignProposal:
        """Segment, templates and campaign are written as drafts, in one transaction."""
        self.ctx.begin()
        objective, heard = understood(wish)
        said = library()[objective]
        mark = new_id().hex[-8:]
        draft = {"definition": said["rule"]}
        found = await SegmentService(self.ctx).preview(SegmentDraft.model_validate(draft))
        segment = await SegmentService(self.ctx).create(
            SegmentCreate.model_validate(
                {"name": f"{said['name']} ({mark})", "description": said["why"], **draft}
            )
        )
        reasons = [
            _reason("objective", objective, heard),
            _reason("audience", str(found.count), f"{said['why']} {found.count} sur {found.people} clients."),
            *await self._expected(objective, found.count),
        ]
        hour, opened = await self._hour()
        reasons.append(opened)
        budget, paid = await self._budget(found.count)
        reasons.append(paid)
        sample = 20 if found.count >= LEAST else 100
        told = f"{sample} % des {found.count} personnes : assez pour comparer, si l'audience le permet."
        reasons.append(_reason("sample_percent", str(sample), told))
        starts = datetime.combine(today() + timedelta(days=1), time(hour), ALGIERS)
        body = {
            "name": f"{said['name']} {today():%d/%m/%Y}",
            "description": wish.goal or said["why"],
            "objective": objective,
            "channels": ["email"],
            "budget_amount": budget,
            "segment_ids": [segment.value.id],
            "starts_at": starts,
            "landing_url": wish.landing_url,
            "holdout_percent": 5,
            "variants": [await self._variant(said, code, mark) for code in ("A", "B")],
            "test": {"metric": "click", "sample_percent": sample, "duration_hours": 24},
        }
        kept = {"goal": wish.goal, "model": None, "reasons": [one.model_dump() for one in reasons]}
        campaign = await CampaignService(self.ctx).create(CampaignCreate.model_validate(body), kept)
        return CampaignProposal(campaign=campaign.value, reasons=reasons)

    async def _variant(self, said: dict[str, Any], code: str, mark: str) -> dict[str, Any]:
        contents = []
        for language, words in said[code].items():
            template = await TemplateService(self.ctx).create(
                TemplateCreate.model_validate(
                    {
                        "code": f"proposition_{mark}_{code.lower()}",
                        "channel": "email",
                        "language": language,
                        "name": f"{said['name']} {code}",
                        **words,
                    }
                )
            )
            id = template.value.id
            contents.append({"channel": "email", "language": language, "template_version_id": id})
        return {"code": code, "weight": 50, "contents": contents}

    async def _expected(self, objective: str, people: int) -> list[CampaignReason]:
        delivered, clicked = await self.history.answers(objective)
        basis = "de campagnes de même objectif"
        if not delivered:
            delivered, clicked = await self.history.answers(None)
            basis = "de toutes les campagnes"
        seen = forecast(people, delivered, clicked)
        why = f"{clicked} clics sur {delivered} messages remis {basis}, et 4 % d'usage."
        return [
            CampaignReason(
                figure="expected_clicks",
                value=str(seen.expected),
                low=str(seen.low),
                high=str(seen.high),
                reason=f"{why} Intervalle bêta-binomial à 90 %.",
            )
        ]

    async def _hour(self) -> tuple[int, CampaignReason]:
        best = await self.history.best_hour()
        if best is None:
            why = "Aucune ouverture connue : une heure ouvrée usuelle."
            return USUAL_HOUR, _reason("hour", str(USUAL_HOUR), why)
        why = f"L'heure où les clients ouvrent le plus : {best[1]} ouvertures."
        return best[0], _reason("hour", str(best[0]), why)

    async def _budget(self, people: int) -> tuple[Money, CampaignReason]:
        each = await self.history.cost_of_one()
        if each is None:
            return Money.of(0), _reason("budget", "0", "Aucune dépense passée ; un e-mail ne coûte rien.")
        budget = Money.of(each * people)
        why = f"{in_french(each)} par personne ciblée dans les campagnes passées."
        return budget, _reason("budget", budget.amount, why)


def understood(wish: CampaignGoal) -> tuple[str, str]:
    """The objective, and by which word it was heard."""
    if wish.objective is not None:
        return wish.objective, "Choisi."
    words = fold(wish.goal or "")
    for objective, said in library().items():
        for word in said["words"]:
            if fold(word) in words:
                return objective, f"Reconnu au mot « {word} »."
    return USUAL, "Aucun mot reconnu : l'équipement des clients est proposé."


@cache
def library() -> dict[str, dict[str, Any]]:
    """What is said for each goal: the words by which it is heard, a rule, two variants in two languages."""
    found = resources.files("crm_api.campaigns") / "data" / "library.json"
    return dict(json.loads(found.read_text("utf-8")))


def _reason(figure: str, value: str, reason: str) -> CampaignReason:
    return CampaignReason(figure=figure, value=value, low=None, high=None, reason=reason)
