"""Sales under way, won and lost, and what the company and its regions are to reach."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random
from uuid import UUID

from crm_api.accounts.schemas import AccountQuery
from crm_api.accounts.service import AccountService
from crm_api.core.context import Context
from crm_api.core.repository import ANY_VERSION
from crm_api.kit.clock import today
from crm_api.kit.money import Money
from crm_api.opportunities.forecasts import ForecastService
from crm_api.opportunities.models.opportunity import LossReason
from crm_api.opportunities.schemas.actions import OpportunityLose, OpportunityMove, OpportunityWin
from crm_api.opportunities.schemas.content import OpportunityCreate
from crm_api.opportunities.schemas.targets import SalesTargetCreate
from crm_api.opportunities.service import OpportunityService
from crm_api.opportunities.steps import OpportunitySteps
from crm_api.opportunities.targets import SalesTargetService

PRODUCTS = ("AUTO_P", "AUTO_FLOTTE", "MRH", "MRP", "CATNAT", "VOYAGE")
LABELS = ("Auto", "Flotte", "Habitation", "Multirisque pro", "Cat-Nat", "Voyage")
STEPS = ("Appeler pour fixer un rendez-vous", "Envoyer le devis révisé", "Relancer", "Recueillir les pièces")
STAGES = ("need_analysis", "quote_sent", "negotiation", "documents_pending")
RIVALS = ("Concurrent A", "Concurrent B", "Concurrent C")


class SalesDesk:
    """Opens sales for accounts that are there; the same ones every time."""

    def __init__(self, sellers: Sequence[tuple[str, str]], regions: Sequence[UUID], count: int) -> None:
        """`sellers`: user and agency of those who sell."""
        self.sellers, self.regions, self.count = sellers, regions, count
        self.dice = Random(20261123)  # noqa: S311 - repeatable, not secret
        self.objects: dict[str, str] = {}

    async def work(self, ctx: Context) -> None:
        """Everything in the transaction of `ctx`."""
        ctx.begin()
        accounts = (await AccountService(ctx).page(AccountQuery(limit=200))).value.data
        for number in range(self.count):
            account = self.dice.choice(accounts)
            await self._sale(ctx, number, account.id, account.name)
        await self._targets(ctx)
        await ForecastService(ctx).take_snapshot()

    async def _sale(self, ctx: Context, number: int, account_id: UUID, account_name: str) -> None:
        product = self.dice.randrange(len(PRODUCTS))
        seller, agency = self.dice.choice(self.sellers)
        data = {
            "name": f"{LABELS[product]} {account_name} - {number + 1}"[:160],
            "account_id": account_id,
            "product_code": PRODUCTS[product],
            "amount": Money.of(self.dice.randrange(15_000, 900_000) * 100).model_dump(),
            "close_date": today() + timedelta(days=self.dice.randrange(-5, 90)),
            "next_step": self.dice.choice(STEPS),
            "competitors": [{"name": self.dice.choice(RIVALS)}] if self.dice.random() < 0.3 else [],
            "owner_user_id": seller,
            "agency_id": agency,
        }
        made = await OpportunityService(ctx).create(OpportunityCreate.model_validate(data))
        id = UUID(str(made.id))
        self.objects.setdefault("opportunity", str(id))
        self.objects.setdefault("pipeline", str(made.value.pipeline_id))
        await self._advance(OpportunitySteps(ctx), id, number)

    async def _advance(self, steps: OpportunitySteps, id: UUID, number: int) -> None:
        """One in five is won, one in six is lost; the first stays as it is."""
        fate = self.dice.random()
        if number == 0 or fate < 0.2:
            return
        await steps.move(id, OpportunityMove(stage=self.dice.choice(STAGES)), ANY_VERSION)
        if fate > 0.8:
            await steps.win(id, OpportunityWin(policy_number=f"DEMO.{number:05d}"), ANY_VERSION)
        elif fate > 0.64:
            reason = self.dice.choice([*LossReason])
            await steps.lose(id, OpportunityLose(reason=reason), ANY_VERSION)

    async def _targets(self, ctx: Context) -> None:
        """Of this month: the company's, shared out among the regions but for a tenth."""
        part = 2_000_000_00
        whole = Money.of(part * len(self.regions) * 10 // 9)
        month = {"period": "month", "starts_on": today().replace(day=1)}
        service = SalesTargetService(ctx)
        company = month | {"level": "company", "amount": whole.model_dump()}
        made = await service.set(SalesTargetCreate.model_validate(company))
        self.objects["sales_target"] = str(made.id)
        for region_id in self.regions:
            region = month | {
                "level": "region",
                "region_id": region_id,
                "amount": Money.of(part).model_dump(),
            }
            await service.set(SalesTargetCreate.model_validate(region))
