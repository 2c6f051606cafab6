"""What the staff of the demonstration say to each other, and what its customers answered."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from crm_api.core.context import Context
from crm_api.core.db import now
from crm_api.demo.acting import Step
from crm_api.demo.promotion import promote
from crm_api.discussions.models import DiscussionMark
from crm_api.discussions.schemas.message import DiscussionMarking, DiscussionMessageCreate
from crm_api.discussions.schemas.room import DiscussionCreate
from crm_api.discussions.service import DiscussionService
from crm_api.discussions.talk import Talk
from crm_api.kit.ids import new_id
from crm_api.surveys.models import SCALES, SurveyResponse
from crm_api.surveys.schemas.survey import SurveyCreate
from crm_api.surveys.service import SurveyService

SAID = (
    "Le client Bouchareb attend son expertise depuis mardi.",
    "J'appelle le cabinet cet après-midi.",
    "L'expert passe **jeudi à 10 h**.",
    "On indemnise sur devis, sans franchise.",
)
ASKED: dict[str, Any] = {
    "csat": {
        "fr": "Êtes-vous satisfait du règlement de votre sinistre ?",
        "ar": "هل أنت راض عن تسوية حادثك؟",
    },
    "nps": {"fr": "Nous recommanderiez-vous à un proche ?", "ar": "هل توصي بنا قريبا لك؟"},
}
ANSWERS = 60
"""Of each survey, over two months."""


def voices(
    boss: UUID, people: Sequence[UUID], agencies: Sequence[UUID], objects: dict[str, str]
) -> Iterator[tuple[Step, UUID]]:
    """Each step, and who takes it; what was made is added to `objects`."""
    others = [one for one in people if one != boss][:2]

    async def begin(ctx: Context) -> None:
        news = {"kind": "announcement", "name": "Direction", "topic": "Informations pour tous"}
        await _said(ctx, await _opened(ctx, news), "Les bureaux ferment à midi la veille de l'Aïd.")
        room = await _opened(
            ctx, {"kind": "private", "name": "Sinistres de la semaine", "member_ids": others}
        )
        await _said(ctx, room, SAID[0])
        if claim := objects.get("claim"):
            about = await _opened(ctx, {"kind": "object", "object_type": "claim", "object_id": claim})
            await _said(ctx, about, "Pièces complètes, dossier prêt pour la décision.")
        objects["discussion"] = str(room)

    async def go_on(ctx: Context) -> None:
        for text in SAID[1:]:
            said = await _said(ctx, UUID(objects["discussion"]), text)
        decision = DiscussionMarking(mark=DiscussionMark.DECISION)
        await Talk(ctx).mark(said, decision, 1)

    async def ask(ctx: Context) -> None:
        objects["survey"] = await survey_customers(ctx, agencies)

    async def campaign(ctx: Context) -> None:
        objects["campaign"] = await promote(ctx)

    yield begin, boss
    if others:
        yield go_on, others[0]
    yield ask, boss
    yield campaign, boss


async def _opened(ctx: Context, about: dict[str, Any]) -> UUID:
    return (await DiscussionService(ctx).open(DiscussionCreate.model_validate(about))).value.id


async def _said(ctx: Context, room: UUID, text: str) -> UUID:
    said = await Talk(ctx).say(DiscussionMessageCreate(discussion_id=room, body=text))
    return said.value.id


async def survey_customers(ctx: Context, agencies: Sequence[UUID]) -> str:
    """Satisfaction after claims and recommendation, with answers of two months; the last one's id."""
    dice, service, last = Random(39), SurveyService(ctx), ""  # noqa: S311 - the same answers every time
    ctx.begin()
    for kind, trigger in (("csat", "claim_settled"), ("nps", "manual")):
        question = {"key": "note", "kind": "score", "label": ASKED[kind]}
        sheet: dict[str, Any] = {
            "code": f"demo-{kind}",
            "name": f"{kind.upper()} clients",
            "type": kind,
            "trigger": trigger,
        }
        sheet |= {"questions": [question], "languages": ["fr", "ar"], "delay_minutes": 1440}
        made = (await service.create(SurveyCreate.model_validate(sheet))).value
        await service.activate(made.id, made.version)
        lowest, highest = SCALES[made.type]
        for _ in range(ANSWERS):
            score = max(lowest, highest - min(highest, int(dice.expovariate(0.7))))
            ctx.session.add(
                SurveyResponse(
                    id=new_id(),
                    survey_id=made.id,
                    score=score,
                    answers=[{"key": "note", "value": score}],
                    language="fr",
                    agency_id=dice.choice([*agencies]),
                    answered_at=now() - timedelta(minutes=dice.randint(1, 86_400)),
                )
            )
        last = str(made.id)
    return last
