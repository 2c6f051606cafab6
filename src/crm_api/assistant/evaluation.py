"""How good the assistant answers: labelled questions, put to the articles that the public may read.

`data/questions.csv`: a question, and the slugs that answer it (`|` between them), none where the
demonstration has no article. They were written before the search was tuned; every second one (`held_out`)
was not looked at while tuning.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from importlib import resources

from crm_api.assistant.intents import intent_of
from crm_api.assistant.judging import sources
from crm_api.core.context import Context
from crm_api.knowledge.finding import Finder
from crm_api.knowledge.models.article import KbAudience, KbLanguage


@dataclass(frozen=True, slots=True)
class Labelled:
    question: str
    expected: tuple[str, ...]
    held_out: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was found for one question."""

    labelled: Labelled
    found: tuple[str, ...]
    """Slugs, the best first."""
    quoted: tuple[str, ...]
    """Those that the answer quotes; none: it is not sure enough, or it is for a person to answer."""

    @property
    def answered(self) -> bool:
        return bool(self.quoted)

    def hit(self, most: int) -> bool:
        """Whether one of the first `most` answers it."""
        return any(slug in self.labelled.expected for slug in self.found[:most])

    @property
    def wrong(self) -> bool:
        """Answered, and nothing that is quoted answers it: or where there is no answer at all."""
        return self.answered and not set(self.quoted) & set(self.labelled.expected)

    @property
    def wrong_first(self) -> bool:
        """The same by the strictest reading: what is quoted first does not answer it."""
        return self.answered and not self.hit(1)


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares of 1. `hit_*` of the questions that have an answer, whether or not it was sure enough to say it;
    `wrong*` and `refused` of all questions."""

    questions: int
    with_answer: int
    hit_1: float
    hit_3: float
    answered_right: float
    """Of the questions that have an answer: answered, and the right article is quoted."""
    wrong: float
    wrong_first: float
    refused: float
    refused_rightly: float
    """Of the questions that have none: refused."""


def labelled_questions() -> list[Labelled]:
    text = resources.files("crm_api.assistant").joinpath("data", "questions.csv").read_text("utf-8")
    return [
        Labelled(row["question"], tuple(filter(None, row["expected"].split("|"))), bool(number % 2))
        for number, row in enumerate(csv.DictReader(text.splitlines()))
    ]


async def put(ctx: Context, questions: Iterable[Labelled]) -> list[Outcome]:
    """Each question, as a visitor of the public site asks it."""
    finder, outcomes = Finder(ctx), []
    for labelled in questions:
        found = await finder.find(labelled.question, KbLanguage.FR, 5, [KbAudience.PUBLIC])
        answers = [] if intent_of(labelled.question) else sources(found.hits)
        slugs, quoted = (tuple(hit.slug for hit in hits) for hits in (found.hits, answers))
        outcomes.append(Outcome(labelled, slugs, quoted))
    return outcomes


def figures(outcomes: Sequence[Outcome]) -> Figures:
    known = [one for one in outcomes if one.labelled.expected]
    unknown = [one for one in outcomes if not one.labelled.expected]
    return Figures(
        questions=len(outcomes),
        with_answer=len(known),
        hit_1=_share(known, [one for one in known if one.hit(1)]),
        hit_3=_share(known, [one for one in known if one.hit(3)]),
        answered_right=_share(known, [one for one in known if one.answered and not one.wrong]),
        wrong=_share(outcomes, [one for one in outcomes if one.wrong]),
        wrong_first=_share(outcomes, [one for one in outcomes if one.wrong_first]),
        refused=_share(outcomes, [one for one in outcomes if not one.answered]),
        refused_rightly=_share(unknown, [one for one in unknown if not one.answered]),
    )


def table(columns: Mapping[str, Figures]) -> str:
    """As text, a column for each set of questions."""
    lines = [f"{'':<18}" + "".join(f"{name:>10}" for name in columns)]
    for field in fields(Figures):
        values = [getattr(column, field.name) for column in columns.values()]
        lines.append(f"{field.name:<18}" + "".join(f"{value:>10}" for value in values))
    return "\n".join(lines)


def _share(of: Sequence[Outcome], those: Sequence[Outcome]) -> float:
    return round(len(those) / len(of), 4) if of else 0.0
