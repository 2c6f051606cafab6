"""Receivables, as people work with them."""

from uuid import UUID

from pydantic import MISSING

from crm_api.billing.clock import DunningClock
from crm_api.billing.models.receivable import Receivable
from crm_api.billing.repository.receivables import ReceivableRepository
from crm_api.billing.repository.schedules import InstalmentRepository, PremiumReceiptRepository
from crm_api.billing.schemas.dunning import ArrearsPlanCreate, FormalNoticePosted, PromiseCreate
from crm_api.billing.schemas.receivable import (
    DisputeOpened,
    ReceivableFilter,
    ReceivablePage,
    ReceivablePatch,
    ReceivableQuery,
    ReceivableRead,
)
from crm_api.billing.schemas.schedule import (
    InstalmentPage,
    InstalmentQuery,
    InstalmentRead,
    PremiumReceiptPage,
    PremiumReceiptQuery,
    PremiumReceiptRead,
)
from crm_api.core.context import Context
from crm_api.core.objects import require_object
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.errors import VersionConflict
from crm_api.kit.listing import Count
from crm_api.kit.schemas import Json
from crm_api.kit.searching import Search


class BillingService:
    """What was billed."""

    def __init__(self, ctx: Context) -> None:
        self.instalments, self.receipts = InstalmentRepository(ctx), PremiumReceiptRepository(ctx)

    async def instalment_page(self, query: InstalmentQuery) -> Json[InstalmentPage]:
        return await self.instalments.page(query, InstalmentPage)

    async def instalment(self, instalment_id: UUID) -> Json[InstalmentRead]:
        return await self.instalments.get(instalment_id)

    async def receipt_page(self, query: PremiumReceiptQuery) -> Json[PremiumReceiptPage]:
        return await self.receipts.page(query, PremiumReceiptPage)

    async def receipt(self, receipt_id: UUID) -> Json[PremiumReceiptRead]:
        return await self.receipts.get(receipt_id)


class ReceivableService:
    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.receivables, self.clock = ReceivableRepository(ctx), DunningClock(ctx)

    async def page(self, query: ReceivableQuery) -> Json[ReceivablePage]:
        return await self.receivables.page(query, ReceivablePage)

    async def search(self, search: Search) -> Json[ReceivablePage]:
        return await self.receivables.page(search.selection(ReceivableQuery), ReceivablePage)

    async def count(self, query: ReceivableFilter) -> Count:
        return await self.receivables.count(query)

    async def get(self, receivable_id: UUID) -> Json[ReceivableRead]:
        return await self.receivables.get(receivable_id)

    async def update(self, receivable_id: UUID, data: ReceivablePatch, version: int) -> Json[ReceivableRead]:
        """Who collects it. Raises UnknownCollector."""
        given = {name: value for name, value in data if value is not MISSING}
        return await self.receivables.edit(receivable_id, given, version)

    async def dispute(self, receivable_id: UUID, data: DisputeOpened, version: int) -> Json[ReceivableRead]:
        receivable = await self._loaded(receivable_id, version)
        await self.clock.dispute(receivable, data.reason)
        return await self.receivables.get(receivable_id)

    async def resolve(self, receivable_id: UUID, version: int) -> Json[ReceivableRead]:
        receivable = await self._loaded(receivable_id, version)
        await self.clock.resolve(receivable)
        return await self.receivables.get(receivable_id)

    async def promise(self, receivable_id: UUID, data: PromiseCreate, version: int) -> Json[ReceivableRead]:
        receivable = await self._loaded(receivable_id, version)
        await self.clock.promise(receivable, data)
        return await self.receivables.get(receivable_id)

    async def agree(self, receivable_id: UUID, data: ArrearsPlanCreate, version: int) -> Json[ReceivableRead]:
        receivable = await self._loaded(receivable_id, version)
        await self.clock.agree(receivable, data)
        return await self.receivables.get(receivable_id)

    async def give_up_plan(self, receivable_id: UUID, version: int) -> Json[ReceivableRead]:
        receivable = await self._loaded(receivable_id, version)
        await self.clock.give_up_plan(receivable)
        return await self.receivables.get(receivable_id)

    async def post_formal_notice(
        self, receivable_id: UUID, data: FormalNoticePosted, version: int
    ) -> Json[ReceivableRead]:
        receivable = await self._loaded(receivable_id, version)
        if data.document_id is not None:
            await require_object(self.ctx, "document", data.document_id)
        await self.clock.post_formal_notice(receivable, data)
        return await self.receivables.get(receivable_id)

    async def _loaded(self, receivable_id: UUID, version: int) -> Receivable:
        receivable = await self.receivables.load(receivable_id)
        if version not in (receivable.version, ANY_VERSION):
            raise VersionConflict(current_version=receivable.version)
        return receivable
