"""What readers see: published articles, what a search finds, and questions that nothing answers."""

from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import Field

from crm_api.kit.listing import ListQuery, Page, contains, one_of
from crm_api.kit.schemas import Input, Output, Timestamp
from crm_api.kit.tags import Tags
from crm_api.knowledge.models.article import KbAudience, KbEdition, KbLanguage
from crm_api.knowledge.models.gap import KbGap, KbGapSource, KbGapStatus
from crm_api.knowledge.schemas.articles import Body, Category, Edition, Helped, Slug, Title

LONGEST_QUESTION = 300
Question = Annotated[
    str,
    Field(min_length=2, max_length=LONGEST_QUESTION, examples=["Combien de jours pour déclarer un vol ?"]),
]
Score = Annotated[float, Field(ge=0, examples=[7.4])]
Confidence = Annotated[float, Field(ge=0, le=1, examples=[0.82])]
Visitor = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{8,64}$", max_length=64, examples=["v-7f3a9c21"])]


class KbTranslation(Output):
    """The same article in another language."""

    language: KbLanguage
    """Which."""
    slug: Slug
    """The end of its address there."""


class KbPageRead(Output):
    """A published article."""

    article_id: UUID
    """Identifier of the article."""
    slug: Slug
    """The end of its address; stays from edition to edition."""
    language: KbLanguage
    """In which language."""
    title: Title
    """What it answers."""
    body: Body
    """Markdown."""
    category: Category
    """Under which heading it stands."""
    audience: KbAudience
    """Who may read it."""
    tags: Tags
    """Words that authors put on it."""
    number: Edition
    """Its edition."""
    review_due_on: date | None = Field(examples=["2027-06-01"])
    """When somebody will read it again."""
    created_at: Timestamp
    """When this edition was published."""


class KbPageShown(KbPageRead):
    """A published article, and where else it stands."""

    helpful: Helped
    """Readers whom it helped."""
    not_helpful: Helped
    """Readers whom it did not."""
    translations: list[KbTranslation] = Field(max_length=3)
    """The other languages in which you may read it."""


class KbPagePage(Page[KbPageRead]):
    """One page of published articles."""


class KbPageQuery(ListQuery):
    """Which published articles."""

    sortable: ClassVar = {"created_at": KbEdition.created_at}

    sort: Literal["created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    language: Annotated[list[KbLanguage] | None, one_of(KbEdition.language)] = Field(
        default=None, max_length=3
    )
    """One or several languages."""
    category: Annotated[list[Category] | None, one_of(KbEdition.category)] = Field(
        default=None, max_length=20
    )
    """Under one or several headings."""
    tag: Annotated[str | None, contains(KbEdition.tags)] = Field(
        default=None, max_length=30, examples=["vip"]
    )
    """Those with this tag."""


class KbSearchQuery(Input):
    """What is looked for."""

    q: Question
    """Words in any order, with or without accents; a word typed wrong finds its neighbour."""
    language: KbLanguage | None = None
    """That of your question, when left out: Arabic by its letters, else French."""
    limit: int = Field(default=10, ge=1, le=20, examples=[10])
    """How many articles."""


class KbHit(Output):
    """An article that was found."""

    article_id: UUID
    """Identifier of the article."""
    slug: Slug
    """The end of its address."""
    language: KbLanguage
    """In which language."""
    title: Title
    """What it answers."""
    category: Category
    """Under which heading it stands."""
    audience: KbAudience
    """Who may read it."""
    number: Edition
    """Its edition."""
    snippet: str = Field(max_length=400, examples=["Le vol : trois jours ouvrables."])
    """The paragraph that fits best."""
    score: Score
    """The higher, the better it fits; comparable within one answer."""
    confidence: Confidence
    """How much of the question it covers: 1 where every word that says something stands in it."""


class KbSearchAnswer(Output):
    """What was found, the best first."""

    data: list[KbHit] = Field(max_length=20)
    """The articles."""


class KbSuggestionAsk(Input):
    """A text for which an article may be the answer."""

    text: str = Field(
        min_length=2, max_length=10_000, examples=["Bonjour, mon pare-brise est fissuré depuis hier."]
    )
    """Of a request or a message."""
    language: KbLanguage | None = None
    """That of the text, when left out."""
    limit: int = Field(default=3, ge=1, le=10, examples=[3])
    """How many articles."""


class KbVoteCast(Input):
    """Whether an article helped."""

    is_helpful: bool = Field(examples=[True])
    """Yes or no; the last word counts."""
    visitor: Visitor | None = None
    """What the insurer's site calls its visitor, where a program asks for one."""


class KbGapRead(Output):
    """A question that no article answers."""

    id: UUID
    """Identifier."""
    language: KbLanguage
    """In which language it was asked."""
    question: str = Field(max_length=LONGEST_QUESTION, examples=["assurez vous les drones"])
    """As it was asked first, without personal data."""
    source: KbGapSource
    """Where it came from first."""
    status: KbGapStatus
    """Whether it still wants an article."""
    times: int = Field(ge=1, examples=[4])
    """How often it was asked."""
    last_asked_at: Timestamp
    """When last."""
    article_id: UUID | None
    """What answers it now."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was asked first."""


class KbGapPage(Page[KbGapRead]):
    """One page of the gaps report."""


class KbGapQuery(ListQuery):
    """Which questions."""

    sortable: ClassVar = {"times": KbGap.times, "last_asked_at": KbGap.last_asked_at}

    sort: Literal["-times", "-last_asked_at"] = "-times"
    """Sort key; a leading `-` means descending."""
    status: Annotated[list[KbGapStatus] | None, one_of(KbGap.status)] = Field(
        default=[KbGapStatus.OPEN], max_length=3
    )
    """One or several states."""
    language: Annotated[list[KbLanguage] | None, one_of(KbGap.language)] = Field(default=None, max_length=3)
    """One or several languages."""


class KbGapCreate(Input):
    """A question that a colleague was asked, and that nothing answers."""

    question: Question
    """In the words of who asked, without names or numbers."""
    language: KbLanguage | None = None
    """That of the question, when left out."""


class KbGapSettle(Input):
    """What becomes of a question."""

    article_id: UUID | None = None
    """What answers it now; null: it is no question for the knowledge base."""
