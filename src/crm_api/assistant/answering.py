"""What the assistant says to a question: looked up, judged, quoted; nothing is written here."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from crm_api.assistant.intents import Intent, intent_of
from crm_api.assistant.judging import sources
from crm_api.assistant.llm import Rephraser, rephraser_of
from crm_api.assistant.models import LONGEST_ANSWER, HandOverReason, TurnKind
from crm_api.assistant.schemas import AssistantSource
from crm_api.assistant.texts import said
from crm_api.core.context import Context
from crm_api.knowledge.asking import asked, best_paragraph
from crm_api.knowledge.finding import Finder, Finding
from crm_api.knowledge.models.article import KbLanguage
from crm_api.knowledge.schemas.reading import KbHit

LONGEST_QUOTE = 900
_HANDED = {
    Intent.PERSON: HandOverReason.ASKED_FOR,
    Intent.COMPLAINT: HandOverReason.COMPLAINT,
    Intent.INJURY_OR_DEATH: HandOverReason.INJURY_OR_DEATH,
}


@dataclass(frozen=True, slots=True)
class Said:
    """An answer; of a hand-over the text is written when the ticket is there."""

    kind: TurnKind
    language: KbLanguage
    text: str = ""
    confidence: float = 0.0
    sources: list[AssistantSource] = field(default_factory=list)
    is_rephrased: bool = False
    reason: HandOverReason | None = None
    finding: Finding | None = None


class Answering:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.rephraser: Rephraser | None = rephraser_of(ctx.tools.settings)

    async def answer(self, question: str, language: KbLanguage) -> Said:
        """Quotes approved articles that the asker may read, or says that there is none."""
        spoken = asked(question).language
        language = spoken if spoken is KbLanguage.AR else language
        intent = intent_of(question)
        if intent in _HANDED:
            return Said(TurnKind.HAND_OVER, language, reason=_HANDED[intent])
        if intent is Intent.DECISION:
            return Said(TurnKind.REFUSAL, language, said("refusal", language))
        if intent is Intent.GREETING:
            return Said(TurnKind.GREETING, language, said("greeting", language))
        finding = await Finder(self.ctx).find(question, language, 5)
        quoted = sources(finding.hits)
        if not quoted:
            text = said("no_answer", language)
            return Said(TurnKind.NO_ANSWER, language, text, finding.confidence, finding=finding)
        text, is_rephrased = await self._text(question, finding, quoted, language)
        return Said(
            TurnKind.ANSWER,
            language,
            text[:LONGEST_ANSWER],
            finding.confidence,
            [_source(hit) for hit in quoted],
            is_rephrased,
            finding=finding,
        )

    async def _text(
        self, question: str, finding: Finding, quoted: Sequence[KbHit], language: KbLanguage
    ) -> tuple[str, bool]:
        passages = [_quote(finding, hit) for hit in quoted]
        rephrased = None
        if self.rephraser is not None:
            rephrased = await self.rephraser.rephrase(question, passages, language)
        text = f"{rephrased or passages[0]} [1]"
        others = [f"{hit.title} [{number}]" for number, hit in enumerate(quoted[1:], 2)]
        if others:
            text += "\n\n" + said("also", language, titles=" ; ".join(others))
        return text, rephrased is not None


def _quote(finding: Finding, hit: KbHit) -> str:
    """A short article whole, of a long one the paragraph that fits best."""
    body = finding.bodies.get(hit.article_id, hit.snippet).strip()
    return body if len(body) <= LONGEST_QUOTE else best_paragraph(body, finding.asked.words, LONGEST_QUOTE)


def _source(hit: KbHit) -> AssistantSource:
    return AssistantSource(
        article_id=hit.article_id,
        language=hit.language,
        slug=hit.slug,
        title=hit.title,
        edition=hit.number,
    )
