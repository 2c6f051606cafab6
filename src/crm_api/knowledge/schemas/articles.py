"""Articles as authors work on them."""

from datetime import date
from typing import Annotated, ClassVar, Literal
from uuid import UUID

from pydantic import MISSING, AfterValidator, Field

from crm_api.kit.listing import ListQuery, Page, at_most, contains, one_of
from crm_api.kit.schemas import Day, Input, Output, Timestamp
from crm_api.kit.tags import Tags
from crm_api.knowledge.models.article import (
    LONGEST_BODY,
    KbArticle,
    KbArticleStatus,
    KbAudience,
    KbEdition,
    KbLanguage,
)

Slug = Annotated[
    str,
    Field(
        pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$",
        min_length=1,
        max_length=120,
        examples=["declarer-sinistre-auto"],
    ),
]
Title = Annotated[str, Field(min_length=3, max_length=200, examples=["Déclarer un accident automobile"])]
Body = Annotated[
    str,
    Field(
        min_length=1, max_length=LONGEST_BODY, examples=["Déclarez l'accident au plus tard sept jours après."]
    ),
]
Category = Annotated[str, Field(min_length=1, max_length=60, examples=["sinistre_auto"])]
Keyword = Annotated[str, Field(min_length=1, max_length=60, examples=["accrochage"])]
Keywords = Annotated[
    list[Keyword],
    Field(max_length=40, examples=[["accrochage", "collision"]]),
    AfterValidator(lambda words: list(dict.fromkeys(words))),
]
Reason = Annotated[str, Field(min_length=3, max_length=500, examples=["Préciser le délai de déclaration."])]
Helped = Annotated[int, Field(ge=0, examples=[12])]
Edition = Annotated[int, Field(ge=1, examples=[2])]


class KbArticleCreate(Input):
    """An article to write."""

    language: KbLanguage
    """In which language."""
    slug: Slug | None = None
    """The end of its address, unique in its language; made of the title when left out."""
    title: Title
    """What it answers, in a few words."""
    body: Body
    """Markdown."""
    keywords: Keywords = []
    """What people call it who do not know our words: they find it by these too."""
    category: Category
    """Under which heading it stands."""
    audience: KbAudience
    """Who may read it."""
    tags: Tags = []
    """For lists of your own."""
    owner_id: UUID | None = None
    """Who answers for it; you, when left out."""
    review_due_on: Day | None = Field(default=None, examples=["2027-06-01"])
    """When somebody should read it again."""
    translates_id: UUID | None = None
    """The article of which this is another language."""


class KbArticlePatch(Input):
    """What to change in a draft; what is left out stays."""

    slug: Slug | MISSING = MISSING
    """The end of its address; fixed once it has been published."""
    title: Title | MISSING = MISSING
    """What it answers."""
    body: Body | MISSING = MISSING
    """Markdown."""
    keywords: Keywords | MISSING = MISSING
    """What people call it."""
    category: Category | MISSING = MISSING
    """Under which heading it stands."""
    audience: KbAudience | MISSING = MISSING
    """Who may read it, from the next edition on."""
    tags: Tags | MISSING = MISSING
    """For lists of your own."""
    owner_id: UUID | MISSING = MISSING
    """Who answers for it."""
    review_due_on: Day | None | MISSING = MISSING
    """When somebody should read it again."""


class KbSendBack(Input):
    """Why an article goes back to its author."""

    reason: Reason | None = None
    """Said to who answers for it."""


class KbArticleRead(Output):
    """An article as it is worked on."""

    id: UUID
    """Identifier."""
    family_id: UUID
    """The same in all languages of this article."""
    slug: Slug
    """The end of its address."""
    language: KbLanguage
    """In which language."""
    title: Title
    """What it answers."""
    body: Body
    """Markdown."""
    keywords: list[Keyword] = Field(max_length=40)
    """What people call it."""
    category: Category
    """Under which heading it stands."""
    audience: KbAudience
    """Who may read it."""
    tags: Tags
    """For lists of your own."""
    status: KbArticleStatus
    """Where this copy stands."""
    owner_id: UUID | None
    """Who answers for it."""
    review_due_on: date | None = Field(examples=["2027-06-01"])
    """When somebody should read it again."""
    edition: int = Field(ge=0, examples=[2])
    """How often it was published."""
    live_edition: Edition | None
    """The edition that readers see now."""
    published_at: Timestamp | None
    """When that was."""
    send_back_reason: Reason | None
    """Why it was sent back last."""
    helpful: Helped
    """Readers whom it helped."""
    not_helpful: Helped
    """Readers whom it did not."""
    version: int = Field(ge=1, examples=[1])
    """For If-Match."""
    created_at: Timestamp
    """When it was written."""
    updated_at: Timestamp
    """When it last changed."""
    created_by_id: UUID | None
    """Who wrote it."""


class KbArticlePage(Page[KbArticleRead]):
    """One page of articles."""


class KbArticleQuery(ListQuery):
    """Which articles."""

    sortable: ClassVar = {"created_at": KbArticle.created_at}

    sort: Literal["created_at", "-created_at"] = "-created_at"
    """Sort key; a leading `-` means descending."""
    status: Annotated[list[KbArticleStatus] | None, one_of(KbArticle.status)] = Field(
        default=None, max_length=4
    )
    """One or several states."""
    language: Annotated[list[KbLanguage] | None, one_of(KbArticle.language)] = Field(
        default=None, max_length=3
    )
    """One or several languages."""
    audience: Annotated[list[KbAudience] | None, one_of(KbArticle.audience)] = Field(
        default=None, max_length=3
    )
    """For one or several audiences."""
    category: Annotated[list[Category] | None, one_of(KbArticle.category)] = Field(
        default=None, max_length=20
    )
    """Under one or several headings."""
    owner_id: Annotated[list[UUID] | None, one_of(KbArticle.owner_id)] = Field(default=None, max_length=50)
    """Those of one or several people."""
    family_id: Annotated[list[UUID] | None, one_of(KbArticle.family_id)] = Field(default=None, max_length=50)
    """The languages of one or several articles."""
    tag: Annotated[str | None, contains(KbArticle.tags)] = Field(
        default=None, max_length=30, examples=["vip"]
    )
    """Those with this tag."""
    review_due_on_lte: Annotated[Day | None, at_most(KbArticle.review_due_on)] = Field(
        default=None, examples=["2027-06-01"]
    )
    """Those to be read again until then."""


class KbEditionRead(Output):
    """An article as it was approved once."""

    id: UUID
    """Identifier."""
    article_id: UUID
    """Of which article."""
    number: Edition
    """The first is 1."""
    title: Title
    """What it answers."""
    body: Body
    """Markdown."""
    keywords: list[Keyword] = Field(max_length=40)
    """What people call it."""
    category: Category
    """Under which heading it stood."""
    audience: KbAudience
    """Who could read it."""
    is_live: bool = Field(examples=[True])
    """Whether readers see it now."""
    approved_by_id: UUID | None
    """Who approved it."""
    created_at: Timestamp
    """When it was published."""


class KbEditionPage(Page[KbEditionRead]):
    """One page of editions."""


class KbEditionQuery(ListQuery):
    """Editions of one article."""

    sortable: ClassVar = {"number": KbEdition.number}

    sort: Literal["number", "-number"] = "-number"
    """Sort key; a leading `-` means descending."""


class KbEditionsOfOne(KbEditionQuery):
    """Editions of one article, as the house asks for them."""

    article_id: Annotated[list[UUID] | None, one_of(KbEdition.article_id)] = Field(default=None, max_length=1)
    """Whose."""
