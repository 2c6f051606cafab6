"""Many opportunities at once: the rules of a single creation, each question asked for all together."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from crm_api.accounts.service import AccountService
from crm_api.contacts.service import ContactService
from crm_api.core.bulk import insert_all
from crm_api.core.context import Context
from crm_api.core.numbers import next_numbers
from crm_api.kit.clock import today
from crm_api.kit.errors import DomainError
from crm_api.kit.ids import new_id
from crm_api.kit.text import fold
from crm_api.opportunities.errors import UnknownAccount, UnknownContact
from crm_api.opportunities.models.opportunity import Opportunity
from crm_api.opportunities.pipelines import PipelineService
from crm_api.opportunities.repository.opportunities import OpportunityRepository
from crm_api.opportunities.schemas.content import OpportunityCreate
from crm_api.opportunities.service import OpportunityService, numbered
from crm_api.opportunities.track import Track
from crm_api.users.service import UserService

SAME_SALE, SAME_PRODUCT = 90, 60
"""Of two open sales of one product to one account: with the same name, and without."""
Columns = dict[str, Any]
Likeness = tuple[UUID, int, str]
"""Id, score and reason."""


class OpportunityBulk:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.opportunities, self.service = OpportunityRepository(ctx), OpportunityService(ctx)
        self._ways: dict[Any, tuple[UUID, Track] | DomainError] = {}

    async def drafts(self, contents: Sequence[OpportunityCreate]) -> list[Columns | DomainError]:
        """The columns of each sale, or why it is refused.

        A list that somebody brings says who follows which sale, or leaves it to the agency.
        """
        await UserService(self.ctx).refuse_unknown(
            {content.owner_user_id for content in contents if content.owner_user_id}, "/owner_user_id"
        )
        homes = await AccountService(self.ctx).agencies_of([content.account_id for content in contents])
        people = await ContactService(self.ctx).seen(
            [content.contact_id for content in contents if content.contact_id]
        )
        year = today().year
        numbers = await next_numbers(self.ctx, f"opportunity.{year}", len(contents))
        drafts: list[Columns | DomainError] = []
        for content, number in zip(contents, numbers, strict=True):
            try:
                place = self._place(content, homes, people)
                columns = await self.service.columns(content, await self._way(content), place)
            except DomainError as refusal:
                drafts.append(refusal)
            else:
                drafts.append(columns | {"id": new_id(), "number": numbered(year, number)})
        return drafts

    async def likenesses(self, drafts: Sequence[Columns]) -> list[list[Likeness]]:
        """For each the open sales of the same product to the same account, most alike first."""
        known: dict[tuple[Any, Any], list[Sequence[Any]]] = {}
        for row in await self.opportunities.open_of([draft["account_id"] for draft in drafts]):
            known.setdefault((row[1], row[2]), []).append(row)
        return [
            sorted(
                (_likeness(row, fold(draft["name"])) for row in known.get(_sold(draft), ())),
                key=lambda one: -one[1],
            )
            for draft in drafts
        ]

    async def write(self, drafts: Sequence[Columns]) -> None:
        with self.opportunities.refusing():
            await insert_all(self.ctx, Opportunity, drafts)

    async def _way(self, content: OpportunityCreate) -> tuple[UUID, Track]:
        """The pipeline of each kind is looked up once."""
        key = content.pipeline_id or content.type
        if key not in self._ways:
            try:
                self._ways[key] = await PipelineService(self.ctx).chosen(content.pipeline_id, content.type)
            except DomainError as refusal:
                self._ways[key] = refusal
        way = self._ways[key]
        if isinstance(way, DomainError):
            raise way
        return way

    def _place(
        self, content: OpportunityCreate, homes: Mapping[UUID, UUID], people: set[UUID]
    ) -> dict[str, UUID]:
        if content.account_id not in homes:
            raise UnknownAccount
        if content.contact_id is not None and content.contact_id not in people:
            raise UnknownContact
        if content.agency_id is not None:
            self.service.refuse_foreign_agency(content.agency_id)
        return {"agency_id": content.agency_id or homes[content.account_id]}


def _sold(draft: Columns) -> tuple[Any, Any]:
    return draft["account_id"], draft["product_code"]


def _likeness(row: Sequence[Any], name: str) -> Likeness:
    """`row`: id, account, product, folded name."""
    same = row[3] == name
    return row[0], SAME_SALE if same else SAME_PRODUCT, "same_sale" if same else "same_account_product"
